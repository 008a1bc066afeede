import { CodecError } from '../../codec/codec-error.js';
import { type BinaryField, type FieldElement, field163, field283 } from './binary-field.js';
import { TauAdic } from './tau-adic.js';

/** A point other than infinity. Never changed once made. */
export interface CurvePoint {
  readonly x: FieldElement;
  readonly y: FieldElement;
}

/** Affine x = X / Z, y = Y / Z^2 (López and Dahab); infinity has Z = 0. Working storage. */
interface ProjectivePoint {
  readonly x: FieldElement;
  readonly y: FieldElement;
  readonly z: FieldElement;
}

/** Multiples a digit of a tau-adic expansion picks from, by `digit >> 1`. */
type Multiples = readonly CurvePoint[];

const windowWidth = 4;
/** The generator's multiples are made once, so they may be many. */
const generatorWindowWidth = 7;

/**
 * A Koblitz curve y^2 + xy = x^3 + ax^2 + 1 over GF(2^m), a being 0 or 1, and its subgroup of prime
 * order. Infinity is `undefined`. Every point that `decompress` or an operation gives is of that
 * subgroup. Quick, **not constant time**.
 *
 * @see SEC 2: Recommended Elliptic Curve Domain Parameters
 */
export class KoblitzCurve {
  readonly order: bigint;
  readonly cofactor: 2 | 4;
  readonly generator: CurvePoint;
  private readonly tauAdic: TauAdic;
  private generatorMultiples: Multiples | undefined;
  private readonly sum: ProjectivePoint;
  private readonly scratch: readonly [FieldElement, FieldElement, FieldElement, FieldElement];

  constructor(
    readonly name: string,
    private readonly field: BinaryField,
    private readonly a: 0 | 1,
    generator: { readonly x: bigint; readonly y: bigint },
  ) {
    this.tauAdic = new TauAdic(a === 1 ? 1n : -1n, field.degree);
    this.order = this.tauAdic.order;
    this.cofactor = a === 1 ? 2 : 4;
    this.generator = { x: this.element(generator.x), y: this.element(generator.y) };
    this.sum = { x: field.zero(), y: field.zero(), z: field.zero() };
    this.scratch = [field.zero(), field.zero(), field.zero(), field.zero()];
  }

  private element(value: bigint): FieldElement {
    const element = this.field.zero();
    for (let i = 0; i < element.length; i++) {
      element[i] = Number((value >> BigInt(32 * i)) & 0xffff_ffffn);
    }
    return element;
  }

  /** Octets of a coordinate, and of a private key. */
  get scalarOctets(): number {
    return this.field.octets;
  }

  /** Octets of a compressed point. */
  get pointOctets(): number {
    return 1 + this.field.octets;
  }

  equal(p: CurvePoint | undefined, q: CurvePoint | undefined): boolean {
    if (p === undefined || q === undefined) return p === q;
    return this.field.equal(p.x, q.x) && this.field.equal(p.y, q.y);
  }

  negate(p: CurvePoint | undefined): CurvePoint | undefined {
    if (p === undefined) return undefined;
    const y = this.field.zero();
    this.field.add(y, p.x, p.y);
    return { x: p.x, y };
  }

  add(p: CurvePoint | undefined, q: CurvePoint | undefined): CurvePoint | undefined {
    if (p === undefined) return q;
    if (q === undefined) return p;
    this.load(p);
    this.addAffine(q.x, q.y);
    return this.affineSum();
  }

  double(p: CurvePoint | undefined): CurvePoint | undefined {
    if (p === undefined) return undefined;
    const { field } = this;
    const slope = field.zero();
    const x = field.zero();
    const y = field.zero();
    field.invert(slope, p.x);
    field.multiply(slope, slope, p.y);
    field.add(slope, slope, p.x);
    field.square(x, slope);
    field.add(x, x, slope);
    x[0] = (x[0] as number) ^ this.a;
    slope[0] = (slope[0] as number) ^ 1;
    field.multiply(slope, slope, x);
    field.square(y, p.x);
    field.add(y, y, slope);
    return { x, y };
  }

