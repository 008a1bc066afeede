import { CodecError } from '../codec/codec-error.js';
import { concatBytes, equalBytes } from '../codec/hex.js';
import type { GbtBlock } from './gbt.js';
import { decodeGbcsMessage, messageLengthMax } from './message.js';

/** What one receiver holds at most, whoever sends to it. Blocks are not authenticated: nothing else bounds them. */
export interface GbtLimits {
  /** Blocks of one message. */
  readonly blocksMax: number;
  /** Bytes of one message. */
  readonly bytesMax: number;
  /** Messages that are incomplete at one time. */
  readonly transfersMax: number;
  /** From a message's first block until it is given up. */
  readonly ageMaxMs: number;
}

/** Messages whose late blocks are known as such. */
const recentMax = 16;

export const gbtLimits: GbtLimits = {
  blocksMax: 255,
  bytesMax: messageLengthMax,
  transfersMax: 16,
  // What missed one wake of a gas meter comes half an hour later, and what is then asked for once more after another.
  ageMaxMs: 3_900_000,
};

export type GbtProgress =
  /** `missing`: numbers up to the last block, or up to the highest seen while the last is not there. */
  | { readonly state: 'waiting'; readonly missing: readonly number[] }
  | { readonly state: 'complete'; readonly message: Uint8Array }
  /** A block, not the first, of a message that was complete a while ago. */
  | { readonly state: 'late' }
  /** A block that carries no data: for the sender of a message, not for its receiver. */
  | { readonly state: 'acknowledgement'; readonly blockNumberAcknowledged: number }
  /** The block was not taken; unless it is one transfer too many, all of its message is given up. */
  | { readonly state: 'refused'; readonly reason: string };

interface Transfer {
  readonly startedMs: number;
  readonly blocks: Map<number, Uint8Array>;
  bytes: number;
  highest: number;
  /** Number of the block that was marked as last. */
  last: number | undefined;
}

/** Whose message a block is of: every value of the routing header that comes from the message. */
function keyOf(block: GbtBlock): string {
  const { craFlag, originator, recipient, originatorCounter, messageCode } = block;
  return `${craFlag} ${originator} ${recipient} ${originatorCounter} ${messageCode}`;
}

/** Joins blocks to messages, in whatever order they come. Time is an argument, in milliseconds of any clock. */
export class GbtJoiner {
  private readonly transfers = new Map<string, Transfer>();
  private readonly recent = new Set<string>();
  private readonly limits: GbtLimits;
  private octets = 0;

  constructor(limits: Partial<GbtLimits> = {}) {
    this.limits = { ...gbtLimits, ...limits };
  }

  /** Incomplete messages. */
  get size(): number {
    return this.transfers.size;
  }

  /** Data of incomplete messages, in bytes. */
  get bytesHeld(): number {
    return this.octets;
  }

  /** Takes one block; its data is copied. A block that was there already changes nothing. */
  accept(block: GbtBlock, nowMs: number): GbtProgress {
    this.expire(nowMs);
    const { data, blockNumberAcknowledged } = block;
    if (data.length === 0) return { state: 'acknowledgement', blockNumberAcknowledged };
    const key = keyOf(block);
    let transfer = this.transfers.get(key);
    if (transfer === undefined) {
      // One that came twice must not begin a message that never ends; the first block may, for messages are sent again.
      if (block.blockNumber !== 1 && this.recent.has(key)) return { state: 'late' };
      if (this.transfers.size >= this.limits.transfersMax) {
        return { state: 'refused', reason: `${this.transfers.size} other messages are incomplete` };
      }
      transfer = { startedMs: nowMs, blocks: new Map(), bytes: 0, highest: 0, last: undefined };
      this.transfers.set(key, transfer);
    }
    const reason = this.add(transfer, block);
    if (reason !== undefined) {
      this.drop(key, transfer);
      return { state: 'refused', reason };
    }
    if (transfer.blocks.size !== transfer.last) {
      return { state: 'waiting', missing: missingOf(transfer) };
    }
    this.drop(key, transfer);
    this.remember(key);
    return join(transfer, key);
  }

  private drop(key: string, transfer: Transfer): void {
    this.transfers.delete(key);
    this.octets -= transfer.bytes;
  }

  private remember(key: string): void {
    this.recent.delete(key);
    this.recent.add(key);
    const [oldest] = this.recent;
    if (this.recent.size > recentMax && oldest !== undefined) this.recent.delete(oldest);
  }

  /** Gives up what is too old; returns how many messages that were. */
  expire(nowMs: number): number {
    const before = this.transfers.size;
    for (const [key, transfer] of this.transfers) {
      if (nowMs - transfer.startedMs > this.limits.ageMaxMs) this.drop(key, transfer);
    }
    return before - this.transfers.size;
  }

  /** When `expire` has something to do next; undefined when nothing is held. */
  nextDeadlineMs(): number | undefined {
    // Insertion order is the order of age.
    const [oldest] = this.transfers.values();
    return oldest === undefined ? undefined : oldest.startedMs + this.limits.ageMaxMs + 1;
  }

  private add(transfer: Transfer, block: GbtBlock): string | undefined {
    const { blocksMax, bytesMax } = this.limits;
    const { blockNumber, last, data } = block;
    if (blockNumber > blocksMax) return `block ${blockNumber} of at most ${blocksMax}`;
    if (transfer.last !== undefined && blockNumber > transfer.last) {
      return `block ${blockNumber} behind the last, ${transfer.last}`;
    }
    if (last && blockNumber < transfer.highest) {
      return `block ${blockNumber} is marked as last, block ${transfer.highest} is there`;
    }
    const known = transfer.blocks.get(blockNumber);
    if (known !== undefined) {
      const same = equalBytes(known, data) && last === (transfer.last === blockNumber);
      return same ? undefined : `block ${blockNumber} came twice and differs`;
    }
    transfer.bytes += data.length;
    this.octets += data.length;
    if (transfer.bytes > bytesMax) return `more than ${bytesMax} bytes`;
    transfer.blocks.set(blockNumber, data.slice());
    transfer.highest = Math.max(transfer.highest, blockNumber);
    if (last) transfer.last = blockNumber;
    return undefined;
  }
}

function missingOf({ blocks, highest }: Transfer): number[] {
  const missing: number[] = [];
  for (let number = 1; number <= highest; number++) {
    if (!blocks.has(number)) missing.push(number);
  }
  return missing;
}

function join({ blocks, highest }: Transfer, key: string): GbtProgress {
  const ordered = Array.from({ length: highest }, (_, i) => blocks.get(i + 1) as Uint8Array);
  const message = concatBytes(...ordered);
  try {
    const { header } = decodeGbcsMessage(message);
    const { craFlag, originator, recipient, originatorCounter } = header;
    const { messageCode } = header.otherInformation;
    const own = `${craFlag} ${originator} ${recipient} ${originatorCounter} ${messageCode}`;
    if (own === key) return { state: 'complete', message };
    return { state: 'refused', reason: 'the message is not what its routing header says' };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { state: 'refused', reason: error.message };
  }
}
