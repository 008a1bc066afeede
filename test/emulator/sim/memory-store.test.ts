import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('MemoryStore', () => {
  it('gets what was put, last one wins, and forgets what is deleted', () => {
    const store = new MemoryStore();
    store.put('a/counter/2', bytes(1));
    store.put('a/counter/2', bytes(2));
    expect(store.get('a/counter/2')).toEqual(bytes(2));
    expect(store.get('a/counter')).toBeUndefined();
    store.delete('a/counter/2');
    store.delete('b/none');
    expect(store.get('a/counter/2')).toBeUndefined();
    expect([...store.entries('')]).toEqual([]);
  });

  it('lists by prefix in key order, within a device, across devices and all', () => {
    const store = new MemoryStore();
    for (const key of ['ab/x', 'a/z', 'a/b/2', 'a', 'a-b/x', 'a/b/10', 'b/1'])
      store.put(key, bytes(key.length));
    const keys = (prefix: string) => [...store.entries(prefix)].map(([key]) => key);
    expect(keys('a/b/')).toEqual(['a/b/10', 'a/b/2']);
    expect(keys('a/')).toEqual(['a/b/10', 'a/b/2', 'a/z']);
    expect(keys('a')).toEqual(['a', 'a-b/x', 'a/b/10', 'a/b/2', 'a/z', 'ab/x']);
    expect(keys('')).toEqual(['a', 'a-b/x', 'a/b/10', 'a/b/2', 'a/z', 'ab/x', 'b/1']);
    expect(keys('c/')).toEqual([]);
  });

  it('does as a sorted map does', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), maxLength: 4 });
    const change = fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 3 })));
    fc.assert(
      fc.property(fc.array(change), key, (changes, prefix) => {
        const store = new MemoryStore();
        const model = new Map<string, Uint8Array>();
        for (const [name, value] of changes) {
          if (value === null) {
            store.delete(name);
            model.delete(name);
          } else {
            store.put(name, value);
            model.set(name, value);
          }
        }
        const expected = [...model].filter(([name]) => name.startsWith(prefix));
        expect([...store.entries(prefix)]).toEqual(
          expected.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
        );
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it('can be changed while its entries are walked', () => {
    const store = new MemoryStore();
    for (let i = 0; i < 5; i++) store.put(`a/${i}`, bytes(i));
    for (const [key] of store.entries('a/')) {
      store.delete(key);
      store.put(`a/new-${key.slice(2)}`, bytes(0));
    }
    expect([...store.entries('a/')].length).toBe(5);
    expect(store.get('a/new-4')).toEqual(bytes(0));
  });

  it('outlives close, for a simulated restart', async () => {
    const store = new MemoryStore();
    store.put('a/1', bytes(1));
    await store.close();
    expect(store.get('a/1')).toEqual(bytes(1));
  });
});
