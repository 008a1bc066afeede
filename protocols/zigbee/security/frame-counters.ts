import { CodecError } from '../../codec/codec-error.js';
import { type Eui64, isEui64 } from '../../codec/eui64.js';

/** The last value of a frame counter, which no frame may carry: after it a key is used up. */
const exhausted = 0xffffffff;

/**
 * `peer-limit`: not heard of before, and no room to remember it. A frame from such a peer might be a replay, and is
 * treated like one.
 */
export type Freshness = 'fresh' | 'replayed' | 'peer-limit';

const peersMaxDefault = 256;

/**
 * The counters that peers have used under one key (a network key; the link keys of one device), so
 * that no frame is taken twice. It never drops a peer by itself, as that would let its old frames in
 * again: a full table refuses new peers until one is forgotten. Entries last as long as the key: store them with it.
 */
export class IncomingFrameCounters {
  /** By peer, the lowest counter that is still to come. */
  private readonly expected = new Map<Eui64, number>();

  /** `stored` is what `entries` gave; throws CodecError when it could not have been. */
  constructor(
    readonly peersMax: number = peersMaxDefault,
    stored: Iterable<readonly [Eui64, number]> = [],
  ) {
    for (const [peer, counter] of stored) {
      if (!isEui64(peer) || !isCounter(counter) || this.judge(peer, counter) === 'peer-limit') {
        throw new CodecError('frameCounters', this.size, `peer ${String(peer)} cannot be restored`);
      }
      this.expected.set(peer, counter);
    }
  }

  get size(): number {
    return this.expected.size;
  }

  judge(peer: Eui64, frameCounter: number): Freshness {
    const expected = this.expected.get(peer);
    if (expected === undefined && this.expected.size >= this.peersMax) return 'peer-limit';
    return frameCounter >= (expected ?? 0) && frameCounter < exhausted ? 'fresh' : 'replayed';
  }

  /** To be called for a fresh frame once its integrity code matched, and not before. */
  accept(peer: Eui64, frameCounter: number): void {
    if (this.judge(peer, frameCounter) === 'fresh') this.expected.set(peer, frameCounter + 1);
  }

  /** For a peer that left or got a new key. */
  forget(peer: Eui64): void {
    this.expected.delete(peer);
  }

  /** For a new key. */
  clear(): void {
    this.expected.clear();
  }

  /** What a store must keep. */
  entries(): IterableIterator<[Eui64, number]> {
    return this.expected.entries();
  }
}

const strideDefault = 1024;

/**
 * The counter for frames secured under one key. After a restart it must not give a value again, yet
 * a store should not be written at every frame: `resumeAt` moves on in strides, and a restart skips
 * the rest of the stride.
 */
export class OutgoingFrameCounter {
  private upcoming: number;
  private reserved: number;

  constructor(
    resumeAt = 0,
    readonly stride: number = strideDefault,
  ) {
    if (!isCounter(resumeAt)) throw new CodecError('frameCounter', 0, 'not a 32-bit counter');
    if (!Number.isInteger(stride) || stride < 1) {
      throw new CodecError('stride', 0, 'not a positive whole number');
    }
    this.upcoming = resumeAt;
    this.reserved = resumeAt;
  }

  /**
   * Where to begin after a restart. When `next` has moved it, the store must have it before the
   * frame goes out.
   */
  get resumeAt(): number {
    return this.reserved;
  }

  /** Undefined when the key is used up. */
  next(): number | undefined {
    if (this.upcoming >= exhausted) return undefined;
    const value = this.upcoming++;
    if (value >= this.reserved) this.reserved = Math.min(value + this.stride, exhausted);
    return value;
  }
}

function isCounter(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= exhausted;
}
