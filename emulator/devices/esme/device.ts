import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { msToIso } from '../../../protocols/codec/utc.js';
import { AccessRequestProcessor } from '../../functions/access-request-processor.js';
import { activateFirmware } from '../../functions/activate-firmware.js';
import { Asn1Processor, type Asn1UseCase } from '../../functions/asn1-processor.js';
import { SuppliedDemand, TariffedConsumption } from '../../functions/consumption.js';
import { DeviceCounters } from '../../functions/counters.js';
import { DeviceClock } from '../../functions/device-clock.js';
import { Firmware } from '../../functions/firmware.js';
import { HouseholdLoad } from '../../functions/household-load.js';
import { CumulativeRegister, startingValue } from '../../functions/meter-registers.js';
import { type AccountMaking, paymentModeOf, prepaymentAccount } from '../../functions/payment.js';
import { provideCredentials } from '../../functions/provide-credentials.js';
import { waitingMessage } from '../../functions/supplier-messages.js';
import { SupplyVoltage } from '../../functions/supply-voltage.js';
import { electricityTariffOf, meteredInWattHours, type Tariff } from '../../functions/tariff.js';
import { TopUpDesk } from '../../functions/top-up-desk.js';
import type { Device, DeviceDescription, DeviceFault } from '../device.js';
import type { DeviceParts } from '../device-parts.js';
import { disturbDevice } from '../disturb.js';
import { earliest } from '../hub-upkeep.js';
import { RemotePartyDesk } from '../remote-party-desk.js';
import { UpgradableUpkeep } from '../upgradable.js';
import { ZclServer } from '../zcl-server.js';
import { esmeCosemModel, esmeDlmsUseCases } from './cosem.js';
import { esmeZclModel } from './han.js';
import { EsmeState, randomisedOffsetNumbers } from './state.js';

const asn1UseCases = new Map<string, Asn1UseCase<EsmeState>>([
  ['CS02a', provideCredentials],
  ['CS06', activateFirmware],
]);
const defaultFirmwareVersion = '01000000';
/** SMETS2: at most 1,799 s [mem]; ten minutes is what suppliers commonly set. */
const randomisedOffsetLimit = 600;
/** What is due already is done as soon as that, so that nothing can keep the meter awake. */
const wakeMsMin = 10;

/** What a supply contract says; what is left out is drawn by the household's seed. */
export interface EsmeContract {
  readonly tariff?: Tariff;
  /** Paid in advance, with what differs from the usual account; or afterwards. */
  readonly payment?: 'credit' | Pick<AccountMaking, 'settings' | 'state'> | undefined;
}

export interface EsmeDeviceParts extends DeviceParts {
  readonly contract?: EsmeContract | undefined;
  /** 4 octets, hex: from its maker. */
  readonly firmwareVersion?: string;
}

/** Single-phase electricity meter, single element. */
export class Esme implements Device {
  readonly type = 'esme';
  readonly state: EsmeState;
  private readonly desk: RemotePartyDesk;
  private readonly zcl: ZclServer<EsmeState>;
  private readonly upkeep: UpgradableUpkeep;
  private wakeMs: number | undefined;

  constructor(private readonly parts: EsmeDeviceParts) {
    const { host, household } = parts;
    const clock = new DeviceClock(() => host.nowMs());
    this.state = this.makeState(clock);
    const message = waitingMessage(household, 'electricity', host.nowMs());
    if (message !== undefined) this.state.messages.add(message);
    this.desk = new RemotePartyDesk(parts, this.type, this.state.parts, {
      dlms: new AccessRequestProcessor({
        model: esmeCosemModel,
        device: this.state,
        useCases: esmeDlmsUseCases,
      }),
      asn1: new Asn1Processor({ device: this.state, useCases: asn1UseCases }),
    });
    this.upkeep = new UpgradableUpkeep(parts, this.type, this.state, this.desk);
    this.zcl = new ZclServer({
      model: esmeZclModel,
      device: this.state,
      host,
      nowMs: () => clock.nowMs(),
    });
  }

