/**
 * Calendar arithmetic without the Date global: protocols/ takes time as milliseconds since 1970-01-01T00:00:00Z, and the
 * wire formats write it as calendar fields or as seconds since 2000. Proleptic Gregorian, UTC, no leap seconds.
 */
export interface UtcFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** 2000-01-01T00:00:00Z, the epoch of ZigBee UTC and of DLMS profile timestamps. */
export const epoch2000Ms = 946_684_800_000;

const dayMs = 86_400_000;
/** Days from 0000-03-01 to 1970-01-01. */
const daysTo1970 = 719_468;

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - daysTo1970;
}

export function utcToMs(fields: UtcFields): number {
  const days = daysFromCivil(fields.year, fields.month, fields.day);
  return days * dayMs + ((fields.hour * 60 + fields.minute) * 60 + fields.second) * 1000;
}

export function msToUtc(ms: number): UtcFields {
  const days = Math.floor(ms / dayMs);
  const seconds = Math.floor((ms - days * dayMs) / 1000);
  const z = days + daysTo1970;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yoe + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  };
}

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) =>
  String(value).padStart(2, '0'),
);

function pad(value: number): string {
  return twoDigits[value] as string;
}

function padYear(year: number): string {
  if (year < 0 || year > 9999) return String(year).padStart(4, '0');
  return pad(Math.floor(year / 100)) + pad(year % 100);
}

function isoOf(t: UtcFields): string {
  const date = `${padYear(t.year)}-${pad(t.month)}-${pad(t.day)}`;
  return `${date}T${pad(t.hour)}:${pad(t.minute)}:${pad(t.second)}Z`;
}

/** `2015-01-01T00:00:00Z`; whole seconds. */
export function msToIso(ms: number): string {
  return isoOf(msToUtc(ms));
}

function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Whether there is such a time, in a year of at most four digits. */
function isUtc({ year, month, day, hour, minute, second }: UtcFields): boolean {
  if (year < 0 || year > 9999 || month < 1 || month > 12) return false;
  return day >= 1 && day <= daysOfMonth(year, month) && hour < 24 && minute < 60 && second < 60;
}

/** `2015-01-01T00:00:00Z`; undefined where the fields are no such time: wildcards, 30 February, the year 65535. */
export function utcToIso(fields: UtcFields): string | undefined {
  return isUtc(fields) ? isoOf(fields) : undefined;
}

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

function twoDigitsAt(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * 48;
}

/** Fields of `2015-01-01T00:00:00Z`; undefined when the text is no such time (30 February included). */
export function isoToUtc(text: string): UtcFields | undefined {
  if (!isoPattern.test(text)) return undefined;
  const fields = {
    year: 100 * twoDigitsAt(text, 0) + twoDigitsAt(text, 2),
    month: twoDigitsAt(text, 5),
    day: twoDigitsAt(text, 8),
    hour: twoDigitsAt(text, 11),
    minute: twoDigitsAt(text, 14),
    second: twoDigitsAt(text, 17),
  };
  return isUtc(fields) ? fields : undefined;
}

/** Milliseconds of `2015-01-01T00:00:00Z`; undefined when the text is no such time. */
export function isoToMs(text: string): number | undefined {
  const fields = isoToUtc(text);
  return fields === undefined ? undefined : utcToMs(fields);
}

export function secondsSince2000(ms: number): number {
  return Math.floor((ms - epoch2000Ms) / 1000);
}

export function msOfSecondsSince2000(seconds: number): number {
  return epoch2000Ms + seconds * 1000;
}
