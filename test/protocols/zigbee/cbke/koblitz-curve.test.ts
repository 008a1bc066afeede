import { createECDH, ECDH } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import {
  type CurvePoint,
  type KoblitzCurve,
  sect163k1,
  sect283k1,
} from '../../../../protocols/zigbee/cbke/koblitz-curve.js';

const curves = [sect163k1, sect283k1] as const;

/** SEC 2, and NIST's K-163 and K-283. */
const published = {
  sect163k1: {
    order: 0x4000000000000000000020108a2e0cc0d99f8a5efn,
    generator: '0302fe13c0537bbc11acaa07d793de4e6d5e5c94eee8',
  },
  sect283k1: {
    order: 0x1ffffffffffffffffffffffffffffffffffe9ae2ed07577265dff7f94451e061e163c61n,
    generator: '020503213f78ca44883f1a3b8162f188e553cd265f23c1567a16876913b0c2ac2458492836',
  },
} as const;

function scalarHex(curve: KoblitzCurve, scalar: bigint): string {
  return scalar.toString(16).padStart(2 * curve.scalarOctets, '0');
}

function opensslPublicKey(curve: KoblitzCurve, scalar: bigint): string {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(scalarHex(curve, scalar), 'hex');
  return ecdh.getPublicKey('hex', 'compressed');
}

function opensslShared(curve: KoblitzCurve, scalar: bigint, point: CurvePoint): string {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(scalarHex(curve, scalar), 'hex');
  return ecdh.computeSecret(curve.compress(point)).toString('hex');
}

function scalars(curve: KoblitzCurve) {
  return fc.bigInt({ min: 1n, max: curve.order - 1n });
}

const runs = { seed: 20261122, numRuns: 40 };

describe.each(curves)('$name', (curve) => {
  const known = published[curve.name as keyof typeof published];

  it('has the published order and generator', () => {
    expect(curve.order).toBe(known.order);
    expect(toHex(curve.compress(curve.generator))).toBe(known.generator);
    expect(curve.equal(curve.decompress(fromHex(known.generator)), curve.generator)).toBe(true);
  });

  it('multiplies the generator as OpenSSL does', () => {
    const edges = [1n, 2n, 3n, 4n, 5n, 7n, 8n, curve.order - 1n, curve.order - 2n];
    for (const scalar of edges) {
      const point = curve.multiplyGenerator(scalar) as CurvePoint;
      expect(toHex(curve.compress(point))).toBe(opensslPublicKey(curve, scalar));
      expect(curve.equal(curve.multiply(scalar, curve.generator), point)).toBe(true);
    }
    fc.assert(
      fc.property(scalars(curve), (scalar) => {
        const point = curve.multiplyGenerator(scalar) as CurvePoint;
        expect(toHex(curve.compress(point))).toBe(opensslPublicKey(curve, scalar));
      }),
      runs,
    );
  });

  it('multiplies any point as OpenSSL does', () => {
    fc.assert(
      fc.property(scalars(curve), scalars(curve), (a, b) => {
        const point = curve.multiplyGenerator(a) as CurvePoint;
        const product = curve.multiply(b, point) as CurvePoint;
        expect(toHex(curve.abscissa(product))).toBe(opensslShared(curve, b, point));
        const ab = (a * b) % curve.order;
        expect(toHex(curve.compress(product))).toBe(opensslPublicKey(curve, ab));
      }),
      runs,
    );
  });

  it('adds as its scalars do', () => {
    fc.assert(
      fc.property(scalars(curve), scalars(curve), (a, b) => {
        const sum = curve.add(curve.multiplyGenerator(a), curve.multiplyGenerator(b));
        const expected = (a + b) % curve.order;
        if (expected === 0n) expect(sum).toBeUndefined();
        else {
          expect(toHex(curve.compress(sum as CurvePoint))).toBe(opensslPublicKey(curve, expected));
        }
      }),
      runs,
    );
  });

  it('meets its special cases', () => {
    const p = curve.multiplyGenerator(0x1234567n) as CurvePoint;
    const twice = opensslPublicKey(curve, 2n * 0x1234567n);
    expect(toHex(curve.compress(curve.add(p, p) as CurvePoint))).toBe(twice);
    expect(toHex(curve.compress(curve.double(p) as CurvePoint))).toBe(twice);
    expect(curve.add(p, curve.negate(p))).toBeUndefined();
    expect(curve.add(p, undefined)).toBe(p);
    expect(curve.add(undefined, p)).toBe(p);
    expect(curve.double(undefined)).toBeUndefined();
    expect(curve.negate(undefined)).toBeUndefined();
    expect(curve.equal(undefined, p)).toBe(false);
    expect(curve.multiply(0n, p)).toBeUndefined();
    expect(curve.multiply(curve.order, p)).toBeUndefined();
    expect(curve.multiplyGenerator(curve.order)).toBeUndefined();
    expect(curve.equal(curve.multiply(-1n, p), curve.negate(p))).toBe(true);
    expect(curve.equal(curve.multiply(curve.order + 5n, p), curve.multiply(5n, p))).toBe(true);
  });

  it('decompresses what OpenSSL compresses', () => {
    fc.assert(
      fc.property(scalars(curve), (scalar) => {
        const compressed = opensslPublicKey(curve, scalar);
        const { x, y } = curve.decompress(fromHex(compressed));
        const both = toHex(curve.abscissa({ x, y })) + toHex(curve.abscissa({ x: y, y: x }));
        const uncompressed = ECDH.convertKey(compressed, curve.name, 'hex', 'hex', 'uncompressed');
        expect(`04${both}`).toBe(uncompressed);
        expect(toHex(curve.compress({ x, y }))).toBe(compressed);
      }),
      runs,
    );
  });

  it('refuses what is no point of the subgroup, with CodecError only', () => {
    const good = curve.compress(curve.generator);
    expect(() => curve.decompress(good.subarray(1))).toThrow(CodecError);
    expect(() => curve.decompress(new Uint8Array(good.length))).toThrow('02 or 03');
    const order2 = new Uint8Array(good.length);
    order2[0] = 2;
    expect(() => curve.decompress(order2)).toThrow('order 2');
    const long = good.slice();
    long[1] = 0xff;
    expect(() => curve.decompress(long)).toThrow('bits');
    let accepted = 0;
    let offCurve = 0;
    let offSubgroup = 0;
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: curve.order }), fc.boolean(), (x, sign) => {
        try {
          const text = `0${sign ? 3 : 2}${scalarHex(curve, x)}`;
          const point = curve.decompress(fromHex(text));
          accepted++;
          // n P is infinity exactly when (n - 1) P is -P, and OpenSSL knows nothing of subgroups.
          const edge = opensslShared(curve, curve.order - 1n, point);
          expect(edge).toBe(toHex(curve.abscissa(point)));
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
          if (error.message.includes('subgroup')) offSubgroup++;
          else offCurve++;
        }
      }),
      { seed: 20261122, numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(200 / (4 * curve.cofactor));
    expect(offSubgroup).toBeGreaterThan(accepted / 2);
    expect(offCurve).toBeGreaterThan(50);
  });
});
