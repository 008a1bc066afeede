import { describe, expect, it } from 'vitest';
import { DutyCycle, DutyCycles } from '../../../../emulator/han/air/duty-cycle.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

describe('duty cycle', () => {
  it('is the share of the last hour: 36 s are one per cent', () => {
    const cycle = new DutyCycle();
    expect(cycle.percentAt(start)).toBe(0);
    for (let second = 0; second < 36; second++) cycle.add(1_000_000, start + second * 60_000);
    expect(cycle.percentAt(start + 36 * minute)).toBeCloseTo(1, 10);
  });

  it('forgets a minute after an hour, and everything after a pause', () => {
    const cycle = new DutyCycle();
    cycle.add(18_000_000, start);
    cycle.add(18_000_000, start + 30 * minute);
    expect(cycle.percentAt(start + 60 * minute)).toBeCloseTo(1, 10);
    expect(cycle.percentAt(start + 61 * minute)).toBeCloseTo(0.5, 10);
    expect(cycle.percentAt(start + 91 * minute)).toBe(0);
    cycle.add(36_000, start + 5_000 * minute);
    expect(cycle.percentAt(start + 5_000 * minute)).toBeCloseTo(0.001, 10);
  });

  it('survives a clock that goes back', () => {
    const cycle = new DutyCycle();
    cycle.add(18_000_000, start);
    cycle.add(18_000_000, start - 90 * minute);
    expect(cycle.percentAt(start - 90 * minute)).toBeCloseTo(1, 10);
  });

  it('is kept for each radio and page, and for no more than 64 of them', () => {
    const cycles = new DutyCycles();
    const radio = (number: number) => eui64(number.toString(16).padStart(16, '0'));
    for (let number = 0; number < 100; number++) cycles.add(radio(number), 28, 36_000_000, start);
    cycles.add(radio(1), 31, 36_000_000, start);
    cycles.add(radio(1), 28, 36_000_000, start);
    expect(cycles.percentOf(radio(1), start)).toBeCloseTo(2, 10);
    expect(cycles.percentOf(radio(2), start, 28)).toBeCloseTo(1, 10);
    expect(cycles.percentOf(radio(2), start, 31)).toBe(0);
    expect(cycles.percentOf(radio(99), start)).toBe(0);
  });
});
