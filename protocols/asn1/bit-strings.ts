import { toHex } from '../codec/hex.js';
import { shown, TaggedType } from './schema.js';
import type { TlvReader, TlvWriter } from './tlv.js';

/** Reads the octet that counts unused bits; DER wants those bits to be zero. */
function readUnusedBits(reader: TlvReader): number {
  const at = reader.offset;
  const unused = reader.u8();
  if (unused > 7 || (unused > 0 && reader.remaining === 0)) {
    reader.fail(`${unused} unused bits in ${reader.remaining} octets`, at);
  }
  const last = unused === 0 ? 0 : (reader.source[reader.end - 1] as number);
  if ((last & ((1 << unused) - 1)) !== 0) reader.fail('unused bits are not zero', reader.end - 1);
  return unused;
}

class BitStringType extends TaggedType<string> {
  read(reader: TlvReader): string {
    const unused = readUnusedBits(reader);
    const at = reader.offset;
    reader.skip(reader.remaining);
    const hex = toHex(reader.source, at, reader.offset);
    return unused === 0 ? hex : `${hex}/${unused}`;
  }

  write(writer: TlvWriter, value: string): void {
    if (typeof value !== 'string') writer.fail('not hex text');
    const slash = value.indexOf('/');
    const hex = slash < 0 ? value : value.slice(0, slash);
    const unused = slash < 0 ? 0 : '01234567'.indexOf(value.slice(slash + 1));
    if (slash >= 0 && (unused < 1 || value.length !== slash + 2 || hex === '')) {
      writer.fail('not hex with /1 to /7 unused bits');
    }
    writer.u8(unused);
    writer.hex(hex);
    if ((Number.parseInt(hex.slice(-2), 16) & ((1 << unused) - 1)) !== 0) {
      writer.fail('unused bits are not zero');
    }
  }
}

/**
 * BIT STRING as hex; unless it fills its octets, `/n` behind the hex says how many bits are unused.
 */
export const bitString: TaggedType<string> = new BitStringType(0x03);

export type BitNames = { readonly [name: string]: number };

class NamedBitsType<N extends string> extends TaggedType<N | readonly N[]> {
  private readonly names: readonly (N | undefined)[];
  private readonly bits: ReadonlyMap<unknown, number>;

  constructor(bits: BitNames) {
    super(0x03);
    const names: (N | undefined)[] = [];
    for (const [name, bit] of Object.entries(bits)) names[bit] = name as N;
    this.names = names;
    this.bits = new Map(Object.entries(bits));
  }

  read(reader: TlvReader): N | readonly N[] {
    const at = reader.offset;
    const unused = readUnusedBits(reader);
    const count = reader.remaining * 8 - unused;
    const list: N[] = [];
    let octet = 0;
    for (let bit = 0; bit < count; bit++) {
      if (bit % 8 === 0) octet = reader.u8();
      if ((octet & (0x80 >> (bit % 8))) === 0) {
        if (bit === count - 1) reader.fail('trailing zero bits in a list of named bits', at);
        continue;
      }
      const name = this.names[bit];
      if (name === undefined) reader.fail(`bit ${bit} has no name`);
      list.push(name);
    }
    return list.length === 1 ? (list[0] as N) : list;
  }

  write(writer: TlvWriter, value: N | readonly N[]): void {
    const octets: number[] = [];
    let last = -1;
    for (const name of Array.isArray(value) ? value : [value]) {
      const bit = this.bits.get(name);
      if (bit === undefined) {
        writer.fail(`${shown(name)} is none of ${[...this.bits.keys()].join(', ')}`);
      }
      while (octets.length <= bit >> 3) octets.push(0);
      octets[bit >> 3] = (octets[bit >> 3] as number) | (0x80 >> (bit % 8));
      last = Math.max(last, bit);
    }
    writer.u8(octets.length * 8 - last - 1);
    for (const octet of octets) writer.u8(octet);
  }
}

/** BIT STRING with named bits: the name where exactly one is set, otherwise the list of names. */
export function namedBits<const B extends BitNames>(
  bits: B,
): TaggedType<(keyof B & string) | readonly (keyof B & string)[]> {
  return new NamedBitsType<keyof B & string>(bits);
}
