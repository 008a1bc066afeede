import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { Transaction } from './mac-transactions.js';
import type { MacStatus } from './mac-upper.js';

/** Frames that wait for one device, and for all together. */
export const indirectPerDeviceMax = 8;
export const indirectMax = 64;

/**
 * What waits at a coordinator until its destination asks for it, the oldest first. Devices are told
 * apart by the address that they ask by.
 */
export class IndirectQueue {
  private readonly waiting: Transaction[] = [];

  get size(): number {
    return this.waiting.length;
  }

  /** Of these, frames for devices that have no short address yet. */
  get joining(): number {
    let count = 0;
    for (const { destination } of this.waiting) if (typeof destination === 'string') count++;
    return count;
  }

  has(destination: MacAddress): boolean {
    return this.first(destination) >= 0;
  }

  /** False when it is full. */
  add(transaction: Transaction, deadlineMs: number): boolean {
    if (this.waiting.length >= indirectMax) return false;
    let count = 0;
    for (const { destination } of this.waiting)
      if (destination === transaction.destination) count++;
    if (count >= indirectPerDeviceMax) return false;
    transaction.deadlineMs = deadlineMs;
    this.waiting.push(transaction);
    return true;
  }

  /** Takes the oldest out. */
  take(destination: MacAddress): Transaction | undefined {
    const at = this.first(destination);
    return at < 0 ? undefined : this.waiting.splice(at, 1)[0];
  }

  /** Lets what waits for that device stay until then. */
  renew(destination: MacAddress, deadlineMs: number): void {
    for (const transaction of this.waiting) {
      if (transaction.destination === destination) transaction.deadlineMs = deadlineMs;
    }
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const { deadlineMs } of this.waiting) {
      if (next === undefined || deadlineMs < next) next = deadlineMs;
    }
    return next;
  }

  /** Ends what nobody fetched in time; returns how many those were. */
  expire(nowMs: number): number {
    for (let expired = 0; ; expired++) {
      const at = this.waiting.findIndex(({ deadlineMs }) => deadlineMs <= nowMs);
      if (at < 0) return expired;
      this.waiting.splice(at, 1)[0]?.end('transaction-expired', nowMs, false);
    }
  }

  /** Drops what waits for one device, or for all. */
  abandon(destination: MacAddress | undefined, status: MacStatus, nowMs: number): void {
    const dropped = this.waiting.filter(
      (one) => destination === undefined || one.destination === destination,
    );
    for (const transaction of dropped) this.waiting.splice(this.waiting.indexOf(transaction), 1);
    for (const transaction of dropped) transaction.end(status, nowMs, false);
  }

  private first(destination: MacAddress): number {
    for (let at = 0; at < this.waiting.length; at++) {
      if (this.waiting[at]?.destination === destination) return at;
    }
    return -1;
  }
}
