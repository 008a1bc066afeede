import type { Codec } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import type { Reader } from '../codec/reader.js';
import { show } from '../codec/show.js';
import type { Writer } from '../codec/writer.js';
import { type BitLayout, type BitValues, compileBits, readWord } from './bits.js';
import { readIeeeAddress, writeIeeeAddress } from './ieee-address.js';

/**
 * The building blocks of which ZigBee's commands and ZDO messages are declared (records of them:
 * record.ts). ZigBee is little-endian throughout.
 */
export const u8: Codec<number> = {
  decode: (reader) => reader.u8(),
  encode: (writer, value) => writer.u8(value),
};

export const u16: Codec<number> = {
  decode: (reader) => reader.u16Le(),
  encode: (writer, value) => writer.u16Le(value),
};

/** An octet of 0 or 1. */
export const flag: Codec<boolean> = {
  decode(reader) {
    const octet = reader.u8();
    if (octet > 1) reader.fail(`${octet} is neither 0 nor 1`, reader.offset - 1);
    return octet === 1;
  },
  encode(writer, value) {
    if (typeof value !== 'boolean') writer.fail(`${show(value)} is not a boolean`);
    writer.u8(Number(value));
  },
};

export const ieeeAddress: Codec<Eui64> = { decode: readIeeeAddress, encode: writeIeeeAddress };

/** Exactly `count` octets; a view when decoded. */
export function octets(count: number): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.bytes(count),
    encode(writer, value) {
      if (!(value instanceof Uint8Array) || value.length !== count) {
        writer.fail(`not ${count} bytes`);
      }
      writer.bytes(value);
    },
  };
}

/** All that is left; a view when decoded. */
export const remainingOctets: Codec<Uint8Array> = {
  decode: (reader) => reader.rest(),
  encode(writer, value) {
    if (!(value instanceof Uint8Array)) writer.fail('not bytes');
    writer.bytes(value);
  },
};

/** A word of `size` octets split into named flags and numbers. */
export function bits<const B extends BitLayout>(size: number, layout: B): Codec<BitValues<B>> {
  const compiled = compileBits(layout);
  return {
    decode(reader) {
      const value: Record<string, unknown> = {};
      compiled.split(readWord(reader, size, compiled.mask), value);
      return value as BitValues<B>;
    },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null) writer.fail('not a set of flags');
      writer.uintLe(compiled.join(writer, value) >>> 0, size);
    },
  };
}

function decodeItems<T>(reader: Reader, item: Codec<T>, count: number): readonly T[] {
  const items: T[] = [];
  try {
    while (items.length < count) items.push(item.decode(reader));
  } catch (error) {
    throw under(`[${items.length}]`, error);
  }
  return items;
}

function encodeItems<T>(writer: Writer, item: Codec<T>, items: readonly T[]): void {
  let index = 0;
  try {
    for (; index < items.length; index++) item.encode(writer, items[index] as T);
  } catch (error) {
    throw under(`[${index}]`, error);
  }
}

/** Checks a list before its count is written: at most `most` items. */
export function lengthOf(writer: Writer, value: unknown, most: number): number {
  if (!Array.isArray(value)) writer.fail(value === undefined ? 'missing' : 'not a list');
  if (value.length > most) writer.fail(`${value.length} items, at most ${most}`);
  return value.length;
}

/** An octet that counts, and so many items. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    decode: (reader) => decodeItems(reader, item, reader.u8()),
    encode(writer, value) {
      writer.u8(lengthOf(writer, value, 0xff));
      encodeItems(writer, item, value);
    },
  };
}

/** The items alone; how many there are stands elsewhere. */
export function items<T>(item: Codec<T>) {
  return {
    decode: (reader: Reader, count: number) => decodeItems(reader, item, count),
    encode: (writer: Writer, value: readonly T[]) => encodeItems(writer, item, value),
  };
}
