import { describe, expect, it } from 'vitest';
import { transientOctets } from '../../../protocols/codec/transient-octets.js';

describe('transient octets', () => {
  it('are zero, as many as asked for, and nobody else’s', () => {
    const taken: Uint8Array[] = [];
    for (let count = 0; count < 3000; count += 7) {
      const octets = transientOctets(count);
      expect(octets).toHaveLength(count);
      expect(octets.every((octet) => octet === 0)).toBe(true);
      octets.fill(taken.length);
      taken.push(octets);
    }
    for (const [index, octets] of taken.entries()) {
      expect(octets.every((octet) => octet === (index & 0xff))).toBe(true);
    }
  });
});
