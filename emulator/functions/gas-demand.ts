import { HalfHourlyDemand, halfHoursPerDay, minutesPerHalfHour } from './demand.js';
import { hash32 } from './hash32.js';
import {
  type Appliance,
  addUse,
  awayShare,
  daysPerYear,
  isAway,
  isWeekend,
  meanUse,
  owns,
  purposes,
  quantile,
  spreadOverDay,
  temperature,
} from './household-habits.js';

/**
 * A year's gas in kWh, in eighths of all homes. The median is Ofgem's typical (medium) consumption,
 * 11,500 kWh; the spread around it is an estimate.
 */
const annualKwh = [4_000, 5_800, 7_500, 9_400, 11_500, 13_900, 17_000, 21_500, 30_000];

export interface GasQuality {
  /** Volume correction for temperature and pressure; not confirmed against a published text. */
  readonly conversionFactor: number;
  readonly calorificValueMjPerM3: number;
}

export const typicalGasQuality: GasQuality = {
  conversionFactor: 1.02264,
  calorificValueMjPerM3: 39.5,
};

/** kWh in a metered volume: m³ x conversion factor x calorific value / 3.6. */
export function gasEnergyKwh(volumeDm3: number, quality: GasQuality = typicalGasQuality): number {
  return (volumeDm3 / 1_000) * quality.conversionFactor * (quality.calorificValueMjPerM3 / 3.6);
}

/** Heating by hour, as shares of the day's. */
const heatingWeekday = spreadOverDay(
  [1, 1, 1, 1, 2, 8, 22, 22, 12, 5, 4, 4, 4, 4, 4, 7, 14, 20, 20, 19, 17, 13, 5, 1],
  1,
);
const heatingWeekend = spreadOverDay(
  [1, 1, 1, 1, 1, 3, 9, 17, 18, 15, 11, 9, 9, 9, 9, 10, 13, 16, 17, 17, 16, 13, 6, 2],
  1,
);

const hotWater: Appliance = {
  name: 'hot water',
  number: 20,
  usesPerDay: 3,
  rate: 2_000,
  minutesMin: 2,
  minutesMax: 8,
  owners: 1,
  shares: spreadOverDay(
    [1, 0, 0, 0, 0, 4, 14, 16, 10, 6, 5, 4, 5, 4, 3, 3, 4, 6, 8, 8, 8, 7, 5, 2],
    1,
  ),
};
const hob: Appliance = {
  name: 'hob',
  number: 22,
  usesPerDay: 1.3,
  rate: 260,
  minutesMin: 10,
  minutesMax: 26,
  owners: 0.6,
  shares: spreadOverDay(
    [0, 0, 0, 0, 0, 0, 2, 4, 4, 2, 2, 6, 10, 7, 3, 4, 12, 24, 25, 14, 6, 3, 1, 0],
    1,
  ),
};

/** Share of what the boiler burns in a year that heats rooms, the rest being hot water. */
const heatingShare = 0.8;
/** What the frost stat keeps up while the family is away. */
const awayHeating = 0.2;
/**
 * A boiler fires at about this rate and for no less than three minutes; a longer need is met at a
 * higher rate.
 */
const boilerDm3PerHour = 1_400;
const leastFiringDm3 = 70;
const leastFiringMinutes = 3;
/** A domestic (G4) meter passes no more than 6 m³/h. */
const rateMax = 6_000;
/** Rooms need no heating at or above this outdoor temperature in °C. */
const heatingBase = 15.5;

function degreeDays(day: number): number {
  return Math.max(heatingBase - temperature(day), 0);
}

/** Mean of the sixteen years from 2020 of the weather here. */
const annualDegreeDays = (() => {
  const [first, count] = [18_262, 5_844];
  let sum = 0;
  for (let day = first; day < first + count; day++) sum += degreeDays(day);
  return (sum / count) * daysPerYear;
})();

/**
 * The gas that a household draws: a boiler that heats with the weather, mostly mornings and
 * evenings, and makes hot water all year; a hob in most homes. Rates are dm³/h, amounts dm³
 * (litres).
 */
export class GasDemand extends HalfHourlyDemand {
  /** What a year is expected to bring; actual years differ by some percent. */
  readonly annualDm3: number;
  readonly #home: number;
  readonly #dm3PerDegreeDay: number;
  readonly #hotWaterPermille: number;

  /** `home` is any 32-bit seed, best that of the home's `HouseholdLoad`. */
  constructor(home: number, annualDm3: number = typicalAnnualDm3(home)) {
    super();
    this.#home = home | 0;
    this.annualDm3 = Math.round(annualDm3);
    const present = 1 - awayShare;
    const hobDm3 = owns(home, hob) ? hob.usesPerDay * meanUse(hob) * present * 365 : 0;
    const boilerDm3 = Math.max(annualDm3 - hobDm3, 0);
    const heatedDays = (present + awayShare * awayHeating) * annualDegreeDays;
    this.#dm3PerDegreeDay = Math.round((boilerDm3 * heatingShare) / heatedDays);
    const usesPerDay = (boilerDm3 * (1 - heatingShare)) / (meanUse(hotWater) * present * 365);
    this.#hotWaterPermille = Math.round((usesPerDay / hotWater.usesPerDay) * 1_000);
  }

  /** m³/h in the running minute. */
  flowM3PerHour(atMs: number): number {
    return this.rate(atMs) / 1_000;
  }

  /** @see Demand.amount */
  volumeDm3(fromMs: number, toMs: number): number {
    return this.amount(fromMs, toMs);
  }

  protected fill(halfHour: number, rates: Int32Array): void {
    const day = Math.floor(halfHour / halfHoursPerDay);
    const away = isAway(this.#home, day);
    rates.fill(0);
    const shares = isWeekend(day) ? heatingWeekend : heatingWeekday;
    const share = shares[halfHour - day * halfHoursPerDay] as number;
    const wanted = degreeDays(day) * this.#dm3PerDegreeDay * share * (away ? awayHeating : 1);
    if (wanted > 0) addFiring(wanted, hash32(this.#home, halfHour, purposes.heating), rates);
    if (away) return;
    const hotWaterUses = (hotWater.usesPerDay * this.#hotWaterPermille) / 1_000;
    addUse(this.#home, hotWater, hotWaterUses, halfHour, rates);
    addUse(this.#home, hob, hob.usesPerDay, halfHour, rates);
    for (let i = 0; i < minutesPerHalfHour; i++) rates[i] = Math.min(rates[i] as number, rateMax);
  }
}

/**
 * Less than the least firing is fired whole now and then, and not at all else: right on average.
 */
function addFiring(wantedDm3: number, draw: number, rates: Int32Array): void {
  if (wantedDm3 < leastFiringDm3 && draw >= (wantedDm3 / leastFiringDm3) * 2 ** 32) return;
  const dm3 = Math.max(wantedDm3, leastFiringDm3);
  const needed = Math.ceil((dm3 * 60) / boilerDm3PerHour);
  const minutes = Math.min(Math.max(needed, leastFiringMinutes), minutesPerHalfHour);
  const rate = Math.round((dm3 * 60) / minutes);
  const start = (draw >>> 3) % (minutesPerHalfHour - minutes + 1);
  for (let i = start; i < start + minutes; i++) rates[i] = (rates[i] as number) + rate;
}

function typicalAnnualDm3(home: number): number {
  const kwh = quantile(annualKwh, hash32(home, purposes.annualGas, 0) / 2 ** 32);
  return Math.round(kwh / gasEnergyKwh(1));
}
