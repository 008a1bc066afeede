import { CodecError } from '../../codec/codec-error.js';
import { fromHex, toHex } from '../../codec/hex.js';
import { Reader } from '../../codec/reader.js';
import { show } from '../../codec/show.js';
import {
  isoToMs,
  msOfSecondsSince2000,
  msToIso,
  msToUtc,
  secondsSince2000,
} from '../../codec/utc.js';
import { readUtf8, writeUtf8 } from '../../codec/utf8.js';
import { Writer } from '../../codec/writer.js';
import { never, now, parseActivation } from '../../dlms/time.js';
import { alertBits } from './alert-bits.js';
import { channelMap } from './channel-map.js';
import { dateHex, dateText, timeHex, timeText } from './wild-dates.js';
import { zclConversions } from './zcl-conversions.js';

/**
 * How a parameter becomes what the wire carries, and back. `read` undoes `write`; on a wire value that no parameter gives, it
 * throws CodecError or answers with what writes differently.
 */
export interface ConversionPair {
  /** @throws CodecError for what has no form on the wire. */
  readonly write: (value: unknown) => unknown;
  readonly read: (wire: unknown) => unknown;
}

const nowWords = new Set(['now', 'immediate']);
const neverWords = new Set(['never', 'cancel']);
const noThreshold = 0xffff_ffff;
/** ZCL and ASN.1 have their own forms of never. */
const zclNever = 0xffff_ffff;
const generalizedNever = '99991231235959Z';

function timeMs(value: unknown): number {
  const ms = typeof value === 'string' ? isoToMs(value) : undefined;
  if (ms === undefined) {
    throw new CodecError('', 0, `${show(value)} is not a time such as 2026-11-22T00:00:00Z`);
  }
  return ms;
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** DLMS date-time, 12 octets: day of week, hundredths, deviation and status as GBCS always writes them. */
function dlmsDateTime(value: unknown): string {
  if (nowWords.has(String(value))) return now;
  if (neverWords.has(String(value))) return never;
  const t = msToUtc(timeMs(value));
  const date = hexOf(t.year, 4) + hexOf(t.month, 2) + hexOf(t.day, 2);
  return `${date}ff${hexOf(t.hour, 2)}${hexOf(t.minute, 2)}${hexOf(t.second, 2)}008000ff`;
}

function dlmsDateTimeText(wire: unknown): string {
  const activation = parseActivation(hexText(wire));
  return typeof activation === 'number' ? msToIso(activation) : activation;
}

function generalizedTime(value: unknown): string {
  if (neverWords.has(String(value))) return generalizedNever;
  const t = msToUtc(timeMs(value));
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = String(t.year).padStart(4, '0') + two(t.month) + two(t.day);
  return `${date}${two(t.hour)}${two(t.minute)}${two(t.second)}Z`;
}

function generalizedTimeText(wire: unknown): string {
  if (wire === generalizedNever) return 'never';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(String(wire));
  if (parts === null) throw new CodecError('', 0, `${show(wire)} is no GeneralizedTime`);
  const [, year, month, day, hour, minute, second] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

function zclTime(value: unknown): number {
  if (nowWords.has(String(value))) return 0;
  if (neverWords.has(String(value))) return zclNever;
  return secondsSince2000(timeMs(value));
}

function zclTimeText(wire: unknown): string {
  if (wire === 0) return 'now';
  return wire === zclNever ? 'never' : msToIso(msOfSecondsSince2000(Number(wire)));
}

/** ZCL calendars, and ends of log periods, have never one second earlier (gbz.md 3). */
const zclCalendarNever = 0xffff_fffe;

function zclCalendarTime(value: unknown): number {
  return neverWords.has(String(value)) ? zclCalendarNever : zclTime(value);
}

function hexText(wire: unknown): string {
  if (typeof wire !== 'string') throw new CodecError('', 0, `${show(wire)} is not hex`);
  return wire;
}

function textOctets(value: unknown): string {
  const writer = new Writer();
  writeUtf8(writer, String(value));
  return toHex(writer.finish());
}

function octetsText(wire: unknown): string {
  const bytes = fromHex(hexText(wire));
  return readUtf8(new Reader(bytes), bytes.length);
}

function octet(value: unknown): string {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 0xff) {
    throw new CodecError('', 0, `${show(value)} is not one octet`);
  }
  return hexOf(number, 2);
}

/** Meter point numbers, each 13 digits, run together. */
const numberLength = 13;

function joinedNumbers(value: unknown): string {
  if (!Array.isArray(value)) throw new CodecError('', 0, `${show(value)} is no list`);
  return textOctets(value.join(''));
}

function splitNumbers(wire: unknown): string[] {
  const text = octetsText(wire);
  const numbers: string[] = [];
  for (let i = 0; i < text.length; i += numberLength) numbers.push(text.slice(i, i + numberLength));
  return numbers;
}

const same = { write: (value: unknown) => value, read: (wire: unknown) => wire };

export const conversions = {
  same,
  /** Text to the hex of its UTF-8 octets. */
  octets: { write: textOctets, read: octetsText },
  /** 0 to 255 to two hex digits. */
  octet: { write: octet, read: (wire) => Number.parseInt(hexText(wire), 16) },
  joinedNumbers: { write: joinedNumbers, read: splitNumbers },
  dlmsDateTime: { write: dlmsDateTime, read: dlmsDateTimeText },
  /** `*-12-25` to an octet-string(5). */
  dlmsDate: { write: dateHex, read: (wire) => dateText(hexText(wire)) },
  /** `07:30:00` to an octet-string(4). */
  dlmsTime: { write: timeHex, read: (wire) => timeText(hexText(wire)) },
  /** A date with wildcards as an octet-string(12) at midnight. */
  dlmsDateAtMidnight: {
    write: (value) => `${dateHex(value)}000000008000ff`,
    read: (wire) => dateText(hexText(wire).slice(0, 10)),
  },
  generalizedTime: { write: generalizedTime, read: generalizedTimeText },
  zclTime: { write: zclTime, read: zclTimeText },
  zclCalendarTime: {
    write: zclCalendarTime,
    read: (wire) => (wire === zclCalendarNever ? 'never' : zclTimeText(wire)),
  },
  ...zclConversions,
  secondsSince2000: {
    write: (value) => secondsSince2000(timeMs(value)),
    read: (wire) => msToIso(msOfSecondsSince2000(Number(wire))),
  },
  /** `none` to the number that stands for no threshold. */
  threshold: {
    write: (value) => (value === 'none' ? noThreshold : value),
    read: (wire) => (wire === noThreshold ? 'none' : wire),
  },
  supplierAlerts: alertBits(0x81),
  networkOperatorAlerts: alertBits(0x80),
  channelsOfPage28: channelMap(28, 0, 27),
  channelsOfPage29: channelMap(29, 27, 8),
  channelsOfPage30: channelMap(30, 35, 27),
  channelsOfPage31: channelMap(31, 0, 27),
} as const satisfies Readonly<Record<string, ConversionPair>>;

export type Conversion = keyof typeof conversions;
