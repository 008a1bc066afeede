import { TimerHeap } from '../machine/timer-heap.js';
import type { Clock, Timer } from '../ports/clock.js';
import { UsageError } from '../ports/errors.js';

export interface SystemClockOptions {
  /** Emulated seconds a real second; 1 unless told. */
  readonly speed?: number;
  /** Emulated UTC (ms since 1970) at the start; the machine's own unless told. */
  readonly startMs?: number;
  /** True lets the process end although tasks wait. */
  readonly unref?: boolean;
}

/** Longest delay setTimeout can hold; it turns a longer one into 1 ms. */
const timeoutMaxMs = 0x7fff_ffff;

/**
 * Tasks run in one turn of the event loop, so that a fleet falling due together does not shut out
 * its sockets.
 */
const tasksPerTurn = 1_000;

/**
 * Emulated time over the machine's monotonic clock: it never goes back nor jumps when the machine's
 * date is set. However many tasks wait, one timer of the event loop is armed, for the earliest.
 * What a task throws goes to the event loop (an uncaught exception); the others still run.
 */
export class SystemClock implements Clock {
  readonly #timers = new TimerHeap(() => this.#arm());
  /** Emulated milliseconds per real one. */
  readonly speed: number;
  readonly #startMs: number;
  readonly #unref: boolean;
  readonly #startedAtMs = performance.now();
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #armedForMs = Number.POSITIVE_INFINITY;
  #running = false;
  #closed = false;

  /** Throws UsageError when speed is not above 0 or the start is not whole milliseconds. */
  constructor(options: SystemClockOptions = {}) {
    this.speed = options.speed ?? 1;
    this.#startMs = options.startMs ?? Date.now();
    this.#unref = options.unref ?? false;
    if (!(this.speed > 0 && Number.isFinite(this.speed)))
      throw new UsageError(`clock speed ${this.speed} is not above 0`);
    if (!Number.isSafeInteger(this.#startMs))
      throw new UsageError(`clock start ${this.#startMs} is not whole ms`);
  }

  nowMs(): number {
    return this.#startMs + Math.floor((performance.now() - this.#startedAtMs) * this.speed);
  }

  stopwatchMs(): number {
    return performance.now();
  }

  /** After `close` the task is ignored. */
  at(atMs: number, task: () => void): Timer {
    if (this.#closed) return ignored;
    const timer = this.#timers.add(Math.max(Math.ceil(atMs), this.nowMs()), task);
    this.#arm();
    return timer;
  }

  /** Drops all that waits and leaves nothing armed. */
  close(): void {
    this.#closed = true;
    this.#timers.clear();
    this.#disarm();
  }

  /** Makes the one armed timer fit the earliest deadline. */
  #arm(): void {
    if (this.#running) return;
    const deadlineMs = this.#timers.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
    if (deadlineMs === this.#armedForMs) return;
    this.#disarm();
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.ceil((deadlineMs - this.nowMs()) / this.speed);
    if (delayMs <= 0) this.#immediate = setImmediate(this.#runDue);
    else this.#timeout = setTimeout(this.#runDue, Math.min(delayMs, timeoutMaxMs));
    this.#armedForMs = deadlineMs;
    if (this.#unref) {
      this.#timeout?.unref();
      this.#immediate?.unref();
    }
  }

  #disarm(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
    this.#armedForMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Nothing need be due: a long wait is cut in pieces, and Node's timers may fire a little early.
   */
  readonly #runDue = (): void => {
    this.#disarm();
    this.#running = true;
    try {
      for (let ran = 0; ran < tasksPerTurn; ran++) {
        const timer = this.#timers.takeDue(this.nowMs());
        if (timer === undefined) break;
        timer.run();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  };
}

const ignored: Timer = { cancel: () => undefined };