  /** `scalar` times `p`; any integer, taken modulo the order. */
  multiply(scalar: bigint, p: CurvePoint): CurvePoint | undefined {
    const digits = this.tauAdic.digits(scalar, windowWidth);
    return this.evaluate(digits, this.multiplesOf(p, windowWidth));
  }

  multiplyGenerator(scalar: bigint): CurvePoint | undefined {
    this.generatorMultiples ??= this.multiplesOf(this.generator, generatorWindowWidth);
    const digits = this.tauAdic.digits(scalar, generatorWindowWidth);
    return this.evaluate(digits, this.generatorMultiples);
  }

  private multiplesOf(p: CurvePoint, width: number): Multiples {
    const multiples: CurvePoint[] = [p];
    for (let odd = 3; odd < 1 << (width - 1); odd += 2) {
      // A residue is no multiple of the large order, so that infinity cannot come out.
      multiples.push(this.evaluate(this.tauAdic.residue(width, odd), [p]) as CurvePoint);
    }
    return multiples;
  }

  /** The sum of tau^i times the multiple that digit i picks. */
  private evaluate(digits: Int8Array, multiples: Multiples): CurvePoint | undefined {
    const { field, sum } = this;
    const negated = field.zero();
    sum.z.fill(0);
    let started = false;
    for (let i = digits.length - 1; i >= 0; i--) {
      if (started) {
        field.square(sum.x, sum.x);
        field.square(sum.y, sum.y);
        field.square(sum.z, sum.z);
      }
      const digit = digits[i] as number;
      if (digit === 0) continue;
      started = true;
      const { x, y } = multiples[Math.abs(digit) >> 1] as CurvePoint;
      if (digit < 0) field.add(negated, x, y);
      this.addAffine(x, digit < 0 ? negated : y);
    }
    return this.affineSum();
  }

  private load(p: CurvePoint): void {
    this.sum.x.set(p.x);
    this.sum.y.set(p.y);
    this.sum.z.fill(0);
    this.sum.z[0] = 1;
  }

  private affineSum(): CurvePoint | undefined {
    const { field, sum } = this;
    if (field.isZero(sum.z)) return undefined;
    const inverse = field.zero();
    const x = field.zero();
    const y = field.zero();
    field.invert(inverse, sum.z);
    field.multiply(x, sum.x, inverse);
    field.square(inverse, inverse);
    field.multiply(y, sum.y, inverse);
    return { x, y };
  }

  /**
   * Adds an affine point to `sum` in eight multiplications: E. Al-Daoud et al., IEEE Transactions
   * on Computers 51 (2002).
   */
  private addAffine(x: FieldElement, y: FieldElement): void {
    const { field, sum } = this;
    const [b, c, e, f] = this.scratch;
    if (field.isZero(sum.z)) {
      this.load({ x, y });
      return;
    }
    field.square(c, sum.z);
    field.multiply(f, c, y);
    field.add(sum.y, sum.y, f);
    field.multiply(b, sum.z, x);
    field.add(sum.x, sum.x, b);
    if (field.isZero(sum.x)) {
      this.addSameAbscissa(x, y);
      return;
    }
    field.multiply(b, sum.z, sum.x);
    field.square(sum.z, b);
    field.multiply(e, b, sum.y);
    if (this.a === 1) field.add(b, b, c);
    field.square(c, sum.x);
    field.multiply(sum.x, c, b);
    field.square(c, sum.y);
    field.add(sum.x, sum.x, c);
    field.add(sum.x, sum.x, e);
    field.multiply(c, x, sum.z);
    field.add(c, c, sum.x);
    field.square(b, sum.z);
    field.add(e, e, sum.z);
    field.multiply(sum.y, e, c);
    field.add(c, x, y);
    field.multiply(e, b, c);
    field.add(sum.y, sum.y, e);
  }

