/**
 * The part of CBOR that the bus uses: integers, byte and text strings, arrays, maps with text keys, booleans, null and
 * floating point. No tags, no indefinite lengths, no `undefined`.
 *
 * Written by hand because the general libraries keep insertion order in maps, write times as floating point and act on
 * tags (records, regular expressions) that a stranger may send; they remain the judges in the tests.
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
export const cborDepthMax = 16;

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
