import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import { Transaction, type Transactions } from './mac-transactions.js';
import type { MacStatus } from './mac-upper.js';

/** `data`: what was asked for came. `empty`: nothing waits, or what was promised did not come. */
export type DataRequestResult = 'data' | 'empty' | 'no-ack';

/** `more`: the other side has told that yet another frame waits; worth asking again. */
export type DataRequestDone = (result: DataRequestResult, nowMs: number, more: boolean) => void;

/**
 * A device asks its coordinator whether something waits: request, acknowledgment and, if that has
 * its frame pending bit set, the frame. Ends exactly once.
 */
export class DataRequest {
  private readonly transaction: Transaction;
  private promisedUntilMs: number | undefined;
  private ended = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly promisedFrameWaitMs: number,
    destination: MacAddress,
    psdu: Uint8Array,
    private readonly done: DataRequestDone,
  ) {
    this.transaction = new Transaction(destination, psdu, false, (status, nowMs, framePending) =>
      this.answered(status, nowMs, framePending),
    );
  }

  /** Sends the request: apart from the constructor, because all may be over within the call. */
  start(nowMs: number): void {
    this.transactions.submit(this.transaction, nowMs);
  }

  /**
   * The coordinator has sent a frame of the kind asked for. One that arrives though the request's
   * acknowledgment was lost is as good. `repeated`: we had it before, so it brings nothing new.
   */
  frameArrived(repeated: boolean, more: boolean, nowMs: number): void {
    if (this.promisedUntilMs === undefined) {
      if (repeated || !this.transactions.settle(this.transaction, nowMs)) return;
    }
    this.end(repeated ? 'empty' : 'data', nowMs, more);
  }

  nextDeadlineMs(): number | undefined {
    return this.promisedUntilMs;
  }

  expire(nowMs: number): void {
    if (this.promisedUntilMs !== undefined && this.promisedUntilMs <= nowMs) {
      this.end('empty', nowMs, false);
    }
  }

  /** Ends it without an answer; its owner goes on to something else. */
  cancel(nowMs: number): void {
    this.end('no-ack', nowMs, false);
  }

  private answered(status: MacStatus, nowMs: number, framePending: boolean): void {
    if (status !== 'success') this.end('no-ack', nowMs, false);
    else if (framePending) this.promisedUntilMs = nowMs + this.promisedFrameWaitMs;
    else this.end('empty', nowMs, false);
  }

  private end(result: DataRequestResult, nowMs: number, more: boolean): void {
    if (this.ended) return;
    this.ended = true;
    this.promisedUntilMs = undefined;
    this.done(result, nowMs, more);
  }
}
