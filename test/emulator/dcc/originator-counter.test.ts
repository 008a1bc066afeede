import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterFloorAt,
  OriginatorCounter,
  originatorCounterMax,
} from '../../../emulator/dcc/originator-counter.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { eui64 } from '../../../protocols/codec/eui64.js';

const party = eui64('90b3d51f30010000');

describe('OriginatorCounter', () => {
  it('starts at its floor and counts', () => {
    const counter = new OriginatorCounter(new MemoryStore(), party, 1000n);
    expect([counter.next(), counter.next(), counter.peek()]).toEqual([1000n, 1001n, 1002n]);
  });

  it('skips what was used by hand, and only that', () => {
    const counter = new OriginatorCounter(new MemoryStore(), party, 1000n);
    counter.skipPast(5000n);
    counter.skipPast(4000n);
    expect(counter.next()).toBe(5001n);
  });

  it('keeps a sequence for each party', () => {
    const store = new MemoryStore();
    new OriginatorCounter(store, party, 1000n).next();
    expect(new OriginatorCounter(store, eui64('90b3d51f30020000'), 7n).next()).toBe(7n);
  });

  it('writes to the store once in a thousand counters', () => {
    const store = new MemoryStore();
    let writes = 0;
    const counting = Object.assign(Object.create(store) as MemoryStore, {
      get: (key: string) => store.get(key),
      put: (key: string, value: Uint8Array) => {
        writes++;
        store.put(key, value);
      },
    });
    const counter = new OriginatorCounter(counting, party, 1n);
    for (let i = 0; i < 3000; i++) counter.next();
    expect(writes).toBe(3);
  });

  it('never hands out a counter twice, whatever the restarts and floors', () => {
    const life = fc.record({ floor: fc.bigInt(0n, 100_000n), uses: fc.nat(2500) });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), (lives) => {
        const store = new MemoryStore();
        let last = -1n;
        for (const { floor, uses } of lives) {
          const counter = new OriginatorCounter(store, party, floor);
          for (let i = 0; i < uses; i++) {
            const next = counter.next();
            if (next <= last || next < floor) return false;
            last = next;
          }
        }
        return true;
      }),
      { seed: 20261122, numRuns: 50 },
    );
  });

  it('ends rather than wraps', () => {
    const counter = new OriginatorCounter(new MemoryStore(), party, originatorCounterMax - 1n);
    expect(counter.next()).toBe(originatorCounterMax - 1n);
    expect(() => counter.next()).toThrow(RangeError);
  });

  it('begins above an earlier start without a store', () => {
    expect(counterFloorAt(2) - counterFloorAt(1)).toBe(1000n);
  });
});
