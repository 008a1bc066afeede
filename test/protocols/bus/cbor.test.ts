import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CborMap, CborValue } from '../../../protocols/bus/cbor.js';
import { decodeEnvelope, encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import { referenceCbor } from './reference-cbor.js';

/** An event at time 0 with the sequence number 0, up to the value of its only member, `v`. */
const start = fromHex('a5000101030200030005a16176');

function encode(value: CborValue): Uint8Array {
  const bytes = encodeEnvelope({ kind: 'event', timeMs: 0, sequence: 0, body: { v: value } });
  expect(toHex(bytes.subarray(0, start.length))).toBe(toHex(start));
  return bytes.subarray(start.length);
}

function decode(bytes: Uint8Array): CborValue {
  const envelope = decodeEnvelope(concatBytes(start, bytes));
  return (envelope.body as CborMap).v as CborValue;
}

const upTo25 = Array.from({ length: 25 }, (_, i) => i + 1);

/** RFC 8949 Appendix A, those with types of the bus that it writes in the same form. */
const vectors: readonly (readonly [CborValue, string])[] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.0e300, 'fb7e37e43c8800759c'],
  [-4.1, 'fbc010666666666666'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [fromHex(''), '40'],
  [fromHex('01020304'), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [upTo25, '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [['a', { b: 'c' }], '826161a161626163'],
  [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
];

/** Worked out by hand from RFC 8949 3.1 and IEEE 754. */
const byHand: readonly (readonly [CborValue, string])[] = [
  [2 ** 32 - 1, '1affffffff'],
  [2 ** 32, '1b0000000100000000'],
  [-(2 ** 32), '3affffffff'],
  [-(2 ** 32) - 1, '3b0000000100000000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
  [2n ** 53n, '1b0020000000000000'],
  [-(2n ** 64n) + 1n, '3bfffffffffffffffe'],
  [1.5, 'fb3ff8000000000000'],
  [-0.5, 'fbbfe0000000000000'],
  [2 ** 53, 'fb4340000000000000'],
  [Number.POSITIVE_INFINITY, 'fb7ff0000000000000'],
  [Number.NEGATIVE_INFINITY, 'fbfff0000000000000'],
];

/** Appendix A again: well-formed, but another form than ours. */
const readOnly: readonly (readonly [string, CborValue])[] = [
  ['f90000', 0],
  ['f98000', -0],
  ['f93c00', 1],
  ['f97bff', 65504],
  ['fa47c35000', 100000],
  ['f9c400', -4],
  ['fa7f800000', Number.POSITIVE_INFINITY],
  ['f93e00', 1.5],
  ['fa7f7fffff', 3.4028234663852886e38],
  ['f90001', 2 ** -24],
  ['f90400', 0.00006103515625],
  ['f97c00', Number.POSITIVE_INFINITY],
  ['f97e00', Number.NaN],
  ['f9fc00', Number.NEGATIVE_INFINITY],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['1800', 0],
  ['1b0000000000000001', 1],
  ['3b001fffffffffffff', -9007199254740992n],
];

/** Appendix A and 3: legal CBOR that has no place on the bus, and what is no CBOR. */
const refused: readonly (readonly [string, string])[] = [
  ['f7', 'simple value'],
  ['f0', 'simple value'],
  ['f8ff', 'simple value'],
  ['c11a514b67b0', 'tags'],
  ['c249010000000000000000', 'tags'],
  ['5f42010243030405ff', 'indefinite'],
  ['7f657374726561646d696e67ff', 'indefinite'],
  ['9fff', 'indefinite'],
  ['bf61610161629f0203ffff', 'indefinite'],
  ['ff', 'indefinite'],
  ['1c', 'reserved'],
  ['a10102', 'not a text string'],
  ['a2616101616102', 'the same key twice'],
  ['a1695f5f70726f746f5f5f01', 'not allowed'],
  ['62c328', 'not UTF-8'],
  ['9affffffff', 'no room'],
  ['baffffffff', 'no room'],
  ['5b001fffffffffffff', 'need'],
  ['5bffffffffffffffff', 'need'],
  ['7bffffffffffffffff', 'need'],
  ['9bffffffffffffffff', 'no room'],
  ['bbffffffffffffffff', 'no room'],
  ['9a00000004000000', 'no room'],
  ['d81b82665265674578', 'tags'],
  ['d9dfff8219e00081616100', 'tags'],
  ['d8458100', 'tags'],
  ['63efbbbf', 'byte order mark'],
  ['a164efbbbf6101', 'byte order mark'],
  ['', 'need'],
  ['0000', 'trailing'],
];

const noByteOrderMark = (text: string) => !text.startsWith('\ufeff');

const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
    fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
    fc.float({ noNaN: true }).filter((n) => !Object.is(n, -0)),
    fc.bigInt(2n ** 53n, 2n ** 64n - 1n),
    fc.bigInt(-(2n ** 64n) + 1n, -(2n ** 53n)),
    fc.string({ unit: 'binary', maxLength: 100 }).filter(noByteOrderMark),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('CBOR of the bus', () => {
  it.each(vectors.map(([plain, hex]) => [hex, plain] as const))(
    'writes and reads %s as RFC 8949 Appendix A has it',
    (hex, plain) => {
      expect(toHex(encode(plain))).toBe(hex);
      expect(decode(fromHex(hex))).toEqual(plain);
    },
  );

  it.each(byHand.map(([plain, hex]) => [hex, plain] as const))(
    'writes and reads %s as worked out by hand',
    (hex, plain) => {
      expect(toHex(encode(plain))).toBe(hex);
      expect(decode(fromHex(hex))).toEqual(plain);
    },
  );

  it.each(readOnly)('reads %s, which it would not write', (hex, plain) => {
    expect(decode(fromHex(hex))).toEqual(plain);
  });

  it.each(refused)('refuses %s: %s', (hex, reason) => {
    expect(() => decode(fromHex(hex))).toThrow(CodecError);
    expect(() => decode(fromHex(hex))).toThrow(reason);
  });

  it('orders keys by length, then bytes (RFC 8949 4.2.1)', () => {
    const keys = ['aa', 'z', '', '10', '\u00fc', 'b', '9', 'ab', '\u{10000}', '\uffff'];
    const map = Object.fromEntries(keys.map((key, i) => [key, i]));
    const written = [...(referenceCbor.map(encode(map)) as Map<string, number>).keys()];
    const ordered = ['', '9', 'b', 'z', '10', 'aa', 'ab', '\u00fc', '\uffff', '\u{10000}'];
    expect(written).toEqual(ordered);
  });

  it('names the place of what it refuses', () => {
    // {"a": [1, undefined]} behind the 13 bytes of the start
    const wrong = fromHex('a161618201f7');
    expect(() => decode(wrong)).toThrow('envelope.body.v.a[1] @18: a simple value');
    const alien = { list: [1, () => 2] } as unknown as CborValue;
    expect(() => encode(alien)).toThrow('envelope.body.v.list[1] @0: a value of type function');
  });

  it('refuses values that are no data, with CodecError only', () => {
    const circle: { [key: string]: CborValue } = {};
    circle.self = circle;
    const integers = [2n ** 64n, -(2n ** 64n), Number.NaN];
    const texts = ['\ud800', '\udc00x', '\ufeffx', { '\ud800': 1 }, { '\ufeff': 1 }];
    const strange = [undefined, Symbol('x'), new Map(), new Date(0), circle, new Array(1)];
    const aliens: unknown[] = [...integers, ...texts, ...strange];
    for (const alien of aliens) expect(() => encode(alien as CborValue)).toThrow(CodecError);
    expect(() => encode(JSON.parse('{"__proto__": 1}') as CborValue)).toThrow('not allowed');
  });

  it('refuses more than 64 levels both ways', () => {
    let deep: CborValue = 1;
    for (let level = 0; level < 63; level++) deep = [deep];
    expect(decode(encode(deep))).toEqual(deep);
    expect(() => encode([deep])).toThrow('levels');
    expect(() => decode(new Uint8Array(10_000).fill(0x81))).toThrow('levels');
    expect(() => decode(fromHex('a161'.concat('61a161'.repeat(100), '00')))).toThrow('levels');
  });

  it.each([
    ['', () => Promise.resolve()],
    // Loading its main entry switches to the native add-on, where there is one, for all of the process.
    [' although somebody else loaded all of cbor-x', () => import('cbor-x')],
  ])('agrees with the reference on any value%s', async (_, load) => {
    await load();
    fc.assert(
      fc.property(value, (plain) => {
        const bytes = encode(plain);
        expect(decode(bytes)).toEqual(plain);
        expect(toHex(bytes)).toBe(toHex(referenceCbor.encodeOrdered(plain)));
      }),
      { seed: 20261122, numRuns: 2_000 },
    );
  });

  it('gives and takes texts of every length', () => {
    for (let length = 0; length < 400; length++) {
      for (const unit of ['x', '\u00fc', '\u6c34', '\u{10000}']) {
        const text = unit.repeat(length);
        const bytes = encode(text);
        expect(toHex(bytes)).toBe(toHex(referenceCbor.encode(text)));
        expect(decode(bytes)).toBe(text);
      }
    }
  });

  it('throws nothing but CodecError on any bytes, and re-encodes what it read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let read: CborValue;
        try {
          read = decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
          return;
        }
        // NaN is read and not written.
        if (Number.isNaN(read)) return;
        const again = encode(read);
        expect(encode(decode(again))).toEqual(again);
      }),
      { seed: 20261122, numRuns: 20_000 },
    );
  });
});
