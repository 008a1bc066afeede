import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/**
 * The length field of A-XDR, of the GBCS headers and of DER: one byte below 0x80, otherwise 0x81/0x82/0x83 and
 * that many bytes. Strict: the shortest form only (all 1,275 official messages keep to it in their headers).
 */
export function readLength(reader: Reader): number {
  const at = reader.offset;
  const first = reader.u8();
  if (first < 0x80) return first;
  const size = first & 0x7f;
  if (size < 1 || size > 3) {
    reader.fail(`length form 0x${first.toString(16)} is not supported`, at);
  }
  const value = size === 1 ? reader.u8() : size === 2 ? reader.u16() : reader.u24();
  if (value < (size === 1 ? 0x80 : size === 2 ? 0x100 : 0x10000)) {
    reader.fail(`length ${value} is not in its shortest form`, at);
  }
  return value;
}

export function writeLength(writer: Writer, length: number): void {
  if (length < 0x80) {
    writer.u8(length);
  } else if (length < 0x100) {
    writer.u8(0x81);
    writer.u8(length);
  } else if (length < 0x10000) {
    writer.u8(0x82);
    writer.u16(length);
  } else {
    writer.u8(0x83);
    writer.u24(length);
  }
}

export function sizeOfLength(length: number): number {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 4;
}
