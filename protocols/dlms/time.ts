import { CodecError } from '../codec/codec-error.js';
import { fromHex, toHex } from '../codec/hex.js';
import { msToUtc, utcToMs } from '../codec/utc.js';

/**
 * DLMS date-times as octet-string(12): year(2) month day day-of-week hour minute second hundredths deviation(2) status.
 * In GBCS always UTC: day-of-week not given, deviation not given. Profile timestamps (seconds since 2000) are in
 * codec/utc.ts. @see dlms.md 3, gbcs-message.md 1.4
 */

/** As an activation time: execute at once. */
export const now = '0000000000000000008000ff';
/** As an activation time: cancel; as the end of a period: open. */
export const never = 'ffffffffffffffffff8000ff';

/** Last octet of a date-time. */
export const clockStatuses = {
  reliable: 0x00,
  doubtful: 0x02,
  /** The time is another device's: a gas proxy answers with what the meter stamped. */
  differentClockBase: 0x04,
  notGiven: 0xff,
} as const;

export interface DlmsDateTime {
  readonly utcMs: number;
  readonly clockStatus: number;
}

const octets = 12;
const notGiven = 0xff;
const deviationNotGiven = 0x8000;
const yearMax = 0xfffe;

/** The date-time of a message header or of a value; milliseconds below a second are dropped. */
export function headerDateTime(
  utcMs: number,
  clockStatus: number = clockStatuses.notGiven,
): Uint8Array {
  const time = msToUtc(utcMs);
  if (!(time.year >= 0 && time.year <= yearMax)) {
    throw new CodecError('', 0, 'time is outside the years of a DLMS date-time');
  }
  return Uint8Array.of(
    time.year >> 8,
    time.year & 0xff,
    time.month,
    time.day,
    notGiven,
    time.hour,
    time.minute,
    time.second,
    0,
    deviationNotGiven >> 8,
    deviationNotGiven & 0xff,
    clockStatus,
  );
}

/** The same as the hex that octet-string values hold. */
export function dateTimeHex(utcMs: number, clockStatus: number = clockStatuses.notGiven): string {
  return toHex(headerDateTime(utcMs, clockStatus));
}

/**
 * A date-time that names one instant: NOW, NEVER, wildcards, dates that do not exist, and a deviation from UTC throw
 * CodecError. Day-of-week is not compared with the date.
 */
export function parseDateTime(value: Uint8Array | string): DlmsDateTime {
  const bytes = typeof value === 'string' ? fromHex(value) : value;
  if (bytes.length !== octets) throw new CodecError('', 0, `not ${octets} octets`);
  const at = (index: number) => bytes[index] as number;
  if (at(9) * 256 + at(10) !== deviationNotGiven) {
    throw new CodecError('', 9, 'deviation is given, but times in GBCS are UTC');
  }
  const fields = {
    year: at(0) * 256 + at(1),
    month: at(2),
    day: at(3),
    hour: at(5),
    minute: at(6),
    second: at(7),
  };
  const inRange =
    fields.year <= yearMax && fields.hour < 24 && fields.minute < 60 && fields.second < 60;
  const utcMs = utcToMs(fields);
  const back = msToUtc(utcMs);
  if (!inRange || back.month !== fields.month || back.day !== fields.day) {
    throw new CodecError('', 0, 'not one instant');
  }
  return { utcMs, clockStatus: at(11) };
}

/** What an activation time asks for: at once, never, or an instant (a past one is at once, too). */
export function parseActivation(hex: string): 'now' | 'never' | number {
  const lower = hex.toLowerCase();
  if (lower === now) return 'now';
  return lower === never ? 'never' : parseDateTime(hex).utcMs;
}
