import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import {
  clockStatuses,
  dateTimeHex,
  headerDateTime,
  never,
  now,
  parseActivation,
  parseDateTime,
} from '../../../protocols/dlms/time.js';

describe('DLMS date-times (dlms.md 3)', () => {
  const newYear2015 = Date.UTC(2015, 0, 1);

  it('write 2015-01-01T00:00:00Z as the official data does', () => {
    expect(dateTimeHex(newYear2015)).toBe('07df0101ff000000008000ff');
    expect(toHex(headerDateTime(newYear2015, clockStatuses.reliable))).toBe(
      '07df0101ff00000000800000',
    );
    expect(dateTimeHex(Date.UTC(2014, 11, 31, 11, 30, 59, 999))).toBe('07de0c1fff0b1e3b008000ff');
  });

  it('agree with the calendar of the platform', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1000 }),
        fc.integer({ min: 0, max: 255 }),
        (seconds, clockStatus) => {
          const utcMs = seconds * 1000;
          expect(parseDateTime(headerDateTime(utcMs, clockStatus))).toEqual({ utcMs, clockStatus });
          const hex = dateTimeHex(utcMs);
          const date = new Date(utcMs);
          expect(Number.parseInt(hex.slice(0, 4), 16)).toBe(date.getUTCFullYear());
          expect(Number.parseInt(hex.slice(6, 8), 16)).toBe(date.getUTCDate());
        },
      ),
      { seed: 20261122, numRuns: 1000 },
    );
  });

  it('tell NOW and NEVER from instants', () => {
    expect(parseActivation(now)).toBe('now');
    expect(parseActivation(never.toUpperCase())).toBe('never');
    expect(parseActivation('07df0101ff000000008000ff')).toBe(newYear2015);
    expect(parseActivation('07df010103000000008000ff')).toBe(newYear2015);
  });

  it.each([
    ['NOW', now],
    ['NEVER', never],
    ['30 February', '07df021eff000000008000ff'],
    ['every day', '07df01ffff000000008000ff'],
    ['24 hours', '07df0101ff180000008000ff'],
    ['a deviation', '07df0101ff00000000003cff'],
    ['11 octets', '07df0101ff000000008000'],
    ['not hex', '07df0101ff000000008000zz'],
  ])('%s is no instant', (_, hex) => {
    expect(() => parseDateTime(hex)).toThrow(CodecError);
  });

  it('refuse to be written outside the years of the field', () => {
    expect(() => headerDateTime(Number.NaN)).toThrow(CodecError);
    expect(() => headerDateTime(1e16)).toThrow(CodecError);
  });
});
