import type { ApsFragment } from './aps.js';

/** Extended frame control and block number. */
export const apsFragmentOctets = 2;

/**
 * How many blocks an ASDU needs; 1 means it goes whole, without an extended header, and then has
 * two octets more room.
 */
export function apsBlockCount(asduOctets: number, blockOctetsMax: number): number {
  if (asduOctets <= blockOctetsMax + apsFragmentOctets) return 1;
  return Math.ceil(asduOctets / blockOctetsMax);
}

/** Block `index` (from 0) of an ASDU, as a view. */
export function apsBlock(asdu: Uint8Array, index: number, blockOctetsMax: number): Uint8Array {
  return asdu.subarray(index * blockOctetsMax, (index + 1) * blockOctetsMax);
}

/** The extended header of block `index` out of `count`. */
export function apsFragment(index: number, count: number): ApsFragment {
  return index === 0 ? { first: true, blockNumber: count } : { first: false, blockNumber: index };
}

export interface ReassemblyLimits {
  /** Transmissions in progress at once, from all sources. */
  readonly transmissionsMax: number;
  /** The same from one source; one more drops that source's oldest. */
  readonly transmissionsPerSourceMax: number;
  readonly blocksMax: number;
  readonly asduOctetsMax: number;
  /** From the first block that arrived to the last one needed. */
  readonly lifetimeMs: number;
}

/**
 * Room for the longest tunnel transfer (1,500 octets) with its headers; the counts and the time are
 * our choice.
 */
export const defaultReassemblyLimits: ReassemblyLimits = {
  transmissionsMax: 8,
  transmissionsPerSourceMax: 2,
  blocksMax: 64,
  asduOctetsMax: 2048,
  lifetimeMs: 10_000,
};

export type ReassemblyDrop = 'full' | 'superseded' | 'expired' | 'inconsistent' | 'tooLong';

/** Who a transmission is from: an address, or a name. */
export type TransmissionSource = number | string;

interface Transmission {
  readonly source: TransmissionSource;
  readonly counter: number;
  readonly startedMs: number;
  /** Number of blocks; 0 until the first block is here. */
  total: number;
  /** Blocks 0 to `joined` - 1, one after another in the first `length` octets. */
  asdu: Uint8Array;
  length: number;
  joined: number;
  /** Copies of blocks that came before their turn, by number. */
  readonly early: (Uint8Array | undefined)[];
  /** Of all blocks here. */
  octets: number;
}

const nothing = new Uint8Array(0);

/**
 * Puts fragmented ASDUs together, whatever order their blocks come in. Bounded in transmissions,
 * blocks, octets and time, so that a sender of endless first blocks can take no more memory than
 * the limits say; each transmission given up is counted by its reason. Keeps no timer: time is an
 * argument, and `expire` may be called at `nextDeadlineMs`, or never, since every `push` expires
 * first.
 */
export class ApsReassembler {
  private transmissions: Transmission[] = [];
  readonly dropped: Record<ReassemblyDrop, number> = {
    full: 0,
    superseded: 0,
    expired: 0,
    inconsistent: 0,
    tooLong: 0,
  };

  constructor(readonly limits: ReassemblyLimits = defaultReassemblyLimits) {}

  get pending(): number {
    return this.transmissions.length;
  }

  nextDeadlineMs(): number | undefined {
    const oldest = this.transmissions[0];
    return oldest === undefined ? undefined : oldest.startedMs + this.limits.lifetimeMs;
  }

  /** Gives up what has waited too long. */
  expire(nowMs: number): void {
    let count = 0;
    for (const transmission of this.transmissions) {
      if (nowMs - transmission.startedMs < this.limits.lifetimeMs) break;
      count++;
    }
    if (count === 0) return;
    this.transmissions.splice(0, count);
    this.dropped.expired += count;
  }

  /** Whether a transmission is in progress: its last block was taken. */
  holds(source: TransmissionSource, counter: number): boolean {
    return this.find(source, counter) !== undefined;
  }

