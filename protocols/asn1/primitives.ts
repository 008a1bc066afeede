import { type Eui64, isEui64 } from '../codec/eui64.js';
import { fromHex, toHex } from '../codec/hex.js';
import { shown, TaggedType } from './schema.js';
import type { TlvReader, TlvWriter } from './tlv.js';

/** The leaf types of the schema, with the JSON-safe value of each. */

class NullType extends TaggedType<null> {
  read(): null {
    return null;
  }

  write(writer: TlvWriter, value: null): void {
    if (value !== null) writer.fail('not null');
  }
}

export const nullType: TaggedType<null> = new NullType(0x05);

class BooleanType extends TaggedType<boolean> {
  read(reader: TlvReader): boolean {
    const octet = reader.u8();
    if (octet !== 0x00 && octet !== 0xff) {
      reader.fail('a BOOLEAN is 00 or ff in DER', reader.offset - 1);
    }
    return octet === 0xff;
  }

  write(writer: TlvWriter, value: boolean): void {
    if (typeof value !== 'boolean') writer.fail('not a boolean');
    writer.u8(value ? 0xff : 0x00);
  }
}

export const boolean: TaggedType<boolean> = new BooleanType(0x01);

/** Refuses INTEGER content that is empty or not the shortest two's complement. */
function checkInteger(reader: TlvReader): void {
  const size = reader.remaining;
  reader.need(1);
  if (size === 1) return;
  const first = reader.peek();
  const sign = reader.peek(1) & 0x80;
  if ((first === 0x00 && sign === 0) || (first === 0xff && sign !== 0)) {
    reader.fail('an INTEGER that is not in its shortest form');
  }
}

function readInt32(reader: TlvReader): number {
  checkInteger(reader);
  const size = reader.remaining;
  if (size > 4) reader.fail(`an INTEGER of ${size} octets where at most 4 make sense`);
  let value = reader.i8();
  for (let i = 1; i < size; i++) value = (value << 8) | reader.u8();
  return value;
}

function writeInt32(writer: TlvWriter, value: unknown): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value !== (value | 0)) {
    writer.fail(`${shown(value)} is not an integer of 32 bits`);
  }
  let shift = 24;
  while (shift > 0 && value >> (shift - 1) === value >> 31) shift -= 8;
  for (; shift >= 0; shift -= 8) writer.u8((value >> shift) & 0xff);
}

class IntegerType extends TaggedType<number> {
  read(reader: TlvReader): number {
    return readInt32(reader);
  }

  write(writer: TlvWriter, value: number): void {
    writeInt32(writer, value);
  }
}

/** INTEGER of at most 32 bits, as a number. */
export const integer: TaggedType<number> = new IntegerType(0x02);

export type NumberNames = { readonly [name: string]: number };

/** The name where the number has one, otherwise the number; encoding takes either. */
class NamedNumberType<N extends NumberNames> extends TaggedType<keyof N | number> {
  private readonly names: ReadonlyMap<number, keyof N>;
  private readonly numbers: ReadonlyMap<unknown, number>;

  constructor(tag: number, numbers: N) {
    super(tag);
    const entries: readonly [string, number][] = Object.entries(numbers);
    this.numbers = new Map(entries);
    this.names = new Map(entries.map(([name, number]) => [number, name]));
  }

  read(reader: TlvReader): keyof N | number {
    const number = readInt32(reader);
    return this.names.get(number) ?? number;
  }

  write(writer: TlvWriter, value: keyof N | number): void {
    if (typeof value === 'number') {
      writeInt32(writer, value);
      return;
    }
    const number = this.numbers.get(value);
    if (number === undefined) {
      const known = [...this.numbers.keys()].join(', ');
      writer.fail(`${shown(value)} is neither a number nor one of ${known}`);
    }
    writeInt32(writer, number);
  }

  override canonical(value: keyof N | number): keyof N | number {
    return typeof value === 'number' ? (this.names.get(value) ?? value) : value;
  }
}

/** INTEGER with named numbers. */
export function namedInteger<const N extends NumberNames>(
  numbers: N,
): TaggedType<(keyof N & string) | number> {
  return new NamedNumberType(0x02, numbers) as TaggedType<(keyof N & string) | number>;
}

