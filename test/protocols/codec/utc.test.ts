import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoToMs, isoToUtc, msToIso, utcToIso } from '../../../protocols/codec/utc.js';

/** The platform's calendar, which protocols/ does without. */
const platformIso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const firstMs = Date.parse('0000-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59Z');

describe('UTC', () => {
  it('has the calendar of the platform (property)', () => {
    const seconds = fc.integer({ min: firstMs / 1000, max: lastMs / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const ms = second * 1000;
        expect(msToIso(ms)).toBe(platformIso(ms));
        expect(isoToMs(platformIso(ms))).toBe(ms);
      }),
      { seed: 20261122, numRuns: 2000, examples: [[firstMs / 1000], [lastMs / 1000], [0]] },
    );
  });

  it('knows which days there are', () => {
    for (const year of [1900, 2000, 2015, 2016, 2100]) {
      for (let month = 1; month <= 12; month++) {
        // Day 0 of the next month is the last of this one.
        const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
        const time = { year, month, hour: 0, minute: 0, second: 0 };
        expect(utcToIso({ ...time, day: days })).toMatch(/T00:00:00Z$/);
        expect(utcToIso({ ...time, day: days + 1 })).toBeUndefined();
        expect(utcToIso({ ...time, day: 0 })).toBeUndefined();
      }
    }
  });

  it.each([
    '2015-02-30T00:00:00Z',
    '2015-00-01T00:00:00Z',
    '2015-13-01T00:00:00Z',
    '2015-01-01T24:00:00Z',
    '2015-01-01T00:60:00Z',
    '2015-01-01T00:00:60Z',
    '2015-01-01T00:00:00',
    '12015-01-01T00:00:00Z',
    '2015-01-01',
    '',
  ])('is not %j', (text) => {
    const fields = isoToUtc(text);
    expect(fields).toBeUndefined();
  });
});
