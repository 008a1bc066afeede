import { under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { readUtf8 } from '../codec/utf8.js';
import { byteOrderMark, cborDepthMax, forbiddenKey, majorTypes } from './cbor.js';

/**
 * Passes over CBOR that the bus allows and throws CodecError at anything else. It stands before cbor-x because that is
 * made for bytes one trusts: it acts on tags whoever sent them (dates, regular expressions, records for which it
 * compiles code), lets the last of two equal keys win, puts U+FFFD for what is not UTF-8, and knows no limit of depth.
 * Nor do its errors say where. Whatever has passed here, cbor-x decodes without a surprise.
 *
 * @see RFC 8949 5.3, 10
 */

const two32 = 0x1_0000_0000;

/** The argument of the head whose initial byte was just read. Beyond 2^53-1 it is rounded, never to less than 2^53. */
function guardArgument(reader: Reader, initial: number): number {
  const information = initial & 0x1f;
  if (information < 24) return information;
  if (information === 24) return reader.u8();
  if (information === 25) return reader.u16();
  if (information === 26) return reader.u32();
  if (information === 27) return reader.u32() * two32 + reader.u32();
  return reader.fail(
    information === 31 ? 'indefinite lengths are not used on the bus' : 'reserved CBOR head',
    reader.offset - 1,
  );
}

/** The argument of a head that must be of type `major`; `complaint` is the reason given otherwise. */
export function guardHead(reader: Reader, major: number, complaint: string): number {
  const initial = reader.u8();
  if (initial >> 5 !== major) reader.fail(complaint, reader.offset - 1);
  return guardArgument(reader, initial);
}

function guardText(reader: Reader, length: number): string {
  const at = reader.offset;
  const text = readUtf8(reader, length);
  if (text.startsWith(byteOrderMark)) reader.fail('a text that starts with a byte order mark', at);
  return text;
}

function guardArray(reader: Reader, count: number, depth: number): void {
  for (let i = 0; i < count; i++) {
    try {
      guardItem(reader, depth);
    } catch (error) {
      throw under(`[${i}]`, error);
    }
  }
}

/** Text keys, in any order, none twice. */
function guardMap(reader: Reader, count: number, depth: number): void {
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const key = guardText(reader, guardHead(reader, majorTypes.text, 'not a text string'));
    try {
      if (key === forbiddenKey) reader.fail('this key is not allowed', at);
      if (seen.has(key)) reader.fail('the same key twice', at);
      seen.add(key);
      guardItem(reader, depth);
    } catch (error) {
      throw under(key, error);
    }
  }
}

/** Bytes after the initial byte of false, true, null and floating point of 16, 32 and 64 bits. */
const simpleLengths: ReadonlyMap<number, number> = new Map([
  [0xf4, 0],
  [0xf5, 0],
  [0xf6, 0],
  [0xf9, 2],
  [0xfa, 4],
  [0xfb, 8],
]);

function guardSimple(reader: Reader, initial: number): void {
  const length = simpleLengths.get(initial);
  if (length === undefined) {
    reader.fail('a simple value other than false, true and null', reader.offset - 1);
  }
  reader.skip(length);
}

/** Passes over an array or map of `count` items or entries. */
function guardMembers(reader: Reader, isMap: boolean, count: number, at: number, depth: number) {
  if (depth === 0) reader.fail(`more than ${cborDepthMax} levels`, at);
  // Every item takes a byte at least: what announces more than there is must not cost memory for it.
  if (count * (isMap ? 2 : 1) > reader.remaining) {
    reader.fail(`no room for ${count} ${isMap ? 'entries' : 'items'}`, at);
  }
  if (isMap) guardMap(reader, count, depth - 1);
  else guardArray(reader, count, depth - 1);
}

/** Passes over one item with all that is in it; at most `depth` levels of arrays and maps. */
export function guardItem(reader: Reader, depth = cborDepthMax): void {
  const at = reader.offset;
  const initial = reader.u8();
  const major = initial >> 5;
  if (major === majorTypes.tag) reader.fail('tags are not used on the bus', at);
  if (major === majorTypes.simple) {
    guardSimple(reader, initial);
    return;
  }
  const argument = guardArgument(reader, initial);
  if (major <= majorTypes.negative) return;
  if (major === majorTypes.bytes) reader.skip(argument);
  else if (major === majorTypes.text) guardText(reader, argument);
  else guardMembers(reader, major === majorTypes.map, argument, at, depth);
}
