import { sha256 } from '@noble/hashes/sha2.js';
import {
  type xoroshiro128plus,
  xoroshiro128plusFromState,
} from 'pure-rand/generator/xoroshiro128plus';
import type { Random, RandomStream } from '../ports/random.js';

/**
 * Chance that repeats. A stream depends on the seed and its labels and on nothing else, so it does
 * not matter when, or whether, others are made; asking twice for the same labels gives the same
 * draws twice. Nothing is kept of a stream but the stream itself (about 100 bytes).
 *
 * What a seed gives is part of what this project promises, since replays rest on it:
 * 1. key = SHA-256 over seed and labels, each as UTF-8 bytes behind their count as 4 bytes,
 *    little-endian.
 * 2. generator = xoroshiro128+ (shifts 24, 16, 37) with s0 and s1 from key bytes 0-7 and 8-15,
 *    little-endian.
 * 3. `u32` = low 32 bits of its output. `fraction` = (u32 >> 5, then u32 >> 6 as lower bits) /
 *    2^53. `int`: v = u32, or (u32 >> 11) * 2^32 + u32 for more than 2^32 values; v is drawn again
 *    while it lies in the incomplete last run of the range's size; result low + v mod size.
 *    `bytes`: u32 after u32, little-endian.
 */
export class SeededRandom implements Random {
  readonly #seed: string;

  /** A whole number means the same as its decimal digits. */
  constructor(seed: string | number | bigint) {
    this.#seed = String(seed);
  }

  stream(...labels: readonly string[]): RandomStream {
    const hash = sha256.create();
    for (const part of [this.#seed, ...labels]) {
      const text = utf8.encode(part);
      hash.update(new Uint8Array(Uint32Array.of(text.length).buffer)).update(text);
    }
    const key = hash.digest();
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
    const word = (at: number) => view.getInt32(at, true);
    return new SeededStream(xoroshiro128plusFromState([word(4), word(0), word(12), word(8)]));
  }
}

const utf8 = new TextEncoder();

class SeededStream implements RandomStream {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(generator: ReturnType<typeof xoroshiro128plus>) {
    this.#generator = generator;
  }

  u32(): number {
    return this.#generator.next() >>> 0;
  }

  int(low: number, high: number): number {
    const size = high - low + 1;
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(size) && size > 0))
      throw new RangeError(`no whole number to draw from ${low} to ${high}`);
    if (size <= 2 ** 32) {
      const limit = 2 ** 32 - (2 ** 32 % size);
      let value = this.u32();
      while (value >= limit) value = this.u32();
      return low + (value % size);
    }
    const limit = 2 ** 53 - (2 ** 53 % size);
    let value = this.#u53();
    while (value >= limit) value = this.#u53();
    return low + (value % size);
  }

  fraction(): number {
    const upper = this.u32() >>> 5;
    return (upper * 2 ** 26 + (this.u32() >>> 6)) / 2 ** 53;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    let word = 0;
    for (let i = 0; i < count; i++) {
      word = i % 4 === 0 ? this.u32() : word >>> 8;
      bytes[i] = word;
    }
    return bytes;
  }

  #u53(): number {
    const upper = this.u32() >>> 11;
    return upper * 2 ** 32 + this.u32();
  }
}
