/**
 * The part of CBOR that the bus uses: integers, byte and text strings, arrays, maps with text keys, booleans, null and
 * floating point. No tags, no indefinite lengths, no `undefined`.
 *
 * Integers of -2^64+1 to 2^64-1 may be given as `number` or `bigint`; they come back as `bigint` only where they are
 * not safe as `number`. NaN is read but not written.
 *
 * @see RFC 8949 3, 4.2
 */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | CborMap;

/** Keys in any order; they are written in the order of RFC 8949 4.2.1. `__proto__` is refused both ways. */
export interface CborMap {
  readonly [key: string]: CborValue;
}

/** Arrays and maps within each other; deeper nesting is refused, so that no message can exhaust the stack. */
export const cborDepthMax = 64;

export const majorTypes = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** Refused as a key both ways: JavaScript would take it for something else. */
export const forbiddenKey = '__proto__';

/** Refused at the start of a text both ways: some decoders (cbor-x among them, at times) take it away. */
export const byteOrderMark = '\ufeff';
