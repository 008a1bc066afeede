import { type Demand, type HalfHour, halfHours } from './demand.js';
import { hash32 } from './hash32.js';
import { purposes } from './household-habits.js';

/** What must survive a restart. */
export interface RegisterState {
  /** Whole units (Wh, dm³). */
  readonly value: number;
  /** Emulated time up to which the value counts. */
  readonly atMs: number;
}

/**
 * A total that only grows. It is brought up to date when it is looked at, not by a timer: a home
 * that nobody asks costs nothing, and reading often or seldom gives the same totals.
 */
export class CumulativeRegister {
  readonly #demand: Demand;
  #value: number;
  #atMs: number;

  constructor(demand: Demand, state: RegisterState) {
    this.#demand = demand;
    this.#value = state.value;
    this.#atMs = state.atMs;
  }

  /** As last brought up to date. */
  get value(): number {
    return this.#value;
  }

  get state(): RegisterState {
    return { value: this.#value, atMs: this.#atMs };
  }

  /** After a restart, or where a test needs a known reading. */
  set state(state: RegisterState) {
    this.#value = state.value;
    this.#atMs = state.atMs;
  }

  /**
   * Counts what was drawn up to `nowMs` and returns the new value. When the clock was set back the
   * value stands still until time has caught up: nothing is counted twice.
   */
  advanceTo(nowMs: number): number {
    if (nowMs > this.#atMs) {
      this.#value += this.#demand.amount(this.#atMs, nowMs);
      this.#atMs = nowMs;
    }
    return this.#value;
  }

  /** Lets time pass uncounted, as while the supply is off. */
  skipTo(nowMs: number): void {
    if (nowMs > this.#atMs) this.#atMs = nowMs;
  }

  /**
   * Profile entries, oldest first. Not kept: interruptions of supply (`skipTo`) do not show in
   * them.
   */
  halfHours(fromMs: number, toMs: number): Iterable<HalfHour> {
    return halfHours(this.#demand, fromMs, toMs);
  }
}

/**
 * What a meter shows that was put in up to eight years ago. `annual` is in the register's units.
 */
export function startingValue(home: number, annual: number): number {
  const years = (hash32(home, purposes.installed, 0) / 2 ** 32) * 8;
  return Math.round(annual * years);
}
