import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import {
  IncomingFrameCounters,
  OutgoingFrameCounter,
} from '../../../../protocols/zigbee/security/frame-counters.js';

function peer(number: number): Eui64 {
  return number.toString(16).padStart(16, '0') as Eui64;
}

describe('incoming frame counters', () => {
  it('take a counter once, and none below it', () => {
    const counters = new IncomingFrameCounters();
    expect(counters.judge(peer(1), 5)).toBe('fresh');
    expect(counters.judge(peer(1), 5)).toBe('fresh');
    counters.accept(peer(1), 5);
    expect(counters.judge(peer(1), 5)).toBe('replayed');
    expect(counters.judge(peer(1), 0)).toBe('replayed');
    expect(counters.judge(peer(1), 6)).toBe('fresh');
    expect(counters.judge(peer(2), 0)).toBe('fresh');
    counters.accept(peer(1), 2);
    expect(counters.judge(peer(1), 5)).toBe('replayed');
  });

  it('never take the last value', () => {
    const counters = new IncomingFrameCounters();
    expect(counters.judge(peer(1), 0xffffffff)).toBe('replayed');
    counters.accept(peer(1), 0xffffffff);
    expect(counters.size).toBe(0);
    counters.accept(peer(1), 0xfffffffe);
    expect(counters.judge(peer(1), 0xfffffffe)).toBe('replayed');
  });

  it('keep to their room without letting old frames in again', () => {
    const counters = new IncomingFrameCounters(2);
    for (const number of [1, 2, 3]) counters.accept(peer(number), 9);
    expect(counters.size).toBe(2);
    expect(counters.judge(peer(3), 10)).toBe('peer-limit');
    expect(counters.judge(peer(1), 9)).toBe('replayed');
    expect(counters.judge(peer(1), 10)).toBe('fresh');
    counters.forget(peer(2));
    expect(counters.judge(peer(3), 10)).toBe('fresh');
    counters.clear();
    expect(counters.size).toBe(0);
  });

  it('come back from a store as they were', () => {
    const counters = new IncomingFrameCounters(4);
    counters.accept(peer(1), 9);
    counters.accept(peer(2), 0xfffffffe);
    const restored = new IncomingFrameCounters(4, counters.entries());
    expect([...restored.entries()]).toEqual([...counters.entries()]);
    for (const wrong of [-1, 0.5, 0x1_0000_0000, Number.NaN]) {
      expect(() => new IncomingFrameCounters(4, [[peer(1), wrong]])).toThrow(CodecError);
    }
    expect(() => new IncomingFrameCounters(4, [['x' as Eui64, 1]])).toThrow(CodecError);
    expect(() => new IncomingFrameCounters(1, counters.entries())).toThrow(CodecError);
  });

  it('accept no counter of a peer twice, whatever arrives', () => {
    const arrival = fc.tuple(fc.nat(5), fc.nat(30));
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
        const counters = new IncomingFrameCounters(4);
        const highest = new Map<number, number>();
        for (const [from, counter] of arrivals) {
          if (counters.judge(peer(from), counter) !== 'fresh') continue;
          expect(counter).toBeGreaterThan(highest.get(from) ?? -1);
          counters.accept(peer(from), counter);
          highest.set(from, counter);
        }
        expect(counters.size).toBeLessThanOrEqual(4);
      }),
      { seed: 20261122, numRuns: 100 },
    );
  });
});

describe('outgoing frame counter', () => {
  it('counts, and names a place to resume that lies behind every value given', () => {
    const counter = new OutgoingFrameCounter(7, 10);
    expect(counter.resumeAt).toBe(7);
    const places = new Set<number>();
    for (let i = 0; i < 30; i++) {
      expect(counter.next()).toBe(7 + i);
      expect(counter.resumeAt).toBeGreaterThan(7 + i);
      places.add(counter.resumeAt);
    }
    expect([...places]).toEqual([17, 27, 37]);
    expect(new OutgoingFrameCounter(counter.resumeAt).next()).toBe(37);
  });

  it('ends before the last value, and stays ended over a restart', () => {
    const counter = new OutgoingFrameCounter(0xfffffffd);
    expect(counter.next()).toBe(0xfffffffd);
    expect(counter.next()).toBe(0xfffffffe);
    expect(counter.next()).toBeUndefined();
    expect(new OutgoingFrameCounter(counter.resumeAt).next()).toBeUndefined();
  });

  it('refuses what is no counter and no stride', () => {
    for (const wrong of [-1, 1.5, Number.NaN, 0x1_0000_0000]) {
      expect(() => new OutgoingFrameCounter(wrong)).toThrow(CodecError);
    }
    for (const wrong of [0, 1.5]) {
      expect(() => new OutgoingFrameCounter(0, wrong)).toThrow(CodecError);
    }
  });
});
