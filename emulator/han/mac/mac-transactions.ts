import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { RandomStream } from '../../ports/random.js';
import type { RadioChannel } from '../air/radio.js';
import { sameChannel } from '../air/radio.js';
import { isSubGhz } from '../air/radio-bands.js';
import { setSequenceNumber } from './mac-frames.js';
import type { MacTiming } from './mac-timing.js';
import type { MacStatus } from './mac-upper.js';

/** `framePending`: the acknowledgment said that something waits for us. */
export type TransactionDone = (status: MacStatus, nowMs: number, framePending: boolean) => void;

/** Frames that wait behind the one in flight, for one destination and for all together. */
export const waitingPerDestinationMax = 32;
export const waitingMax = 128;

/**
 * Frames in flight, to as many destinations: far fewer than there are sequence numbers, by which
 * their acknowledgments are told apart.
 */
export const inFlightMax = 64;

/**
 * Of these, frames that their destinations asked for: strangers who ask must not keep a hub from
 * sending to its home.
 */
const answersInFlightMax = 16;

/** One frame that is sent until it is acknowledged or given up. */
export class Transaction {
  sequenceNumber = 0;
  retries = 0;
  /** End of the wait for the acknowledgment, of the backoff, or of the stay in the indirect queue. */
  deadlineMs = 0;
  acknowledgmentAwaited = false;
  /** Its deadline was noticed late, and it was given another one. */
  excused = false;
  /** Until when a bus that is behind is waited for. */
  patienceEndMs = 0;
  ended = false;
  channel: RadioChannel | undefined = undefined;

  constructor(
    readonly destination: MacAddress,
    readonly psdu: Uint8Array,
    /** It waited for its destination to ask for it. */
    readonly indirect: boolean,
    readonly done: TransactionDone | undefined,
    /** What to put at the end of the frame when its turn comes. */
    readonly renew?: (() => Uint8Array | undefined) | undefined,
  ) {}

  end(status: MacStatus, nowMs: number, framePending: boolean): void {
    this.ended = true;
    this.done?.(status, nowMs, framePending);
  }
}

export interface TransactionRadio {
  transmit(psdu: Uint8Array, channel: RadioChannel): void;
  /** Whether the medium has delivered all that was put on it. */
  settled(): boolean;
  /** Where a destination is reached; undefined while the radio has no channel. */
  channelTo(destination: MacAddress): RadioChannel | undefined;
}

/**
 * Sending with acknowledgments: one frame in flight per destination, the others behind it in their
 * order; no acknowledgment in time means backoff and repetition, with the same sequence number, by
 * which the receiver knows the frame again.
 *
 * An acknowledgment names nobody: one for another node's frame of the same number on the same channel
 * may pass for ours. The standard is so, and its layers above have acknowledgments of their own.
 *
 * A transaction's end is told before the next one to its destination starts. All state is settled
 * before a frame goes to the medium, whose answer may come back within the call.
 */
export class Transactions {
  private readonly inFlight: Transaction[] = [];
  private readonly waiting: Transaction[] = [];
  private sequenceNumber: number;
  readonly stats = { retries: 0, acknowledged: 0, noAck: 0, overflow: 0 };
  /** Ends and repetitions on sub-GHz channels, by which their quality is judged. */
  readonly subGhz = { transmissions: 0, failures: 0, retries: 0 };

  constructor(
    private readonly radio: TransactionRadio,
    private readonly timing: MacTiming,
    private readonly random: RandomStream,
  ) {
    this.sequenceNumber = random.int(0, 0xff);
  }

  /** Frames in flight and waiting. */
  get size(): number {
    return this.inFlight.length + this.waiting.length;
  }

  /** Whether a frame to there would wait, so that its octets must be its own. */
  occupied(destination: MacAddress): boolean {
    for (const transaction of this.inFlight) {
      if (transaction.destination === destination) return true;
    }
    return false;
  }

  /** Whether a frame that its destination asked for is on its way there. */
  answering(destination: MacAddress): boolean {
    for (const transaction of this.inFlight) {
      if (transaction.indirect && transaction.destination === destination) return true;
    }
    for (const transaction of this.waiting) {
      if (transaction.indirect && transaction.destination === destination) return true;
    }
    return false;
  }

  /** Whether one more frame that was asked for may go. */
  get mayAnswer(): boolean {
    let count = 0;
    for (const transaction of this.inFlight) if (transaction.indirect) count++;
    return count < answersInFlightMax;
  }

  submit(transaction: Transaction, nowMs: number): void {
    if (!this.occupied(transaction.destination)) {
      if (this.inFlight.length < inFlightMax) {
        this.start(transaction, nowMs);
        return;
      }
    } else if (this.roomFor(transaction.destination)) {
      this.waiting.push(transaction);
      return;
    }
    this.stats.overflow++;
    transaction.end('transaction-overflow', nowMs, false);
  }

  /** The next number that no frame in flight has. */
  nextSequenceNumber(): number {
    for (;;) {
      const number = this.sequenceNumber;
      this.sequenceNumber = (number + 1) & 0xff;
      if (this.withNumber(number) === undefined) return number;
    }
  }

