import type { DlmsData } from '../../../protocols/dlms/data.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import {
  RunningConsumption,
  type SuppliedDemand,
  type TariffedConsumption,
  TierRegisters,
} from '../../functions/consumption.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { DeviceEventLog } from '../../functions/device-event-log.js';
import type { Firmware } from '../../functions/firmware.js';
import type { HouseholdLoad } from '../../functions/household-load.js';
import { LoadControl, timetableOf } from '../../functions/load-control.js';
import type { CumulativeRegister } from '../../functions/meter-registers.js';
import { Overrides } from '../../functions/overrides.js';
import type { PrepaymentAccount } from '../../functions/prepayment-account.js';
import { type AccountEvent, accountEventCodes } from '../../functions/prepayment-types.js';
import { SupplierMessages } from '../../functions/supplier-messages.js';
import { type PowerBands, typicalPowerBands } from '../../functions/supplier-server.js';
import type { SupplyState } from '../../functions/supply-state.js';
import type { SupplyVoltage } from '../../functions/supply-voltage.js';
import type { MeteredTariff } from '../../functions/tariff.js';
import { acceptedResult, type TopUpDesk } from '../../functions/top-up-desk.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';

export interface EsmeParts {
  readonly load: HouseholdLoad;
  /** The same load behind the meter's switch; the register counts it. */
  readonly supplied: SuppliedDemand;
  readonly voltage: SupplyVoltage;
  readonly activeImport: CumulativeRegister;
  readonly tariff: MeteredTariff;
  readonly consumption: TariffedConsumption;
  /** Undefined for a meter in credit mode. */
  readonly account: PrepaymentAccount | undefined;
  readonly topUps: TopUpDesk;
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly onSupplyChange: (state: SupplyState) => void;
  readonly onAccountEvent: (event: AccountEvent) => void;
  /** 13 digits. */
  readonly meterPointAdministrationNumber: string;
  readonly firmware: Firmware;
  /** Seconds; and how many of them the meter drew by lot (SMETS2 randomised offset). */
  readonly randomisedOffsetLimit: number;
  readonly randomisedOffsetNumber: number;
}

/** Event code of a supply that waits for the consumer. */
const supplyArmed = 0x8f32;

/** What an account event does to the switch. */
const supplyAfter: Readonly<Partial<Record<AccountEvent['name'], SupplyState>>> = {
  'credit-out': 'disabled',
  armed: 'armed',
  'armed-by-emergency-credit': 'armed',
};

/** All that one electricity meter knows; its behaviour is in the models over it. */
export class EsmeState {
  readonly cosem = new Overrides<DlmsData>();
  readonly zcl = new Overrides<GbzValue>();
  readonly messages = new SupplierMessages();
  readonly eventLog = new DeviceEventLog();
  readonly securityLog = new DeviceEventLog();
  readonly powerBands: PowerBands = typicalPowerBands;
  readonly tiers: TierRegisters;
  /** Of days, weeks and months. */
  readonly history: RunningConsumption;
  private control: LoadControl | undefined;
  /** Preset by one method of the clock and used up by the other (ECS70). */
  clockWindow: readonly [fromMs: number, toMs: number] | undefined;
  private supply: SupplyState = 'enabled';

  constructor(readonly parts: EsmeParts) {
    const { consumption, tariff, activeImport } = parts;
    this.history = new RunningConsumption(consumption);
    this.tiers = new TierRegisters(consumption, tariff, activeImport.state);
  }

  /** Made when a load control switch first asks. */
  get loadControl(): LoadControl {
    this.control ??= new LoadControl(timetableOf(this.randomisedOffset()));
    return this.control;
  }

  get counters(): DeviceCounters {
    return this.parts.counters;
  }

  get clock(): DeviceClock {
    return this.parts.clock;
  }

  get firmware(): Firmware {
    return this.parts.firmware;
  }

  get trustAnchors(): TrustAnchorCells {
    return this.parts.trustAnchors;
  }

  get supplyState(): SupplyState {
    return this.supply;
  }

  /** The switch as the account has left it by now. */
  supplyStateAt(nowMs: number): SupplyState {
    this.settle(nowMs);
    return this.supply;
  }

  setSupply(state: SupplyState, nowMs: number): void {
    this.settle(nowMs);
    this.switchTo(state, nowMs);
    this.parts.account?.supplyChanged(state === 'enabled');
  }

  /** The button on an armed meter, or a display's key. Returns whether there was anything to turn on. */
  enableByConsumer(nowMs: number): boolean {
    if (this.supplyStateAt(nowMs) !== 'armed') return false;
    this.setSupply('enabled', nowMs);
    return true;
  }

  /** What was drawn before the change counts, what is not drawn while disconnected does not. */
  private switchTo(state: SupplyState, atMs: number): void {
    if (state === this.supply) return;
    this.parts.activeImport.advanceTo(atMs);
    if (state === 'enabled') this.parts.supplied.switchOn(atMs);
    else this.parts.supplied.switchOff(atMs);
    this.supply = state;
    this.parts.onSupplyChange(state);
  }

  /** Brings the account up to date and does what it asks for. A meter in credit mode has nothing to settle. */
  settle(nowMs: number): void {
    const { account } = this.parts;
    if (account !== undefined) this.apply(account.advance(nowMs));
  }

  private apply(events: readonly AccountEvent[]): void {
    for (const event of events) {
      this.eventLog.add(accountEventCodes[event.name], event.atMs);
      this.parts.onAccountEvent(event);
      const state = supplyAfter[event.name];
      if (state === undefined) continue;
      this.switchTo(state, event.atMs);
      if (state === 'armed' && event.name !== 'armed') this.eventLog.add(supplyArmed, event.atMs);
    }
  }

  account(nowMs: number): PrepaymentAccount | undefined {
    this.settle(nowMs);
    return this.parts.account;
  }

  activateEmergencyCredit(nowMs: number): boolean {
    const { account } = this.parts;
    if (account === undefined) return false;
    const { active, events } = account.activateEmergencyCredit(nowMs);
    this.apply(events);
    return active;
  }

  /** Undefined for a meter in credit mode, which takes no top-up. */
  topUp(utrn: string, nowMs: number): { resultType: number; value: number } | undefined {
    const { account, topUps } = this.parts;
    if (account === undefined) return undefined;
    const { resultType, value, events } = topUps.accept(utrn, account, nowMs);
    this.apply(events);
    return { resultType: value > 0 ? acceptedResult(this.supply) : resultType, value };
  }

  /** Active energy import register in Wh, brought up to date. */
  activeImportWh(nowMs: number): number {
    this.settle(nowMs);
    return this.parts.activeImport.advanceTo(nowMs);
  }

  /** Active power import in W. */
  activePowerW(nowMs: number): number {
    return this.supplyStateAt(nowMs) === 'enabled' ? this.parts.load.powerW(nowMs) : 0;
  }

  /** SMETS2: the limit's share that the drawn number is of 1,000 [mem?]; seconds. */
  randomisedOffset(): number {
    const { randomisedOffsetLimit: limit, randomisedOffsetNumber: number } = this.parts;
    return Math.floor((limit * number) / randomisedOffsetNumbers);
  }
}

/** The randomised offset number runs from 0 to this, which stands for the whole limit [mem?]. */
export const randomisedOffsetNumbers = 1000;
