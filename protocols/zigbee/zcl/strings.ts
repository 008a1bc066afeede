import { CodecError } from '../../codec/codec-error.js';
import { fromHex, toHex } from '../../codec/hex.js';
import type { Reader } from '../../codec/reader.js';
import { readUtf8, utf8Length, writeUtf8 } from '../../codec/utf8.js';
import type { Writer } from '../../codec/writer.js';
import {
  integerOf,
  invalidValue,
  isInvalidValue,
  isRecord,
  recordOf,
  type ZclValue,
  type ZclValueCodec,
} from './value.js';

function hexTextOf(writer: Writer, value: unknown): string {
  if (typeof value !== 'string') writer.fail(value === undefined ? 'missing' : 'not hex text');
  return value;
}

export function writeHex(writer: Writer, value: unknown): void {
  writer.hex(hexTextOf(writer, value));
}

/** Length field of 1 or 2 bytes; all ones means that there is no value. Returns -1 for that. */
function readSize(reader: Reader, lengthSize: 1 | 2): number {
  const size = lengthSize === 1 ? reader.u8() : reader.u16Le();
  if (size === (lengthSize === 1 ? 0xff : 0xffff)) return -1;
  reader.need(size);
  return size;
}

function writeSize(writer: Writer, size: number, lengthSize: 1 | 2): void {
  const longest = lengthSize === 1 ? 0xfe : 0xfffe;
  if (size > longest) writer.fail(`${size} bytes are more than ${longest}`);
  writer.uintLe(size, lengthSize);
}

function writeSized(writer: Writer, value: unknown, lengthSize: 1 | 2): void {
  const hex = hexTextOf(writer, value);
  writeSize(writer, hex.length >> 1, lengthSize);
  writer.hex(hex);
}

function writeInvalid(writer: Writer, lengthSize: 1 | 2): void {
  writer.uintLe(lengthSize === 1 ? 0xff : 0xffff, lengthSize);
}

/** Octet string as hex. */
export function octets(lengthSize: 1 | 2): ZclValueCodec {
  return {
    read(reader) {
      const size = readSize(reader, lengthSize);
      if (size < 0) return invalidValue;
      const at = reader.offset;
      reader.skip(size);
      return toHex(reader.source, at, at + size);
    },
    write(writer: Writer, value: unknown) {
      if (isInvalidValue(value)) writeInvalid(writer, lengthSize);
      else writeSized(writer, value, lengthSize);
    },
  };
}

/**
 * Text where the octets are UTF-8, otherwise `{ hex }`: an identifier may sit where text is
 * expected.
 */
function readText(reader: Reader, size: number): ZclValue {
  const at = reader.offset;
  try {
    return readUtf8(reader, size);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    reader.offset = at + size;
    return { hex: toHex(reader.source, at, at + size) };
  }
}

/** Character string, as text wherever it is text. */
export function characters(lengthSize: 1 | 2): ZclValueCodec {
  return {
    read(reader) {
      const size = readSize(reader, lengthSize);
      return size < 0 ? invalidValue : readText(reader, size);
    },
    write(writer: Writer, value: unknown) {
      if (typeof value === 'string') {
        writeSize(writer, utf8Length(value), lengthSize);
        writeUtf8(writer, value);
      } else if (isInvalidValue(value)) {
        writeInvalid(writer, lengthSize);
      } else if (isRecord(value)) {
        writeSized(writer, value.hex, lengthSize);
      } else {
        writer.fail(value === undefined ? 'missing' : 'not text');
      }
    },
  };
}

/** All that is left, as hex. */
export const remainder: ZclValueCodec = {
  read(reader) {
    const at = reader.offset;
    reader.skip(reader.remaining);
    return toHex(reader.source, at, reader.offset);
  },
  write: writeHex,
};

/** Exactly `size` octets in wire order, as hex. */
export function fixedOctets(size: number): ZclValueCodec {
  return {
    read(reader) {
      const at = reader.offset;
      reader.skip(size);
      return toHex(reader.source, at, at + size);
    },
    write(writer: Writer, value: unknown) {
      const hex = hexTextOf(writer, value);
      if (hex.length !== 2 * size) writer.fail(`not ${size} bytes in hex`);
      writer.hex(hex);
    },
  };
}

/** An EUI-64 travels with its last octet first; the value is the usual text. */
export const ieeeAddress: ZclValueCodec = {
  read: (reader) => toHex(reader.bytes(8).slice().reverse()),
  write(writer, value) {
    const bytes = fromHex(hexTextOf(writer, value));
    if (bytes.length !== 8) writer.fail('not an EUI-64 of 16 hex digits');
    writer.bytes(bytes.reverse());
  },
};

/** One octet after the other, each under its name; 0xFF stands for any. */
export function octetRecord(...names: readonly string[]): ZclValueCodec {
  return {
    read(reader) {
      reader.need(names.length);
      const record: Record<string, number> = {};
      for (const name of names) record[name] = reader.u8();
      return record;
    },
    write(writer: Writer, value: unknown) {
      const record = recordOf(writer, value);
      for (const name of names) writer.u8(integerOf(writer, record[name], 0, 0xff));
    },
  };
}
