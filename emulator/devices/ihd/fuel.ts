import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields, GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { gasEnergyKwh } from '../../functions/gas-demand.js';
import { gasMetering, unitsOfMeasure, utcNotKnown } from '../../functions/gas-metering.js';
import { type SupplyState, supplyStateOfStatus } from '../../functions/supply-state.js';

/** What displays read of a meter: the same attributes of either fuel's, and the power of electricity. */
export const attributeIds = {
  summation: gasMetering.currentSummationDelivered.attributeId,
  snapShotTime: gasMetering.readingSnapShotTime.attributeId,
  supplyStatus: gasMetering.supplyStatus.attributeId,
  unitOfMeasure: gasMetering.unitOfMeasure.attributeId,
  multiplier: gasMetering.multiplier.attributeId,
  divisor: gasMetering.divisor.attributeId,
  instantaneousDemand: 0x0400,
} as const;

export interface Stamped<T> {
  readonly value: T;
  /** When it was so: the meter's own word where it gives one, else when the display got it. */
  readonly atMs: number;
}

export interface MeterReading {
  /** As on the meter, in kWh or m³. */
  readonly amount: number;
  readonly unit: 'kWh' | 'm³';
  readonly kwh: number;
}

/** Consumption of the current day. */
export interface Today {
  readonly kwh: number;
  /** Time of the day's first reading, from which it counts. */
  readonly sinceMs: number;
}

const dayMs = 86_400_000;

/** A day is a UTC day: in summer time it begins at one o'clock on the kitchen wall. */
function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs);
}

type Values = ReadonlyMap<number, GbzValue>;

/** What a display knows of one fuel. */
export class Fuel {
  reading: Stamped<MeterReading> | undefined;
  supply: Stamped<SupplyState> | undefined;
  powerW: Stamped<number> | undefined;
  pencePerKwh: Stamped<number> | undefined;
  private firstOfDay: Stamped<number> | undefined;

  /** Takes the attributes of a meter; returns whether anything that people see has changed. */
  takeAttributes(values: Values, nowMs: number): boolean {
    const stamp = integerAt(values, attributeIds.snapShotTime) ?? utcNotKnown;
    const atMs = stamp < utcNotKnown ? msOfSecondsSince2000(stamp) : nowMs;
    const before = [this.reading?.value.amount, this.supply?.value, this.powerW?.value];
    const reading = readingOf(values);
    if (reading !== undefined) this.takeReading({ value: reading, atMs });
    const supply = supplyStateOfStatus(integerAt(values, attributeIds.supplyStatus));
    if (supply !== undefined) this.supply = { value: supply, atMs };
    const power = integerAt(values, attributeIds.instantaneousDemand);
    if (power !== undefined) this.powerW = { value: power, atMs };
    const after = [this.reading?.value.amount, this.supply?.value, this.powerW?.value];
    return after.some((value, index) => value !== before[index]);
  }

  private takeReading(reading: Stamped<MeterReading>): void {
    this.reading = reading;
    const { value, atMs } = reading;
    const first = this.firstOfDay;
    // A register that went back is another meter, or one that was set: the day starts anew.
    if (first === undefined || dayOf(first.atMs) !== dayOf(atMs) || value.kwh < first.value) {
      this.firstOfDay = { value: value.kwh, atMs };
    }
  }

  /** Takes a PublishPrice; returns whether the price has changed. Prices other than by the kWh are not taken. */
  takePrice(fields: GbzFields | undefined, nowMs: number): boolean {
    if (fields?.unitOfMeasure !== unitsOfMeasure.kilowattHour) return false;
    const trailingDigits = (fields.priceTrailingDigitAndPriceTier as number) >> 4;
    const value = ((fields.price as number) / 10 ** trailingDigits) * 100;
    const changed = value !== this.pencePerKwh?.value;
    this.pencePerKwh = { value, atMs: nowMs };
    return changed;
  }

  /** Undefined until there is a reading of the day that `nowMs` lies in. */
  today(nowMs: number): Today | undefined {
    const { reading, firstOfDay } = this;
    if (reading === undefined || firstOfDay === undefined) return undefined;
    if (dayOf(reading.atMs) !== dayOf(nowMs)) return undefined;
    return { kwh: reading.value.kwh - firstOfDay.value, sinceMs: firstOfDay.atMs };
  }

  /** At today's price. */
  todayPence(nowMs: number): number | undefined {
    const today = this.today(nowMs);
    if (today === undefined || this.pencePerKwh === undefined) return undefined;
    return today.kwh * this.pencePerKwh.value;
  }
}

/** What another device sends may be of any type. */
function integerAt(values: Values, attributeId: number): number | undefined {
  const value = values.get(attributeId);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The register in its unit; undefined where a part of it is missing, or the unit is none of these. */
function readingOf(values: Values): MeterReading | undefined {
  const count = integerAt(values, attributeIds.summation);
  const multiplier = integerAt(values, attributeIds.multiplier);
  const divisor = integerAt(values, attributeIds.divisor) ?? 0;
  if (count === undefined || multiplier === undefined || divisor === 0) return undefined;
  const amount = (count * multiplier) / divisor;
  switch (integerAt(values, attributeIds.unitOfMeasure)) {
    case unitsOfMeasure.kilowattHour:
      return { amount, unit: 'kWh', kwh: amount };
    case unitsOfMeasure.cubicMetre:
      return { amount, unit: 'm³', kwh: gasEnergyKwh(amount * dm3PerCubicMetre) };
    default:
      return undefined;
  }
}

const dm3PerCubicMetre = 1000;
