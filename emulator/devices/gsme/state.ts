import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { type SuppliedDemand, TariffedConsumption } from '../../functions/consumption.js';
import type { HistorySource } from '../../functions/consumption-server.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { DeviceEventLog } from '../../functions/device-event-log.js';
import type { Firmware } from '../../functions/firmware.js';
import type { GasDemand } from '../../functions/gas-demand.js';
import { GasSnapshotLog } from '../../functions/gas-snapshots.js';
import type { CumulativeRegister } from '../../functions/meter-registers.js';
import { Overrides } from '../../functions/overrides.js';
import type { PrepaymentAccount } from '../../functions/prepayment-account.js';
import { topUpResults } from '../../functions/prepayment-codes.js';
import type { TopUpOutcome as TopUpResult } from '../../functions/prepayment-server.js';
import { type AccountEvent, accountEventCodes } from '../../functions/prepayment-types.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import type { SupplyState } from '../../functions/supply-state.js';
import type { MeteredTariff } from '../../functions/tariff.js';
import type { TopUpDesk } from '../../functions/top-up-desk.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';

export interface GsmeStateParts {
  readonly demand: GasDemand;
  /** dm³. */
  readonly consumption: CumulativeRegister;
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly onSupplyChange: (state: SupplyState) => void;
  readonly onClockSet: () => void;
  readonly firmware: Firmware;
  /** When the battery will be empty, in the device's time. */
  readonly batteryEndMs: number;
  /** What is drawn, with the times of no supply: what the account pays for. */
  readonly supplied: SuppliedDemand;
  /** Undefined for a meter in credit mode. */
  readonly account: PrepaymentAccount | undefined;
  readonly topUps: TopUpDesk;
  readonly onAccountEvent: (event: AccountEvent) => void;
  readonly tariff: MeteredTariff;
}

const dayMs = 86_400_000;

/** All that one gas meter knows; its behaviour is in the models over it. */
export class GsmeState {
  readonly zcl = new Overrides<GbzValue>();
  readonly eventLog = new DeviceEventLog();
  readonly securityLog = new DeviceEventLog();
  readonly snapshots = new GasSnapshotLog();
  readonly history: HistorySource;
  private valve: SupplyState = 'enabled';

  constructor(readonly parts: GsmeStateParts) {
    const { supplied, tariff } = parts;
    const consumption = new TariffedConsumption(supplied, tariff);
    this.history = {
      units: (fromMs, toMs) => consumption.units(fromMs, toMs),
      micropence: (fromMs, toMs) => consumption.micropence(fromMs, toMs),
      kwhPerUnit: tariff.kwhPerUnit,
      standingCharge: tariff.tariff.standingCharge,
      unknown: () => {
        throw new ProtocolError(zclStatuses.notFound, 'nothing is kept of that');
      },
    };
  }

  get clock(): DeviceClock {
    return this.parts.clock;
  }

  get counters(): DeviceCounters {
    return this.parts.counters;
  }

  get firmware(): Firmware {
    return this.parts.firmware;
  }

  get trustAnchors(): TrustAnchorCells {
    return this.parts.trustAnchors;
  }

  get supplyState(): SupplyState {
    return this.valve;
  }

  onClockSet(): void {
    this.parts.onClockSet();
  }

  /** What flowed before the change counts, what does not flow while the valve is shut does not. */
  setSupply(state: SupplyState, nowMs: number): void {
    this.consumptionDm3(nowMs);
    if (state === this.valve) return;
    this.valve = state;
    const { supplied, account, onSupplyChange } = this.parts;
    if (state === 'enabled') supplied.switchOn(nowMs);
    else supplied.switchOff(nowMs);
    account?.supplyChanged(state === 'enabled');
    onSupplyChange(state);
  }

  /**
   * Brought up to date; undefined in credit mode. Credit that ran out since the last look shuts the valve as of the
   * moment when it did: the meter's radio sleeps, its register does not.
   */
  account(nowMs: number): PrepaymentAccount | undefined {
    const { account } = this.parts;
    if (account !== undefined) this.follow(account.advance(nowMs));
    return account;
  }

  /** Returns whether emergency credit is active now. */
  activateEmergencyCredit(nowMs: number): boolean {
    const outcome = this.account(nowMs)?.activateEmergencyCredit(nowMs);
    this.follow(outcome?.events ?? []);
    return outcome?.active === true;
  }

  /** Twenty digits; a meter in credit mode takes none. */
  topUp(utrn: string, nowMs: number): TopUpResult {
    const account = this.account(nowMs);
    if (account === undefined) return { resultType: topUpResults.error, value: 0 };
    const { resultType, value, events } = this.parts.topUps.accept(utrn, account, nowMs);
    this.follow(events);
    return { resultType, value };
  }

  private follow(events: readonly AccountEvent[]): void {
    for (const event of events) {
      const { name, atMs } = event;
      this.eventLog.add(accountEventCodes[name], atMs);
      this.parts.onAccountEvent(event);
      if (name === 'credit-out') this.setSupply('disabled', atMs);
      // What the consumer then turns on by the button on the meter.
      const arms = name === 'armed' || name === 'armed-by-emergency-credit';
      if (arms && this.valve === 'disabled') this.setSupply('armed', atMs);
    }
  }

  /** Consumption register in dm³, brought up to date. */
  consumptionDm3(nowMs: number): number {
    this.account(nowMs);
    const register = this.parts.consumption;
    if (this.valve !== 'enabled') register.skipTo(nowMs);
    return register.advanceTo(nowMs);
  }

  /** What the register showed at an earlier moment. */
  totalDm3At(atMs: number, nowMs: number): number {
    const total = this.consumptionDm3(nowMs);
    const { supplied, consumption } = this.parts;
    return total - supplied.amount(atMs, consumption.state.atMs);
  }

  flowM3PerHour(nowMs: number): number {
    return this.valve === 'enabled' ? this.parts.demand.flowM3PerHour(nowMs) : 0;
  }

  remainingBatteryDays(nowMs: number): number {
    return Math.max(0, Math.floor((this.parts.batteryEndMs - nowMs) / dayMs));
  }
}
