import type { Reader } from '../../codec/reader.js';
import type { Writer } from '../../codec/writer.js';

/** A decoded ZCL value: always what JSON can carry. */
export type ZclValue = number | string | boolean | readonly ZclValue[] | ZclFields;
export type ZclFields = { readonly [name: string]: ZclValue };

/**
 * How one type lies on the wire. `write` takes what a JSON file may hold, so it checks everything
 * it uses. `depth` counts the collections around the value.
 */
export interface ZclValueCodec {
  read(reader: Reader, depth: number): ZclValue;
  write(writer: Writer, value: unknown, depth: number): void;
}

/** The non-value of strings and collections (length 0xFF or 0xFFFF, nothing follows). */
export const invalidValue: ZclFields = Object.freeze({ invalid: true });

export function isInvalidValue(value: unknown): boolean {
  return isRecord(value) && value.invalid === true;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(writer: Writer, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) writer.fail(value === undefined ? 'missing' : 'not an object of fields');
  return value;
}

export function integerOf(writer: Writer, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    writer.fail(value === undefined ? 'missing' : `not an integer from ${low} to ${high}`);
  }
  return value;
}
