import type { Eui64 } from '../../../protocols/codec/eui64.js';

/** Recent arrivals that a node remembers. */
const windowLength = 16;

/**
 * Longer than a sender goes on repeating what was not acknowledged, the longest wait for a sleepy
 * destination included. Our choice.
 */
const windowMs = 40_000;

/** By short address where no key vouches for more. */
export type FrameSource = number | Eui64;

/**
 * The last few arrivals at a node, by which a repeated frame is known. A counter alone will not do: a
 * busy sender comes round to it before a repetition is out of the question. So the octets count as
 * well.
 */
export class DuplicateWindow {
  private readonly sources: FrameSource[] = [];
  private readonly marks: number[] = [];
  private readonly times: number[] = [];
  private next = 0;

  has(source: FrameSource, counter: number, octets: Uint8Array, nowMs: number): boolean {
    const at = this.find(source, markOf(counter, octets));
    return at >= 0 && nowMs - (this.times[at] as number) < windowMs;
  }

  add(source: FrameSource, counter: number, octets: Uint8Array, nowMs: number): void {
    const mark = markOf(counter, octets);
    const known = this.find(source, mark);
    const at = known >= 0 ? known : this.next;
    this.sources[at] = source;
    this.marks[at] = mark;
    this.times[at] = nowMs;
    if (known < 0) this.next = (this.next + 1) % windowLength;
  }

  private find(source: FrameSource, mark: number): number {
    for (let at = 0; at < this.marks.length; at++) {
      if (this.marks[at] === mark && this.sources[at] === source) return at;
    }
    return -1;
  }
}

/** Counter, and FNV-1a over the octets, in one number. */
function markOf(counter: number, octets: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (let i = 0; i < octets.length; i++) {
    digest = Math.imul(digest ^ (octets[i] as number), 0x01000193);
  }
  return counter * 0x1_0000_0000 + (digest >>> 0);
}
