import { toHex } from '../codec/hex.js';
import { readLength, writeLength } from '../codec/length.js';
import type { Reader } from '../codec/reader.js';
import { readUtf8, utf8Length, writeUtf8 } from '../codec/utf8.js';
import type { Writer } from '../codec/writer.js';
import type { DlmsData } from './data.js';
import { lengthMax } from './item-count.js';

/** Wire forms of the simple A-XDR types, without their tags. @see dlms.md 2 */

const octetBits: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(2).padStart(8, '0'),
);
const falseData: DlmsData = Object.freeze({ type: 'boolean', value: false });
const trueData: DlmsData = Object.freeze({ type: 'boolean', value: true });

export function readBoolean(reader: Reader): DlmsData {
  const octet = reader.u8();
  if (octet === 0) return falseData;
  return octet === 0xff ? trueData : { type: 'boolean', value: true, octet };
}

export function writeBoolean(writer: Writer, value: boolean, octet: number | undefined): void {
  if (typeof value !== 'boolean') writer.fail('not a boolean');
  if (octet === undefined) {
    writer.u8(value ? 0xff : 0);
    return;
  }
  if (!value || !isIntegerIn(octet, 1, 0xfe)) writer.fail('octet does not stand for this boolean');
  writer.u8(octet);
}

export function readOctetString(reader: Reader): string {
  return readFixedOctets(reader, readLength(reader));
}

export function readFixedOctets(reader: Reader, length: number): string {
  const at = reader.offset;
  reader.skip(length);
  return toHex(reader.source, at, at + length);
}

export function writeOctetString(writer: Writer, hex: string): void {
  checkText(writer, hex);
  writeLength(writer, checkedLength(writer, hex.length >> 1));
  writer.hex(hex);
}

export function writeFixedOctets(writer: Writer, hex: string, length: number): void {
  checkText(writer, hex);
  if (hex.length !== 2 * length) writer.fail(`not ${2 * length} hex digits`);
  writer.hex(hex);
}

export function readBitString(reader: Reader): string {
  const bits = readLength(reader);
  const octets = (bits + 7) >> 3;
  const at = reader.offset;
  reader.skip(octets);
  let text = '';
  for (let i = 0; i < octets; i++) text += octetBits[reader.source[at + i] as number];
  const padding = octets * 8 - bits;
  if (padding === 0) return text;
  if (((reader.source[at + octets - 1] as number) & ((1 << padding) - 1)) !== 0) {
    reader.fail('unused bits of the bit-string are not zero', at + octets - 1);
  }
  return text.slice(0, bits);
}

export function writeBitString(writer: Writer, bits: string): void {
  checkText(writer, bits);
  writeLength(writer, checkedLength(writer, bits.length));
  for (let i = 0; i < bits.length; i += 8) {
    let octet = 0;
    for (let j = 0; j < 8; j++) {
      const code = i + j < bits.length ? bits.charCodeAt(i + j) : 48;
      if (code !== 48 && code !== 49) writer.fail('bit-string is not made of 0 and 1');
      octet = (octet << 1) | (code - 48);
    }
    writer.u8(octet);
  }
}

/** One character per octet (U+0000 to U+00FF), so that padding and odd bytes of real devices survive. */
export function readVisibleString(reader: Reader): string {
  const length = readLength(reader);
  const at = reader.offset;
  reader.skip(length);
  let text = '';
  for (let i = at; i < at + length; i++) text += String.fromCharCode(reader.source[i] as number);
  return text;
}

export function writeVisibleString(writer: Writer, text: string): void {
  checkText(writer, text);
  writeLength(writer, checkedLength(writer, text.length));
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) writer.fail('visible-string holds a character above U+00FF');
    writer.u8(code);
  }
}

export function readUtf8String(reader: Reader): string {
  return readUtf8(reader, readLength(reader));
}

export function writeUtf8String(writer: Writer, text: string): void {
  checkText(writer, text);
  writeLength(writer, checkedLength(writer, utf8Length(text)));
  writeUtf8(writer, text);
}

type NumberType =
  | 'double-long'
  | 'double-long-unsigned'
  | 'integer'
  | 'long'
  | 'unsigned'
  | 'long-unsigned'
  | 'enum';

export function writeNumber(writer: Writer, type: NumberType, value: number): void {
  if (typeof value !== 'number') writer.fail('not a number');
  switch (type) {
    case 'double-long-unsigned':
      writer.u32(value);
      break;
    case 'long-unsigned':
      writer.u16(value);
      break;
    case 'unsigned':
    case 'enum':
      writer.u8(value);
      break;
    case 'integer':
      writer.i8(value);
      break;
    case 'long':
      writer.i16(value);
      break;
    case 'double-long':
      writer.i32(value);
      break;
  }
}

export function writeInteger64(
  writer: Writer,
  type: 'long64' | 'long64-unsigned',
  value: string,
): void {
  if (typeof value !== 'string' || !/^-?[0-9]{1,20}$/.test(value)) {
    writer.fail('not a decimal integer as text');
  }
  if (type === 'long64') writer.i64(BigInt(value));
  else writer.u64(BigInt(value));
}

function isIntegerIn(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

function checkText(writer: Writer, value: unknown): void {
  if (typeof value !== 'string') writer.fail('not text');
}

function checkedLength(writer: Writer, length: number): number {
  if (length > lengthMax) writer.fail(`length ${length} is above ${lengthMax}`);
  return length;
}
