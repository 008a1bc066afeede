import { describe, expect, it } from 'vitest';
import { hash32 } from '../../../emulator/functions/hash32.js';

describe('hash32', () => {
  // From a Python MurmurHash3 that was itself checked against five widely published vectors
  // (empty text with seed 1 = 514e28b7, 'Hello, world!' with seed 9747b28c = 24884cba, and others).
  it.each([
    [0, 0, 0, 1669671676],
    [1, 2, 3, 2920678231],
    [0xffffffff, 0xffffffff, 0xffffffff, 3338479333],
    [-1, -1, -1, 3338479333],
    [0x9747b28c, 994_032, 108, 27922983],
  ])('of %i, %i, %i is %i', (seed, first, second, expected) => {
    expect(hash32(seed, first, second)).toBe(expected);
  });
});
