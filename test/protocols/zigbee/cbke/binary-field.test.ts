import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BinaryField,
  type FieldElement,
  field163,
  field283,
} from '../../../../protocols/zigbee/cbke/binary-field.js';

/** z^163 + z^7 + z^6 + z^3 + 1 and z^283 + z^12 + z^7 + z^5 + 1, as bits of a number. */
const fields = [
  { field: field163, modulus: (1n << 163n) | 0b1100_1001n },
  { field: field283, modulus: (1n << 283n) | 0b1_0000_1010_0001n },
] as const;

/** School multiplication of polynomials, and long division. */
function product(a: bigint, b: bigint, modulus: bigint): bigint {
  let result = 0n;
  for (let rest = a, row = b; rest > 0n; rest >>= 1n, row <<= 1n) {
    if (rest & 1n) result ^= row;
  }
  const degree = modulus.toString(2).length;
  for (let excess = result.toString(2).length - degree; excess >= 0; ) {
    result ^= modulus << BigInt(excess);
    excess = result.toString(2).length - degree;
  }
  return result;
}

function toElement(field: BinaryField, value: bigint): FieldElement {
  const bytes = new Uint8Array(field.octets);
  for (let i = 0; i < bytes.length; i++) {
    bytes[bytes.length - 1 - i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
  return field.fromBytes(bytes) as FieldElement;
}

function toNumber(field: BinaryField, element: FieldElement): bigint {
  const bytes = new Uint8Array(field.octets);
  field.toBytes(element, bytes);
  return bytes.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

describe.each(fields)('GF(2^$field.degree)', ({ field, modulus }) => {
  const top = (1n << BigInt(field.degree)) - 1n;
  const value = fc.oneof(fc.bigInt({ min: 0n, max: top }), fc.constantFrom(0n, 1n, 2n, top));
  const runs = { seed: 20261122, numRuns: 200 };

  it('multiplies and squares as polynomials do', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const out = field.zero();
        field.multiply(out, toElement(field, a), toElement(field, b));
        expect(toNumber(field, out)).toBe(product(a, b, modulus));
        field.square(out, toElement(field, a));
        expect(toNumber(field, out)).toBe(product(a, a, modulus));
        field.add(out, toElement(field, a), toElement(field, b));
        expect(toNumber(field, out)).toBe(a ^ b);
      }),
      runs,
    );
  });

  it('writes over its operands', () => {
    fc.assert(
      fc.property(value, (a) => {
        const element = toElement(field, a);
        field.multiply(element, element, element);
        expect(toNumber(field, element)).toBe(product(a, a, modulus));
      }),
      runs,
    );
  });

  it('inverts', () => {
    fc.assert(
      fc.property(value, (a) => {
        const inverse = field.zero();
        field.invert(inverse, toElement(field, a));
        const expected = a === 0n ? 0n : 1n;
        expect(product(a, toNumber(field, inverse), modulus)).toBe(expected);
      }),
      { ...runs, numRuns: 50 },
    );
  });

  it('solves quadratic equations exactly where the trace is 0', () => {
    fc.assert(
      fc.property(value, (a) => {
        const element = toElement(field, a);
        const sum = element.slice();
        for (let i = 1; i < field.degree; i++) {
          field.square(sum, sum);
          field.add(sum, sum, element);
        }
        expect(toNumber(field, sum)).toBe(BigInt(field.trace(element)));
        const root = field.solveQuadratic(element);
        expect(root === undefined).toBe(field.trace(element) === 1);
        if (root === undefined) return;
        const z = toNumber(field, root);
        expect(product(z, z, modulus) ^ z).toBe(a);
      }),
      { ...runs, numRuns: 50 },
    );
  });

  it('has no room for more bits than its degree', () => {
    const bytes = new Uint8Array(field.octets);
    bytes[0] = 1 << (field.degree % 8);
    expect(field.fromBytes(bytes)).toBeUndefined();
    bytes[0] = (1 << (field.degree % 8)) - 1;
    expect(field.fromBytes(bytes)).toBeDefined();
  });
});
