import { Heap } from 'heap-js';
import type { Timer } from '../ports/clock.js';

/**
 * A timer taken out of a `TimerHeap`. `run` does nothing a second time, or once it was cancelled.
 */
export interface DueTimer extends Timer {
  readonly deadlineMs: number;
  /** Counts up with every `add`; orders timers of one deadline. */
  readonly sequence: number;
  run(): void;
}

/**
 * The timers of a whole fleet in one binary heap: `add` and `takeDue` are O(log n). Timers of equal
 * deadline come out in the order in which they were added, which is what makes a run repeatable.
 *
 * A cancelled timer lets go of its task at once but keeps its place until it surfaces, or until the
 * cancelled are more than half of the heap and all are swept out: O(1) each, amortised, where a
 * search would be O(n).
 */
export class TimerHeap {
  readonly #heap = new Heap<Entry>(byDeadline);
  readonly #onCancel: () => void;
  #sequence = 0;
  #cancelled = 0;

  /** `onCancel` is called after a waiting timer was cancelled (not one taken or cleared before). */
  constructor(onCancel: () => void = () => undefined) {
    this.#onCancel = onCancel;
  }

  /** Timers still waiting. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** The number the next timer will get: every timer of a lower one is already in, or gone. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** Throws RangeError when the deadline is not a finite number. */
  add(deadlineMs: number, task: () => void): Timer {
    if (!Number.isFinite(deadlineMs)) throw new RangeError(`deadline ${deadlineMs} is not finite`);
    const entry = new Entry(this, deadlineMs, this.#sequence++, task);
    this.#heap.add(entry);
    return entry;
  }

  /** The earliest deadline, or undefined when nothing waits. */
  nextDeadlineMs(): number | undefined {
    return this.#first()?.deadlineMs;
  }

  /** Removes and returns the first timer whose deadline is at or before `nowMs`. */
  takeDue(nowMs: number): DueTimer | undefined {
    const first = this.#first();
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.#heap.pop();
    first.leave();
    return first;
  }

  /** Drops every timer; their `cancel` then does nothing. */
  clear(): void {
    for (const entry of this.#heap.heapArray) {
      entry.leave();
      entry.cancel();
    }
    this.#heap.clear();
    this.#cancelled = 0;
  }

  /** For `Entry.cancel` only. */
  noteCancelled(): void {
    this.#cancelled++;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) {
      this.#heap.init(this.#heap.heapArray.filter((entry) => entry.waiting));
      this.#cancelled = 0;
    }
    this.#onCancel();
  }

  /** The first waiting entry; sweeps cancelled ones off the top. */
  #first(): Entry | undefined {
    for (;;) {
      const first = this.#heap.peek();
      if (first === undefined || first.waiting) return first;
      this.#heap.pop();
      this.#cancelled--;
    }
  }
}

class Entry implements DueTimer {
  readonly deadlineMs: number;
  readonly sequence: number;
  #owner: TimerHeap | undefined;
  #task: (() => void) | undefined;

  constructor(owner: TimerHeap, deadlineMs: number, sequence: number, task: () => void) {
    this.#owner = owner;
    this.deadlineMs = deadlineMs;
    this.sequence = sequence;
    this.#task = task;
  }

  get waiting(): boolean {
    return this.#task !== undefined;
  }

  run(): void {
    const task = this.#task;
    this.#task = undefined;
    task?.();
  }

  cancel(): void {
    this.#task = undefined;
    this.#owner?.noteCancelled();
    this.#owner = undefined;
  }

  /** The heap no longer counts it. */
  leave(): void {
    this.#owner = undefined;
  }
}

function byDeadline(a: Entry, b: Entry): number {
  return a.deadlineMs - b.deadlineMs || a.sequence - b.sequence;
}