  private makeState(clock: DeviceClock): EsmeState {
    const { host, random, household, entity, store, crypto, keys, trustAnchors } = this.parts;
    const atMs = host.nowMs();
    const load = new HouseholdLoad(household);
    const digits = String(random.int(0, 999_999_999)).padStart(9, '0');
    const supplied = new SuppliedDemand(load);
    const tariff = meteredInWattHours(
      this.parts.contract?.tariff ?? electricityTariffOf(household),
    );
    const consumption = new TariffedConsumption(supplied, tariff);
    return new EsmeState({
      load,
      supplied,
      voltage: new SupplyVoltage(household),
      activeImport: new CumulativeRegister(supplied, {
        value: startingValue(household, load.annualWh),
        atMs,
      }),
      tariff,
      consumption,
      account: this.makeAccount(consumption, tariff.tariff.standingCharge, atMs),
      topUps: new TopUpDesk({ entity, crypto, keys, store, trustAnchors: () => trustAnchors }),
      clock,
      counters: new DeviceCounters(store, entity, this.parts.counterGranularity),
      trustAnchors,
      onSupplyChange: (state) => host.event('supply-changed', { supply: state }),
      onAccountEvent: ({ name, atMs: at }) =>
        host.event('account-changed', { what: name, deviceTime: msToIso(at) }),
      meterPointAdministrationNumber: `1012${digits}`,
      firmware: new Firmware(store, entity, this.parts.firmwareVersion ?? defaultFirmwareVersion),
      randomisedOffsetLimit,
      randomisedOffsetNumber: random.int(0, randomisedOffsetNumbers),
    });
  }

  private makeAccount(consumption: TariffedConsumption, standingCharge: number, atMs: number) {
    const { contract, household: home } = this.parts;
    const payment = contract?.payment ?? (paymentModeOf(home) === 'credit' ? 'credit' : {});
    if (payment === 'credit') return undefined;
    const fuel = 'electricity';
    return prepaymentAccount({ home, fuel, consumption, standingCharge, atMs, ...payment });
  }

  get entity(): Eui64 {
    return this.parts.entity;
  }

  start(): void {
    this.parts.host.event('started', { type: this.type });
    this.upkeep.start();
    this.wake();
  }

  receiveMessage(message: Uint8Array): void {
    this.desk.receive(message);
    this.lookAgain();
  }

  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void {
    if (!this.upkeep.receive(from, clusterId, frame)) this.zcl.receive(from, clusterId, frame);
    this.lookAgain();
  }

  /**
   * Registers are advanced lazily and ask for no wake-up, but a meter that is paid in advance has to turn the supply off
   * in time, and every meter looks now and then whether its hub is there.
   */
  wake(): void {
    this.wakeMs = undefined;
    this.state.settle(this.state.clock.nowMs());
    this.upkeep.poll();
    this.lookAgain();
  }

  private lookAgain(): void {
    const { account, clock } = this.state.parts;
    const lookMs = account?.nextLookMs;
    const accountMs = lookMs === undefined ? undefined : lookMs - clock.aheadMs;
    const wakeMs = earliest(accountMs, this.upkeep.nextMs);
    if (wakeMs === undefined || wakeMs === this.wakeMs) return;
    this.wakeMs = wakeMs;
    const { host } = this.parts;
    host.wakeAt(Math.max(wakeMs, host.nowMs() + wakeMsMin));
  }

  disturb(fault: DeviceFault): void {
    const { cosem, zcl, parts } = this.state;
    disturbDevice({ cosem, zcl, clock: parts.clock }, fault);
  }

  describe(): DeviceDescription {
    const nowMs = this.state.parts.clock.nowMs();
    return {
      activeImportWh: this.state.activeImportWh(nowMs),
      activePowerW: this.state.activePowerW(nowMs),
      supply: this.state.supplyStateAt(nowMs),
      ...this.describeAccount(nowMs),
      clock: this.state.parts.clock.reliability,
      ...this.upkeep.describe(),
      ...this.desk.totals,
      last: this.desk.last,
    };
  }

  private describeAccount(nowMs: number): DeviceDescription {
    const account = this.state.account(nowMs);
    if (account === undefined) return {};
    const { balance, emergencyCredit } = account;
    return { balancePounds: Math.round(balance / 1000) / 100, emergencyCredit };
  }
}
