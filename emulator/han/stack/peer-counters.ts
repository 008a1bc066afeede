import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { IncomingFrameCounters } from '../../../protocols/zigbee/security/frame-counters.js';
import type { Store } from '../../ports/store.js';
import { readU32, u32 } from './stored-counter.js';

/**
 * The frame counters that peers have used under one key, or under one device's link keys, and where
 * they outlive a restart: written with every frame accepted, so that none is taken again after it.
 */
export class PeerCounters {
  readonly counters: IncomingFrameCounters;

  /** `prefix` ends in a slash. */
  constructor(
    private readonly store: Store,
    private readonly prefix: string,
  ) {
    this.counters = new IncomingFrameCounters(undefined, this.stored());
  }

  /** After a frame was accepted. */
  remember(peer: Eui64, frameCounter: number): void {
    this.store.put(this.prefix + peer, u32(frameCounter + 1));
  }

  forget(peer: Eui64): void {
    this.counters.forget(peer);
    this.store.delete(this.prefix + peer);
  }

  forgetAll(): void {
    this.counters.clear();
    for (const [key] of this.store.entries(this.prefix)) this.store.delete(key);
  }

  private *stored(): Iterable<readonly [Eui64, number]> {
    for (const [key, value] of this.store.entries(this.prefix)) {
      yield [key.slice(this.prefix.length) as Eui64, readU32(value)];
    }
  }
}
