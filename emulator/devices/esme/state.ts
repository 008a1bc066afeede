import type { DlmsData } from '../../../protocols/dlms/data.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import type { HouseholdLoad } from '../../functions/household-load.js';
import type { CumulativeRegister } from '../../functions/meter-registers.js';
import { Overrides } from '../../functions/overrides.js';
import type { SupplyState } from '../../functions/supply-state.js';
import type { SupplyVoltage } from '../../functions/supply-voltage.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';

export interface EsmeParts {
  readonly load: HouseholdLoad;
  readonly voltage: SupplyVoltage;
  readonly activeImport: CumulativeRegister;
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
  readonly onSupplyChange: (state: SupplyState) => void;
  /** 13 digits. */
  readonly meterPointAdministrationNumber: string;
  /** 4 octets, hex. */
  readonly firmwareVersion: string;
  /** Seconds; and how many of them the meter drew by lot (SMETS2 randomised offset). */
  readonly randomisedOffsetLimit: number;
  readonly randomisedOffsetNumber: number;
}

/** All that one electricity meter knows; its behaviour is in the models over it. */
export class EsmeState {
  readonly cosem = new Overrides<DlmsData>();
  readonly zcl = new Overrides<GbzValue>();
  /** Preset by one method of the clock and used up by the other (ECS70). */
  clockWindow: readonly [fromMs: number, toMs: number] | undefined;
  private supply: SupplyState = 'enabled';

  constructor(readonly parts: EsmeParts) {}

  get counters(): DeviceCounters {
    return this.parts.counters;
  }

  get trustAnchors(): TrustAnchorCells {
    return this.parts.trustAnchors;
  }

  get supplyState(): SupplyState {
    return this.supply;
  }

  /** What was drawn before the change counts, what is not drawn while disconnected does not. */
  setSupply(state: SupplyState, nowMs: number): void {
    this.activeImportWh(nowMs);
    if (state === this.supply) return;
    this.supply = state;
    this.parts.onSupplyChange(state);
  }

  /** Active energy import register in Wh, brought up to date. */
  activeImportWh(nowMs: number): number {
    const register = this.parts.activeImport;
    if (this.supply !== 'enabled') register.skipTo(nowMs);
    return register.advanceTo(nowMs);
  }

  /** Active power import in W. */
  activePowerW(nowMs: number): number {
    return this.supply === 'enabled' ? this.parts.load.powerW(nowMs) : 0;
  }

  /** SMETS2: the limit's share that the drawn number is of 1,000 [mem?]; seconds. */
  randomisedOffset(): number {
    const { randomisedOffsetLimit: limit, randomisedOffsetNumber: number } = this.parts;
    return Math.floor((limit * number) / randomisedOffsetNumbers);
  }
}

/** The randomised offset number runs from 0 to this, which stands for the whole limit [mem?]. */
export const randomisedOffsetNumbers = 1000;
