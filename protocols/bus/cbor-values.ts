import { CodecError, under } from '../codec/codec-error.js';
import { utf8Length } from '../codec/utf8.js';
import { byteOrderMark, type CborMap, type CborValue, cborDepthMax, forbiddenKey } from './cbor.js';

/**
 * Between the values of the bus and those that cbor-x takes and gives. It writes maps in the order it finds, integers
 * beyond 32 bits as floating point, bigints at full width and surrogates as they come; it gives every 64-bit integer as
 * bigint.
 */

const two32 = 0x1_0000_0000;
const argumentMax = 2n ** 64n - 1n;
const loneSurrogate = /\p{Surrogate}/u;

function fail(reason: string): never {
  throw new CodecError('', 0, reason);
}

/** An integer such that cbor-x writes it as one, in the shortest form. */
export function integerForCborX(value: number): number | bigint {
  return value >= two32 || value < -two32 ? BigInt(value) : value;
}

/** What is no safe integer is floating point of 64 bits. */
function numberForCborX(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return integerForCborX(value);
  return Number.isNaN(value) ? fail('NaN has no place on the bus') : value;
}

function bigintForCborX(value: bigint): number | bigint {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return integerForCborX(number);
  if (value > argumentMax || value < -argumentMax) {
    fail(`${value} is not an integer from -2^64+1 to 2^64-1`);
  }
  return value;
}

export function textForCborX(text: string): string {
  if (typeof text !== 'string') fail('not a text string');
  if (loneSurrogate.test(text)) fail('lone surrogate in text');
  if (text.startsWith(byteOrderMark)) fail('a text that starts with a byte order mark');
  return text;
}

/** Order of the encoded keys: the shorter first, then by their bytes (which for UTF-8 is by code point). */
function compareKeys(a: string, b: string): number {
  const shorter = utf8Length(a) - utf8Length(b);
  if (shorter !== 0) return shorter;
  const right = Array.from(b);
  for (const [i, character] of Array.from(a).entries()) {
    const other = right[i]?.codePointAt(0) ?? 0;
    const difference = (character.codePointAt(0) as number) - other;
    if (difference !== 0) return difference;
  }
  return 0;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A plain object (no array, no byte string, no `Map`) as a `Map`, for a plain object puts numeric keys first. */
export function mapForCborX(map: CborMap, depth = cborDepthMax): Map<string, unknown> {
  if (!isPlainObject(map)) fail('not a plain object');
  if (depth === 0) fail(`more than ${cborDepthMax} levels`);
  const entries = new Map<string, unknown>();
  for (const key of Object.keys(map).sort(compareKeys)) {
    try {
      if (key === forbiddenKey) fail('this key is not allowed');
      entries.set(textForCborX(key), valueForCborX(map[key] as CborValue, depth - 1));
    } catch (error) {
      throw under(key, error);
    }
  }
  return entries;
}

function arrayForCborX(items: readonly CborValue[], depth: number): unknown[] {
  if (depth === 0) fail(`more than ${cborDepthMax} levels`);
  // Not `map`, which would pass over the holes of a sparse array.
  return Array.from(items, (item, i) => {
    try {
      return valueForCborX(item, depth - 1);
    } catch (error) {
      throw under(`[${i}]`, error);
    }
  });
}

function valueForCborX(value: CborValue, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return textForCborX(value);
    case 'number':
      return numberForCborX(value);
    case 'bigint':
      return bigintForCborX(value);
    case 'boolean':
      return value;
    case 'object':
      if (value === null || value instanceof Uint8Array) return value;
      if (Array.isArray(value)) return arrayForCborX(value, depth);
      return mapForCborX(value as CborMap, depth);
    default:
      return fail(`a value of type ${typeof value} has no place on the bus`);
  }
}

/** What cbor-x decoded, with its byte strings as `viewOf` has them; changed in place. */
export function valueFromCborX(value: unknown, viewOf: (bytes: Uint8Array) => Uint8Array): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return viewOf(value);
  // Arrays too: their keys are the indices.
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) members[key] = valueFromCborX(members[key], viewOf);
  return members;
}
