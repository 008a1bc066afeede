import type { CertificateValue } from '../../asn1/x509.js';
import { decodeCertificateValue, encodeCertificateValue } from '../../asn1/x509.js';
import { CodecError } from '../../codec/codec-error.js';
import { fromHex, toHex } from '../../codec/hex.js';
import { show } from '../../codec/show.js';
import type { ConversionPair } from './conversions.js';
import { dateHex, dateText, timeHex, timeText } from './wild-dates.js';

/** Conversions of parameters to ZCL and ASN.1 values; those that DLMS shares are in conversions.ts. */

/** A decimal number to a whole number of its `1 / scale`. */
function scaled(scale: number): ConversionPair {
  return {
    write: (value) => {
      const exact = Number(value) * scale;
      const whole = Math.round(exact);
      // Decimal fractions are not exact in binary.
      if (Math.abs(exact - whole) <= 1e-9 * Math.max(1, Math.abs(exact))) return whole;
      throw new CodecError('', 0, `${show(value)} is no multiple of 1/${scale}`);
    },
    read: (wire) => Number(wire) / scale,
  };
}

const wildYear = 0xffff;
const zclWildYear = 0xff;
const zclFirstYear = 1900;

/** A date as ZCL has it: years since 1900, parts of 255 left open. */
function zclDate(value: unknown): Readonly<Record<string, number>> {
  const [high = 0, low = 0, month = 0, dayOfMonth = 0, dayOfWeek = 0] = fromHex(dateHex(value));
  const year = high * 256 + low;
  const yearSince1900 = year === wildYear ? zclWildYear : year - zclFirstYear;
  if (yearSince1900 < 0 || yearSince1900 > zclWildYear) {
    throw new CodecError('', 0, `${show(value)} is not from 1900 to 2154`);
  }
  return { yearSince1900, month, dayOfMonth, dayOfWeek };
}

function zclDateText(wire: unknown): string {
  const { yearSince1900, month, dayOfMonth, dayOfWeek } = wire as Record<string, number>;
  const year = yearSince1900 === zclWildYear ? wildYear : zclFirstYear + (yearSince1900 as number);
  const octets = [year >> 8, year & 0xff, month, dayOfMonth, dayOfWeek] as number[];
  return dateText(toHex(Uint8Array.from(octets)));
}

function minutesOfDay(value: unknown): number {
  const [hour = 0, minute = 0, second = 0] = fromHex(timeHex(value));
  if (second !== 0) throw new CodecError('', 0, `${show(value)} is no whole minute`);
  return hour * 60 + minute;
}

function minutesText(wire: unknown): string {
  const octets = [Math.floor(Number(wire) / 60), Number(wire) % 60, 0, 0];
  return timeText(toHex(Uint8Array.from(octets))).slice(0, 'hh:mm'.length);
}

function alertCode(value: unknown): number {
  if (!/^[0-9a-f]{4}$/i.test(String(value))) {
    throw new CodecError('', 0, `${show(value)} is no alert code such as 810D`);
  }
  return Number.parseInt(String(value), 16);
}

export const zclConversions = {
  tenths: scaled(10),
  tenThousandths: scaled(10_000),
  hundredThousandths: scaled(100_000),
  /** What is counted from 1 to what is counted from 0. */
  fromZero: { write: (value) => Number(value) - 1, read: (wire) => Number(wire) + 1 },
  zclDate: { write: zclDate, read: zclDateText },
  /** `07:30` to minutes since midnight. */
  minutesOfDay: { write: minutesOfDay, read: minutesText },
  /** `810D` to its number. */
  alertCode: {
    write: alertCode,
    read: (wire) => Number(wire).toString(16).toUpperCase().padStart(4, '0'),
  },
  /** Hex of a DER certificate to its fields. */
  certificate: {
    write: (value) => decodeCertificateValue(fromHex(String(value))),
    read: (wire) => toHex(encodeCertificateValue(wire as CertificateValue)),
  },
} as const satisfies Readonly<Record<string, ConversionPair>>;
