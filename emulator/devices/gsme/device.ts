import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso, secondsSince2000 } from '../../../protocols/codec/utc.js';
import { clockStatuses } from '../../../protocols/dlms/time.js';
import { messageCodesOfUseCase } from '../../../protocols/gbcs/use-cases/use-case.js';
import { smartEnergyProfileId } from '../../../protocols/zigbee/aps.js';
import { decodeZclFrame, isServerToClient } from '../../../protocols/zigbee/zcl/frame.js';
import { activateFirmware } from '../../functions/activate-firmware.js';
import type { Alert } from '../../functions/alert-sender.js';
import { Asn1Processor, type Asn1UseCase } from '../../functions/asn1-processor.js';
import { SuppliedDemand, TariffedConsumption } from '../../functions/consumption.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { Firmware } from '../../functions/firmware.js';
import { GasDemand } from '../../functions/gas-demand.js';
import { GbzProcessor } from '../../functions/gbz-processor.js';
import { CumulativeRegister, startingValue } from '../../functions/meter-registers.js';
import { partnerUseCases } from '../../functions/partner-devices.js';
import { type AccountMaking, paymentModeOf, prepaymentAccount } from '../../functions/payment.js';
import type { PrepaymentAccount } from '../../functions/prepayment-account.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { setClock } from '../../functions/set-clock.js';
import type { SupplyState } from '../../functions/supply-state.js';
import { gasTariffOf, meteredInDm3, millipencePerPound } from '../../functions/tariff.js';
import { TopUpDesk } from '../../functions/top-up-desk.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { UpgradableUpkeep } from '../upgradable.js';
import { ZclClient } from '../zcl-client.js';
import { ZclServer } from '../zcl-server.js';
import { ClockKeeper } from './clock-keeper.js';
import { SnapshotTaker } from './snapshot-taker.js';
import { GsmeState } from './state.js';
import { WakeCycle } from './wake-cycle.js';
import { gsmeGbzModel, gsmeGbzUseCases, gsmeHanModel } from './zcl.js';

export interface GsmeParts extends DeviceParts {
  /** The gas proxy function that keeps this meter's mirror. */
  readonly gpf: Eui64;
  /** How often its radio goes on; default half an hour (device-behaviour.md 3.4). */
  readonly wakeIntervalMs?: number | undefined;
  /** Paid in advance, with what differs from the usual account; or afterwards. Default: drawn by the household's seed. */
  readonly payment?: 'credit' | Pick<AccountMaking, 'settings' | 'state'> | undefined;
  /** 4 octets, hex: from its maker. */
  readonly firmwareVersion?: string;
}

const asn1UseCases = new Map<string, Asn1UseCase<GsmeState>>([
  ['CS02a', provideCredentials],
  ['CS06', activateFirmware],
  ['GCS28', setClock],
]);
const defaultFirmwareVersion = '01000000';
const defaultWakeIntervalMs = 1_800_000;
const dayMs = 86_400_000;
/** A generic critical alert, to the supplier. */
function criticalAlert(alertCode: number): Alert {
  const payload: Alert['payload'] = ({ nowMs }) => ({
    kind: 'gbz-alert',
    profileId: smartEnergyProfileId,
    alertCode,
    alert: '',
    timestamp: secondsSince2000(nowMs),
  });
  return { messageCode: 0x1000, alertCode, to: 'supplier', payload };
}

/** A meter's battery lasts some 15 years; the oldest meters here have been in for 8. */
const batteryDays = { min: 7 * 365, max: 15 * 365 } as const;

/**
 * Gas meter with a valve, in credit or prepayment mode. It lives on a battery: its radio is off but for some seconds at
 * each turn, which differs from meter to meter so that a street does not wake at once. Between its turns it does nothing
 * of its own accord; its registers are functions of time.
 *
 * @see device-behaviour.md 3.4
 */
export class Gsme implements Device {
  readonly type = 'gsme';
  readonly state: GsmeState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<GsmeState>;
  /** The mirror says that the hub has new firmware, or wants new link keys; at a wake, while the radio is on. */
  onNotified: ((what: 'ota' | 'cbke') => void) | undefined;
  private readonly client: ZclClient;
  private readonly cycle: WakeCycle;
  private readonly clockKeeper: ClockKeeper | undefined;
  private readonly upkeep: UpgradableUpkeep;
  private readonly intervalMs: number;
  private readonly phaseMs: number;
  private nextTurnMs = 0;
  private framesDropped = 0;
  /** A wake is under way. */
  private busy = false;
  /** A remote party's message is being executed. */
  private executing = false;

