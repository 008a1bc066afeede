import { CodecError } from '../codec/codec-error.js';
import { type Eui64, eui64ToBytes } from '../codec/eui64.js';
import { show } from '../codec/show.js';
import { Writer } from '../codec/writer.js';
import type { Crypto } from '../crypto/crypto.js';
import { craFlags } from './grouping-header.js';
import { initialisationVector, transactionKey } from './protection.js';
import { utrnDigits, utrnToken } from './utrn-digits.js';

/**
 * UTRN, the unique transaction reference number: twenty digits that a customer can type into a prepayment meter. They
 * carry an amount, the low bits of a counter and 32 bits of MAC; whether they come by keypad or in a CS01a or CS01b
 * command, the meter judges them alike (gbcs-message.md 6).
 *
 *     token : 0000000(7) counter(10) value class(2) value(13) MAC(32)
 */

/** Classes 2 and 3 are reserved; from memory of GBCS, as no official token has them. */
export const utrnValueClasses = ['pence', 'pounds', 'reserved2', 'reserved3'] as const;
export type UtrnValueClass = (typeof utrnValueClasses)[number];
export const utrnValueMax = 8191;
/** Counters are taken from the upper half of an originator counter. */
export const utrnCounterMax = 0xffff_ffff;
/** How many used counters a device remembers. From memory of GBCS: hence a default, not a constant of the code. */
export const utrnCountersKept = 100;

const counterBits = 10;
const counterWindow = 1 << counterBits;
const halfWindow = counterWindow / 2;
const macBytes = 4;
/** Security control and five empty lengths, as in front of a message. */
const additionalDataStart = Uint8Array.of(0x11, 0, 0, 0, 0, 0);

/** What twenty digits say by themselves. */
export interface UtrnContent {
  readonly valueClass: UtrnValueClass;
  /** 0 to 8191 of the class's unit. */
  readonly value: number;
  /** The ten low bits of the counter. */
  readonly truncatedCounter: number;
  /** 32 bits. */
  readonly mac: number;
}

/** A supplier's top-up for one device. */
export interface TopUp {
  readonly supplier: Eui64;
  readonly device: Eui64;
  /** 32 bits; must rise from one top-up to the next. */
  readonly utrnCounter: number;
  readonly valueClass: UtrnValueClass;
  readonly value: number;
}

/** The originator counter of the command that carries the token: the UTRN counter above 32 zero bits. */
export function utrnOriginatorCounter(utrnCounter: number): bigint {
  return BigInt(checked('utrnCounter', utrnCounter, utrnCounterMax)) << 32n;
}

function checked(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new CodecError(name, 0, `${show(value)} is not an integer from 0 to ${max}`);
}

function upperHalf(truncatedCounter: number, valueClass: UtrnValueClass, value: number): number {
  const number = utrnValueClasses.indexOf(valueClass);
  if (number < 0) throw new CodecError('valueClass', 0, `${show(valueClass)} is no value class`);
  return (truncatedCounter << 15) | (number << 13) | checked('value', value, utrnValueMax);
}

/** @throws CodecError when the digits are no token: wrong length, wrong check digit, spare bits set. */
export function decodeUtrn(digits: string): UtrnContent {
  const token = utrnToken(digits);
  const upper = Number(token >> 32n);
  return {
    valueClass: utrnValueClasses[(upper >> 13) & 3] as UtrnValueClass,
    value: upper & utrnValueMax,
    truncatedCounter: upper >> 15,
    mac: Number(token & 0xffff_ffffn),
  };
}

/** The exact inverse of `decodeUtrn`. @throws CodecError for values that do not fit. */
export function encodeUtrn(content: UtrnContent): string {
  const { valueClass, value } = content;
  const truncatedCounter = checked('truncatedCounter', content.truncatedCounter, counterWindow - 1);
  const mac = checked('mac', content.mac, 0xffff_ffff);
  return utrnDigits((BigInt(upperHalf(truncatedCounter, valueClass, value)) << 32n) | BigInt(mac));
}

/**
 * The 32 bits of MAC: the last four bytes of the GMAC tag, where messages carry the first twelve.
 * `z` is of the supplier's prepayment key agreement key and the device's.
 */
