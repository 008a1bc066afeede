import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RandomStream } from '../../../emulator/ports/random.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';

/**
 * The expected draws come from a Python programme: hashlib's SHA-256, and xoroshiro128+ after the
 * reference code of Blackman and Vigna (2018) in big integers.
 */
const known = [
  {
    seed: 1,
    labels: [],
    first: [1889515138, 2254666080, 1136254505, 1356725134],
    sha256: '368c416e16fd398b599c3fc230d7f4c5cb29664835562389a5f2e00d8043cca9',
  },
  {
    seed: 1,
    labels: ['00db1234567890a0', 'load-profile'],
    first: [2410912506, 291901521, 3199138801, 2395579498],
    sha256: '288628ed540bd4c555c8ba7b68c26dfbdd0b5a193d4eb4df3167785cbee7d78b',
  },
  {
    seed: 'fleet',
    labels: ['é'],
    first: [1227981541, 1339535708, 2994875002, 821778779],
    sha256: 'f1d18bf21e6a6fd616c530834a905dbff118d18ca0777333c4c8e9295ed322b6',
  },
] as const;

function draws(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.u32());
}

describe('SeededRandom', () => {
  it.each(known)('draws the known numbers for $seed $labels', ({ seed, labels, first, sha256 }) => {
    const random = new SeededRandom(seed);
    expect(draws(random.stream(...labels), 4)).toEqual(first);
    const thousand = Buffer.alloc(4_000);
    draws(random.stream(...labels), 1_000).forEach((value, i) => {
      thousand.writeUInt32LE(value, 4 * i);
    });
    expect(createHash('sha256').update(thousand).digest('hex')).toBe(sha256);
  });

  it('makes fractions, integers and bytes of them as documented', () => {
    const random = new SeededRandom(1);
    const fractions = random.stream('fractions');
    expect([fractions.fraction(), fractions.fraction(), fractions.fraction()]).toEqual([
      0.28481792708246956, 0.3257409440263649, 0.17091278140988686,
    ]);
    const ints = random.stream('ints');
    const many = (low: number, high: number, count: number) =>
      Array.from({ length: count }, () => ints.int(low, high));
    expect(many(-3, 3, 8)).toEqual([3, -3, 2, 2, 3, 2, 0, 1]);
    expect(many(0, 2 ** 31, 4)).toEqual([547397136, 1261306045, 383614955, 1002063903]);
    expect(many(0, 2 ** 40, 3)).toEqual([259298974571, 373477914276, 778008303663]);
    expect(many(0, 2 ** 52, 4)).toEqual([
      2973097851884519, 958558891819306, 3009176259311317, 3969960902992232,
    ]);
    expect(Buffer.from(random.stream('bytes').bytes(10)).toString('hex')).toBe(
      '56fefeff664eb19414ef',
    );
  });

  it('gives each label list its own stream, wherever its parts are cut', () => {
    const random = new SeededRandom(7);
    const lists = [[], [''], ['a'], ['a', ''], ['', 'a'], ['ab'], ['a', 'b'], ['b', 'a'], ['7']];
    const seen = new Set(lists.map((labels) => draws(random.stream(...labels), 3).join()));
    expect(seen.size).toBe(lists.length);
    expect(new SeededRandom(8).stream('a').u32()).not.toBe(random.stream('a').u32());
    expect(new SeededRandom('7').stream('a').u32()).toBe(random.stream('a').u32());
    expect(new SeededRandom(7n).stream('a').u32()).toBe(random.stream('a').u32());
  });

  it('draws from one stream do not show in another', () => {
    const random = new SeededRandom(7);
    const alone = draws(random.stream('a'), 10);
    const [a, b] = [random.stream('a'), random.stream('b')];
    const mixed = alone.map(() => {
      b.bytes(5);
      random.stream('c').fraction();
      return a.u32();
    });
    expect(mixed).toEqual(alone);
  });

  it('streams of neighbouring labels are not alike', () => {
    const random = new SeededRandom(1);
    const [a, b] = [random.stream('home-1'), random.stream('home-2')];
    let equalBits = 0;
    for (let i = 0; i < 1_000; i++) {
      for (let same = ~(a.u32() ^ b.u32()) >>> 0; same > 0; same &= same - 1, same >>>= 0)
        equalBits++;
    }
    // 32,000 coin tosses: six standard deviations are 537.
    expect(Math.abs(equalBits - 16_000)).toBeLessThan(537);
  });

  it('keeps integers within their bounds, and evenly', () => {
    const bound = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    fc.assert(
      fc.property(bound, bound, fc.string(), (a, b, label) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const value = new SeededRandom(3).stream(label).int(low, high);
        expect(Number.isInteger(value) && value >= low && value <= high).toBe(true);
      }),
      { seed: 20261122, numRuns: 300 },
    );
    const stream = new SeededRandom(3).stream('dice');
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) counts[stream.int(0, 5)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(550);
    expect(stream.int(5, 5)).toBe(5);
    for (const [low, high] of [
      [1, 0],
      [0.5, 3],
      [0, Number.NaN],
      [-(2 ** 53), 2 ** 53],
    ] as const)
      expect(() => stream.int(low, high)).toThrow(RangeError);
  });

  it('fractions lie in [0, 1) around a half', () => {
    const stream = new SeededRandom(3).stream('fractions');
    let sum = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = stream.fraction();
      expect(value >= 0 && value < 1).toBe(true);
      sum += value;
    }
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(0.018);
  });
});
