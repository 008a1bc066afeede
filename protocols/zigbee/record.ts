import type { Codec } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { show } from '../codec/show.js';
import type { Writer } from '../codec/writer.js';
import {
  type BitLayout,
  type BitValues,
  type CompiledBits,
  compileBits,
  readWord,
} from './bits.js';
import { items, lengthOf } from './fields.js';

/** What was read of a record so far, or all of what is being written. */
type Values = Record<string, unknown>;

/**
 * One field of a record. It sees what stands around it: the fields before it (all of them while
 * encoding), and the word of the record's `spread` bits. Any plain codec is a field.
 */
export interface Field<T> {
  decode(reader: Reader, record: Values, word: number): T;
  encode(writer: Writer, value: T, record: Values): void;
  /** Which bits of the `spread` word this field decides, and how. */
  readonly wordMask?: number;
  wordBits?(writer: Writer, value: T): number;
}

/** A word whose flags and numbers are fields of the record itself; at most one a record. */
export interface SpreadBits<B extends BitLayout> {
  readonly size: number;
  readonly spread: CompiledBits;
  /** For the type only. */
  readonly layout: B;
}

export type RecordLayout = {
  readonly [name: string]: Field<never> | Field<unknown> | SpreadBits<BitLayout>;
};

type ValueOf<F> = F extends Field<infer T> ? T : never;
type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never;
type Spread<L> = Intersection<
  { [K in keyof L]: L[K] extends SpreadBits<infer B> ? BitValues<B> : never }[keyof L]
>;
type Plain<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never;

/** The TypeScript type of what a layout declares. */
export type RecordValues<L> = Plain<
  Spread<L> & {
    [K in keyof L as L[K] extends SpreadBits<BitLayout>
      ? never
      : undefined extends ValueOf<L[K]>
        ? never
        : K]: ValueOf<L[K]>;
  } & {
    [K in keyof L as L[K] extends SpreadBits<BitLayout>
      ? never
      : undefined extends ValueOf<L[K]>
        ? K
        : never]?: ValueOf<L[K]>;
  }
>;

/** A codec of records that can also add its fields to a record begun by another. */
export interface RecordCodec<T> extends Codec<T> {
  decodeInto(reader: Reader, record: Values): void;
}

export function spread<const B extends BitLayout>(size: number, layout: B): SpreadBits<B> {
  return { size, spread: compileBits(layout), layout };
}

/** Only there if the bits of `mask` in the `spread` word say so. */
export function presentIf<T>(mask: number, codec: Codec<T>): Field<T | undefined> {
  return {
    wordMask: mask,
    wordBits: (_writer, value) => (value === undefined ? 0 : mask),
    decode: (reader, _record, word) => (word & mask ? codec.decode(reader) : undefined),
    encode(writer, value) {
      if (value !== undefined) codec.encode(writer, value);
    },
  };
}

/** A list whose length is in the bits of `mask` (from bit 0) of the `spread` word. */
export function countedIn<T>(mask: number, item: Codec<T>): Field<readonly T[]> {
  const inner = items(item);
  return {
    wordMask: mask,
    wordBits: (writer, value) => lengthOf(writer, value, mask),
    decode: (reader, _record, word) => inner.decode(reader, word & mask),
    encode: inner.encode,
  };
}

/** There for some values of an earlier field, and only for those. */
export function presentFor<T>(
  name: string,
  applies: (value: unknown) => boolean,
  codec: Codec<T>,
): Field<T | undefined> {
  return {
    decode: (reader, record) => (applies(record[name]) ? codec.decode(reader) : undefined),
    encode(writer: Writer, value: T | undefined, record: Values) {
      if (applies(record[name])) {
        if (value === undefined) writer.fail(`missing, where ${name} is ${show(record[name])}`);
        codec.encode(writer, value);
      } else if (value !== undefined) {
        writer.fail(`does not go with ${name} ${show(record[name])}`);
      }
    },
  };
}

/** May be left off at the end of the message. */
export function leftOff<T>(codec: Codec<T>): Field<T | undefined> {
  return {
    decode: (reader) => (reader.remaining > 0 ? codec.decode(reader) : undefined),
    encode(writer, value) {
      if (value !== undefined) codec.encode(writer, value);
    },
  };
}

