import { CodecError } from '../../codec/codec-error.js';
import { show } from '../../codec/show.js';

/**
 * DLMS dates and times of day as people write them. A date is an octet-string(5), `year(2) month day day-of-week`, whose
 * parts may be left open: `2026-11-22`, `*-12-25` (every year), `*-*-01` (every month), `*-*-* Mon` (every Monday). A time
 * of day is an octet-string(4), `07:30` or `07:30:15`. @see dlms.md 3
 */
const anyYear = 0xffff;
const anyPart = 0xff;

/** Parts that depend on the year, by their octet. */
const specialMonths = { dstEnd: 0xfd, dstBegin: 0xfe } as const;
const specialDays = { secondLast: 0xfd, last: 0xfe } as const;
const weekdays = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 } as const;

const datePattern = /^(\d{4}|\*)-(\d\d|\*|dstBegin|dstEnd)-(\d\d|\*|last|secondLast)(?: (\w{3}))?$/;
const timePattern = /^(\d\d):(\d\d)(?::(\d\d))?$/;

function refuse(value: unknown, wanted: string): never {
  throw new CodecError('', 0, `${show(value)} is not ${wanted}`);
}

function hex(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, '0');
}

function part(text: string, low: number, high: number, special: Readonly<Record<string, number>>) {
  if (text === '*') return anyPart;
  const named = special[text];
  if (named !== undefined) return named;
  const number = Number(text);
  return number >= low && number <= high ? number : undefined;
}

export function dateHex(value: unknown): string {
  const [, year = '', month = '', day = '', weekday] = datePattern.exec(String(value)) ?? [];
  const octets = [
    part(month, 1, 12, specialMonths),
    part(day, 1, 31, specialDays),
    weekday === undefined ? anyPart : (weekdays as Readonly<Record<string, number>>)[weekday],
  ];
  if (year === '' || octets.includes(undefined)) refuse(value, 'a date such as *-12-25');
  return hex(year === '*' ? anyYear : Number(year), 4) + octets.map((o) => hex(o ?? 0)).join('');
}

function nameOf(octet: number, special: Readonly<Record<string, number>>): string {
  if (octet === anyPart) return '*';
  const named = Object.entries(special).find(([, value]) => value === octet);
  return named?.[0] ?? String(octet).padStart(2, '0');
}

export function dateText(wire: string): string {
  const octets = wire.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  const [high = 0, low = 0, month = 0, day = 0, weekday = 0] = octets;
  if (octets.length !== 5) refuse(wire, 'five octets of a date');
  const year = high * 256 + low;
  const date =
    `${year === anyYear ? '*' : String(year).padStart(4, '0')}` +
    `-${nameOf(month, specialMonths)}-${nameOf(day, specialDays)}`;
  return weekday === anyPart ? date : `${date} ${nameOf(weekday, weekdays)}`;
}

export function isDate(text: string): boolean {
  return attempt(() => dateHex(text));
}

export function timeHex(value: unknown): string {
  const [, hour, minute, second = '00'] = timePattern.exec(String(value)) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    refuse(value, 'a time of day such as 07:30');
  }
  return `${hex(Number(hour))}${hex(Number(minute))}${hex(Number(second))}00`;
}

export function timeText(wire: string): string {
  const octets = wire.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  if (octets.length !== 4) refuse(wire, 'four octets of a time');
  return octets
    .slice(0, 3)
    .map((octet) => String(octet).padStart(2, '0'))
    .join(':');
}

export function isTimeOfDay(text: string): boolean {
  return attempt(() => timeHex(text));
}

function attempt(write: () => unknown): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
