import { describe, expect, it } from 'vitest';
import type { Demand } from '../../../emulator/functions/demand.js';
import { GasDayLog } from '../../../emulator/functions/gas-day-log.js';
import { gasTariffs, meteredInDm3, type Tariff } from '../../../emulator/functions/tariff.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const monday = Date.UTC(2026, 0, 12);
const tariffNamed = (label: string) =>
  meteredInDm3(gasTariffs.find(([, tariff]) => tariff.label === label)?.[1] as Tariff);

/** 100 dm³ an hour before the proxy heard anything. */
const past: Demand = {
  rate: () => 100,
  amount: (fromMs, toMs) => Math.floor(toMs / 36_000) - Math.floor(fromMs / 36_000),
};

describe('what a gas proxy keeps of reports', () => {
  it('knows nothing before the first report, then the past as the household had it', () => {
    const log = new GasDayLog(past, tariffNamed('Standard Variable'));
    expect(log.units(monday, monday + hourMs)).toBeUndefined();
    expect(log.micropence(monday, monday + hourMs)).toBeUndefined();
    log.take(10_000, monday + 6 * hourMs);
    expect(log.units(monday, monday + 6 * hourMs)).toBe(600);
    expect(log.units(monday - dayMs, monday)).toBe(2400);
  });

  it('counts by reports from then on: what came after the last one is not known yet', () => {
    const log = new GasDayLog(past, tariffNamed('Standard Variable'));
    log.take(10_000, monday + 6 * hourMs);
    log.take(10_700, monday + 7 * hourMs);
    log.take(10_750, monday + 8 * hourMs);
    expect(log.units(monday, monday + 7.5 * hourMs)).toBe(1300);
    expect(log.units(monday, monday + 23 * hourMs)).toBe(1350);
    // A report that is no later is none; the day after begins with the last of the day before.
    log.take(10_800, monday + 8 * hourMs);
    log.take(11_000, monday + 25 * hourMs);
    expect(log.units(monday + dayMs, monday + 26 * hourMs)).toBe(250);
    expect(log.units(monday, monday + dayMs)).toBe(1350);
  });

  it('keeps the days of more than a year, and starts anew with a register that went back', () => {
    const log = new GasDayLog(past, tariffNamed('Standard Variable'));
    for (let hour = 0; hour <= 390 * 24; hour += 6) log.take(hour * 10, monday + hour * hourMs);
    expect(log.units(monday + 10 * dayMs, monday + 11 * dayMs)).toBe(240);
    expect(log.units(monday + 380 * dayMs, monday + 390 * dayMs)).toBe(2400);
    log.take(5, monday + 391 * dayMs);
    expect(log.units(monday + 390 * dayMs, monday + 391 * dayMs)).toBe(2400);
    expect(log.units(monday + 391 * dayMs, monday + 392 * dayMs)).toBe(0);
  });

  it('prices blocks by the day', () => {
    const tariff = tariffNamed('No Standing Charge');
    const log = new GasDayLog(past, tariff);
    // 5 kWh are 446 dm³ of gas at 11.2206 Wh each.
    expect(tariff.blockThresholds).toEqual([446]);
    const [dear, cheap] = tariff.unitPrices[0] as readonly [number, number];
    log.take(0, monday);
    log.take(1000, monday + 10 * hourMs);
    log.take(1300, monday + 30 * hourMs);
    const expected = 446 * dear + 554 * cheap + 300 * dear;
    expect(log.micropence(monday, monday + 30 * hourMs)).toBe(expected);
    expect([log.block(monday + 10 * hourMs), log.block(monday + 30 * hourMs)]).toEqual([1, 0]);
  });
});
