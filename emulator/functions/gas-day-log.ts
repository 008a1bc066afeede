import type { Demand } from './demand.js';
import { blockReached, type MeteredTariff, priced, startOfDay } from './tariff.js';

interface Point {
  readonly atMs: number;
  /** Register in dm³. */
  readonly dm3: number;
}

const dayMs = 86_400_000;
/** Two days of half-hourly reports stay as they came; of older days the last report stays, for thirteen months. */
const recentMax = 96;
const daysMax = 400;
/** Times before the first report whose reading is remembered. */
const pastMax = 8;

/**
 * What the gas proxy keeps of the meter's reports: enough for days, weeks and months (device-behaviour.md 3.2). Of the
 * time before the emulation began it knows what the household's meter would have reported, without keeping it.
 */
export class GasDayLog {
  private readonly recent: Point[] = [];
  private readonly days: Point[] = [];
  private readonly past: Point[] = [];
  private first: Point | undefined;

  constructor(
    private readonly demand: Demand,
    private readonly tariff: MeteredTariff,
  ) {}

  take(dm3: number, atMs: number): void {
    const last = this.recent.at(-1);
    // A register that went back is another meter, or one that was set: history starts anew.
    if (last !== undefined && dm3 < last.dm3) this.forget();
    else if (last !== undefined && atMs <= last.atMs) return;
    const point = { atMs, dm3 };
    this.first ??= point;
    if (last !== undefined && startOfDay(last.atMs) !== startOfDay(atMs)) this.keepDay(last);
    if (this.recent.length === recentMax) this.recent.shift();
    this.recent.push(point);
  }

  private forget(): void {
    this.first = undefined;
    this.recent.length = 0;
    this.days.length = 0;
    this.past.length = 0;
  }

  private keepDay(last: Point): void {
    if (this.days.length === daysMax) this.days.shift();
    this.days.push(last);
  }

  /** dm³ between two times as far as has been reported; undefined before the first report. */
  units(fromMs: number, toMs: number): number | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    if (toMs <= first.atMs) return this.demand.amount(fromMs, toMs);
    return Math.max(0, this.registerAt(toMs, first) - this.registerAt(fromMs, first));
  }

  /** What they cost. Gas has one rate; blocks start anew each day. */
  micropence(fromMs: number, toMs: number): number | undefined {
    const { tariff } = this;
    const total = this.units(fromMs, toMs);
    if (total === undefined || tariff.blockThresholds.length === 0) {
      return total === undefined ? undefined : priced(tariff, 0, 0, total);
    }
    let micropence = 0;
    for (let at = fromMs; at < toMs; at = startOfDay(at) + dayMs) {
      const units = this.units(at, Math.min(toMs, startOfDay(at) + dayMs)) ?? 0;
      micropence += priced(tariff, 0, this.usedToday(at), units);
    }
    return micropence;
  }

  private usedToday(atMs: number): number {
    return this.units(startOfDay(atMs), atMs) ?? 0;
  }

  /** Block (from 0) that the day's consumption has reached. */
  block(nowMs: number): number {
    return blockReached(this.tariff, this.usedToday(nowMs));
  }

  /** As last reported at or before a time. */
  private registerAt(atMs: number, first: Point): number {
    if (atMs < first.atMs) return this.registerBefore(atMs, first);
    const { recent, days } = this;
    const oldest = recent[0] as Point;
    const points = atMs < oldest.atMs ? days : recent;
    return (points.findLast((point) => point.atMs <= atMs) ?? first).dm3;
  }

  /** What it would have reported; the same few midnights are asked for again and again. */
  private registerBefore(atMs: number, first: Point): number {
    const known = this.past.find((point) => point.atMs === atMs);
    if (known !== undefined) return known.dm3;
    const dm3 = first.dm3 - this.demand.amount(atMs, first.atMs);
    if (this.past.length === pastMax) this.past.shift();
    this.past.push({ atMs, dm3 });
    return dm3;
  }
}
