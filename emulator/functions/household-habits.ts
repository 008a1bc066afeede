import { halfHoursPerDay, minutesPerHalfHour } from './demand.js';
import { hash32 } from './hash32.js';

/**
 * What electricity and gas models share: the days of a household and of the year. Only additions,
 * multiplications and divisions are used, whose results every engine must agree on; sine and
 * exponential may differ in the last bit. Hours are UTC all year round: not kept: that habits move
 * with British Summer Time.
 */

/** Purposes of `hash32`, so that no two questions share an answer. */
export const purposes = {
  away: 1,
  weather: 2,
  annualElectricity: 3,
  annualGas: 4,
  fridge: 5,
  background: 6,
  voltage: 7,
  heating: 8,
  installed: 9,
  electricityTariff: 10,
  gasTariff: 11,
  paymentMode: 12,
  account: 13,
  message: 14,
  /** Appliances take this and the numbers after it: one for each use, one more for ownership. */
  appliances: 100,
} as const;

/** An appliance that is used now and then, each time within one half hour. */
export interface Appliance {
  readonly name: string;
  /** Added to `purposes.appliances`; even, and no other appliance's. */
  readonly number: number;
  readonly usesPerDay: number;
  /** W, or dm³/h of gas. */
  readonly rate: number;
  readonly minutesMin: number;
  readonly minutesMax: number;
  /** Share of homes that have one. */
  readonly owners: number;
  /** When it is used: 48 shares that sum to 1. */
  readonly shares: readonly number[];
}

/** Units one use takes on average. */
export function meanUse(appliance: Appliance): number {
  return (appliance.rate * (appliance.minutesMin + appliance.minutesMax)) / 120;
}

export function owns(home: number, appliance: Appliance): boolean {
  return hash32(home, purposes.appliances + appliance.number + 1, 0) < appliance.owners * 2 ** 32;
}

/** Adds the use that falls into this half hour, if any, to `rates`. */
export function addUse(
  home: number,
  appliance: Appliance,
  usesPerDay: number,
  halfHour: number,
  rates: Int32Array,
): void {
  const chance = usesPerDay * (appliance.shares[halfHour % halfHoursPerDay] as number);
  const draw = hash32(home, halfHour, purposes.appliances + appliance.number);
  if (draw >= chance * 2 ** 32 || !owns(home, appliance)) return;
  // The draw is small when this is reached; a second one is free of that.
  const shape = hash32(draw, halfHour, home);
  const minutes =
    appliance.minutesMin + (shape % (appliance.minutesMax - appliance.minutesMin + 1));
  const start = (shape >>> 16) % (minutesPerHalfHour - minutes + 1);
  for (let i = start; i < start + minutes; i++) rates[i] = (rates[i] as number) + appliance.rate;
}

/** 48 half-hourly values from 24 hourly weights, scaled to sum to `total`. */
export function spreadOverDay(weights: readonly number[], total: number): readonly number[] {
  const scale = total / (2 * sumOf(weights));
  return Array.from({ length: halfHoursPerDay }, (_, i) => (weights[i >> 1] as number) * scale);
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The value at `share` (0 to 1) of a distribution given by evenly spaced quantiles. */
export function quantile(quantiles: readonly number[], share: number): number {
  const place = share * (quantiles.length - 1);
  const below = Math.min(Math.floor(place), quantiles.length - 2);
  const [low, high] = [quantiles[below] as number, quantiles[below + 1] as number];
  return low + (high - low) * (place - below);
}

export function isWeekend(day: number): boolean {
  // 1 January 1970 was a Thursday.
  return (day + 3) % 7 >= 5;
}

/** Homes stand empty in one fortnight of eleven, for 5 to 9 days of it. */
const awayChance = 1 / 11;
export const awayShare = (awayChance * 7) / 14;

export function isAway(home: number, day: number): boolean {
  const fortnight = Math.floor(day / 14);
  const draw = hash32(home, fortnight, purposes.away);
  if (draw >= awayChance * 2 ** 32) return false;
  const shape = hash32(draw, fortnight, home);
  const first = fortnight * 14 + (shape % 6);
  return day >= first && day < first + 5 + ((shape >>> 8) % 5);
}

/** Between the middles of its two nearest months, in a straight line. */
export function monthly(values: readonly number[], day: number): number {
  const place = ((day % daysPerYear) / daysPerYear) * 12 + 11.5;
  const month = Math.floor(place);
  const [here, next] = [values[month % 12] as number, values[(month + 1) % 12] as number];
  return here + (next - here) * (place - month);
}

export const daysPerYear = 365.2425;

/** Mean outdoor temperature in °C of January to December, about as in the English Midlands. */
const monthlyTemperature = [4.5, 4.8, 6.6, 8.9, 11.9, 14.8, 16.9, 16.6, 14.2, 10.8, 7.3, 4.9];
const spellDays = 5;
const spellSwing = 5;

/**
 * Mean outdoor temperature of a day in °C. One weather for all homes: it comes in spells of some
 * days.
 */
export function temperature(day: number): number {
  const spell = Math.floor(day / spellDays);
  const [here, next] = [spellDeviation(spell), spellDeviation(spell + 1)];
  const share = day / spellDays - spell;
  return monthly(monthlyTemperature, day) + here + (next - here) * share;
}

function spellDeviation(spell: number): number {
  const draw = hash32(0, spell, purposes.weather);
  return (((draw & 0xffff) + (draw >>> 16)) / 0xffff - 1) * spellSwing;
}
