import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import type { DeviceCounters } from '../../functions/counters.js';
import type { DeviceClock } from '../../functions/device-clock.js';
import { Overrides } from '../../functions/overrides.js';
import type { TrustAnchorCells } from '../../functions/trust-anchor-cells.js';
import { GasMirror } from './mirror.js';

export interface GpfStateParts {
  /** The hub's. */
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
}

/** All that one gas proxy function knows; its behaviour is in the models over it. */
export class GpfState {
  readonly zcl = new Overrides<GbzValue>();
  readonly mirror = new GasMirror();
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;

  constructor(parts: GpfStateParts) {
    this.clock = parts.clock;
    this.counters = parts.counters;
    this.trustAnchors = parts.trustAnchors;
  }
}
