import type { Reader } from '../codec/reader.js';
import { show } from '../codec/show.js';
import type { Writer } from '../codec/writer.js';

/**
 * The parts of an octet or word by name: a flag by its bit number, a number by its lowest bit and
 * its width. Bits without a name are reserved: they are written 0 and refused when set.
 */
export type BitLayout = {
  readonly [name: string]: number | readonly [lowest: number, width: number];
};

export type BitValues<B extends BitLayout> = {
  readonly [K in keyof B]: B[K] extends number ? boolean : number;
};

interface Part {
  readonly name: string;
  readonly lowest: number;
  /** Largest value; 0 for a flag. */
  readonly most: number;
}

/** A bit layout ready to run, for words of up to 32 bits. */
export interface CompiledBits {
  /** The bits that have a name. */
  readonly mask: number;
  split(word: number, record: Record<string, unknown>): void;
  join(writer: Writer, record: Record<string, unknown>): number;
}

export function compileBits(layout: BitLayout): CompiledBits {
  const parts: readonly Part[] = Object.entries(layout).map(([name, at]) =>
    typeof at === 'number'
      ? { name, lowest: at, most: 0 }
      : { name, lowest: at[0], most: 2 ** at[1] - 1 },
  );
  return {
    mask: parts.reduce((mask, part) => mask | (Math.max(part.most, 1) << part.lowest), 0),
    split(word, record) {
      for (const { name, lowest, most } of parts) {
        const value = word >>> lowest;
        record[name] = most === 0 ? (value & 1) !== 0 : value & most;
      }
    },
    join(writer, record) {
      let word = 0;
      for (const { name, lowest, most } of parts) {
        const value = record[name];
        if (most === 0) {
          if (typeof value !== 'boolean') writer.fail(`${name}: ${show(value)} is not a boolean`);
          if (value) word |= 1 << lowest;
        } else {
          if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > most) {
            writer.fail(`${name}: ${show(value)} is not an integer from 0 to ${most}`);
          }
          word |= (value as number) << lowest;
        }
      }
      return word;
    },
  };
}

/** A little-endian word of which only the bits of `mask` may be set. */
export function readWord(reader: Reader, octets: number, mask: number): number {
  const at = reader.offset;
  const word = reader.uintLe(octets);
  if (word & ~mask) reader.fail('reserved bits are set', at);
  return word;
}
