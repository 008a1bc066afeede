import { concatBytes, fromHex } from '../../../protocols/codec/hex.js';

/**
 * A second opinion on CBOR, worked out from RFC 8949 for the tests alone: it shares no code with the bus or with
 * cbor-x, and knows no more than the tests need. Maps are written in the order given.
 */

function head(major: number, argument: bigint): Uint8Array {
  const width = [24n, 2n ** 8n, 2n ** 16n, 2n ** 32n].findIndex((limit) => argument < limit);
  if (width === 0) return Uint8Array.of((major << 5) | Number(argument));
  const power = width === -1 ? 3 : width - 1;
  const digits = argument.toString(16).padStart(2 << power, '0');
  return concatBytes(Uint8Array.of((major << 5) | (24 + power)), fromHex(digits));
}

function integer(value: bigint): Uint8Array {
  return value < 0n ? head(1, -1n - value) : head(0, value);
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(9, 0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function map(entries: readonly (readonly [unknown, unknown])[]): Uint8Array {
  const written = entries.flatMap(([key, value]) => [encode(key), encode(value)]);
  return concatBytes(head(5, BigInt(entries.length)), ...written);
}

function encode(value: unknown): Uint8Array {
  if (value === undefined) return fromHex('f7');
  if (value === null) return fromHex('f6');
  if (typeof value === 'boolean') return fromHex(value ? 'f5' : 'f4');
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? integer(BigInt(value)) : double(value);
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return concatBytes(head(3, BigInt(bytes.length)), bytes);
  }
  if (value instanceof Uint8Array) return concatBytes(head(2, BigInt(value.length)), value);
  if (Array.isArray(value)) {
    return concatBytes(head(4, BigInt(value.length)), ...value.map(encode));
  }
  return map(value instanceof Map ? [...value] : Object.entries(value));
}

/** The value with every plain object as a `Map` whose keys are in the order of RFC 8949 4.2.1. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, ordered(item)]));
  const entries = Object.entries(value).map(([key, item]) => [key, ordered(item)] as const);
  return new Map(entries.sort(([a], [b]) => Buffer.compare(encode(a), encode(b))));
}

class Decoder {
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly asMaps: boolean,
  ) {}

  done(): boolean {
    return this.at === this.bytes.length;
  }

  private take(count: number): Buffer {
    this.at += count;
    return Buffer.from(this.bytes.slice(this.at - count, this.at));
  }

  value(): unknown {
    const initial = this.take(1)[0] as number;
    const information = initial & 0x1f;
    const argument =
      information < 24 ? Uint8Array.of(information) : this.take(1 << (information - 24));
    if (initial === 0xfb) return Buffer.from(argument).readDoubleBE();
    const digits = Buffer.from(argument).toString('hex');
    return this.item(initial >> 5, BigInt(`0x${digits}`));
  }

  private item(major: number, argument: bigint): unknown {
    const count = Number(argument);
    const next = () => this.value();
    switch (major) {
      case 0:
      case 1: {
        const number = major === 0 ? argument : -1n - argument;
        return Number.isSafeInteger(Number(number)) ? Number(number) : number;
      }
      case 2:
        return Uint8Array.from(this.take(count));
      case 3:
        return this.take(count).toString('utf8');
      case 4:
        return Array.from({ length: count }, next);
      case 5: {
        const entries = Array.from({ length: count }, () => [next(), next()] as const);
        return this.asMaps ? new Map(entries) : Object.fromEntries(entries);
      }
      default:
        return [false, true, null][count - 20];
    }
  }
}

function decode(bytes: Uint8Array, asMaps: boolean): unknown {
  const decoder = new Decoder(bytes, asMaps);
  const value = decoder.value();
  if (!decoder.done()) throw new Error('bytes are left over');
  return value;
}

export const referenceCbor = {
  /** Maps as objects. */
  plain: (bytes: Uint8Array): unknown => decode(bytes, false),
  /** Maps as Map, in the order of the wire. */
  map: (bytes: Uint8Array): unknown => decode(bytes, true),
  encode,
  /** The deterministic encoding of RFC 8949 4.2, but for non-integers, which are of 64 bits. */
  encodeOrdered: (value: unknown): Uint8Array => encode(ordered(value)),
};
