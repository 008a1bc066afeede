import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfHourMs } from '../../../emulator/functions/demand.js';
import { GasDemand } from '../../../emulator/functions/gas-demand.js';
import { HouseholdLoad } from '../../../emulator/functions/household-load.js';
import { CumulativeRegister, startingValue } from '../../../emulator/functions/meter-registers.js';

const start = Date.UTC(2026, 10, 22);
const dayMs = 86_400_000;
const load = new HouseholdLoad(42);

describe('CumulativeRegister', () => {
  it('shows the same however often it was looked at, and never less than before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 * dayMs), { maxLength: 20 }), (looks) => {
        const often = new CumulativeRegister(load, { value: 1_000, atMs: start });
        let last = 1_000;
        for (const look of looks.sort((a, b) => a - b)) {
          const value = often.advanceTo(start + look);
          expect(value).toBeGreaterThanOrEqual(last);
          last = value;
        }
        const once = new CumulativeRegister(load, { value: 1_000, atMs: start });
        expect(often.advanceTo(start + 2 * dayMs)).toBe(once.advanceTo(start + 2 * dayMs));
        expect(once.value).toBe(1_000 + load.energyWh(start, start + 2 * dayMs));
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });

  it('stands still while the clock is set back', () => {
    const register = new CumulativeRegister(load, { value: 0, atMs: start });
    const value = register.advanceTo(start + dayMs);
    expect(register.advanceTo(start)).toBe(value);
    expect(register.advanceTo(start + dayMs)).toBe(value);
    expect(register.advanceTo(start + 2 * dayMs)).toBe(load.energyWh(start, start + 2 * dayMs));
  });

  it('does not count what is skipped', () => {
    const register = new CumulativeRegister(load, { value: 0, atMs: start });
    const before = register.advanceTo(start + dayMs);
    register.skipTo(start + 2 * dayMs);
    register.skipTo(start);
    expect(register.value).toBe(before);
    const after = load.energyWh(start + 2 * dayMs, start + 3 * dayMs);
    expect(register.advanceTo(start + 3 * dayMs)).toBe(before + after);
  });

  it('goes on from a kept or given state', () => {
    const register = new CumulativeRegister(load, { value: 7, atMs: start });
    register.advanceTo(start + dayMs);
    const restarted = new CumulativeRegister(load, { value: 0, atMs: 0 });
    restarted.state = register.state;
    expect(restarted.advanceTo(start + 2 * dayMs)).toBe(register.advanceTo(start + 2 * dayMs));
    register.state = { value: 0x2b31, atMs: start };
    expect([register.value, register.advanceTo(start)]).toEqual([0x2b31, 0x2b31]);
  });

  it('lists the 13 months of a profile log, whose entries add up to the register', () => {
    const gas = new GasDemand(42);
    const register = new CumulativeRegister(gas, { value: 0, atMs: start });
    const end = start + 19_056 * halfHourMs;
    let [count, sum] = [0, 0];
    for (const entry of register.halfHours(start, end)) {
      expect(entry.startMs).toBe(start + count * halfHourMs);
      count++;
      sum += entry.amount;
    }
    expect(count).toBe(19_056);
    expect(register.advanceTo(end)).toBe(sum);
  });

  it('starts at what up to eight years before have left', () => {
    const values = Array.from({ length: 200 }, (_, home) => startingValue(home, 2_700_000));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(8 * 2_700_000);
    expect(new Set(values).size).toBe(200);
    expect(startingValue(9, 2_700_000)).toBe(startingValue(9, 2_700_000));
    expect(values.every(Number.isInteger)).toBe(true);
  });
});
