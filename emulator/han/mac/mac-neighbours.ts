import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { RadioChannel, Reception } from '../air/radio.js';

/** How a sender was last heard. */
export interface MacNeighbour {
  readonly channel: RadioChannel;
  readonly lqi: number;
  readonly rssiDbm: number;
  readonly heardAtMs: number;
}

/** Senders remembered; beyond them the one not heard for longest is forgotten. */
export const macNeighboursMax = 64;

/** Frames of a sender by which a repetition is known. */
const recentFrames = 4;

/**
 * Longer than a sender goes on repeating a frame with the default timing. Our choice.
 */
const repetitionMs = 8_000;

class Heard implements MacNeighbour {
  channel: RadioChannel;
  lqi = 0;
  rssiDbm = 0;
  heardAtMs: number;
  // In their full length at once: arrays that grow take room for many more.
  readonly digests: number[] = new Array<number>(recentFrames).fill(0);
  readonly times: number[] = new Array<number>(recentFrames).fill(Number.NEGATIVE_INFINITY);
  next = 0;

  constructor(channel: RadioChannel, heardAtMs: number) {
    this.channel = channel;
    this.heardAtMs = heardAtMs;
  }
}

/** Whom a MAC has heard: on which channel, how well, and which frames it should know again. */
export class MacNeighbours {
  private readonly heard = new Map<MacAddress, Heard>();

  get size(): number {
    return this.heard.size;
  }

  find(address: MacAddress): MacNeighbour | undefined {
    return this.heard.get(address);
  }

  note(address: MacAddress, channel: RadioChannel, reception: Reception, nowMs: number): void {
    const heard = this.entry(address, channel, nowMs);
    heard.channel = channel;
    heard.lqi = reception.lqi;
    heard.rssiDbm = reception.rssiDbm;
    heard.heardAtMs = nowMs;
  }

  /** Where a sender is to be reached that was not heard under that address yet. */
  expect(address: MacAddress, channel: RadioChannel, nowMs: number): void {
    this.entry(address, channel, nowMs).channel = channel;
  }

  forget(address: MacAddress): void {
    this.heard.delete(address);
  }

  clear(): void {
    this.heard.clear();
  }

  /**
   * Whether the sender repeats one of its last frames; otherwise the frame becomes one of them. The
   * sequence number alone will not do: on a quick bus a hub goes through all of them in less time
   * than a repetition takes. So the whole frame counts, but for its first octet, where a sender may
   * have set the frame pending bit in the meantime.
   */
  repeats(address: MacAddress, psdu: Uint8Array, nowMs: number): boolean {
    const heard = this.heard.get(address);
    if (heard === undefined) return false;
    const digest = digestOf(psdu);
    const known = heard.digests.indexOf(digest);
    if (known >= 0 && nowMs - (heard.times[known] as number) < repetitionMs) return true;
    const at = known >= 0 ? known : heard.next;
    heard.digests[at] = digest;
    heard.times[at] = nowMs;
    if (known < 0) heard.next = (heard.next + 1) % recentFrames;
    return false;
  }

  private entry(address: MacAddress, channel: RadioChannel, nowMs: number): Heard {
    let heard = this.heard.get(address);
    if (heard === undefined) {
      if (this.heard.size >= macNeighboursMax) this.forgetOldest();
      heard = new Heard(channel, nowMs);
      this.heard.set(address, heard);
    }
    return heard;
  }

  private forgetOldest(): void {
    let oldest: MacAddress | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const [address, { heardAtMs }] of this.heard) {
      if (heardAtMs >= oldestMs) continue;
      oldest = address;
      oldestMs = heardAtMs;
    }
    if (oldest !== undefined) this.heard.delete(oldest);
  }
}

/** FNV-1a over all octets but the first. */
function digestOf(psdu: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (let i = 1; i < psdu.length; i++) {
    digest = Math.imul(digest ^ (psdu[i] as number), 0x01000193);
  }
  return digest;
}
