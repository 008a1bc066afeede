/**
 * An element of GF(2^m) in polynomial basis: 32-bit words, least significant first, of exactly the
 * field's length. Results go to an `out` argument, which may be an operand as well: the inner loops
 * of a scalar multiplication allocate nothing.
 */
export type FieldElement = Int32Array;

/** The bits of an octet with a zero after each: its square. */
const spread = new Uint16Array(256).map((_, octet) => {
  let wide = 0;
  for (let bit = 0; bit < 8; bit++) wide |= ((octet >> bit) & 1) << (2 * bit);
  return wide;
});

/**
 * Arithmetic in GF(2^m). Quick, **not constant time**: the keys of an emulator are made from a seed
 * and protect nothing. One instance serves one thread, since it owns its working memory.
 */
export class BinaryField {
  readonly words: number;
  private readonly product: Int32Array;
  /** The second operand times each polynomial of degree below 4, one after another. */
  private readonly multiples: Int32Array;
  private readonly chain: FieldElement;
  private readonly power: FieldElement;

  /**
   * `degree` is m. `reduce` takes a product of twice the words and leaves its remainder in the
   * lower half. The highest word must have three bits to spare. `traceBits` are those i for which
   * z^i has trace 1.
   */
  constructor(
    readonly degree: number,
    private readonly reduce: (product: Int32Array) => void,
    private readonly traceBits: readonly number[],
  ) {
    this.words = Math.ceil(degree / 32);
    this.product = new Int32Array(2 * this.words);
    this.multiples = new Int32Array(16 * this.words);
    this.chain = this.zero();
    this.power = this.zero();
  }

  zero(): FieldElement {
    return new Int32Array(this.words);
  }

  one(): FieldElement {
    const element = this.zero();
    element[0] = 1;
    return element;
  }

  get octets(): number {
    return Math.ceil(this.degree / 8);
  }

  /** From `octets` big-endian octets at `start`; undefined where a bit at or above m is set. */
  fromBytes(bytes: Uint8Array, start = 0): FieldElement | undefined {
    const element = this.zero();
    const last = start + this.octets - 1;
    for (let i = 0; i < this.octets; i++) {
      const word = i >> 2;
      element[word] = (element[word] as number) | ((bytes[last - i] as number) << (8 * (i & 3)));
    }
    const top = (element[this.words - 1] as number) >>> (this.degree & 31);
    return top === 0 ? element : undefined;
  }

  /** Big-endian, `octets` long, into `target` at `start`. */
  toBytes(element: FieldElement, target: Uint8Array, start = 0): void {
    const last = start + this.octets - 1;
    for (let i = 0; i < this.octets; i++) {
      target[last - i] = (element[i >> 2] as number) >>> (8 * (i & 3));
    }
  }

  isZero(a: FieldElement): boolean {
    let bits = 0;
    for (let i = 0; i < this.words; i++) bits |= a[i] as number;
    return bits === 0;
  }

  equal(a: FieldElement, b: FieldElement): boolean {
    let bits = 0;
    for (let i = 0; i < this.words; i++) bits |= (a[i] as number) ^ (b[i] as number);
    return bits === 0;
  }

  /** Also subtraction. */
  add(out: FieldElement, a: FieldElement, b: FieldElement): void {
    for (let i = 0; i < this.words; i++) out[i] = (a[i] as number) ^ (b[i] as number);
  }

  /** Comb of four bits: each nibble of `a` picks a ready multiple of `b`. */
  multiply(out: FieldElement, a: FieldElement, b: FieldElement): void {
    const { words, product, multiples } = this;
    this.tabulate(b);
    product.fill(0);
    for (let shift = 28; ; shift -= 4) {
      if (words === 9) addRowsOfNine(product, a, shift, multiples);
      else addRows(product, a, shift, multiples, words);
      if (shift === 0) break;
      for (let i = 2 * words - 1; i > 0; i--) {
        product[i] = ((product[i] as number) << 4) | ((product[i - 1] as number) >>> 28);
      }
      product[0] = (product[0] as number) << 4;
    }
    this.reduce(product);
    for (let i = 0; i < words; i++) out[i] = product[i] as number;
  }

  private tabulate(b: FieldElement): void {
    const { words, multiples } = this;
    for (let i = 0; i < words; i++) multiples[words + i] = b[i] as number;
    for (let row = 2; row < 16; row += 2) {
      const half = (row >> 1) * words;
      const even = row * words;
      let carry = 0;
      for (let i = 0; i < words; i++) {
        const word = multiples[half + i] as number;
        const doubled = (word << 1) | carry;
        carry = word >>> 31;
        multiples[even + i] = doubled;
        multiples[even + words + i] = doubled ^ (b[i] as number);
      }
    }
  }

  square(out: FieldElement, a: FieldElement): void {
    const { words, product } = this;
    for (let i = 0; i < words; i++) {
      const word = a[i] as number;
      product[2 * i] =
        (spread[word & 0xff] as number) | ((spread[(word >>> 8) & 0xff] as number) << 16);
      product[2 * i + 1] =
        (spread[(word >>> 16) & 0xff] as number) | ((spread[word >>> 24] as number) << 16);
    }
    this.reduce(product);
    for (let i = 0; i < words; i++) out[i] = product[i] as number;
  }

  /** `a` to the power 2^count. */
  squareTimes(out: FieldElement, a: FieldElement, count: number): void {
    if (out !== a) out.set(a);
    for (let i = 0; i < count; i++) this.square(out, out);
  }

