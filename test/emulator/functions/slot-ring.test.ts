import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotRing } from '../../../emulator/functions/slot-ring.js';

describe('slot ring', () => {
  it('holds what a plain map would, for the newest slots', () => {
    const steps = fc.array(
      fc.tuple(fc.nat(40), fc.nat(70_000), fc.boolean()).map(([ahead, value, back]) => ({
        step: back ? -ahead : ahead,
        value,
      })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 300 }), (list, capacity) => {
        const ring = new SlotRing(2, capacity);
        const map = new Map<number, number>();
        let slot = 1_000_000;
        let first = slot;
        let end = slot;
        for (const { step, value } of list) {
          slot = Math.max(first, end + step);
          ring.set(slot, value);
          map.set(slot, Math.min(value, 0xfffe));
          if (map.size === 1) first = slot;
          end = Math.max(end, slot + 1);
          first = Math.max(first, end - capacity);
        }
        for (const kept of map.keys()) if (kept < first) map.delete(kept);
        if (list.length === 0) return ring.endSlot === ring.firstSlot;
        expect([ring.firstSlot, ring.endSlot]).toEqual([first, end]);
        for (let at = first - 2; at < end + 2; at++) expect(ring.get(at)).toBe(map.get(at));
        return true;
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it('keeps thirteen months of half hours, and no more, in two octets each', () => {
    const ring = new SlotRing(2, 19_056);
    for (let slot = 0; slot < 40_000; slot++) ring.set(1_000 + slot, slot % 3000);
    expect(ring.endSlot - ring.firstSlot).toBe(19_056);
    expect(ring.get(ring.firstSlot - 1)).toBeUndefined();
    expect(ring.get(1_000 + 39_999)).toBe(39_999 % 3000);
    ring.set(5_000_000, 7);
    expect(ring.get(5_000_000 - 1)).toBeUndefined();
    expect(ring.endSlot - ring.firstSlot).toBe(19_056);
  });
});