interface Step {
  readonly name: string;
  readonly field: Field<unknown> | undefined;
  readonly bits: SpreadBits<BitLayout> | undefined;
}

function stepsOf(layout: RecordLayout): readonly Step[] {
  return Object.entries(layout).map(([name, field]) =>
    'spread' in field
      ? { name, field: undefined, bits: field }
      : { name, field: field as Field<unknown>, bits: undefined },
  );
}

/** The `spread` word: its own flags and numbers, and what the fields after it decide. */
function wordOf(writer: Writer, steps: readonly Step[], bits: CompiledBits, values: Values) {
  let word = bits.join(writer, values);
  for (const { name, field } of steps) {
    if (field?.wordBits === undefined) continue;
    try {
      word |= field.wordBits(writer, values[name]);
    } catch (error) {
      throw under(name, error);
    }
  }
  return word >>> 0;
}

/** Fields in wire order; errors carry the field's name. */
export function record<const L extends RecordLayout>(layout: L): RecordCodec<RecordValues<L>> {
  const steps = stepsOf(layout);
  const decided = steps.reduce((mask, { field }) => mask | (field?.wordMask ?? 0), 0);
  function decodeInto(reader: Reader, values: Values): void {
    let word = 0;
    let current = '';
    try {
      for (const { name, field, bits } of steps) {
        current = name;
        if (field !== undefined) {
          const value = field.decode(reader, values, word);
          if (value !== undefined) values[name] = value;
        } else if (bits !== undefined) {
          word = readWord(reader, bits.size, bits.spread.mask | decided);
          bits.spread.split(word, values);
        }
      }
    } catch (error) {
      throw under(current, error);
    }
  }
  return {
    decodeInto,
    decode(reader) {
      const values: Values = {};
      decodeInto(reader, values);
      return values as RecordValues<L>;
    },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null) {
        writer.fail(`${show(value)} is not a record of fields`);
      }
      const values = value as Values;
      let current = '';
      try {
        for (const { name, field, bits } of steps) {
          current = name;
          if (field !== undefined) field.encode(writer, values[name], values);
          else if (bits !== undefined) {
            writer.uintLe(wordOf(writer, steps, bits.spread, values), bits.size);
          }
        }
      } catch (error) {
        throw under(current, error);
      }
    },
  };
}

type Cases = {
  readonly [name: string]: {
    readonly id: number;
    readonly fields: RecordCodec<never> | RecordCodec<unknown>;
  };
};

/** One of several records, told apart by the field `tag`: an octet on the wire, a name here. */
export type VariantValues<N extends string, C extends Cases> = {
  [K in keyof C]: C[K]['fields'] extends RecordCodec<infer T> ? Plain<{ [P in N]: K } & T> : never;
}[keyof C];

/** @param what names the octet in errors. */
export function variant<N extends string, const C extends Cases>(
  tag: N,
  what: string,
  cases: C,
): RecordCodec<VariantValues<N, C>> {
  const byName = new Map(Object.entries(cases));
  const byId = new Map(
    Object.entries(cases).map(([name, { id, fields }]) => [id, { name, fields }]),
  );
  function decodeInto(reader: Reader, values: Values): void {
    const id = reader.u8();
    const found = byId.get(id);
    if (found === undefined) reader.fail(`${what} ${id} is not known`, reader.offset - 1);
    values[tag] = found.name;
    found.fields.decodeInto(reader, values);
  }
  return {
    decodeInto,
    decode(reader) {
      const values: Values = {};
      decodeInto(reader, values);
      return values as VariantValues<N, C>;
    },
    encode(writer: Writer, value: VariantValues<N, C>) {
      const name = (value as Values | undefined)?.[tag];
      const found = typeof name === 'string' ? byName.get(name) : undefined;
      if (found === undefined) writer.fail(`${what} ${show(name)} is not known`);
      writer.u8(found.id);
      (found.fields as RecordCodec<unknown>).encode(writer, value);
    },
  };
}
