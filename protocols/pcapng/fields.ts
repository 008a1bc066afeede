import type { Codec } from '../codec/codec.js';
import type { Reader } from '../codec/reader.js';
import { readUtf8, writeUtf8 } from '../codec/utf8.js';
import type { Writer } from '../codec/writer.js';

/** The field types of capture formats, little-endian as everything hubfleet captures. */

export const u8: Codec<number> = {
  decode: (reader) => reader.u8(),
  encode: (writer, value) => writer.u8(value),
};

export const u32Le: Codec<number> = {
  decode: (reader) => reader.u32Le(),
  encode: (writer, value) => writer.u32Le(value),
};

export const u16Le: Codec<number> = {
  decode: (reader) => reader.u16Le(),
  encode: (writer, value) => writer.u16Le(value),
};

/** IEEE 754 of 32 bits; only numbers that it can hold exactly are written. */
export const float32Le: Codec<number> = {
  decode: (reader) => {
    const at = reader.offset;
    const { buffer, byteOffset } = reader.bytes(4);
    const value = new DataView(buffer, byteOffset, 4).getFloat32(0, true);
    if (!Number.isFinite(value) || Object.is(value, -0)) reader.fail('not a plain number', at);
    return value;
  },
  encode: (writer, value) => {
    if (!Number.isFinite(value) || Math.fround(value) !== value || Object.is(value, -0)) {
      writer.fail('not a plain number of 32 bits');
    }
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setFloat32(0, value, true);
    writer.bytes(octets);
  },
};

/** UTF-8 to the end of what holds it. */
export const text: Codec<string> = {
  decode: (reader) => readUtf8(reader, reader.remaining),
  encode: writeUtf8,
};

const paddingTo = 4;

/** Zeros after `length` octets, up to a multiple of four. */
export function writePadding(writer: Writer, length: number): void {
  for (let i = length; i % paddingTo !== 0; i++) writer.u8(0);
}

export function readPadding(reader: Reader, length: number): void {
  for (let i = length; i % paddingTo !== 0; i++) {
    if (reader.u8() !== 0) reader.fail('padding is not zero', reader.offset - 1);
  }
}
