import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodStart } from '../../../emulator/functions/calendar-periods.js';
import {
  SuppliedDemand,
  TariffedConsumption,
  TierRegisters,
} from '../../../emulator/functions/consumption.js';
import type { Demand } from '../../../emulator/functions/demand.js';
import { gasEnergyKwh } from '../../../emulator/functions/gas-demand.js';
import { HouseholdLoad } from '../../../emulator/functions/household-load.js';
import { paymentModeOf } from '../../../emulator/functions/payment.js';
import {
  electricityTariffOf,
  electricityTariffs,
  gasTariffs,
  meteredInDm3,
  meteredInWattHours,
  priced,
  rateRun,
  rateSpan,
  type Tariff,
} from '../../../emulator/functions/tariff.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const monday = Date.UTC(2026, 0, 12);
const homes = Array.from({ length: 2000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));

function tariffNamed(label: string): Tariff {
  const offer = [...electricityTariffs, ...gasTariffs].find(([, tariff]) => tariff.label === label);
  if (offer === undefined) throw new Error(`no tariff ${label}`);
  return offer[1];
}

/** One Wh a second, so that an hour is 3,600 Wh. */
const steady: Demand = {
  rate: () => 3600,
  amount: (fromMs, toMs) => Math.floor(toMs / 1000) - Math.floor(fromMs / 1000),
};

describe('tariffs', () => {
  it('are well formed: switches in order from midnight, a price a block, thresholds rising', () => {
    for (const [share, tariff] of [...electricityTariffs, ...gasTariffs]) {
      const { switches, rates, blockThresholdsWh } = tariff;
      expect(share).toBeGreaterThan(0);
      expect(switches[0]?.minuteOfDay).toBe(0);
      const minutes = switches.map(({ minuteOfDay }) => minuteOfDay);
      expect([...new Set(minutes)].sort((a, b) => a - b)).toEqual(minutes);
      expect(minutes.at(-1)).toBeLessThan(1440);
      for (const { rate } of switches) expect(rates[rate]).toBeDefined();
      for (const { prices } of rates) expect(prices).toHaveLength(blockThresholdsWh.length + 1);
    }
    const sum = (offers: readonly (readonly [number, Tariff])[]) =>
      offers.reduce((total, [share]) => total + share, 0);
    expect(sum(electricityTariffs)).toBeCloseTo(1, 9);
    expect(sum(gasTariffs)).toBeCloseTo(1, 9);
  });

  it('are drawn by the home: every one occurs about as often as its share', () => {
    const counts = new Map<Tariff, number>();
    for (const home of homes) {
      const tariff = electricityTariffOf(home);
      counts.set(tariff, (counts.get(tariff) ?? 0) + 1);
    }
    for (const [share, tariff] of electricityTariffs) {
      expect((counts.get(tariff) ?? 0) / homes.length).toBeCloseTo(share, 1);
    }
    const prepaid = homes.filter((home) => paymentModeOf(home) === 'prepayment').length;
    expect(prepaid / homes.length).toBeGreaterThan(1 / 7.5);
    expect(prepaid / homes.length).toBeLessThan(1 / 4.8);
  });

  it('Economy 7: night from 00:30 to 07:30, day over midnight', () => {
    const tariff = tariffNamed('Economy 7');
    const at = (hours: number) => monday + hours * hourMs;
    const label = (atMs: number) => tariff.rates[rateSpan(tariff, atMs).rate]?.label;
    expect([0, 0.49, 0.5, 7.49, 7.5, 23.99].map((hours) => label(at(hours)))).toEqual([
      'DAY',
      'DAY',
      'NIGHT',
      'NIGHT',
      'DAY',
      'DAY',
    ]);
    const day = { rate: 1, fromMs: at(7.5), toMs: at(24.5) };
    expect(rateRun(tariff, at(20))).toEqual(day);
    expect(rateRun(tariff, at(24.1))).toEqual(day);
    expect(rateRun(tariff, at(3))).toEqual({ rate: 0, fromMs: at(0.5), toMs: at(7.5) });
    const flat = tariffNamed('Standard Variable');
    expect(rateRun(flat, at(20))).toEqual({ rate: 0, fromMs: at(0), toMs: undefined });
  });
});

