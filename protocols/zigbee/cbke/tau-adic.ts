/**
 * The ring Z[tau] of a Koblitz curve, tau being the Frobenius map (x, y) -> (x^2, y^2), for which
 * tau^2 + 2 = mu tau. A scalar written in powers of tau needs squarings where one in powers of 2
 * needs point doublings, which is most of the cost of a scalar multiplication.
 *
 * Method: J. A. Solinas, "Efficient Arithmetic on Koblitz Curves", Designs, Codes and Cryptography
 * 19 (2000).
 */
interface TauInteger {
  readonly real: bigint;
  readonly tau: bigint;
}

/** Nearest integer to a / b, b > 0. */
function rounded(a: bigint, b: bigint): bigint {
  const twice = 2n * a + b;
  const quotient = twice / (2n * b);
  return twice < 0n && quotient * 2n * b !== twice ? quotient - 1n : quotient;
}

/** The residue of `value` of least magnitude modulo 2^bits. */
function centred(value: bigint, bits: number): number {
  return Number(BigInt.asIntN(bits, value));
}

export class TauAdic {
  /** (tau^m - 1) / (tau - 1): it takes every point of prime order to infinity. */
  private readonly annihilator: TauInteger;
  /** Number of points in the subgroup of prime order; the norm of `annihilator`. */
  readonly order: bigint;
  private readonly windows = new Map<number, TauWindow>();

  /** `mu` is 1 where the curve's a is 1, and -1 where it is 0. */
  constructor(
    readonly mu: 1n | -1n,
    degree: number,
  ) {
    let power: TauInteger = { real: 1n, tau: 0n };
    let real = 0n;
    let tau = 0n;
    for (let i = 0; i < degree; i++) {
      real += power.real;
      tau += power.tau;
      power = this.timesTau(power);
    }
    this.annihilator = { real, tau };
    this.order = this.norm(this.annihilator);
  }

  private timesTau({ real, tau }: TauInteger): TauInteger {
    return { real: -2n * tau, tau: real + this.mu * tau };
  }

  private norm({ real, tau }: TauInteger): bigint {
    return real * real + this.mu * real * tau + 2n * tau * tau;
  }

  /** `integer` less the multiple of `modulus` next to it. */
  private remainder(integer: bigint, modulus: TauInteger): TauInteger {
    const norm = this.norm(modulus);
    const real = rounded(integer * (modulus.real + this.mu * modulus.tau), norm);
    const tau = rounded(-integer * modulus.tau, norm);
    return {
      real: integer - real * modulus.real + 2n * tau * modulus.tau,
      tau: -real * modulus.tau - tau * modulus.real - this.mu * tau * modulus.tau,
    };
  }

  private window(width: number): TauWindow {
    const known = this.windows.get(width);
    if (known !== undefined) return known;
    let modulus: TauInteger = { real: 1n, tau: 0n };
    for (let i = 0; i < width; i++) modulus = this.timesTau(modulus);
    const residues: TauInteger[] = [{ real: 1n, tau: 0n }];
    for (let odd = 3; odd < 1 << (width - 1); odd += 2) {
      residues.push(this.remainder(BigInt(odd), modulus));
    }
    // The even root of t^2 + 2 = mu t modulo 2^width: tau read as t counts modulo tau^width.
    let root = 0n;
    while (BigInt.asUintN(width, root * root + 2n - this.mu * root) !== 0n) root += 2n;
    const made = { residues, root };
    this.windows.set(width, made);
    return made;
  }

  /**
   * Digits of `scalar`, lowest power of tau first: 0, or odd and below 2^(width-1) in magnitude. An
   * odd digit u stands for `residue(width, u)`, not for u. Good for points of prime order only.
   */
  digits(scalar: bigint, width: number): Int8Array {
    return this.expand(this.remainder(scalar, this.annihilator), width);
  }

  /** Digits 1, 0 and -1 of what the digit `odd` of that width stands for. */
  residue(width: number, odd: number): Int8Array {
    return this.expand(this.window(width).residues[odd >> 1] as TauInteger, 2);
  }

  private expand(value: TauInteger, width: number): Int8Array {
    const { residues, root } = this.window(width);
    const digits: number[] = [];
    let { real, tau } = value;
    while (real !== 0n || tau !== 0n) {
      let digit = 0;
      if ((real & 1n) === 1n) {
        digit = centred(BigInt.asUintN(width, real) + tau * root, width);
        const residue = residues[Math.abs(digit) >> 1] as TauInteger;
        real += digit > 0 ? -residue.real : residue.real;
        tau += digit > 0 ? -residue.tau : residue.tau;
      }
      digits.push(digit);
      const half = real >> 1n;
      real = this.mu === 1n ? tau + half : tau - half;
      tau = -half;
    }
    return Int8Array.from(digits);
  }
}

interface TauWindow {
  /** By `odd >> 1`: a small element of the ring that is `odd` modulo tau^width. */
  readonly residues: readonly TauInteger[];
  readonly root: bigint;
}
