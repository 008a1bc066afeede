import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyDigest } from '../../../emulator/dcc/latency-digest.js';

describe('LatencyDigest', () => {
  it('is all zero when empty', () => {
    expect(new LatencyDigest().summary()).toEqual({ count: 0, p50: 0, p95: 0, max: 0 });
  });

  it('is within 2 % of the sorted list', () => {
    const latencies = fc.array(fc.double({ min: 0.02, max: 1e7, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.95, 1), (list, fraction) => {
        const digest = new LatencyDigest();
        for (const ms of list) digest.add(ms);
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(list.length * fraction) - 1] as number;
        expect(Math.abs(digest.percentile(fraction) - exact) / exact).toBeLessThan(0.02);
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it('takes zeros, tiny and huge values', () => {
    const digest = new LatencyDigest();
    for (const ms of [0, -1, 0.001, 1e12]) digest.add(ms);
    expect(digest.summary()).toMatchObject({ count: 4, max: 1e12 });
    expect(digest.percentile(0.5)).toBeLessThanOrEqual(0.01);
  });
});
