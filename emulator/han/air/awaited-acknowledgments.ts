import type { Eui64 } from '../../../protocols/codec/eui64.js';

interface Awaited {
  /** Who was asked for the acknowledgment. */
  asked: Eui64;
  /** Who awaits it. */
  awaits: Eui64;
  sequenceNumber: number;
  /** Frames that the air had carried by then. */
  at: number;
}

/** More than the frames of a home that await their acknowledgment at any moment. */
const awaitedMax = 16;

/**
 * An acknowledgment follows its frame at once: when so many frames passed by, none will come. Frames
 * and not milliseconds, so that no clock is read.
 */
const framesMax = 64;

/**
 * Who awaits which acknowledgment. An acknowledgment names neither sender nor destination, only the
 * sequence number it answers.
 */
export class AwaitedAcknowledgments {
  /** Grown by exactly one: most homes never have two. */
  private entries: readonly Awaited[] = [];
  private length = 0;
  private next = 0;

  /** A frame that asks for an acknowledgment reached the radio that it was for. */
  add(asked: Eui64, awaits: Eui64, sequenceNumber: number, frames: number): void {
    const entry = this.find(asked, sequenceNumber, frames, awaits);
    if (entry !== undefined) {
      entry.at = frames;
      return;
    }
    if (this.length < awaitedMax) this.put(this.length++, asked, awaits, sequenceNumber, frames);
    else {
      this.put(this.next, asked, awaits, sequenceNumber, frames);
      this.next = (this.next + 1) % awaitedMax;
    }
  }

  /** Who awaits this acknowledgment, the longest first; it is then forgotten. */
  take(from: Eui64, sequenceNumber: number, frames: number): Eui64 | undefined {
    const entry = this.find(from, sequenceNumber, frames);
    if (entry === undefined) return undefined;
    const { awaits } = entry;
    // Entries are used again, never dropped: there is one for nearly every frame of the air.
    const last = this.entries[--this.length] as Awaited;
    entry.asked = last.asked;
    entry.awaits = last.awaits;
    entry.sequenceNumber = last.sequenceNumber;
    entry.at = last.at;
    return awaits;
  }

  private find(
    asked: Eui64,
    sequenceNumber: number,
    frames: number,
    awaits?: Eui64,
  ): Awaited | undefined {
    let found: Awaited | undefined;
    for (let i = 0; i < this.length; i++) {
      const entry = this.entries[i] as Awaited;
      if (entry.sequenceNumber !== sequenceNumber || entry.asked !== asked) continue;
      if (awaits !== undefined && entry.awaits !== awaits) continue;
      if (frames - entry.at > framesMax) continue;
      if (found === undefined || entry.at < found.at) found = entry;
    }
    return found;
  }

  private put(
    index: number,
    asked: Eui64,
    awaits: Eui64,
    sequenceNumber: number,
    at: number,
  ): void {
    const entry = this.entries[index];
    if (entry === undefined) {
      this.entries = [...this.entries, { asked, awaits, sequenceNumber, at }];
      return;
    }
    entry.asked = asked;
    entry.awaits = awaits;
    entry.sequenceNumber = sequenceNumber;
    entry.at = at;
  }
}
