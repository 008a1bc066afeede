import { under } from './codec-error.js';
import { Reader } from './reader.js';
import type { Trace } from './trace.js';
import { type Writer, written } from './writer.js';

/**
 * One wire format, both ways. Decoding is strict: what `decode` accepts, `encode` writes back byte for byte.
 * Both throw only CodecError.
 */
export interface Codec<T> {
  decode(reader: Reader): T;
  encode(writer: Writer, value: T): void;
}

export type Decoded<C> = C extends Codec<infer T> ? T : never;

/** Decodes all of `bytes`; trailing bytes are an error. `path` names the whole in errors. */
export function decodeWith<T>(codec: Codec<T>, bytes: Uint8Array, path = '', trace?: Trace): T {
  const reader = new Reader(bytes);
  if (trace !== undefined) reader.trace = trace;
  try {
    const value = codec.decode(reader);
    reader.done();
    return value;
  } catch (error) {
    throw under(path, error);
  }
}

export function encodeWith<T>(codec: Codec<T>, value: T, path = ''): Uint8Array {
  try {
    return written((writer) => codec.encode(writer, value));
  } catch (error) {
    throw under(path, error);
  }
}

/** Fields in wire order; errors carry the field's name. */
export function struct<F extends { readonly [name: string]: Codec<never> | Codec<unknown> }>(
  fields: F,
): Codec<{ [K in keyof F]: Decoded<F[K]> }> {
  const entries = Object.entries(fields) as [string, Codec<unknown>][];
  return {
    decode(reader) {
      const value: Record<string, unknown> = {};
      let current = '';
      try {
        for (const [name, codec] of entries) {
          current = name;
          value[name] = codec.decode(reader);
        }
      } catch (error) {
        throw under(current, error);
      }
      return value as { [K in keyof F]: Decoded<F[K]> };
    },
    encode(writer, value) {
      let current = '';
      try {
        for (const [name, codec] of entries) {
          current = name;
          codec.encode(writer, (value as Record<string, unknown>)[name]);
        }
      } catch (error) {
        throw under(current, error);
      }
    },
  };
}

/** Exactly these bytes, standing for nothing but themselves. */
export function constant(expected: Uint8Array, meaning: string): Codec<undefined> {
  return {
    decode(reader) {
      const at = reader.offset;
      const found = reader.bytes(expected.length);
      for (let i = 0; i < expected.length; i++) {
        if (found[i] !== expected[i]) reader.fail(`not ${meaning}`, at + i);
      }
      return undefined;
    },
    encode(writer) {
      writer.bytes(expected);
    },
  };
}

/** The same wire, another shape of value. */
export function mapped<A, B>(inner: Codec<A>, to: (a: A) => B, from: (b: B) => A): Codec<B> {
  return {
    decode: (reader) => to(inner.decode(reader)),
    encode: (writer, value) => inner.encode(writer, from(value)),
  };
}