/** ENUMERATED; a number without a name is kept (later versions of GBCS may add some). */
export function enumerated<const N extends NumberNames>(
  numbers: N,
): TaggedType<(keyof N & string) | number> {
  return new NamedNumberType(0x0a, numbers) as TaggedType<(keyof N & string) | number>;
}

const decimal = /^(0|[1-9][0-9]{0,19})$/;
const largestUnsigned64 = 0xffff_ffff_ffff_ffffn;

class Unsigned64Type extends TaggedType<string> {
  read(reader: TlvReader): string {
    checkInteger(reader);
    const at = reader.offset;
    const size = reader.remaining;
    if (reader.peek() >= 0x80) reader.fail('a negative INTEGER');
    if (size > 9 || (size === 9 && reader.peek() !== 0)) reader.fail('an INTEGER above 2^64-1');
    if (size > 6) {
      reader.skip(size);
      return BigInt(`0x${toHex(reader.source, at, reader.offset)}`).toString();
    }
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + reader.u8();
    return String(value);
  }

  write(writer: TlvWriter, value: string): void {
    if (typeof value !== 'string' || !decimal.test(value) || BigInt(value) > largestUnsigned64) {
      writer.fail(`${shown(value)} is not a decimal string from 0 to 2^64-1`);
    }
    const hex = BigInt(value).toString(16);
    writeMagnitude(writer, fromHex(hex.length % 2 === 0 ? hex : `0${hex}`));
  }
}

/** INTEGER (0..2^64-1) as a decimal string. */
export const unsigned64: TaggedType<string> = new Unsigned64Type(0x02);

/** The shortest content of a non-negative INTEGER of these octets. */
function writeMagnitude(writer: TlvWriter, octets: Uint8Array): void {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  if ((octets[start] ?? 0) >= 0x80) writer.u8(0);
  writer.bytes(start === 0 ? octets : octets.subarray(start));
}

class MagnitudeType extends TaggedType<string> {
  constructor(private readonly width: number) {
    super(0x02);
  }

  read(reader: TlvReader): string {
    checkInteger(reader);
    if (reader.peek() >= 0x80) reader.fail('a negative INTEGER');
    if (reader.peek() === 0 && reader.remaining > 1) reader.skip(1);
    const at = reader.offset;
    reader.skip(reader.remaining);
    return toHex(reader.source, at, reader.offset).padStart(2 * this.width, '0');
  }

  write(writer: TlvWriter, value: string): void {
    const octets = fromHex(value);
    if (octets.length === 0) writer.fail('an INTEGER needs at least one octet');
    writeMagnitude(writer, octets);
  }
}

/** A non-negative INTEGER of any size as hex, without sign octet, at least `width` octets long. */
export function magnitude(width = 1): TaggedType<string> {
  return new MagnitudeType(width);
}

class OctetStringType extends TaggedType<string> {
  constructor(private readonly size: number) {
    super(0x04);
  }

  read(reader: TlvReader): string {
    const at = reader.offset;
    const size = reader.remaining;
    if (this.size >= 0 && size !== this.size) reader.fail(`${size} octets, not ${this.size}`);
    reader.skip(size);
    return toHex(reader.source, at, reader.offset);
  }

  write(writer: TlvWriter, value: string): void {
    if (typeof value !== 'string') writer.fail('not hex text');
    if (this.size >= 0 && value.length !== 2 * this.size) {
      writer.fail(`${value.length} hex digits, not ${2 * this.size}`);
    }
    writer.hex(value);
  }
}

/** OCTET STRING as hex, of exactly `size` octets if given. */
export function octetString(size = -1): TaggedType<string> {
  return new OctetStringType(size);
}

class EntityIdentifierType extends TaggedType<Eui64> {
  read(reader: TlvReader): Eui64 {
    const at = reader.offset;
    const size = reader.remaining;
    if (size !== 8) reader.fail(`${size} octets, not 8`);
    reader.skip(size);
    return toHex(reader.source, at, reader.offset) as Eui64;
  }

  write(writer: TlvWriter, value: Eui64): void {
    if (!isEui64(value)) {
      writer.fail(`${shown(value)} is not an EUI-64 of 16 lower-case hex digits`);
    }
    writer.hex(value);
  }
}

/** OCTET STRING (SIZE 8) that is an EUI-64. */
export const entityIdentifier: TaggedType<Eui64> = new EntityIdentifierType(0x04);
