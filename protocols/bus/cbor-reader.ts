import { under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { readUtf8 } from '../codec/utf8.js';
import { type CborMap, type CborValue, cborDepthMax, forbiddenKey, majorTypes } from './cbor.js';

const two32 = 0x1_0000_0000;
const floatView = new DataView(new ArrayBuffer(8));

/** The argument of the head whose initial byte was just read; beyond 2^53-1 it throws. */
export function readArgument(reader: Reader, initial: number): number {
  const information = initial & 0x1f;
  if (information < 24) return information;
  if (information === 24) return reader.u8();
  if (information === 25) return reader.u16();
  if (information === 26) return reader.u32();
  if (information === 27) {
    const high = reader.u32();
    const low = reader.u32();
    if (high > 0x1fffff) reader.fail('more than 2^53-1', reader.offset - 8);
    return high * two32 + low;
  }
  return reader.fail(
    information === 31 ? 'indefinite lengths are not used on the bus' : 'reserved CBOR head',
    reader.offset - 1,
  );
}

/** The argument of a head that must be of type `major`, which `meaning` names in the error. */
export function readHead(reader: Reader, major: number, meaning: string): number {
  const at = reader.offset;
  const initial = reader.u8();
  if (initial >> 5 !== major) reader.fail(`not ${meaning}`, at);
  return readArgument(reader, initial);
}

export function readUnsigned(reader: Reader): number {
  return readHead(reader, majorTypes.unsigned, 'an unsigned integer');
}

export function readInteger(reader: Reader): number {
  const at = reader.offset;
  const initial = reader.u8();
  const major = initial >> 5;
  if (major > majorTypes.negative) reader.fail('not an integer', at);
  const argument = readArgument(reader, initial);
  if (major === majorTypes.unsigned) return argument;
  if (argument === Number.MAX_SAFE_INTEGER) reader.fail('less than -(2^53-1)', at);
  return -1 - argument;
}

/**
 * A view of the input: copy what you keep. Always a bare Uint8Array, even where the input is a Node buffer, whose
 * `slice` would not copy.
 */
export function readByteString(reader: Reader): Uint8Array {
  const length = readHead(reader, majorTypes.bytes, 'a byte string');
  reader.need(length);
  const start = reader.offset;
  reader.skip(length);
  const source = reader.source;
  return new Uint8Array(source.buffer, source.byteOffset + start, length);
}

export function readTextString(reader: Reader): string {
  return readUtf8(reader, readHead(reader, majorTypes.text, 'a text string'));
}

/** A map with text keys, in any order, none twice. */
export function readMap(reader: Reader, depth = cborDepthMax): CborMap {
  const at = reader.offset;
  const count = readHead(reader, majorTypes.map, 'a map');
  if (depth === 0) reader.fail(`more than ${cborDepthMax} levels`, at);
  if (count * 2 > reader.remaining) reader.fail(`no room for ${count} entries`, at);
  const map: { [key: string]: CborValue } = {};
  for (let i = 0; i < count; i++) {
    const keyAt = reader.offset;
    const key = readTextString(reader);
    try {
      if (key === forbiddenKey) reader.fail('this key is not allowed', keyAt);
      if (Object.hasOwn(map, key)) reader.fail('the same key twice', keyAt);
      map[key] = readValue(reader, depth - 1);
    } catch (error) {
      throw under(key, error);
    }
  }
  return map;
}

function readArray(reader: Reader, depth: number): CborValue[] {
  const at = reader.offset;
  const count = readHead(reader, majorTypes.array, 'an array');
  if (depth === 0) reader.fail(`more than ${cborDepthMax} levels`, at);
  if (count > reader.remaining) reader.fail(`no room for ${count} items`, at);
  const items: CborValue[] = [];
  for (let i = 0; i < count; i++) {
    try {
      items.push(readValue(reader, depth - 1));
    } catch (error) {
      throw under(`[${i}]`, error);
    }
  }
  return items;
}

function readHalf(reader: Reader): number {
  const bits = reader.u16();
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function readSimple(reader: Reader): CborValue {
  const at = reader.offset;
  const initial = reader.u8();
  switch (initial) {
    case 0xf4:
      return false;
    case 0xf5:
      return true;
    case 0xf6:
      return null;
    case 0xf9:
      return readHalf(reader);
    case 0xfa:
      floatView.setUint32(0, reader.u32());
      return floatView.getFloat32(0);
    case 0xfb:
      floatView.setUint32(0, reader.u32());
      floatView.setUint32(4, reader.u32());
      return floatView.getFloat64(0);
    default:
      return reader.fail('a simple value other than false, true and null', at);
  }
}

/** Integers that are not safe as numbers come back as bigint. */
function readAnyInteger(reader: Reader): number | bigint {
  const initial = reader.u8();
  const negative = initial >> 5 === majorTypes.negative;
  if ((initial & 0x1f) !== 27) {
    const argument = readArgument(reader, initial);
    return negative ? -1 - argument : argument;
  }
  const argument = reader.u64();
  const value = negative ? -1n - argument : argument;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export function readValue(reader: Reader, depth = cborDepthMax): CborValue {
  switch (reader.peek() >> 5) {
    case majorTypes.unsigned:
    case majorTypes.negative:
      return readAnyInteger(reader);
    case majorTypes.bytes:
      return readByteString(reader);
    case majorTypes.text:
      return readTextString(reader);
    case majorTypes.array:
      return readArray(reader, depth);
    case majorTypes.map:
      return readMap(reader, depth);
    case majorTypes.tag:
      return reader.fail('tags are not used on the bus');
    default:
      // The end of the input peeks as -1, whose shift is -1; reading it names the shortage.
      return readSimple(reader);
  }
}
