import { CodecError, under } from '../codec/codec-error.js';
import { Reader } from '../codec/reader.js';
import { readUtf8 } from '../codec/utf8.js';
import { byteOrderMark, cborDepthMax, forbiddenKey, majorTypes } from './cbor.js';

/**
 * Passes over CBOR that the bus allows and throws CodecError at anything else. It stands before cbor-x because that is
 * made for bytes one trusts: it acts on tags whoever sent them (dates, regular expressions, records for which it
 * compiles code), lets the last of two equal keys win, puts U+FFFD for what is not UTF-8, and knows no limit of depth.
 * Nor do its errors say where. Whatever has passed here, cbor-x decodes without a surprise.
 *
 * Offset in, offset out: every envelope comes through here, and a cursor would cost more than the look.
 *
 * @see RFC 8949 3, 10
 */
export function guardItem(bytes: Uint8Array, at: number, depth = cborDepthMax): number {
  const end = headEnd(bytes, at);
  const initial = bytes[at] as number;
  const major = initial >> 5;
  if (major <= majorTypes.negative) return end;
  if (major === majorTypes.simple) {
    if (!simples.includes(initial)) fail('a simple value other than false, true and null', at);
    return end;
  }
  if (major === majorTypes.tag) fail('tags are not used on the bus', at);
  const count = argumentOf(bytes, at, end);
  if (major === majorTypes.bytes) {
    if (count > bytes.length - end) tooShort(bytes, end, count);
    return end + count;
  }
  if (major === majorTypes.text) {
    guardText(bytes, end, count);
    return end + count;
  }
  const isMap = major === majorTypes.map;
  if (depth === 0) fail(`more than ${cborDepthMax} levels`, at);
  // Every item takes a byte at least: what announces more than there is must not cost memory for it.
  if (count * (isMap ? 2 : 1) > bytes.length - end) {
    fail(`no room for ${count} ${isMap ? 'entries' : 'items'}`, at);
  }
  return isMap ? guardMap(bytes, end, count, depth - 1) : guardArray(bytes, end, count, depth - 1);
}

/** Initial bytes of false, true, null and floating point of 16, 32 and 64 bits, which are their argument. */
const simples: readonly number[] = [0xf4, 0xf5, 0xf6, 0xf9, 0xfa, 0xfb];

function fail(reason: string, at: number): never {
  throw new CodecError('', at, reason);
}

function tooShort(bytes: Uint8Array, at: number, wanted: number): never {
  return fail(`need ${wanted} byte${wanted === 1 ? '' : 's'}, have ${bytes.length - at}`, at);
}

/** Where the head (initial byte and argument) that begins at `at` ends. */
export function headEnd(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) tooShort(bytes, at, 1);
  const information = (bytes[at] as number) & 0x1f;
  if (information < 24) return at + 1;
  if (information > 27) {
    const indefinite = information === 31;
    fail(indefinite ? 'indefinite lengths are not used on the bus' : 'reserved CBOR head', at);
  }
  const length = 1 + (1 << (information - 24));
  if (length > bytes.length - at) tooShort(bytes, at, length);
  return at + length;
}

/** The argument of the head from `at` to `end`. Beyond 2^53-1 it is rounded, never to less than 2^53. */
export function argumentOf(bytes: Uint8Array, at: number, end: number): number {
  if (end === at + 1) return (bytes[at] as number) & 0x1f;
  let argument = 0;
  for (let i = at + 1; i < end; i++) argument = argument * 256 + (bytes[i] as number);
  return argument;
}

function guardText(bytes: Uint8Array, at: number, length: number): string {
  const text = readUtf8(new Reader(bytes, at), length);
  if (text.startsWith(byteOrderMark)) fail('a text that starts with a byte order mark', at);
  return text;
}

function guardArray(bytes: Uint8Array, start: number, count: number, depth: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    try {
      at = guardItem(bytes, at, depth);
    } catch (error) {
      throw under(`[${i}]`, error);
    }
  }
  return at;
}

/** Text keys, in any order, none twice. */
function guardMap(bytes: Uint8Array, start: number, count: number, depth: number): number {
  const seen = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    const keyAt = headEnd(bytes, at);
    if ((bytes[at] as number) >> 5 !== majorTypes.text) fail('not a text string', at);
    const length = argumentOf(bytes, at, keyAt);
    const key = guardText(bytes, keyAt, length);
    try {
      if (key === forbiddenKey) fail('this key is not allowed', at);
      if (seen.has(key)) fail('the same key twice', at);
      seen.add(key);
      at = guardItem(bytes, keyAt + length, depth);
    } catch (error) {
      throw under(key, error);
    }
  }
  return at;
}
