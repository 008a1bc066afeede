import { under } from '../codec/codec-error.js';
import { utf8Length, writeUtf8 } from '../codec/utf8.js';
import type { Writer } from '../codec/writer.js';
import { type CborMap, type CborValue, cborDepthMax, forbiddenKey, majorTypes } from './cbor.js';

const two32 = 0x1_0000_0000;

/** Initial byte and argument, in the shortest form; `argument` is a safe integer. */
export function writeHead(writer: Writer, major: number, argument: number): void {
  const type = major << 5;
  if (argument < 24) {
    writer.u8(type | argument);
  } else if (argument < 0x100) {
    writer.u8(type | 24);
    writer.u8(argument);
  } else if (argument < 0x10000) {
    writer.u8(type | 25);
    writer.u16(argument);
  } else if (argument < two32) {
    writer.u8(type | 26);
    writer.u32(argument);
  } else {
    writer.u8(type | 27);
    writer.u32(Math.floor(argument / two32));
    writer.u32(argument >>> 0);
  }
}

/** An integer of 0 to 2^53-1. */
export function writeUnsigned(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    writer.fail(`${String(value)} is not an integer from 0 to 2^53-1`);
  }
  writeHead(writer, majorTypes.unsigned, value);
}

/** An integer of -(2^53-1) to 2^53-1. */
export function writeInteger(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) writer.fail(`${String(value)} is not a safe integer`);
  if (value < 0) writeHead(writer, majorTypes.negative, -1 - value);
  else writeHead(writer, majorTypes.unsigned, value);
}

export function writeByteString(writer: Writer, value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) writer.fail('not a byte string');
  writeHead(writer, majorTypes.bytes, value.length);
  writer.bytes(value);
}

export function writeTextString(writer: Writer, value: string): void {
  if (typeof value !== 'string') writer.fail('not a text string');
  writeHead(writer, majorTypes.text, utf8Length(value));
  writeUtf8(writer, value);
}

function writeBigInteger(writer: Writer, value: bigint): void {
  const negative = value < 0n;
  const argument = negative ? -1n - value : value;
  const major = negative ? majorTypes.negative : majorTypes.unsigned;
  if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) {
    writeHead(writer, major, Number(argument));
    return;
  }
  if (argument >= 1n << 64n) writer.fail(`${value} is not an integer from -2^64 to 2^64-1`);
  writer.u8((major << 5) | 27);
  writer.u64(argument);
}

/** Scratch for taking floats apart; encoding is synchronous. */
const floatView = new DataView(new ArrayBuffer(8));

/** The half-precision bits of `value`, or -1 where it cannot be held exactly; `value` is a single already. */
function halfBits(value: number): number {
  floatView.setFloat32(0, value);
  const bits = floatView.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return fraction === 0 ? sign | 0x7c00 : 0x7e00;
  if (exponent >= -14) {
    if (exponent > 15 || (fraction & 0x1fff) !== 0) return -1;
    return sign | ((exponent + 15) << 10) | (fraction >>> 13);
  }
  const shift = -1 - exponent;
  if (shift > 23) return -1;
  const whole = fraction | 0x800000;
  return (whole & ((1 << shift) - 1)) === 0 ? sign | (whole >>> shift) : -1;
}

/** The shortest of the three float forms that holds the value. */
function writeFloat(writer: Writer, value: number): void {
  if (Number.isNaN(value) || Math.fround(value) === value) {
    const half = Number.isNaN(value) ? 0x7e00 : halfBits(value);
    if (half >= 0) {
      writer.u8(0xf9);
      writer.u16(half);
      return;
    }
    floatView.setFloat32(0, value);
    writer.u8(0xfa);
    writer.u32(floatView.getUint32(0));
    return;
  }
  floatView.setFloat64(0, value);
  writer.u8(0xfb);
  writer.u32(floatView.getUint32(0));
  writer.u32(floatView.getUint32(4));
}

function utf8Of(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

/** Order of the encoded keys: the shorter first, then by their bytes (which for UTF-8 is by code point). */
function compareKeys(a: string, b: string): number {
  const shorter = utf8Length(a) - utf8Length(b);
  if (shorter !== 0) return shorter;
  const left = utf8Of(a);
  const right = utf8Of(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A map with text keys: a plain object that is no array, no byte string and no `Map`. */
export function writeMap(writer: Writer, map: CborMap, depth = cborDepthMax): void {
  if (!isPlainObject(map)) writer.fail('not a plain object');
  if (depth === 0) writer.fail(`more than ${cborDepthMax} levels`);
  const keys = Object.keys(map).sort(compareKeys);
  writeHead(writer, majorTypes.map, keys.length);
  for (const key of keys) {
    try {
      if (key === forbiddenKey) writer.fail('this key is not allowed');
      writeTextString(writer, key);
      writeValue(writer, map[key] as CborValue, depth - 1);
    } catch (error) {
      throw under(key, error);
    }
  }
}

function writeArray(writer: Writer, items: readonly CborValue[], depth: number): void {
  if (depth === 0) writer.fail(`more than ${cborDepthMax} levels`);
  writeHead(writer, majorTypes.array, items.length);
  for (let i = 0; i < items.length; i++) {
    try {
      writeValue(writer, items[i] as CborValue, depth - 1);
    } catch (error) {
      throw under(`[${i}]`, error);
    }
  }
}

/** Whole numbers that are safe integers become CBOR integers (-0 too), all others floating point. */
export function writeValue(writer: Writer, value: CborValue, depth = cborDepthMax): void {
  if (typeof value === 'string') writeTextString(writer, value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writeInteger(writer, value);
    else writeFloat(writer, value);
  } else if (typeof value === 'boolean') writer.u8(value ? 0xf5 : 0xf4);
  else if (typeof value === 'bigint') writeBigInteger(writer, value);
  else if (value === null) writer.u8(0xf6);
  else if (value instanceof Uint8Array) writeByteString(writer, value);
  else if (Array.isArray(value)) writeArray(writer, value, depth);
  else if (typeof value === 'object') writeMap(writer, value as CborMap, depth);
  else writer.fail(`a value of type ${typeof value} has no place on the bus`);
}
