/**
 * What a home draws through a meter, as a pure function of time. Units are the meter's own: Wh and
 * W for electricity, dm³ and dm³/h for gas.
 */
export interface Demand {
  /** Rate in units an hour, constant within a minute. */
  rate(atMs: number): number;
  /**
   * Whole units drawn from `fromMs` up to `toMs`; 0 when `toMs` is not later. Exactly additive:
   * `amount(a, b) + amount(b, c) === amount(a, c)` for a <= b <= c.
   */
  amount(fromMs: number, toMs: number): number;
}

export const halfHourMs = 1_800_000;
export const halfHoursPerDay = 48;
export const minutesPerHalfHour = 30;
const lastMinute = minutesPerHalfHour - 1;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** One half hour of the profile log. */
export interface HalfHour {
  readonly startMs: number;
  readonly amount: number;
}

/** The half hours that lie whole between `fromMs` and `toMs`, oldest first. */
export function* halfHours(demand: Demand, fromMs: number, toMs: number): Generator<HalfHour> {
  let startMs = Math.ceil(fromMs / halfHourMs) * halfHourMs;
  for (; startMs + halfHourMs <= toMs; startMs += halfHourMs)
    yield { startMs, amount: demand.amount(startMs, startMs + halfHourMs) };
}

/**
 * Filled anew by every call below, so that no home need own one; nothing reads it across a call.
 */
const scratch = new Int32Array(minutesPerHalfHour);

/**
 * A demand told half hour by half hour. Any half hour can be computed alone (in about a
 * microsecond), so nothing is stored and no time costs more than another. Each one holds a whole
 * number of units, which keeps sums exact over any span.
 */
export abstract class HalfHourlyDemand implements Demand {
  /**
   * Writes the 30 minutes' rates, whole and never negative, over whatever `rates` held. `halfHour`
   * counts from 1970, as do days elsewhere here. Must depend on nothing else.
   */
  protected abstract fill(halfHour: number, rates: Int32Array): void;

  rate(atMs: number): number {
    const halfHour = Math.floor(atMs / halfHourMs);
    this.#settle(halfHour);
    return scratch[Math.floor((atMs - halfHour * halfHourMs) / minuteMs)] as number;
  }

  amount(fromMs: number, toMs: number): number {
    if (!(toMs > fromMs)) return 0;
    let amount = this.#amountInto(toMs) - this.#amountInto(fromMs);
    const end = Math.floor(toMs / halfHourMs);
    for (let halfHour = Math.floor(fromMs / halfHourMs); halfHour < end; halfHour++)
      amount += this.#settle(halfHour);
    return amount;
  }

  /** Whole units from the start of the half hour that `atMs` lies in. */
  #amountInto(atMs: number): number {
    const halfHour = Math.floor(atMs / halfHourMs);
    const intoMs = atMs - halfHour * halfHourMs;
    if (intoMs === 0) return 0;
    this.#settle(halfHour);
    const minute = Math.floor(intoMs / minuteMs);
    let rateTimesMs = (scratch[minute] as number) * (intoMs - minute * minuteMs);
    for (let i = 0; i < minute; i++) rateTimesMs += (scratch[i] as number) * minuteMs;
    return Math.floor(rateTimesMs / hourMs);
  }

  /** Fills `scratch` and makes the half hour a whole number of units, which it returns. */
  #settle(halfHour: number): number {
    this.fill(halfHour, scratch);
    let sum = 0;
    for (let i = 0; i < minutesPerHalfHour; i++) sum += scratch[i] as number;
    const missing = (60 - (sum % 60)) % 60;
    // Where nothing is drawn nothing is added, or gas would creep through a closed tap.
    for (let i = 0, left = missing; left > 0; i = i === lastMinute ? 0 : i + 1) {
      const rate = scratch[i] as number;
      if (rate === 0) continue;
      scratch[i] = rate + 1;
      left--;
    }
    return (sum + missing) / 60;
  }
}
