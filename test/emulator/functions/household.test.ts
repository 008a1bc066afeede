import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Demand, halfHourMs, halfHours } from '../../../emulator/functions/demand.js';
import { GasDemand, gasEnergyKwh } from '../../../emulator/functions/gas-demand.js';
import { isAway, isWeekend, temperature } from '../../../emulator/functions/household-habits.js';
import { HouseholdLoad } from '../../../emulator/functions/household-load.js';
import { SupplyVoltage } from '../../../emulator/functions/supply-voltage.js';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 0, 1);
const end = Date.UTC(2027, 0, 1);
const homes = Array.from({ length: 50 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));

const home = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const time = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2060, 0, 1) });
const span = fc.oneof(fc.nat(5_000), fc.nat(2 * hourMs), fc.nat(3 * dayMs));

const makings: [string, (home: number) => Demand][] = [
  ['electricity', (seed) => new HouseholdLoad(seed)],
  ['gas', (seed) => new GasDemand(seed)],
];

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

/** Units drawn over all homes in certain UTC hours of the days from `firstDay`. */
function drawn(demands: Demand[], firstDay: number, days: number, hours: number[]): number {
  let sum = 0;
  for (const demand of demands) {
    for (let day = 0; day < days; day++) {
      for (const hour of hours) {
        const at = firstDay + day * dayMs + hour * hourMs;
        sum += demand.amount(at, at + hourMs);
      }
    }
  }
  return sum;
}

