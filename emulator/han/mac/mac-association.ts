import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { noShortAddress } from './mac-address.js';
import { DataRequest, type DataRequestResult } from './mac-data-request.js';
import { associationRequest, dataRequest } from './mac-frames.js';
import type { HeardBeacon } from './mac-scan.js';
import type { MacTiming } from './mac-timing.js';
import { Transaction, type Transactions } from './mac-transactions.js';
import type { MacStatus } from './mac-upper.js';

export type AssociationResult =
  | 'success'
  /** The coordinator refuses this device. */
  | 'denied'
  | 'at-capacity'
  /** It does not even acknowledge. */
  | 'no-ack'
  /** It has acknowledged, and has no answer for us. */
  | 'no-response';

export type AssociationDone = (
  result: AssociationResult,
  shortAddress: number,
  nowMs: number,
) => void;

/** Association status on the wire. */
export const associationStatuses = { success: 0, atCapacity: 1, denied: 2 } as const;

/**
 * The device's side of joining a PAN: request, a pause in which the coordinator makes up its mind,
 * and a data request that fetches the answer. Ends exactly once.
 */
export class Association {
  private pausedUntilMs: number | undefined;
  private fetching: DataRequest | undefined;
  private ended = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly timing: MacTiming,
    private readonly device: Eui64,
    readonly target: HeardBeacon,
    private readonly done: AssociationDone,
  ) {}

  start(capability: number, nowMs: number): void {
    const { panId, shortAddress } = this.target;
    const psdu = associationRequest(panId, shortAddress, this.device, capability);
    const requested = (status: MacStatus, atMs: number) => this.requested(status, atMs);
    this.transactions.submit(new Transaction(shortAddress, psdu, false, requested), nowMs);
  }

  /** Whether we have asked for the coordinator's answer. */
  get fetches(): boolean {
    return this.fetching !== undefined && !this.ended;
  }

  /** The coordinator's answer; one that takes us in without giving an address is none. */
  answered(status: number, shortAddress: number, nowMs: number): void {
    if (status === associationStatuses.atCapacity) this.fail('at-capacity', nowMs);
    else if (status !== associationStatuses.success) this.fail('denied', nowMs);
    else if (shortAddress === noShortAddress) this.fail('no-response', nowMs);
    else this.end('success', shortAddress, nowMs);
    this.fetching?.frameArrived(false, false, nowMs);
  }

  nextDeadlineMs(): number | undefined {
    return this.pausedUntilMs ?? this.fetching?.nextDeadlineMs();
  }

  expire(nowMs: number): void {
    if (this.pausedUntilMs === undefined) this.fetching?.expire(nowMs);
    else if (this.pausedUntilMs <= nowMs) this.fetch(nowMs);
  }

  /** Ends it unanswered. */
  cancel(nowMs: number): void {
    this.pausedUntilMs = undefined;
    this.fail('no-response', nowMs);
    this.fetching?.cancel(nowMs);
  }

  private requested(status: MacStatus, nowMs: number): void {
    if (this.ended) return;
    if (status === 'success') this.pausedUntilMs = nowMs + this.timing.associationWaitMs;
    else this.fail('no-ack', nowMs);
  }

  private fetch(nowMs: number): void {
    this.pausedUntilMs = undefined;
    const { panId, shortAddress } = this.target;
    this.fetching = new DataRequest(
      this.transactions,
      this.timing.promisedFrameWaitMs,
      shortAddress,
      dataRequest(panId, shortAddress, this.device),
      (result, atMs) => this.fetched(result, atMs),
    );
    this.fetching.start(nowMs);
  }

  /** Of no interest once the answer itself has been here. */
  private fetched(result: DataRequestResult, nowMs: number): void {
    this.fail(result === 'no-ack' ? 'no-ack' : 'no-response', nowMs);
  }

  private fail(result: AssociationResult, nowMs: number): void {
    this.end(result, noShortAddress, nowMs);
  }

  private end(result: AssociationResult, shortAddress: number, nowMs: number): void {
    if (this.ended) return;
    this.ended = true;
    this.done(result, shortAddress, nowMs);
  }
}