  /** An acknowledgment was heard. False when nothing of ours waits for it. */
  acknowledged(
    sequenceNumber: number,
    channel: RadioChannel,
    framePending: boolean,
    nowMs: number,
  ): boolean {
    const transaction = this.withNumber(sequenceNumber);
    if (transaction?.channel === undefined) return false;
    if (!sameChannel(transaction.channel, channel)) return false;
    this.stats.acknowledged++;
    if (isSubGhz(transaction.channel.page)) this.subGhz.transmissions++;
    this.finish(transaction, 'success', nowMs, framePending);
    return true;
  }

  /**
   * Ends a transaction whose answer is here though its acknowledgment was lost. False unless it was
   * in flight.
   */
  settle(transaction: Transaction, nowMs: number): boolean {
    if (transaction.ended || !this.inFlight.includes(transaction)) return false;
    this.stats.acknowledged++;
    this.finish(transaction, 'success', nowMs, true);
    return true;
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const { deadlineMs, ended } of this.inFlight) {
      if (!ended && (next === undefined || deadlineMs < next)) next = deadlineMs;
    }
    return next;
  }

  expire(nowMs: number): void {
    for (;;) {
      const due = this.inFlight.find((one) => !one.ended && one.deadlineMs <= nowMs);
      if (due === undefined) return;
      if (due.acknowledgmentAwaited) this.unacknowledged(due, nowMs);
      else this.transmit(due, nowMs);
    }
  }

  /** Ends what is in flight or waits, for one destination or for all. */
  abandon(destination: MacAddress | undefined, status: MacStatus, nowMs: number): void {
    const concerned = (one: Transaction) =>
      !one.ended && (destination === undefined || one.destination === destination);
    const abandoned = [...this.inFlight.filter(concerned), ...this.waiting.filter(concerned)];
    for (const transaction of abandoned) {
      remove(this.inFlight, transaction);
      remove(this.waiting, transaction);
    }
    for (const transaction of abandoned) transaction.end(status, nowMs, false);
  }

  private withNumber(sequenceNumber: number): Transaction | undefined {
    for (const transaction of this.inFlight) {
      if (transaction.sequenceNumber === sequenceNumber && !transaction.ended) return transaction;
    }
    return undefined;
  }

  private roomFor(destination: MacAddress): boolean {
    if (this.waiting.length >= waitingMax) return false;
    let count = 0;
    for (const transaction of this.waiting) if (transaction.destination === destination) count++;
    return count < waitingPerDestinationMax;
  }

  private start(transaction: Transaction, nowMs: number): void {
    const { psdu, renew } = transaction;
    const sequenceNumber = this.nextSequenceNumber();
    transaction.sequenceNumber = sequenceNumber;
    setSequenceNumber(psdu, sequenceNumber);
    const renewed = renew?.();
    if (renewed !== undefined) psdu.set(renewed, psdu.length - renewed.length);
    this.inFlight.push(transaction);
    this.transmit(transaction, nowMs);
  }

  private transmit(transaction: Transaction, nowMs: number): void {
    const channel = this.radio.channelTo(transaction.destination);
    if (channel === undefined) {
      this.finish(transaction, 'not-listening', nowMs, false);
      return;
    }
    transaction.channel = channel;
    transaction.acknowledgmentAwaited = true;
    transaction.excused = false;
    transaction.deadlineMs = nowMs + Math.max(1, this.timing.ackWaitMs);
    transaction.patienceEndMs = nowMs + this.timing.patienceMs;
    this.radio.transmit(transaction.psdu, channel);
  }

  private unacknowledged(transaction: Transaction, nowMs: number): void {
    const { ackWaitMs, backoffMaxMs, retriesMax } = this.timing;
    if (nowMs < transaction.patienceEndMs && !this.radio.settled()) {
      // The bus is behind: repeating would put it further behind.
      transaction.deadlineMs = nowMs + Math.max(1, ackWaitMs);
    } else if (!transaction.excused && nowMs - transaction.deadlineMs > ackWaitMs / 2) {
      // We were held up, and the acknowledgment may lie unread: look at it before repeating.
      transaction.excused = true;
      transaction.deadlineMs = nowMs + Math.max(1, ackWaitMs);
    } else if (transaction.retries >= retriesMax) {
      this.stats.noAck++;
      this.failedSubGhz(transaction);
      this.finish(transaction, 'no-ack', nowMs, false);
    } else {
      transaction.retries++;
      this.stats.retries++;
      if (isSubGhz(transaction.channel?.page ?? 0)) this.subGhz.retries++;
      transaction.acknowledgmentAwaited = false;
      transaction.deadlineMs = nowMs + this.random.int(0, backoffMaxMs);
    }
  }

  private failedSubGhz({ channel }: Transaction): void {
    if (channel === undefined || !isSubGhz(channel.page)) return;
    this.subGhz.transmissions++;
    this.subGhz.failures++;
  }

  private finish(
    transaction: Transaction,
    status: MacStatus,
    nowMs: number,
    framePending: boolean,
  ): void {
    const { destination } = transaction;
    transaction.end(status, nowMs, framePending);
    if (!remove(this.inFlight, transaction)) return;
    const next = this.waiting.findIndex((one) => one.destination === destination);
    if (next >= 0) this.start(this.waiting.splice(next, 1)[0] as Transaction, nowMs);
  }
}

function remove(list: Transaction[], transaction: Transaction): boolean {
  const at = list.indexOf(transaction);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
