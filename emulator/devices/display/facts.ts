import type { SupplyState } from '../../functions/supply-state.js';
import type { AmbientThresholds } from './bands.js';

/** Energy is kWh, money is pence, times are milliseconds since 1970. */
export type Unit = 'kWh' | 'm³';

/** What one count of the meter's registers is: `multiplier / divisor` of `unit`. */
export interface Scale {
  readonly unit: Unit;
  readonly multiplier: number;
  readonly divisor: number;
}

export interface Price {
  readonly label: string;
  readonly pencePerKwh: number;
  /** Undefined for a price until further notice. */
  readonly untilMs: number | undefined;
}

export interface TariffFacts {
  readonly label: string;
  readonly standingPencePerDay: number;
  /** Prices by time of use; 1 for a single rate, 0 where prices go by blocks alone. */
  readonly rates: number;
  readonly blocks: number;
}

/** The prices of a tariff: by tier (from 1) or by block (from 1). */
export interface RatePrices {
  readonly by: 'tier' | 'block';
  readonly pencePerKwh: readonly number[];
}

/** When a rate of the day's programme begins. */
export interface RateSwitch {
  readonly minuteOfDay: number;
  readonly tier: number;
}

export interface Account {
  /** What is left; below zero what is owed. */
  readonly balancePence: number;
  readonly lowCredit: boolean;
  readonly exhausted: boolean;
  readonly emergencyCredit: 'none' | 'offered' | 'selected' | 'in-use';
  readonly emergencyCreditPence: number;
  /** Time and payment debts together. */
  readonly debtPence: number;
  /** What standing charges and debts ran up while nothing could pay them. */
  readonly accumulatedDebtPence: number;
}

export interface Message {
  readonly id: number;
  readonly text: string;
  readonly important: boolean;
  readonly wantsConfirmation: boolean;
  /** Undefined for a message that stays. */
  readonly untilMs: number | undefined;
}

/** What a display can know of one fuel; each question of the timetable fills in some. */
export interface Facts {
  /** Of the meter's total register. */
  readonly count: number;
  readonly scale: Scale;
  readonly supply: SupplyState;
  readonly powerW: number;
  /** As the meter has them. */
  readonly ambientThresholds: AmbientThresholds;
  readonly todayKwh: number;
  readonly yesterdayKwh: number;
  readonly weekKwh: number;
  readonly monthKwh: number;
  /** Energy alone; standing charges come on top. */
  readonly todayPence: number;
  readonly yesterdayPence: number;
  readonly weekPence: number;
  readonly monthPence: number;
  readonly price: Price;
  /** What comes after `price`. */
  readonly nextPrice: Price;
  readonly tariff: TariffFacts;
  readonly ratePrices: RatePrices;
  readonly rateLabels: readonly string[];
  /** Upper ends of the blocks but the last. */
  readonly blockThresholdsKwh: readonly number[];
  readonly rateSwitches: readonly RateSwitch[];
  readonly calendarId: number;
  readonly paymentMode: 'credit' | 'prepayment';
  /** Of a meter that is paid in advance. */
  readonly account: Account;
  /** What a credit customer owes for the billing period so far, standing charges included. */
  readonly billPence: number;
  readonly message: Message;
  readonly supplierName: string;
  readonly supplierContact: string;
  readonly meterModel: string;
  /** Event code of the newest entry of the meter's event log. */
  readonly lastEvent: number;
}
export type FactName = keyof Facts;

export interface Stamped<T> {
  readonly value: T;
  /** When it was so: the meter's own word where it gives one, else when the display got it. */
  readonly atMs: number;
}

/** The register as people read it. */
export interface MeterReading {
  readonly amount: number;
  readonly unit: Unit;
}

/** What a display knows of one fuel, each thing with its time. */
export class KnownFacts {
  /** Something that people see has changed since this was last set to false. */
  changed = false;
  private readonly held = new Map<FactName, { value: unknown; atMs: number }>();

  get<N extends FactName>(name: N): Stamped<Facts[N]> | undefined {
    return this.held.get(name) as Stamped<Facts[N]> | undefined;
  }

  value<N extends FactName>(name: N): Facts[N] | undefined {
    return this.get(name)?.value;
  }

  put<N extends FactName>(name: N, value: Facts[N], atMs: number): void {
    const known = this.held.get(name);
    if (known === undefined) {
      this.held.set(name, { value, atMs });
      this.changed = true;
      return;
    }
    known.atMs = atMs;
    if (alike(known.value, value)) return;
    known.value = value;
    this.changed = true;
  }

  forget(name: FactName): void {
    if (this.held.delete(name)) this.changed = true;
  }

  get reading(): Stamped<MeterReading> | undefined {
    const [count, scale] = [this.get('count'), this.value('scale')];
    if (count === undefined || scale === undefined) return undefined;
    const { unit, multiplier, divisor } = scale;
    return { value: { amount: (count.value * multiplier) / divisor, unit }, atMs: count.atMs };
  }
}

/** Facts are made of numbers, texts, lists and flat records. */
function alike(one: unknown, other: unknown): boolean {
  if (typeof other !== 'object' || other === null) return one === other;
  if (typeof one !== 'object' || one === null) return false;
  const [known, given] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = Object.keys(given);
  if (keys.length !== Object.keys(known).length) return false;
  return keys.every((key) => alike(known[key], given[key]));
}
