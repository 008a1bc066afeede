import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import type { GasDemand } from '../../functions/gas-demand.js';
import type { CumulativeRegister } from '../../functions/meter-registers.js';
import { Overrides } from '../../functions/overrides.js';
import type { SupplyState } from '../../functions/supply-state.js';
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
  /** 4 octets, hex. */
  readonly firmwareVersion: string;
  /** When the battery will be empty, in the device's time. */
  readonly batteryEndMs: number;
}

const dayMs = 86_400_000;

/** All that one gas meter knows; its behaviour is in the models over it. */
export class GsmeState {
  readonly zcl = new Overrides<GbzValue>();
  private valve: SupplyState = 'enabled';

  constructor(readonly parts: GsmeStateParts) {}

  get clock(): DeviceClock {
    return this.parts.clock;
  }

  get counters(): DeviceCounters {
    return this.parts.counters;
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
    this.parts.onSupplyChange(state);
  }

  /** Consumption register in dm³, brought up to date. */
  consumptionDm3(nowMs: number): number {
    const register = this.parts.consumption;
    if (this.valve !== 'enabled') register.skipTo(nowMs);
    return register.advanceTo(nowMs);
  }

  flowM3PerHour(nowMs: number): number {
    return this.valve === 'enabled' ? this.parts.demand.flowM3PerHour(nowMs) : 0;
  }

  remainingBatteryDays(nowMs: number): number {
    return Math.max(0, Math.floor((this.parts.batteryEndMs - nowMs) / dayMs));
  }
}