  /** The two points are equal, or else each is the other's negative. */
  private addSameAbscissa(x: FieldElement, y: FieldElement): void {
    if (this.field.isZero(this.sum.y)) this.load(this.double({ x, y }) as CurvePoint);
    else this.sum.z.fill(0);
  }

  /** SEC 1 compressed form: 02 or 03 by the lowest bit of y / x, then x. */
  compress(p: CurvePoint): Uint8Array {
    const { field } = this;
    const quotient = field.zero();
    field.invert(quotient, p.x);
    field.multiply(quotient, quotient, p.y);
    const bytes = new Uint8Array(this.pointOctets);
    bytes[0] = 2 | ((quotient[0] as number) & 1);
    field.toBytes(p.x, bytes, 1);
    return bytes;
  }

  /** The point of that form; CodecError unless it is one of the subgroup of prime order. */
  decompress(bytes: Uint8Array): CurvePoint {
    const { field } = this;
    if (bytes.length !== this.pointOctets) {
      throw new CodecError('', 0, `need ${this.pointOctets} bytes, have ${bytes.length}`);
    }
    if (bytes[0] !== 2 && bytes[0] !== 3) {
      throw new CodecError('', 0, 'a compressed point starts with 02 or 03');
    }
    const x = field.fromBytes(bytes, 1);
    if (x === undefined) throw new CodecError('', 1, `x has more than ${field.degree} bits`);
    if (field.isZero(x)) throw new CodecError('', 1, 'the point with x = 0 has order 2');
    const quadratic = field.zero();
    field.invert(quadratic, x);
    field.square(quadratic, quadratic);
    field.add(quadratic, quadratic, x);
    quadratic[0] = (quadratic[0] as number) ^ this.a;
    const root = field.solveQuadratic(quadratic);
    if (root === undefined) throw new CodecError('', 1, `no point of ${this.name} has this x`);
    if (((root[0] as number) & 1) !== (bytes[0] & 1)) root[0] = (root[0] as number) ^ 1;
    const y = field.zero();
    field.multiply(y, root, x);
    const point = { x, y };
    if (!this.isOfPrimeOrder(point)) throw new CodecError('', 0, 'not of the prime-order subgroup');
    return point;
  }

  /**
   * Whether a point of the curve is a double of a double, so that the cofactor's part of it is
   * nothing: a point has a half if and only if x and a have the same trace (m is odd).
   */
  private isOfPrimeOrder({ x, y }: CurvePoint): boolean {
    const { field } = this;
    if (field.trace(x) !== this.a) return false;
    if (this.cofactor === 2) return true;
    const slope = field.solveQuadratic(x);
    if (slope === undefined) return false;
    slope[0] = (slope[0] as number) ^ 1;
    const halfSquared = field.zero();
    field.multiply(halfSquared, slope, x);
    field.add(halfSquared, halfSquared, y);
    return field.trace(halfSquared) === this.a;
  }

  /** The x coordinate, big-endian. */
  abscissa(p: CurvePoint): Uint8Array {
    const bytes = new Uint8Array(this.field.octets);
    this.field.toBytes(p.x, bytes);
    return bytes;
  }
}

/** ZigBee's suite 1. */
export const sect163k1 = new KoblitzCurve('sect163k1', field163, 1, {
  x: 0x02fe13c0537bbc11acaa07d793de4e6d5e5c94eee8n,
  y: 0x0289070fb05d38ff58321f2e800536d538ccdaa3d9n,
});

/** ZigBee's suite 2, Great Britain's. */
export const sect283k1 = new KoblitzCurve('sect283k1', field283, 0, {
  x: 0x0503213f78ca44883f1a3b8162f188e553cd265f23c1567a16876913b0c2ac2458492836n,
  y: 0x01ccda380f1c9e318d90f95d07e5426fe87e45c0e8184698e45962364e34116177dd2259n,
});
