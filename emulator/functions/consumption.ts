import type { Demand } from './demand.js';
import { blockReached, type MeteredTariff, priced, rateSpan, startOfDay } from './tariff.js';

/**
 * What was drawn and what it cost between two times, exactly additive in whole units and whole micropence. Standing
 * charges are not in it.
 */
export interface Consumption {
  units(fromMs: number, toMs: number): number;
  micropence(fromMs: number, toMs: number): number;
}

/** How many interruptions a meter remembers; older ones count as supply in what it says of the past. */
const interruptionsMax = 32;

interface Interruption {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  toMs: number | undefined;
}

/** A demand behind a switch: what is not drawn while the supply is off counts nowhere. */
export class SuppliedDemand implements Demand {
  private readonly interruptions: Interruption[] = [];

  constructor(private readonly demand: Demand) {}

  get isOn(): boolean {
    const last = this.interruptions.at(-1);
    return last === undefined || last.toMs !== undefined;
  }

  /** Not before the last switching. */
  switchOff(atMs: number): void {
    if (!this.isOn) return;
    if (this.interruptions.length === interruptionsMax) this.interruptions.shift();
    this.interruptions.push({ fromMs: atMs, toMs: undefined });
  }

  switchOn(atMs: number): void {
    const last = this.interruptions.at(-1);
    if (last !== undefined && last.toMs === undefined) last.toMs = Math.max(atMs, last.fromMs);
  }

  rate(atMs: number): number {
    const off = this.interruptions.some(
      ({ fromMs, toMs }) => atMs >= fromMs && (toMs === undefined || atMs < toMs),
    );
    return off ? 0 : this.demand.rate(atMs);
  }

  amount(fromMs: number, toMs: number): number {
    let amount = this.demand.amount(fromMs, toMs);
    for (const interruption of this.interruptions) {
      const from = Math.max(fromMs, interruption.fromMs);
      const to = Math.min(toMs, interruption.toMs ?? toMs);
      if (from < to) amount -= this.demand.amount(from, to);
    }
    return amount;
  }
}

/** What a demand costs under a tariff, as a pure function of time: nothing is kept, whatever is asked. */
export class TariffedConsumption implements Consumption {
  constructor(
    private readonly demand: Demand,
    private readonly tariff: MeteredTariff,
  ) {}

  units(fromMs: number, toMs: number): number {
    return this.demand.amount(fromMs, toMs);
  }

  micropence(fromMs: number, toMs: number): number {
    const { demand, tariff } = this;
    const hasBlocks = tariff.blockThresholds.length > 0;
    let usedToday = hasBlocks ? demand.amount(startOfDay(fromMs), fromMs) : 0;
    let micropence = 0;
    for (let at = fromMs; at < toMs; ) {
      const { rate, toMs: spanEnd } = rateSpan(tariff.tariff, at);
      const end = Math.min(spanEnd, toMs);
      const units = demand.amount(at, end);
      micropence += priced(tariff, rate, usedToday, units);
      if (hasBlocks) usedToday = startOfDay(end) === end ? 0 : usedToday + units;
      at = end;
    }
    return micropence;
  }

  /** Units since midnight UTC. */
  usedToday(nowMs: number): number {
    return this.demand.amount(startOfDay(nowMs), nowMs);
  }

  /** Block (from 0) that the day's consumption has reached. */
  block(nowMs: number): number {
    if (this.tariff.blockThresholds.length === 0) return 0;
    return blockReached(this.tariff, this.usedToday(nowMs));
  }

  /** Units drawn at one rate. */
  unitsAtRate(wanted: number, fromMs: number, toMs: number): number {
    let units = 0;
    for (let at = fromMs; at < toMs; ) {
      const { rate, toMs: spanEnd } = rateSpan(this.tariff.tariff, at);
      const end = Math.min(spanEnd, toMs);
      if (rate === wanted) units += this.demand.amount(at, end);
      at = end;
    }
    return units;
  }
}

/** As many as a display follows: today, yesterday, this week, this month. */
const rememberedMax = 4;

interface Remembered {
  readonly fromMs: number;
  toMs: number;
  units: number;
  micropence: number;
}

/**
 * The same figures with a short memory: a sum that was asked for from the same time before is carried on instead of added
 * up anew, so that a display that asks for the month every few minutes costs no more than those minutes.
 */
export class RunningConsumption implements Consumption {
  /** Least recently used first. */
  private remembered: Remembered[] = [];

  constructor(private readonly consumption: Consumption) {}

  units(fromMs: number, toMs: number): number {
    return this.carryOn(fromMs, toMs).units;
  }

  micropence(fromMs: number, toMs: number): number {
    return this.carryOn(fromMs, toMs).micropence;
  }

  private carryOn(fromMs: number, toMs: number): Remembered {
    const { consumption } = this;
    const found = this.remembered.find((one) => one.fromMs === fromMs && one.toMs <= toMs);
    const sum = found ?? { fromMs, toMs: fromMs, units: 0, micropence: 0 };
    if (sum.toMs < toMs) {
      sum.units += consumption.units(sum.toMs, toMs);
      sum.micropence += consumption.micropence(sum.toMs, toMs);
      sum.toMs = toMs;
    }
    const others = this.remembered.filter((one) => one !== sum && one.fromMs !== fromMs);
    this.remembered = [...others.slice(1 - rememberedMax), sum];
    return sum;
  }
}

/** Share of a meter's past that each rate of a tariff with several had; the rest was at the first. */
const pastShare = 0.3;

/**
 * Registers by time of use. They add up to the meter's total: each rate but the first has a register of its own, the
 * first has what is left.
 */
export class TierRegisters {
  private readonly others: number[];
  private atMs: number;

  /** @param start total register when the meter began to count by this tariff */
  constructor(
    private readonly consumption: TariffedConsumption,
    private readonly tariff: MeteredTariff,
    start: { readonly value: number; readonly atMs: number },
  ) {
    const { rates } = tariff.tariff;
    this.others = rates.slice(1).map(() => Math.floor(start.value * pastShare));
    this.atMs = start.atMs;
  }

  /** Units at a rate (from 0), given the total up to now; undefined for a rate that the tariff has not. */
  at(rate: number, total: number, nowMs: number): number | undefined {
    if (rate >= this.tariff.tariff.rates.length) return undefined;
    this.advanceTo(nowMs);
    if (rate > 0) return this.others[rate - 1];
    return total - this.others.reduce((sum, units) => sum + units, 0);
  }

  private advanceTo(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    for (let index = 0; index < this.others.length; index++) {
      const units = this.consumption.unitsAtRate(index + 1, this.atMs, nowMs);
      this.others[index] = (this.others[index] as number) + units;
    }
    this.atMs = nowMs;
  }
}
