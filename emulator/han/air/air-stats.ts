import type { AirDrop } from './mac-octets.js';

/**
 * What became of frames. A frame for one radio, once it is off the air, is counted in exactly one of
 * `delivered`, `unheard`, `asleep`, `blocked`, `lost` and `collided`; a broadcast once for each radio.
 */
export interface AirStats {
  transmitted: number;
  received: number;
  /** Hand-overs to radios. */
  delivered: number;
  /** Good frames for no attached radio: it may live in another process. */
  unheard: number;
  /** The radio slept, or was tuned elsewhere. */
  asleep: number;
  /** A tester had shut off the sender or the receiver. */
  blocked: number;
  /** Too weak, against distance or noise. */
  lost: number;
  /** Would have been received, had another frame not been on the air. */
  collided: number;
  /** Frames whose sender found the channel occupied and waited. */
  deferred: number;
  /** Frames never sent, or never heard, because the channel was occupied for too long. */
  abandoned: number;
  readonly dropped: Record<AirDrop, number>;
}

export function newAirStats(): AirStats {
  return {
    transmitted: 0,
    received: 0,
    delivered: 0,
    unheard: 0,
    asleep: 0,
    blocked: 0,
    lost: 0,
    collided: 0,
    deferred: 0,
    abandoned: 0,
    dropped: { tooShort: 0, tooLong: 0, unknownType: 0, reservedAddressing: 0 },
  };
}