  /**
   * a^-1 = (a^(2^(m-1) - 1))^2, by Itoh and Tsujii's chain: a^(2^(2k) - 1) takes one multiplication
   * from a^(2^k - 1). The inverse of 0 comes out as 0.
   */
  invert(out: FieldElement, a: FieldElement): void {
    const { chain, power } = this;
    const exponent = this.degree - 1;
    const base = a.slice();
    chain.set(base);
    let reached = 1;
    for (let bit = 30 - Math.clz32(exponent); bit >= 0; bit--) {
      this.squareTimes(power, chain, reached);
      this.multiply(chain, chain, power);
      reached *= 2;
      if ((exponent >> bit) & 1) {
        this.square(chain, chain);
        this.multiply(chain, chain, base);
        reached++;
      }
    }
    this.square(out, chain);
  }

  /** The sum of a^(2^i) for i below m: 0 or 1. Linear, so that it is the sum of a few bits. */
  trace(a: FieldElement): number {
    let sum = 0;
    for (const bit of this.traceBits) sum ^= (a[bit >> 5] as number) >>> (bit & 31);
    return sum & 1;
  }

  /** A root z of z^2 + z = a (the other is z + 1); undefined where there is none. m is odd. */
  solveQuadratic(a: FieldElement): FieldElement | undefined {
    const root = a.slice();
    for (let i = 1; i <= (this.degree - 1) / 2; i++) {
      this.squareTimes(root, root, 2);
      this.add(root, root, a);
    }
    const check = this.zero();
    this.square(check, root);
    this.add(check, check, root);
    return this.equal(check, a) ? root : undefined;
  }
}

/** Adds the multiple that each word's nibble at `shift` picks, at that word's place. */
function addRows(
  product: Int32Array,
  a: FieldElement,
  shift: number,
  multiples: Int32Array,
  words: number,
): void {
  for (let i = 0; i < words; i++) {
    const row = (((a[i] as number) >>> shift) & 15) * words;
    for (let k = 0; k < words; k++) {
      product[i + k] = (product[i + k] as number) ^ (multiples[row + k] as number);
    }
  }
}

/**
 * The same for elements of nine words, which Great Britain's suite has: the sums that the next word
 * adds to stay out of memory and move down one place a word. It halves a multiplication.
 */
function addRowsOfNine(p: Int32Array, a: FieldElement, shift: number, m: Int32Array): void {
  let c0 = p[0] as number;
  let c1 = p[1] as number;
  let c2 = p[2] as number;
  let c3 = p[3] as number;
  let c4 = p[4] as number;
  let c5 = p[5] as number;
  let c6 = p[6] as number;
  let c7 = p[7] as number;
  for (let i = 0; i < 9; i++) {
    const row = (((a[i] as number) >>> shift) & 15) * 9;
    p[i] = c0 ^ (m[row] as number);
    c0 = c1 ^ (m[row + 1] as number);
    c1 = c2 ^ (m[row + 2] as number);
    c2 = c3 ^ (m[row + 3] as number);
    c3 = c4 ^ (m[row + 4] as number);
    c4 = c5 ^ (m[row + 5] as number);
    c5 = c6 ^ (m[row + 6] as number);
    c6 = c7 ^ (m[row + 7] as number);
    c7 = (p[i + 8] as number) ^ (m[row + 8] as number);
  }
  p[9] = c0;
  p[10] = c1;
  p[11] = c2;
  p[12] = c3;
  p[13] = c4;
  p[14] = c5;
  p[15] = c6;
  p[16] = c7;
}

/** Modulo z^163 + z^7 + z^6 + z^3 + 1, the polynomial of sect163k1 (SEC 2). */
function reduce163(c: Int32Array): void {
  for (let i = 11; i >= 6; i--) {
    const t = c[i] as number;
    c[i - 6] = (c[i - 6] as number) ^ (t << 29);
    c[i - 5] = (c[i - 5] as number) ^ (t >>> 3) ^ t ^ (t << 3) ^ (t << 4);
    c[i - 4] = (c[i - 4] as number) ^ (t >>> 29) ^ (t >>> 28);
  }
  const t = (c[5] as number) >>> 3;
  c[0] = (c[0] as number) ^ t ^ (t << 3) ^ (t << 6) ^ (t << 7);
  c[1] = (c[1] as number) ^ (t >>> 29) ^ (t >>> 26) ^ (t >>> 25);
  c[5] = (c[5] as number) & 7;
}

/** Modulo z^283 + z^12 + z^7 + z^5 + 1, the polynomial of sect283k1 (SEC 2). */
function reduce283(c: Int32Array): void {
  for (let i = 17; i >= 9; i--) {
    const t = c[i] as number;
    c[i - 9] = (c[i - 9] as number) ^ (t << 5) ^ (t << 10) ^ (t << 12) ^ (t << 17);
    c[i - 8] = (c[i - 8] as number) ^ (t >>> 27) ^ (t >>> 22) ^ (t >>> 20) ^ (t >>> 15);
  }
  const t = (c[8] as number) >>> 27;
  c[0] = (c[0] as number) ^ t ^ (t << 5) ^ (t << 7) ^ (t << 12);
  c[8] = (c[8] as number) & 0x7ff_ffff;
}

export const field163 = new BinaryField(163, reduce163, [0, 157]);
export const field283 = new BinaryField(283, reduce283, [0, 271]);
