import { TimerHeap } from '../machine/timer-heap.js';
import type { Clock, Timer } from '../ports/clock.js';
import { InvariantError } from '../ports/errors.js';

export interface VirtualClockOptions {
  /**
   * Longest chain of tasks, each set by the one before for the same instant, that counts as sane.
   */
  readonly sameInstantChainMax?: number;
}

/**
 * Emulated time that passes only when told. Between two tasks it jumps: a month without events
 * costs nothing. While a task runs, `nowMs()` is that task's deadline; tasks of one deadline run in
 * the order they were set. A deadline in the past counts as now, a fraction of a millisecond is
 * rounded up.
 */
export class VirtualClock implements Clock {
  readonly speed = 1;
  readonly #timers = new TimerHeap();
  readonly #chainMax: number;
  #nowMs: number;
  #running = false;
  /**
   * Of the instant `#nowMs`: links of the longest chain so far, and the first timer of the next
   * link.
   */
  #chain = 0;
  #linkEnd = 0;

  constructor(startMs: number, options: VirtualClockOptions = {}) {
    if (!Number.isSafeInteger(startMs)) throw new RangeError(`start ${startMs} is not whole ms`);
    this.#nowMs = startMs;
    this.#chainMax = options.sameInstantChainMax ?? 100_000;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  stopwatchMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, task: () => void): Timer {
    return this.#timers.add(Math.max(Math.ceil(atMs), this.#nowMs), task);
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next task is due; undefined when none waits. */
  nextDeadlineMs(): number | undefined {
    return this.#timers.nextDeadlineMs();
  }

  /**
   * Lets `durationMs` pass. Returns how many tasks ran.
   * @see advanceTo
   */
  advance(durationMs: number): number {
    return this.advanceTo(this.#nowMs + durationMs);
  }

  /**
   * Lets time pass up to and including `ms`, running what falls due, also what those tasks add.
   * What a task throws comes out here, with time standing at that task; the rest is kept and the
   * clock can go on. Returns how many tasks ran. Throws RangeError for a time before now,
   * InvariantError for an endless instant.
   */
  advanceTo(ms: number): number {
    if (!(ms >= this.#nowMs && Number.isSafeInteger(ms)))
      throw new RangeError(`cannot go from ${this.#nowMs} to ${ms}`);
    let ran = 0;
    while (this.#runDue(ms)) ran++;
    this.#arrive(ms);
    return ran;
  }

  /** Goes to the next task and runs that one only. Returns false when none waits. */
  runNext(): boolean {
    const ran = this.#runDue(Number.POSITIVE_INFINITY);
    if (!ran) this.#arrive(this.#nowMs);
    return ran;
  }

  /** What is set from here on starts a new chain. */
  #arrive(atMs: number): void {
    this.#nowMs = atMs;
    this.#chain = 0;
    this.#linkEnd = this.#timers.nextSequence;
  }

  #runDue(untilMs: number): boolean {
    if (this.#running) throw new InvariantError('a task must not advance the clock that runs it');
    const timer = this.#timers.takeDue(untilMs);
    if (timer === undefined) return false;
    if (timer.deadlineMs > this.#nowMs) {
      this.#arrive(timer.deadlineMs);
    } else if (timer.sequence >= this.#linkEnd) {
      this.#linkEnd = this.#timers.nextSequence;
      if (++this.#chain > this.#chainMax) throw this.#stuck();
    }
    this.#running = true;
    try {
      timer.run();
    } finally {
      this.#running = false;
    }
    return true;
  }

  #stuck(): InvariantError {
    return new InvariantError(
      `time is stuck at ${new Date(this.#nowMs).toISOString()}: more than ${this.#chainMax} ` +
        'tasks in a row were each set for this instant by the one before',
    );
  }
}
