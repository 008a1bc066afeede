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

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** `2015-01-01T00:00:00Z`; whole seconds. */
export function msToIso(ms: number): string {
  const t = msToUtc(ms);
  const date = `${pad(t.year, 4)}-${pad(t.month, 2)}-${pad(t.day, 2)}`;
  return `${date}T${pad(t.hour, 2)}:${pad(t.minute, 2)}:${pad(t.second, 2)}Z`;
}

const isoPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/;

/** Milliseconds of `2015-01-01T00:00:00Z`; undefined when the text is no such time (30 February included). */
export function isoToMs(text: string): number | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = utcToMs({ year, month, day, hour, minute, second });
  return msToIso(ms) === `${text.slice(0, 19)}Z` ? ms : undefined;
}

export function secondsSince2000(ms: number): number {
  return Math.floor((ms - epoch2000Ms) / 1000);
}

export function msOfSecondsSince2000(seconds: number): number {
  return epoch2000Ms + seconds * 1000;
}
