import { HalfHourlyDemand, halfHoursPerDay, minutesPerHalfHour } from './demand.js';
import { hash32 } from './hash32.js';
import {
  type Appliance,
  addUse,
  awayShare,
  isAway,
  isWeekend,
  meanUse,
  monthly,
  owns,
  purposes,
  quantile,
  spreadOverDay,
  sumOf,
} from './household-habits.js';

/**
 * A year's electricity in kWh, in eighths of all homes. The median is Ofgem's typical (medium)
 * consumption of a home on a single rate, 2,700 kWh; the spread around it is an estimate.
 */
const annualKwh = [1_100, 1_450, 1_800, 2_200, 2_700, 3_300, 4_100, 5_200, 8_000];

/** Lights and electronics by hour, weekdays and weekends. */
const liveWeekday = spreadOverDay(
  [5, 3, 2, 2, 2, 4, 9, 13, 11, 9, 8, 9, 10, 10, 9, 11, 15, 20, 24, 25, 24, 22, 16, 9],
  halfHoursPerDay,
);
const liveWeekend = spreadOverDay(
  [6, 4, 3, 2, 2, 3, 5, 9, 13, 14, 14, 14, 15, 15, 14, 14, 16, 19, 22, 23, 23, 22, 17, 11],
  halfHoursPerDay,
);

/** Lights and electronics of January to December against the year's mean. */
const season = [1.22, 1.16, 1.06, 0.97, 0.88, 0.82, 0.81, 0.83, 0.92, 1.03, 1.12, 1.18];

const appliances: readonly Appliance[] = [
  {
    name: 'kettle',
    number: 0,
    usesPerDay: 5,
    rate: 2_800,
    minutesMin: 2,
    minutesMax: 4,
    owners: 1,
    shares: spreadOverDay(
      [1, 0, 0, 0, 0, 3, 9, 12, 10, 7, 8, 7, 7, 6, 5, 6, 7, 8, 7, 7, 7, 6, 4, 2],
      1,
    ),
  },
  {
    name: 'cooking',
    number: 2,
    usesPerDay: 1.6,
    rate: 1_800,
    minutesMin: 10,
    minutesMax: 26,
    owners: 1,
    shares: spreadOverDay(
      [0, 0, 0, 0, 0, 1, 3, 5, 4, 2, 2, 6, 10, 7, 3, 4, 12, 24, 25, 14, 6, 3, 1, 0],
      1,
    ),
  },
  {
    name: 'washing',
    number: 4,
    usesPerDay: 0.8,
    rate: 2_000,
    minutesMin: 14,
    minutesMax: 22,
    owners: 1,
    shares: spreadOverDay(
      [1, 0, 0, 0, 0, 0, 2, 5, 9, 11, 11, 9, 7, 6, 6, 6, 6, 6, 7, 8, 8, 6, 3, 1],
      1,
    ),
  },
  {
    name: 'shower',
    number: 6,
    usesPerDay: 0.9,
    rate: 8_500,
    minutesMin: 4,
    minutesMax: 8,
    owners: 0.4,
    shares: spreadOverDay(
      [0, 0, 0, 0, 0, 4, 16, 22, 13, 6, 3, 2, 1, 1, 1, 2, 3, 5, 6, 6, 6, 5, 3, 1],
      1,
    ),
  },
];

/**
 * The electricity that a single-phase household imports: what is always on, a fridge that cycles,
 * lights and electronics with the hour and the season, appliances at their hours, and little of it
 * while the family is away. Rates are W, amounts Wh.
 * Not kept: solar panels, storage heaters, vehicles; uses that run over the half hour.
 */
export class HouseholdLoad extends HalfHourlyDemand {
  /** What a year is expected to bring; actual years differ by some percent. */
  readonly annualWh: number;
  readonly #home: number;
  readonly #baseW: number;
  readonly #liveW: number;
  /** How much more often than usual this home uses appliances, in thousandths. */
  readonly #usePermille: number;

  /**
   * `home` is any 32-bit seed; give the gas model the same one, and both know the same holidays.
   */
  constructor(home: number, annualWh: number = typicalAnnualWh(home)) {
    super();
    this.#home = home | 0;
    this.annualWh = Math.round(annualWh);
    const size = annualWh / ((annualKwh[4] as number) * 1_000);
    this.#usePermille = Math.round(Math.min(Math.max(size, 0.5), 2) * 1_000);
    const used = appliances.map((it) =>
      owns(home, it) ? (it.usesPerDay * this.#usePermille * meanUse(it)) / 1_000 : 0,
    );
    const fridge = fridgeOf(home);
    const fridgeW = (fridgeRunningW * fridge.onMinutes) / fridge.cycleMinutes;
    // The last 1 W is what rounding each half hour up to a whole Wh adds.
    const restW = (annualWh / 365 - sumOf(used) * (1 - awayShare)) / 24 - fridgeW - 1;
    this.#baseW = Math.max(Math.round(restW * 0.4), 12);
    this.#liveW = Math.max(Math.round((restW * 0.6) / (1 - awayShare)), 6);
  }

  /** W in the running minute. */
  powerW(atMs: number): number {
    return this.rate(atMs);
  }

  /** @see Demand.amount */
  energyWh(fromMs: number, toMs: number): number {
    return this.amount(fromMs, toMs);
  }

  protected fill(halfHour: number, rates: Int32Array): void {
    const day = Math.floor(halfHour / halfHoursPerDay);
    const away = isAway(this.#home, day);
    rates.fill(this.#baseW);
    addFridge(this.#home, halfHour, rates);
    if (away) return;
    const live = isWeekend(day) ? liveWeekend : liveWeekday;
    let draw = hash32(this.#home, halfHour, purposes.background);
    const level =
      this.#liveW *
      (live[halfHour - day * halfHoursPerDay] as number) *
      monthly(season, day) *
      (0.6 + 0.8 * (draw / 2 ** 32));
    for (let i = 0; i < minutesPerHalfHour; i++) {
      draw = (Math.imul(draw, 1_664_525) + 1_013_904_223) | 0;
      rates[i] = (rates[i] as number) + ((level * (0.9 + (draw >>> 16) / 327_675)) | 0);
    }
    for (const appliance of appliances) {
      const usesPerDay = (appliance.usesPerDay * this.#usePermille) / 1_000;
      addUse(this.#home, appliance, usesPerDay, halfHour, rates);
    }
  }
}

function typicalAnnualWh(home: number): number {
  return quantile(annualKwh, hash32(home, purposes.annualElectricity, 0) / 2 ** 32) * 1_000;
}

const fridgeRunningW = 85;

interface Fridge {
  readonly cycleMinutes: number;
  readonly onMinutes: number;
  readonly phaseMinutes: number;
}

function fridgeOf(home: number): Fridge {
  const draw = hash32(home, purposes.fridge, 0);
  const cycleMinutes = 45 + (draw % 31);
  const onMinutes = Math.round(cycleMinutes * (0.3 + ((draw >>> 8) & 0xff) / 1_500));
  return { cycleMinutes, onMinutes, phaseMinutes: (draw >>> 16) % cycleMinutes };
}

function addFridge(home: number, halfHour: number, rates: Int32Array): void {
  const { cycleMinutes, onMinutes, phaseMinutes } = fridgeOf(home);
  let minute = (halfHour * minutesPerHalfHour + phaseMinutes) % cycleMinutes;
  for (let i = 0; i < minutesPerHalfHour; i++) {
    if (minute < onMinutes) rates[i] = (rates[i] as number) + fridgeRunningW;
    if (++minute === cycleMinutes) minute = 0;
  }
}
