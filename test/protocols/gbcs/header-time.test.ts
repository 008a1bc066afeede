import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  type DecodedDateTime,
  decodeMessage,
  encodeMessage,
} from '../../../protocols/gbcs/decoded-message.js';

/** A pre-command with that time in its grouping header. */
const withTime = (time: string): string =>
  'df090100000000000003e80890b3d51f300100000800db1234567890a0' +
  `0c${time}02004f15d9200003e8000103000900000a006aff0101120033`;

describe('the time in a grouping header', () => {
  it.each<[string, string, DecodedDateTime]>([
    ['a time', '07df0101ff000000008000ff', { utc: '2015-01-01T00:00:00Z', clockStatus: 0xff }],
    ['a leap day', '07e0021dff173b3b00800000', { utc: '2016-02-29T23:59:59Z', clockStatus: 0 }],
    ['a day that is none', '07df021dff000000008000ff', '07df021dff000000008000ff'],
    ['a year of wildcards', 'ffff0101ff000000008000ff', 'ffff0101ff000000008000ff'],
    ['nothing but wildcards', 'ffffffffffffffffff8000ff', 'ffffffffffffffffff8000ff'],
    ['a year of five digits', '27100101ff000000008000ff', '27100101ff000000008000ff'],
    ['a day of the week', '07df010104000000008000ff', '07df010104000000008000ff'],
    ['hundredths', '07df0101ff000000018000ff', '07df0101ff000000018000ff'],
    ['another zone', '07df0101ff00000000003c00', '07df0101ff00000000003c00'],
  ])('is text where it can be: %s', (_, hex, expected) => {
    const message = withTime(hex);
    const decoded = decodeMessage(fromHex(message));
    expect(decoded.dateTime).toEqual(expected);
    expect(toHex(encodeMessage(decoded))).toBe(message);
  });
});