  /** Blocks of a transmission in progress; undefined as long as its first one is not here. */
  blockCountOf(source: TransmissionSource, counter: number): number | undefined {
    return this.find(source, counter)?.total || undefined;
  }

  /** Takes a block (copied); returns the whole ASDU when it was the last one missing. */
  push(
    source: TransmissionSource,
    counter: number,
    fragment: ApsFragment,
    block: Uint8Array,
    nowMs: number,
  ): Uint8Array | undefined {
    this.expire(nowMs);
    const transmission = this.find(source, counter) ?? this.open(source, counter, nowMs);
    if (transmission === undefined) return undefined;
    const fault = this.add(transmission, fragment, block);
    if (fault !== undefined) {
      this.dropped[fault]++;
      this.close(transmission);
      return undefined;
    }
    if (transmission.total === 0 || transmission.joined < transmission.total) return undefined;
    this.close(transmission);
    return transmission.asdu.subarray(0, transmission.length);
  }

  private find(source: TransmissionSource, counter: number): Transmission | undefined {
    for (const transmission of this.transmissions) {
      if (transmission.counter === counter && transmission.source === source) return transmission;
    }
    return undefined;
  }

  private open(
    source: TransmissionSource,
    counter: number,
    nowMs: number,
  ): Transmission | undefined {
    let own = 0;
    let oldest: Transmission | undefined;
    for (const transmission of this.transmissions) {
      if (transmission.source !== source) continue;
      oldest ??= transmission;
      own++;
    }
    if (oldest !== undefined && own >= this.limits.transmissionsPerSourceMax) {
      this.dropped.superseded++;
      this.close(oldest);
    }
    if (this.transmissions.length >= this.limits.transmissionsMax) {
      this.dropped.full++;
      return undefined;
    }
    const transmission: Transmission = {
      source,
      counter,
      startedMs: nowMs,
      total: 0,
      asdu: nothing,
      length: 0,
      joined: 0,
      early: [],
      octets: 0,
    };
    this.transmissions.push(transmission);
    return transmission;
  }

  private close(transmission: Transmission): void {
    const at = this.transmissions.indexOf(transmission);
    if (at === this.transmissions.length - 1) this.transmissions.pop();
    else this.transmissions.splice(at, 1);
  }

  private add(
    transmission: Transmission,
    fragment: ApsFragment,
    block: Uint8Array,
  ): ReassemblyDrop | undefined {
    const { limits } = this;
    const index = fragment.first ? 0 : fragment.blockNumber;
    if (fragment.first) {
      if (fragment.blockNumber > limits.blocksMax) return 'tooLong';
      if (fragment.blockNumber < Math.max(1, transmission.early.length)) return 'inconsistent';
      if (transmission.total !== 0 && transmission.total !== fragment.blockNumber) {
        return 'inconsistent';
      }
      transmission.total = fragment.blockNumber;
    } else {
      if (index === 0) return 'inconsistent';
      if (index >= limits.blocksMax) return 'tooLong';
      if (transmission.total !== 0 && index >= transmission.total) return 'inconsistent';
    }
    const { early } = transmission;
    if (index < transmission.joined || early[index] !== undefined) return undefined;
    if (transmission.octets + block.length > limits.asduOctetsMax) return 'tooLong';
    transmission.octets += block.length;
    if (index > transmission.joined) {
      while (early.length < index) early.push(undefined);
      early[index] = block.slice();
      return undefined;
    }
    this.append(transmission, block);
    for (;;) {
      const next = early[transmission.joined];
      if (next === undefined) return undefined;
      this.append(transmission, next);
    }
  }

  private append(transmission: Transmission, block: Uint8Array): void {
    const { asdu, length, total } = transmission;
    const needed = length + block.length;
    if (needed > asdu.length) {
      // All blocks but the last have one length, so that the first guess is nearly always enough.
      const guess = Math.max(needed, total * block.length);
      transmission.asdu = new Uint8Array(Math.min(guess, this.limits.asduOctetsMax));
      transmission.asdu.set(asdu.subarray(0, length));
    }
    transmission.asdu.set(block, length);
    transmission.length = needed;
    transmission.joined++;
  }
}
