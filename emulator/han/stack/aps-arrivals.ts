import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsDataHeader } from '../../../protocols/zigbee/aps.js';
import {
  ApsReassembler,
  defaultReassemblyLimits,
  type ReassemblyDrop,
  type ReassemblyLimits,
} from '../../../protocols/zigbee/aps-fragments.js';
import { earliest } from '../mac/mac-device.js';
import { DuplicateWindow, type FrameSource } from './duplicates.js';
import type { NwkOrigin } from './network-layer.js';

/**
 * A transmission goes on as long as its sender waits for acknowledgments, eight seconds at a time
 * where it sleeps, and has up to some twenty blocks. Our choice.
 */
const reassemblyLimits: ReassemblyLimits = { ...defaultReassemblyLimits, lifetimeMs: 60_000 };

/**
 * What a frame has brought: a whole ASDU, or nothing new (`duplicate`), a block of more (`held`), one
 * whose beginning is not here (`stray`), or one of a transmission that was given up (`refused`).
 */
export type ApsArrival = Uint8Array | 'duplicate' | 'held' | 'stray' | 'refused';

/** Puts together what arrives at a node, and knows what came before. */
export class ApsArrivals {
  private readonly duplicates = new DuplicateWindow();
  /**
   * Apart for what is secured with link keys: whoever has the network key only cannot keep that out.
   */
  private reassembler: ApsReassembler | undefined;
  private linkReassembler: ApsReassembler | undefined;

  /** Transmissions given up, by reason. */
  get reassemblyDropped(): Readonly<Record<ReassemblyDrop, number>> | undefined {
    const [one, other] = [this.reassembler?.dropped, this.linkReassembler?.dropped];
    if (one === undefined || other === undefined) return one ?? other;
    return {
      full: one.full + other.full,
      superseded: one.superseded + other.superseded,
      expired: one.expired + other.expired,
      inconsistent: one.inconsistent + other.inconsistent,
      tooLong: one.tooLong + other.tooLong,
    };
  }

  /** Transmissions that are not complete. */
  get reassembling(): number {
    return (this.reassembler?.pending ?? 0) + (this.linkReassembler?.pending ?? 0);
  }

  nextDeadlineMs(): number | undefined {
    return earliest(this.reassembler?.nextDeadlineMs(), this.linkReassembler?.nextDeadlineMs());
  }

  expire(nowMs: number): void {
    this.reassembler?.expire(nowMs);
    this.linkReassembler?.expire(nowMs);
  }

  /** `signer` is whose link key secured the frame, if any. */
  take(
    { counter, fragment }: ApsDataHeader,
    payload: Uint8Array,
    origin: NwkOrigin,
    signer: Eui64 | undefined,
    nowMs: number,
  ): ApsArrival {
    // The network layer knows a broadcast again.
    if (origin.broadcast) return fragment === undefined ? payload : 'refused';
    const source: FrameSource = signer ?? origin.source;
    if (this.duplicates.has(source, counter, payload, nowMs)) return 'duplicate';
    let asdu: Uint8Array | undefined = payload;
    if (fragment !== undefined) {
      const reassembler = this.reassemblerOf(signer);
      if (!fragment.first && !reassembler.holds(source, counter)) return 'stray';
      asdu = reassembler.push(source, counter, fragment, payload, nowMs);
      if (asdu === undefined) return reassembler.holds(source, counter) ? 'held' : 'refused';
    }
    this.duplicates.add(source, counter, payload, nowMs);
    return asdu;
  }

  private reassemblerOf(signer: Eui64 | undefined): ApsReassembler {
    if (signer === undefined) {
      this.reassembler ??= new ApsReassembler(reassemblyLimits);
      return this.reassembler;
    }
    this.linkReassembler ??= new ApsReassembler(reassemblyLimits);
    return this.linkReassembler;
  }
}
