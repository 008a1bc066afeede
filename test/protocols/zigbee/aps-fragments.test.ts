import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApsFragment } from '../../../protocols/zigbee/aps.js';
import {
  ApsReassembler,
  apsBlock,
  apsBlockCount,
  apsFragment,
} from '../../../protocols/zigbee/aps-fragments.js';

const limits = {
  transmissionsMax: 4,
  transmissionsPerSourceMax: 2,
  blocksMax: 8,
  asduOctetsMax: 400,
  lifetimeMs: 1000,
};
const first = (count: number): ApsFragment => ({ first: true, blockNumber: count });
const later = (number: number): ApsFragment => ({ first: false, blockNumber: number });
const octets = (...values: number[]) => Uint8Array.from(values);

describe('splitting an ASDU', () => {
  it('goes whole while it fits without the extended header', () => {
    expect(apsBlockCount(0, 50)).toBe(1);
    expect(apsBlockCount(52, 50)).toBe(1);
    expect(apsBlockCount(53, 50)).toBe(2);
    expect(apsBlockCount(100, 50)).toBe(2);
    expect(apsBlockCount(101, 50)).toBe(3);
  });

  it('comes together again from blocks in any order, each more than once', () => {
    const property = fc.property(
      fc.uint8Array({ minLength: 53, maxLength: 400 }),
      fc.infiniteStream(fc.nat()),
      (asdu, chance) => {
        const count = apsBlockCount(asdu.length, 50);
        const order = Array.from({ length: count }, (_, index) => index);
        order.sort(() => ((chance.next().value as number) % 3) - 1);
        const reassembler = new ApsReassembler(limits);
        let whole: Uint8Array | undefined;
        for (const [at, index] of order.entries()) {
          expect(whole).toBeUndefined();
          const block = apsBlock(asdu, index, 50);
          whole = reassembler.push(7, 1, apsFragment(index, count), block, 0);
          if (at < count - 1) reassembler.push(7, 1, apsFragment(index, count), block, 0);
        }
        expect(whole).toEqual(asdu);
        expect(reassembler.pending).toBe(0);
      },
    );
    fc.assert(property, { seed: 20261122, numRuns: 300 });
  });
});

describe('the reassembler', () => {
  it('keeps transmissions of different sources and counters apart', () => {
    const reassembler = new ApsReassembler(limits);
    reassembler.push(1, 9, first(2), octets(1), 0);
    reassembler.push(2, 9, first(2), octets(2), 0);
    reassembler.push(1, 10, first(2), octets(3), 0);
    expect(reassembler.push(1, 10, later(1), octets(33), 0)).toEqual(octets(3, 33));
    expect(reassembler.push(2, 9, later(1), octets(22), 0)).toEqual(octets(2, 22));
    expect(reassembler.push(1, 9, later(1), octets(11), 0)).toEqual(octets(1, 11));
  });

  it('keeps copies, not views of the frames', () => {
    const reassembler = new ApsReassembler(limits);
    const block = octets(1);
    reassembler.push(1, 1, first(2), block, 0);
    block[0] = 0xff;
    expect(reassembler.push(1, 1, later(1), octets(2), 0)).toEqual(octets(1, 2));
  });

  it('gives up after its lifetime, at its deadline or when the next block comes', () => {
    const reassembler = new ApsReassembler(limits);
    expect(reassembler.nextDeadlineMs()).toBeUndefined();
    reassembler.push(1, 1, first(2), octets(1), 100);
    expect(reassembler.nextDeadlineMs()).toBe(1100);
    reassembler.expire(1099);
    expect(reassembler.pending).toBe(1);
    reassembler.expire(1100);
    expect(reassembler.pending).toBe(0);
    reassembler.push(1, 2, first(2), octets(1), 2000);
    expect(reassembler.push(1, 2, later(1), octets(1), 3000)).toBeUndefined();
    expect(reassembler.dropped.expired).toBe(2);
  });

  it.each<[string, ApsFragment[], string]>([
    ['two different totals', [first(3), first(4)], 'inconsistent'],
    ['a block beyond the total', [first(2), later(2)], 'inconsistent'],
    ['a total below a block already here', [later(3), first(2)], 'inconsistent'],
    ['a total of none', [first(0)], 'inconsistent'],
    ['a later block numbered 0', [later(0)], 'inconsistent'],
    ['more blocks than it takes', [first(9)], 'tooLong'],
    ['a block number above what it takes', [later(8)], 'tooLong'],
  ])('drops %s', (_name, fragments, reason) => {
    const reassembler = new ApsReassembler(limits);
    for (const fragment of fragments) {
      expect(reassembler.push(1, 1, fragment, octets(1), 0)).toBeUndefined();
    }
    expect(reassembler.pending).toBe(0);
    expect(reassembler.dropped[reason as 'tooLong']).toBe(1);
  });

  it('drops an ASDU that grows too long', () => {
    const reassembler = new ApsReassembler(limits);
    reassembler.push(1, 1, first(3), new Uint8Array(300), 0);
    reassembler.push(1, 1, later(1), new Uint8Array(101), 0);
    expect(reassembler.dropped.tooLong).toBe(1);
    expect(reassembler.pending).toBe(0);
  });

  it('replaces the oldest of a source with too many, and refuses what it has no room for', () => {
    const reassembler = new ApsReassembler(limits);
    for (let counter = 0; counter < 10; counter++) {
      reassembler.push(1, counter, first(2), octets(counter), 0);
    }
    expect(reassembler.pending).toBe(2);
    expect(reassembler.dropped.superseded).toBe(8);
    for (let source = 2; source < 10; source++) {
      reassembler.push(source, 0, first(2), octets(source), 0);
    }
    expect(reassembler.pending).toBe(4);
    expect(reassembler.dropped.full).toBe(6);
    expect(reassembler.push(1, 9, later(1), octets(99), 0)).toEqual(octets(9, 99));
  });

  it('stays within its limits whatever comes', () => {
    const event = fc.record({
      source: fc.integer({ min: 0, max: 6 }),
      counter: fc.integer({ min: 0, max: 5 }),
      first: fc.boolean(),
      blockNumber: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 0, max: 120 }),
      passedMs: fc.integer({ min: 0, max: 400 }),
    });
    const property = fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const reassembler = new ApsReassembler(limits);
      let nowMs = 0;
      for (const { source, counter, length, passedMs, ...fragment } of events) {
        nowMs += passedMs;
        const whole = reassembler.push(source, counter, fragment, new Uint8Array(length), nowMs);
        expect(whole?.length ?? 0).toBeLessThanOrEqual(limits.asduOctetsMax);
        expect(reassembler.pending).toBeLessThanOrEqual(limits.transmissionsMax);
        const deadline = reassembler.nextDeadlineMs();
        if (deadline !== undefined) expect(deadline).toBeGreaterThan(nowMs);
      }
    });
    fc.assert(property, { seed: 20261122, numRuns: 300 });
  });
});