export function utrnMac(crypto: Crypto, z: Uint8Array, topUp: TopUp): number {
  const { supplier, device, valueClass, value, utrnCounter } = topUp;
  const counter = utrnOriginatorCounter(utrnCounter);
  const writer = new Writer(64);
  writer.bytes(additionalDataStart);
  writer.bytes(eui64ToBytes(supplier));
  writer.bytes(eui64ToBytes(device));
  writer.u8(craFlags.command);
  writer.u64(counter);
  writer.u32(upperHalf(utrnCounter % counterWindow, valueClass, value));
  const key = transactionKey(crypto, z, supplier, craFlags.command, counter, device);
  const tag = crypto.gmac(key, initialisationVector(eui64ToBytes(supplier)), writer.finish());
  return new DataView(tag.buffer, tag.byteOffset, tag.length).getUint32(tag.length - macBytes);
}

/** The twenty digits of a top-up. @throws CodecError for values that do not fit. */
export function makeUtrn(crypto: Crypto, z: Uint8Array, topUp: TopUp): string {
  const { valueClass, value, utrnCounter } = topUp;
  const mac = utrnMac(crypto, z, topUp);
  return encodeUtrn({ valueClass, value, truncatedCounter: utrnCounter % counterWindow, mac });
}

/**
 * The whole counter that ten received bits mean to a device whose highest used counter is `highest`: the one that lies
 * nearest to it (device-behaviour.md 1.14). Near both ends of the 32-bit range, where the nearest would be no counter,
 * it is the one inside.
 */
export function deduceUtrnCounter(truncatedCounter: number, highest: number): number {
  const low = highest % counterWindow;
  let counter = highest - low + truncatedCounter;
  if (truncatedCounter < low - halfWindow) counter += counterWindow;
  else if (truncatedCounter > low + halfWindow) counter -= counterWindow;
  if (counter < 0) return counter + counterWindow;
  return counter > utrnCounterMax ? counter - counterWindow : counter;
}

export type UtrnVerdict =
  | { readonly verdict: 'accepted'; readonly utrnCounter: number; readonly content: UtrnContent }
  /** `malformed`: not twenty digits, or a wrong check digit: the customer mistyped. */
  | { readonly verdict: 'malformed'; readonly reason: string }
  /** The MAC is not right: forged, or meant for another device or supplier (alert 8F63). */
  | { readonly verdict: 'not-authentic' }
  /** The counter has been used (alert 8F51), or is below all that are remembered. */
  | { readonly verdict: 'duplicate' | 'too-old'; readonly utrnCounter: number };

/** Whose top-ups a device takes. */
export type TopUpParties = Pick<TopUp, 'supplier' | 'device'>;

/**
 * A device's judgement of digits from a keypad or a command. Authenticity comes first, so that a verdict about a counter
 * tells nothing to those who guess. Spending limits are the prepayment function's business.
 *
 * @param used counters of accepted top-ups, in rising order; see `rememberUtrnCounter`
 */
export function checkUtrn(
  crypto: Crypto,
  z: Uint8Array,
  parties: TopUpParties,
  digits: string,
  used: readonly number[],
): UtrnVerdict {
  let content: UtrnContent;
  try {
    content = decodeUtrn(digits);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { verdict: 'malformed', reason: error.reason };
  }
  const { supplier, device } = parties;
  const { valueClass, value } = content;
  const utrnCounter = deduceUtrnCounter(content.truncatedCounter, used.at(-1) ?? 0);
  const mac = utrnMac(crypto, z, { supplier, device, utrnCounter, valueClass, value });
  if (mac !== content.mac) return { verdict: 'not-authentic' };
  const freshness = judgeUtrnCounter(used, utrnCounter);
  if (freshness !== 'fresh') return { verdict: freshness, utrnCounter };
  return { verdict: 'accepted', utrnCounter, content };
}

/** A counter below the lowest that is remembered may have been used and forgotten: it is too old. */
export function judgeUtrnCounter(
  used: readonly number[],
  utrnCounter: number,
): 'fresh' | 'duplicate' | 'too-old' {
  if (used.includes(utrnCounter)) return 'duplicate';
  const lowest = used[0];
  return lowest !== undefined && utrnCounter < lowest ? 'too-old' : 'fresh';
}

/**
 * The remembered counters, rising, after one more was used; the lowest are forgotten first. A device that gets a new
 * supplier starts from the floor in its credentials alone: `[floor]`.
 */
export function rememberUtrnCounter(
  used: readonly number[],
  utrnCounter: number,
  kept: number = utrnCountersKept,
): readonly number[] {
  if (used.includes(utrnCounter)) return used;
  const all = [...used, utrnCounter].sort((a, b) => a - b);
  return all.slice(Math.max(0, all.length - kept));
}