  constructor(private readonly parts: GsmeParts) {
    const { host } = parts;
    this.intervalMs = parts.wakeIntervalMs ?? defaultWakeIntervalMs;
    this.state = this.makeState();
    this.phaseMs = parts.random.int(0, Math.ceil(this.intervalMs / 1000) - 1) * 1000;
    const { clock } = this.state;
    const nowMs = () => clock.nowMs();
    this.desk = new RemotePartyDesk(parts, this.type, this.state, {
      gbz: new GbzProcessor({
        model: gsmeGbzModel,
        device: this.state,
        useCases: gsmeGbzUseCases,
        clockStatus: () =>
          clock.reliability === 'reliable' ? clockStatuses.reliable : clockStatuses.doubtful,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.zcl = new ZclServer({ model: gsmeHanModel, device: this.state, host, nowMs });
    this.client = new ZclClient(host);
    this.cycle = this.makeCycle();
    this.clockKeeper = this.makeClockKeeper();
    this.upkeep = new UpgradableUpkeep(parts, this.type, this.state, this.desk, () =>
      this.cycle.reportStaticMetering(),
    );
  }

  private makeCycle(): WakeCycle {
    const { host, gpf } = this.parts;
    return new WakeCycle({
      host,
      gpf,
      state: this.state,
      snapshots: new SnapshotTaker(this.state, this.state.parts.tariff),
      client: this.client,
      intervalMs: this.intervalMs,
      onNotified: (what) => {
        if (what === 'ota') this.upkeep.firmwareAnnounced();
        this.onNotified?.(what);
      },
    });
  }

  private makeClockKeeper(): ClockKeeper | undefined {
    const { hub } = this.parts;
    if (hub === undefined) return undefined;
    const { clock, eventLog } = this.state;
    const onDisagreement = (alertCode: number) => this.desk.raise(criticalAlert(alertCode));
    return new ClockKeeper({ client: this.client, hub, clock, eventLog, onDisagreement });
  }

  private makeState(): GsmeState {
    const { host, random, household, store, entity, counterGranularity } = this.parts;
    const demand = new GasDemand(household);
    const supplied = new SuppliedDemand(demand);
    const { crypto, keys, trustAnchors } = this.parts;
    const clock = new DeviceClock(() => host.nowMs());
    return new GsmeState({
      demand,
      consumption: new CumulativeRegister(demand, {
        value: startingValue(household, demand.annualDm3),
        atMs: host.nowMs(),
      }),
      clock,
      counters: new DeviceCounters(store, entity, counterGranularity),
      trustAnchors: this.parts.trustAnchors,
      onSupplyChange: (supply) => this.onSupplyChange(supply),
      onClockSet: () => host.event('clock-set', { deviceTime: msToIso(clock.nowMs()) }),
      firmware: new Firmware(store, entity, this.parts.firmwareVersion ?? defaultFirmwareVersion),
      batteryEndMs: host.nowMs() + random.int(batteryDays.min, batteryDays.max) * dayMs,
      supplied,
      account: this.makeAccount(supplied),
      onAccountEvent: ({ name, atMs }) =>
        host.event('account-changed', { what: name, deviceTime: msToIso(atMs) }),
      topUps: new TopUpDesk({ entity, crypto, keys, trustAnchors: () => trustAnchors }),
      tariff: meteredInDm3(gasTariffOf(household)),
    });
  }

  private makeAccount(supplied: SuppliedDemand): PrepaymentAccount | undefined {
    const { household: home, host } = this.parts;
    const payment = this.parts.payment ?? (paymentModeOf(home) === 'credit' ? 'credit' : {});
    if (payment === 'credit') return undefined;
    const tariff = gasTariffOf(home);
    const consumption = new TariffedConsumption(supplied, meteredInDm3(tariff));
    const { standingCharge } = tariff;
    const atMs = host.nowMs();
    return prepaymentAccount({ home, fuel: 'gas', consumption, standingCharge, atMs, ...payment });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.wakeNow();
    this.sleepUntilTurn();
  }

  receiveMessage(message: Uint8Array): void {
    const { executed } = this.desk;
    this.executing = true;
    try {
      this.desk.receive(message);
    } finally {
      this.executing = false;
    }
    if (this.desk.executed > executed) this.noteHanCommand();
    // It may have planned something.
    if (this.upkeep.nextMs !== undefined) this.sleepUntilTurn();
  }

  /** What the display ordered goes to the event log, as in the official one (RTDS CS10a). */
  private noteHanCommand(): void {
    const { useCase = '', verdict } = this.desk.last ?? {};
    if (partnerUseCases.ppmid?.includes(useCase) !== true) return;
    const code = messageCodesOfUseCase(useCase)[0]?.code ?? 0;
    this.state.eventLog.addHanCommand(verdict === 'executed', code, this.state.clock.nowMs());
  }

  receiveZcl(from: Eui64, clusterId: number, bytes: Uint8Array): void {
    try {
      const frame = decodeZclFrame(bytes);
      if (this.upkeep.receive(from, clusterId, bytes)) return;
      if (this.cycle.receive(from, clusterId, frame)) return;
      if (isServerToClient(frame.frameControl)) this.client.receive(from, clusterId, bytes);
      else this.zcl.receive(from, clusterId, bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.framesDropped++;
      this.parts.host.event('frame-dropped', { from, clusterId, reason: error.message });
    }
  }

  wake(): void {
    if (this.parts.host.nowMs() >= this.nextTurnMs) this.wakeNow();
    this.upkeep.poll();
    this.sleepUntilTurn();
  }

  /** The button on an armed meter: opens the valve. Returns whether there was anything to open. */
  enableByConsumer(): boolean {
    if (this.state.supplyState !== 'armed') return false;
    this.state.setSupply('enabled', this.state.clock.nowMs());
    return true;
  }

  /**
   * The meter wakes out of turn: something has happened to it, or somebody set it going. A home that has just joined
   * need not wait for its meter's next turn.
   */
  wakeNow(): void {
    if (this.busy) return;
    this.busy = true;
    try {
      // Whatever its account did while it slept shows in what it then reports.
      this.state.consumptionDm3(this.state.clock.nowMs());
      this.upkeep.radioOn();
      this.cycle.begin();
      this.clockKeeper?.check();
    } finally {
      this.busy = false;
    }
  }

  private onSupplyChange(supply: SupplyState): void {
    this.parts.host.event('supply-changed', { supply });
    // A command came while the radio was on: there is a mirror to tell, but nothing new to ask it.
    if (this.executing) this.cycle.reportReadings();
    else this.wakeNow();
  }

  /** A clock that is off shows another time but runs no slower, so the interval is one of the home's time. */
  private sleepUntilTurn(): void {
    const { host } = this.parts;
    const turns = Math.floor((host.nowMs() - this.phaseMs) / this.intervalMs) + 1;
    this.nextTurnMs = turns * this.intervalMs + this.phaseMs;
    host.wakeAt(Math.min(this.nextTurnMs, this.upkeep.nextMs ?? this.nextTurnMs));
  }

  disturb(fault: DeviceFault): void {
    disturbDevice(this.state, fault);
  }

  describe(): DeviceDescription {
    const nowMs = this.state.clock.nowMs();
    const account = this.state.account(nowMs);
    return {
      consumptionDm3: this.state.consumptionDm3(nowMs),
      flowM3PerHour: this.state.flowM3PerHour(nowMs),
      supply: this.state.supplyState,
      batteryDays: this.state.remainingBatteryDays(nowMs),
      ...(account === undefined ? {} : { balancePounds: account.balance / millipencePerPound }),
      clock: this.state.clock.reliability,
      ...this.upkeep.describe(),
      ...this.desk.totals,
      mirror: this.cycle.mirror,
      wakes: this.cycle.wakes,
      ...(this.nextTurnMs === 0 ? {} : { nextWakeAt: msToIso(this.nextTurnMs) }),
      framesDropped: this.framesDropped + this.zcl.dropped + this.client.dropped,
      last: this.desk.last,
    };
  }
}
