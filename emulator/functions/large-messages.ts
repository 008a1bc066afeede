import { CodecError } from '../../protocols/codec/codec-error.js';
import {
  acknowledgementOf,
  decodeGbtBlock,
  encodeGbtBlock,
  type GbtBlock,
  gbtThreshold,
  isGbtBlock,
  splitMessage,
} from '../../protocols/gbcs/gbt.js';
import { GbtJoiner, type GbtLimits, gbtLimits } from '../../protocols/gbcs/gbt-joiner.js';

export interface BlockTotals {
  /** Blocks of own messages, repeated ones included. */
  sent: number;
  received: number;
  /** Whole messages made of blocks. */
  joined: number;
  /** Blocks that were not taken: malformed, not for here, contradicting others, of one message too many. */
  refused: number;
  /** Messages given up because blocks never came. */
  expired: number;
  /** Times that the other side was asked for lost blocks, and that it asked. */
  asked: number;
  repeated: number;
}

export const noBlocks: Readonly<BlockTotals> = {
  sent: 0,
  received: 0,
  joined: 0,
  refused: 0,
  expired: 0,
  asked: 0,
  repeated: 0,
};

export type BlockProblem = 'blockRefused' | 'messageIncomplete';

export interface LargeMessagesParts {
  /** Sends one message, or one block of it, to wherever all go from here. */
  readonly send: (bytes: Uint8Array) => void;
  readonly nowMs: () => number;
  /** Why a block is none of ours; it then costs no memory. */
  readonly refuse: (block: GbtBlock) => string | undefined;
  readonly onProblem: (problem: BlockProblem, detail: string) => void;
  readonly limits?: Partial<GbtLimits> | undefined;
}

/**
 * Messages that one end takes in at a time. A head end has few large ones under way to one home, and a device answers
 * one after the other; blocks are not authenticated, and whoever sends more of them than that gets no further.
 */
const transfersMax = 4;
/** Messages whose blocks were asked for: what is repeated may turn out not to be lost at all. */
const askedMax = 16;
/** Large messages that may be asked for again, and how often each; they go with the age of incomplete ones. */
const sentMax = 4;
const repeatsMax = 3;

interface SentMessage {
  readonly message: Uint8Array;
  readonly sentMs: number;
  repeats: number;
}

/**
 * General block transfer at one end of the way between a head end and a device: a message above the threshold leaves as
 * blocks, each a message of its own to everybody on the way, and what comes in blocks is held until it is whole.
 *
 * When the last block is here and others are not, these are asked for, and the sender repeats from the first that is
 * missing: our reading of a retry that GBCS has and our reference does not describe [mem]. Not kept: a lost last block is
 * not noticed; the message is given up after its time, whenever something next comes in or totals are looked at.
 *
 * @see gbcs-message.md 7, device-behaviour.md 1.13
 */
export class LargeMessages {
  private joiner: GbtJoiner | undefined;
  private readonly counts: BlockTotals = { ...noBlocks };
  private sent: Map<string, SentMessage> | undefined;
  /** Of others' messages that were asked for, whether they have come to their end. */
  private asked: Map<string, 'open' | 'whole'> | undefined;

  constructor(private readonly parts: LargeMessagesParts) {}

  get totals(): BlockTotals {
    this.expire();
    return { ...this.counts };
  }

  /** Bytes of incomplete messages. */
  get bytesHeld(): number {
    return this.joiner?.bytesHeld ?? 0;
  }

  /** For a device's description: nothing as long as there was no block. */
  describe(): { readonly blocks?: BlockTotals } {
    const { sent, received } = this.counts;
    return sent + received === 0 ? {} : { blocks: this.totals };
  }

  /** Sends a well-formed message, in blocks where it is above the threshold. */
  send(message: Uint8Array): void {
    if (message.length <= gbtThreshold) {
      this.parts.send(message);
      return;
    }
    const blocks = splitMessage(message);
    this.keep(message, decodeGbtBlock(blocks[0] as Uint8Array));
    this.sendBlocks(blocks);
  }

