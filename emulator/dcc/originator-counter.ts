import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Store } from '../ports/store.js';

/** Counters taken from the store at once: a restart skips the rest of a block, and one write serves all of it. */
const blockLength = 1024n;
export const originatorCounterMax = 0xffff_ffff_ffff_ffffn;

/**
 * The 64-bit originator counter of one party (gbcs-message.md 8): rises with every command to any device and is never
 * used twice, restarts included. The store holds a ceiling that no counter handed out has reached.
 */
export class OriginatorCounter {
  private readonly key: string;
  private following: bigint;
  private ceiling: bigint;

  /** @param floor The first counter to hand out, unless the store says that higher ones are gone already. */
  constructor(
    private readonly store: Store,
    party: Eui64,
    floor: bigint,
  ) {
    this.key = `${party}/originator-counter/ceiling`;
    const stored = store.get(this.key);
    const gone = stored === undefined ? 0n : new DataView(stored.slice().buffer).getBigUint64(0);
    this.following = gone > floor ? gone : floor;
    this.ceiling = this.following;
  }

  /** The counter that the next call of `next` hands out. */
  peek(): bigint {
    return this.following;
  }

  next(): bigint {
    const counter = this.following;
    this.skipPast(counter);
    return counter;
  }

  /** Marks `counter` and all below as used; one that is used already changes nothing. */
  skipPast(counter: bigint): void {
    if (counter < this.following) return;
    if (counter >= originatorCounterMax) throw new RangeError('the originator counter is used up');
    if (counter >= this.ceiling) this.reserve(counter);
    this.following = counter + 1n;
  }

  private reserve(counter: bigint): void {
    const wanted = counter + blockLength;
    this.ceiling = wanted > originatorCounterMax ? originatorCounterMax : wanted;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, this.ceiling);
    this.store.put(this.key, bytes);
  }
}

/**
 * A first counter for a party whose former ones are unknown: microseconds since 1970, so that a later start begins
 * above an earlier one as long as it sent less than a million commands a second.
 */
export function counterFloorAt(nowMs: number): bigint {
  return BigInt(nowMs) * 1000n;
}
