import { CodecError } from '../codec/codec-error.js';
import { show } from '../codec/show.js';

/**
 * The twenty digits of a UTRN: a 64-bit token as nineteen digits and a check digit behind them (gbcs-message.md 6).
 *
 * The check digit is Verhoeff's, computed from the left with the permutation row shifted by four: a plain Verhoeff
 * implementation gives other digits.
 */

export const utrnLength = 20;
/** Added to the token so that it always has nineteen digits. */
const tokenOffset = 7_394_156_990_786_306_048n;
const tokenMax = (1n << 57n) - 1n;

/** Product in the dihedral group of order ten. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
}

const firstPermutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;
/** Row k applies the first permutation k times; row 8 would be row 0 again. */
const permutations: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, row) =>
  Array.from({ length: 10 }, (_, digit) => {
    let permuted = digit;
    for (let i = 0; i < row; i++) permuted = firstPermutation[permuted] as number;
    return permuted;
  }),
);
const startRow = 4;
/** The digit that brings a sum over nineteen digits to zero. */
const checkDigits = [1, 2, 6, 7, 5, 8, 3, 0, 9, 4] as const;

function fold(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const row = permutations[(startRow + i) % permutations.length] as readonly number[];
    sum = multiply(sum, row[digits.charCodeAt(i) - 48] as number);
  }
  return sum;
}

/** The check digit for nineteen digits. */
export function utrnCheckDigit(nineteen: string): number {
  return checkDigits[fold(nineteen)] as number;
}

/** The digits of a token of up to 57 bits. @throws CodecError when it is larger or negative. */
export function utrnDigits(token: bigint): string {
  if (token < 0n || token > tokenMax) {
    throw new CodecError('utrn', 0, `${show(token)} is not a token of 57 bits`);
  }
  const nineteen = String(token + tokenOffset);
  return nineteen + utrnCheckDigit(nineteen);
}

/** The token in twenty digits. @throws CodecError for other text, a wrong check digit or no such token. */
export function utrnToken(digits: string): bigint {
  if (typeof digits !== 'string' || !/^\d{20}$/.test(digits)) {
    throw new CodecError('utrn', 0, `${show(digits)} is not ${utrnLength} digits`);
  }
  if (fold(digits) !== 0) throw new CodecError('utrn', utrnLength - 1, 'wrong check digit');
  const token = BigInt(digits.slice(0, -1)) - tokenOffset;
  if (token < 0n || token > tokenMax) throw new CodecError('utrn', 0, 'no token has these digits');
  return token;
}