describe('cost of consumption', () => {
  const consumption = (label: string, demand: Demand = steady) =>
    new TariffedConsumption(demand, meteredInWattHours(tariffNamed(label)));

  it('flat: 3.6 kWh at 27.35p is 98.46p', () => {
    const micropence = consumption('Standard Variable').micropence(monday, monday + hourMs);
    expect(micropence).toBe(98_460_000);
  });

  it('Economy 7 over a switch: half an hour of each, 1.8 x 33.41p + 1.8 x 14.26p = 85.806p', () => {
    const fromMs = monday;
    expect(consumption('Economy 7').micropence(fromMs, fromMs + hourMs)).toBe(85_806_000);
  });

  it('blocks: the first 2 kWh of a day at 52.9p, what follows at 26.45p, anew after midnight', () => {
    const blocks = consumption('No Standing Charge');
    // 3.6 kWh: 2 x 52.9 + 1.6 x 26.45 = 148.12p
    expect(blocks.micropence(monday, monday + hourMs)).toBe(148_120_000);
    // The second hour is in the second block altogether: 3.6 x 26.45 = 95.22p
    expect(blocks.micropence(monday + hourMs, monday + 2 * hourMs)).toBe(95_220_000);
    // 23:30 to 00:30: 1.8 x 26.45 + 1.8 x 52.9 = 142.83p
    const late = monday + 23.5 * hourMs;
    expect(blocks.micropence(late, late + hourMs)).toBe(142_830_000);
    expect(blocks.block(monday + hourMs / 2)).toBe(0);
    expect(blocks.block(monday + 2000 * 1000)).toBe(1);
  });

  it('prices gas by the dm³: 100 m³ at 6.3p a kWh within a tenth of a penny', () => {
    const tariff = meteredInDm3(tariffNamed('Standard Variable'));
    const gas = meteredInDm3(gasTariffs[0]?.[1] as Tariff);
    expect(tariff.kwhPerUnit === gas.kwhPerUnit || tariff.kwhPerUnit === 1 / 1000).toBe(true);
    const pence = priced(gas, 0, 0, 100_000) / 1e6;
    expect(pence).toBeCloseTo(gasEnergyKwh(100_000) * 6.3, 1);
  });

  it('is exactly additive, for every tariff and any cuts', () => {
    const time = fc.integer({ min: monday, max: monday + 40 * dayMs });
    const span = fc.integer({ min: 0, max: 2 * dayMs });
    const offer = fc.constantFrom(...electricityTariffs.map(([, tariff]) => tariff));
    fc.assert(
      fc.property(offer, fc.nat(), time, span, span, (tariff, home, from, first, second) => {
        const costs = new TariffedConsumption(new HouseholdLoad(home), meteredInWattHours(tariff));
        const [middle, end] = [from + first, from + first + second];
        const parts = costs.micropence(from, middle) + costs.micropence(middle, end);
        expect(parts).toBe(costs.micropence(from, end));
        expect(Number.isSafeInteger(parts)).toBe(true);
      }),
      { seed: 20261122, numRuns: 150 },
    );
  });
});

describe('a switched supply', () => {
  it('draws nothing while it is off', () => {
    const supply = new SuppliedDemand(steady);
    supply.switchOff(monday + 10_000);
    expect([supply.isOn, supply.rate(monday + 9_000), supply.rate(monday + 11_000)]).toEqual([
      false,
      3600,
      0,
    ]);
    expect(supply.amount(monday, monday + 60_000)).toBe(10);
    supply.switchOn(monday + 30_000);
    expect(supply.amount(monday, monday + 60_000)).toBe(40);
    expect(supply.amount(monday + 20_000, monday + 40_000)).toBe(10);
  });

  it('remembers so many interruptions and no more', () => {
    const supply = new SuppliedDemand(steady);
    for (let i = 0; i < 100; i++) {
      supply.switchOff(monday + i * 2000);
      supply.switchOn(monday + i * 2000 + 1000);
    }
    expect(supply.amount(monday, monday + 200_000)).toBe(200 - 32);
  });

  it('counts its rates in registers that add up to the total', () => {
    const tariff = meteredInWattHours(tariffNamed('Peak Saver'));
    const costs = new TariffedConsumption(steady, tariff);
    const tiers = new TierRegisters(costs, tariff, { value: 1000, atMs: monday });
    const now = monday + 17 * hourMs;
    const total = 1000 + 17 * 3600;
    // Night 00:00 to 06:00, day to 16:00, peak since; 300 each for day and peak of the past.
    expect([0, 1, 2, 3].map((rate) => tiers.at(rate, total, now))).toEqual([
      400 + 6 * 3600,
      300 + 10 * 3600,
      300 + 3600,
      undefined,
    ]);
  });
});

describe('periods of the calendar', () => {
  it('days, weeks from Monday, months', () => {
    const at = Date.UTC(2026, 2, 1, 15, 30);
    expect(new Date(periodStart('day', at)).toISOString()).toBe('2026-03-01T00:00:00.000Z');
    expect(new Date(periodStart('day', at, 1)).toISOString()).toBe('2026-02-28T00:00:00.000Z');
    // 1 March 2026 is a Sunday.
    expect(new Date(periodStart('week', at)).toISOString()).toBe('2026-02-23T00:00:00.000Z');
    expect(new Date(periodStart('week', at, 5)).toISOString()).toBe('2026-01-19T00:00:00.000Z');
    expect(new Date(periodStart('month', at)).toISOString()).toBe('2026-03-01T00:00:00.000Z');
    expect(new Date(periodStart('month', at, 13)).toISOString()).toBe('2025-02-01T00:00:00.000Z');
  });
});