describe.each(makings)('household %s', (_, make) => {
  it('is exactly additive in whole units over any cuts', () => {
    fc.assert(
      fc.property(home, time, span, span, (seed, from, first, second) => {
        const demand = make(seed);
        const [a, b] = [
          demand.amount(from, from + first),
          demand.amount(from + first, from + first + second),
        ];
        expect(Number.isInteger(a) && a >= 0 && b >= 0).toBe(true);
        expect(a + b).toBe(demand.amount(from, from + first + second));
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it('draws in a half hour exactly what its 30 rates say, and within a unit at any moment', () => {
    fc.assert(
      fc.property(home, time, fc.nat(halfHourMs - 1), (seed, at, intoMs) => {
        const demand = make(seed);
        const from = at - (at % halfHourMs);
        let whole = 0;
        let soFar = 0;
        for (let minute = 0; minute < 30; minute++) {
          const rate = demand.rate(from + minute * minuteMs);
          expect(Number.isInteger(rate) && rate >= 0).toBe(true);
          expect(demand.rate(from + minute * minuteMs + minuteMs - 1)).toBe(rate);
          whole += rate / 60;
          soFar += (rate * Math.min(Math.max(intoMs - minute * minuteMs, 0), minuteMs)) / hourMs;
        }
        expect(demand.amount(from, from + halfHourMs)).toBeCloseTo(whole, 6);
        expect(Math.abs(demand.amount(from, from + intoMs) - soFar)).toBeLessThan(1.000001);
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });

  it('depends on the home and the time only', () => {
    fc.assert(
      fc.property(home, time, time, (seed, at, elsewhere) => {
        const [one, other] = [make(seed), make(seed)];
        const expected = [one.rate(at), one.amount(at, at + hourMs)];
        other.rate(elsewhere);
        make(seed + 1).amount(elsewhere, elsewhere + 2 * hourMs);
        expect([other.rate(at), other.amount(at, at + hourMs)]).toEqual(expected);
      }),
      { seed: 20261122, numRuns: 100 },
    );
    const day = (seed: number) => make(seed).amount(start, start + 7 * dayMs);
    expect(new Set(homes.map(day)).size).toBeGreaterThan(45);
  });

  it('is nothing over no time, or backwards', () => {
    const demand = make(1);
    expect(demand.amount(start, start)).toBe(0);
    expect(demand.amount(start + dayMs, start)).toBe(0);
    expect(demand.amount(start, Number.NaN)).toBe(0);
  });

  it('half hours add up to the whole, and only whole ones are listed', () => {
    const demand = make(5);
    const from = start + 7 * minuteMs;
    const list = [...halfHours(demand, from, from + dayMs)];
    expect(list.length).toBe(47);
    expect(list[0]?.startMs).toBe(start + halfHourMs);
    const sum = list.reduce((total, entry) => total + entry.amount, 0);
    expect(sum).toBe(demand.amount(start + halfHourMs, start + 48 * halfHourMs));
    expect([...halfHours(demand, start, start + halfHourMs)].length).toBe(1);
    expect([...halfHours(demand, start + 1, start + halfHourMs)]).toEqual([]);
  });
});

describe('household electricity', () => {
  const loads = homes.map((seed) => new HouseholdLoad(seed));
  const years = loads.map((load) => load.energyWh(start, end));

  it('a year lies around 2,700 kWh, and where each home expects it', () => {
    expect(median(years) / 1_000).toBeGreaterThan(2_000);
    expect(median(years) / 1_000).toBeLessThan(3_500);
    for (const [i, year] of years.entries()) {
      expect(year / 1_000).toBeGreaterThan(950);
      expect(year / 1_000).toBeLessThan(9_000);
      expect(year / (loads[i] as HouseholdLoad).annualWh).toBeGreaterThan(0.88);
      expect(year / (loads[i] as HouseholdLoad).annualWh).toBeLessThan(1.12);
    }
    const typical = new HouseholdLoad(1, 2_700_000).energyWh(start, end);
    expect(Math.abs(typical / 2_700_000 - 1)).toBeLessThan(0.1);
  });

  it('evenings are above nights, and winter above summer', () => {
    const evening = drawn(loads, Date.UTC(2026, 2, 2), 14, [18, 19, 20]);
    const night = drawn(loads, Date.UTC(2026, 2, 2), 14, [2, 3, 4]);
    expect(evening / night).toBeGreaterThan(2);
    const allHours = Array.from({ length: 24 }, (_, hour) => hour);
    const january = drawn(loads, Date.UTC(2026, 0, 5), 14, allHours);
    const july = drawn(loads, Date.UTC(2026, 6, 6), 14, allHours);
    expect(january / july).toBeGreaterThan(1.1);
  });

  it('weekend middays are above weekday middays', () => {
    const midday = [9, 10, 11, 12, 13, 14];
    let [weekend, weekdays] = [0, 0];
    for (let week = 0; week < 8; week++) {
      const monday = Date.UTC(2026, 2, 2 + 7 * week);
      weekdays += drawn(loads, monday, 5, midday) / 5;
      weekend += drawn(loads, monday + 5 * dayMs, 2, midday) / 2;
    }
    expect(weekend / weekdays).toBeGreaterThan(1.04);
  });

  it('never sleeps wholly, never blows the main fuse, and spikes as a kettle does', () => {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const load of loads.slice(0, 20)) {
      for (let at = start; at < start + 3 * dayMs; at += minuteMs) {
        const power = load.powerW(at);
        least = Math.min(least, power);
        most = Math.max(most, power);
      }
    }
    expect(least).toBeGreaterThanOrEqual(12);
    expect(most).toBeGreaterThan(2_800);
    expect(most).toBeLessThan(23_000);
  });
});

describe('household gas', () => {
  const demands = homes.map((seed) => new GasDemand(seed));
  const years = demands.map((demand) => gasEnergyKwh(demand.volumeDm3(start, end)));
  const allHours = Array.from({ length: 24 }, (_, hour) => hour);

  it('a year lies around 11,500 kWh, and where each home expects it', () => {
    expect(median(years)).toBeGreaterThan(8_500);
    expect(median(years)).toBeLessThan(15_000);
    for (const [i, year] of years.entries()) {
      expect(year).toBeGreaterThan(3_000);
      expect(year).toBeLessThan(34_000);
      const expected = gasEnergyKwh((demands[i] as GasDemand).annualDm3);
      expect(year / expected).toBeGreaterThan(0.8);
      expect(year / expected).toBeLessThan(1.2);
    }
  });

  it('winter is far above summer, and summer still has hot water', () => {
    const january = drawn(demands, Date.UTC(2026, 0, 5), 14, allHours);
    const july = drawn(demands, Date.UTC(2026, 6, 6), 14, allHours);
    expect(january / july).toBeGreaterThan(4);
    for (const demand of demands)
      expect(demand.volumeDm3(Date.UTC(2026, 6, 1), Date.UTC(2026, 7, 1))).toBeGreaterThan(1_000);
  });

  it('the boiler works mornings and evenings', () => {
    const of = (hours: number[]) => drawn(demands, Date.UTC(2026, 0, 5), 5, hours) / hours.length;
    expect(of([6, 7]) / of([1, 2, 3])).toBeGreaterThan(5);
    expect(of([17, 18, 19]) / of([11, 12, 13])).toBeGreaterThan(2);
  });

  it('flows in m³/h within what a domestic meter passes, and stands still at times', () => {
    let [most, still] = [0, 0];
    for (const demand of demands.slice(0, 20)) {
      for (let at = start; at < start + 3 * dayMs; at += minuteMs) {
        const flow = demand.flowM3PerHour(at);
        most = Math.max(most, flow);
        if (flow === 0) still++;
      }
    }
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    expect(still).toBeGreaterThan(20_000);
  });

  it('1 m³ of typical gas is 11.22 kWh', () => {
    expect(gasEnergyKwh(1_000)).toBeCloseTo(11.2206, 3);
    expect(gasEnergyKwh(2_000, { conversionFactor: 1, calorificValueMjPerM3: 36 })).toBeCloseTo(
      20,
      9,
    );
  });
});

describe('household habits', () => {
  it('knows the weekend', () => {
    const days = [20, 21, 22, 23].map((date) => Date.UTC(2026, 10, date) / dayMs);
    expect(days.map(isWeekend)).toEqual([false, true, true, false]);
  });

  it('a home is away now and then, for days on end, and then uses little of both', () => {
    const first = start / dayMs;
    const some = homes.slice(0, 20);
    let [awayDays, trips] = [0, 0];
    let [here, away, gasHere, gasAway] = [0, 0, 0, 0];
    for (const seed of some) {
      const [load, gas] = [new HouseholdLoad(seed), new GasDemand(seed)];
      for (let day = first; day < first + 365; day++) {
        const [wh, dm3] = [
          load.energyWh(day * dayMs, (day + 1) * dayMs),
          gas.volumeDm3(day * dayMs, (day + 1) * dayMs),
        ];
        if (!isAway(seed, day)) {
          here += wh;
          gasHere += dm3;
          continue;
        }
        away += wh;
        gasAway += dm3;
        awayDays++;
        if (!isAway(seed, day - 1)) trips++;
      }
    }
    expect(awayDays / (365 * some.length)).toBeGreaterThan(0.03);
    expect(awayDays / (365 * some.length)).toBeLessThan(0.06);
    expect(awayDays / trips).toBeGreaterThan(5);
    const daysHere = 365 * some.length - awayDays;
    expect(away / awayDays).toBeLessThan((0.6 * here) / daysHere);
    expect(gasAway / awayDays).toBeLessThan((0.4 * gasHere) / daysHere);
  });

  it('the weather is of this country', () => {
    let [least, most, sum] = [99, -99, 0];
    const first = start / dayMs;
    for (let day = first; day < first + 3_653; day++) {
      const degrees = temperature(day);
      least = Math.min(least, degrees);
      most = Math.max(most, degrees);
      sum += degrees;
      expect(Math.abs(temperature(day + 1) - degrees)).toBeLessThan(3);
    }
    expect(least).toBeGreaterThan(-5);
    expect(most).toBeLessThan(26);
    expect(sum / 3_653).toBeGreaterThan(9);
    expect(sum / 3_653).toBeLessThan(11.5);
  });
});

describe('SupplyVoltage', () => {
  it('stays between 230 and 245 V in whole tenths, one value a half hour', () => {
    fc.assert(
      fc.property(home, time, (seed, at) => {
        const voltage = new SupplyVoltage(seed);
        const value = voltage.averageRmsVoltage(at);
        expect(Number.isInteger(value) && value >= 2_300 && value <= 2_450).toBe(true);
        expect(voltage.averageRmsVoltage(at - (at % halfHourMs))).toBe(value);
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  it('is lower in the evening', () => {
    let [evening, night] = [0, 0];
    for (const seed of homes) {
      const voltage = new SupplyVoltage(seed);
      evening += voltage.averageRmsVoltage(start + 18 * hourMs);
      night += voltage.averageRmsVoltage(start + 3 * hourMs);
    }
    expect((night - evening) / homes.length).toBeGreaterThan(15);
  });
});