  /** The whole message that came, or came to its end, with this; undefined where there is none yet. */
  receive(bytes: Uint8Array): Uint8Array | undefined {
    if (!isGbtBlock(bytes)) return bytes;
    this.expire();
    this.counts.received++;
    const block = this.decode(bytes);
    return block === undefined ? undefined : this.take(block);
  }

  /** Forgets what is too old. */
  expire(): void {
    const nowMs = this.parts.nowMs();
    const expired = this.joiner?.expire(nowMs) ?? 0;
    for (const [key, { sentMs }] of this.sent ?? []) {
      if (nowMs - sentMs > gbtLimits.ageMaxMs) this.sent?.delete(key);
    }
    if (expired === 0) return;
    this.counts.expired += expired;
    this.parts.onProblem('messageIncomplete', `${expired} given up, blocks of it never came`);
  }

  private decode(bytes: Uint8Array): GbtBlock | undefined {
    try {
      const block = decodeGbtBlock(bytes);
      const reason = this.parts.refuse(block);
      if (reason === undefined) return block;
      this.refused(reason);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.refused(error.message);
    }
    return undefined;
  }

  private refused(reason: string): void {
    this.counts.refused++;
    this.parts.onProblem('blockRefused', reason);
  }

  private take(block: GbtBlock): Uint8Array | undefined {
    const key = keyOf(block, block.originator, block.recipient);
    if (this.asked?.get(key) === 'whole') return undefined;
    this.joiner ??= new GbtJoiner({ transfersMax, ...this.parts.limits });
    const progress = this.joiner.accept(block, this.parts.nowMs());
    switch (progress.state) {
      case 'complete':
        this.counts.joined++;
        if (this.asked?.has(key)) this.asked.set(key, 'whole');
        return progress.message;
      case 'acknowledgement':
        this.repeat(block);
        break;
      case 'refused':
        this.refused(progress.reason);
        break;
      case 'waiting':
        if (block.last) this.askFor(key, block, progress.missing[0] as number);
        break;
      case 'late':
        break;
    }
    return undefined;
  }

  private askFor(key: string, block: GbtBlock, firstMissing: number): void {
    this.counts.asked++;
    this.asked ??= new Map();
    this.asked.set(key, 'open');
    const [oldest] = this.asked.keys();
    if (this.asked.size > askedMax && oldest !== undefined) this.asked.delete(oldest);
    this.parts.send(encodeGbtBlock(acknowledgementOf(block, firstMissing - 1)));
  }

  private keep(message: Uint8Array, first: GbtBlock): void {
    this.sent ??= new Map();
    const key = keyOf(first, first.originator, first.recipient);
    this.sent.delete(key);
    const [oldest] = this.sent.keys();
    if (this.sent.size >= sentMax && oldest !== undefined) this.sent.delete(oldest);
    this.sent.set(key, { message, sentMs: this.parts.nowMs(), repeats: 0 });
  }

  /** Whoever has the blocks of a message lost some: titles are those of the message swapped. */
  private repeat(block: GbtBlock): void {
    const sent = this.sent?.get(keyOf(block, block.recipient, block.originator));
    if (sent === undefined || sent.repeats >= repeatsMax) {
      this.refused(sent === undefined ? 'no such message to repeat' : 'repeated often enough');
      return;
    }
    sent.repeats++;
    this.counts.repeated++;
    this.sendBlocks(splitMessage(sent.message).slice(block.blockNumberAcknowledged));
  }

  private sendBlocks(blocks: readonly Uint8Array[]): void {
    this.counts.sent += blocks.length;
    for (const block of blocks) this.parts.send(block);
  }
}

function keyOf(block: GbtBlock, originator: string, recipient: string): string {
  const { craFlag, originatorCounter, messageCode } = block;
  return `${craFlag} ${originator} ${recipient} ${originatorCounter} ${messageCode}`;
}
