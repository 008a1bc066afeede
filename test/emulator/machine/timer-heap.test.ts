import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerHeap } from '../../../emulator/machine/timer-heap.js';
import type { Timer } from '../../../emulator/ports/clock.js';

const forever = Number.MAX_SAFE_INTEGER;

describe('TimerHeap', () => {
  it('takes by deadline, and equal deadlines in the order of adding', () => {
    const heap = new TimerHeap();
    const ran: string[] = [];
    for (const [at, name] of [
      [20, 'c'],
      [10, 'a'],
      [20, 'd'],
      [10, 'b'],
      [20, 'e'],
    ] as const) {
      heap.add(at, () => ran.push(name));
    }
    expect(heap.nextDeadlineMs()).toBe(10);
    expect(heap.takeDue(9)).toBeUndefined();
    for (let due = heap.takeDue(20); due !== undefined; due = heap.takeDue(20)) due.run();
    expect(ran.join('')).toBe('abcde');
    expect(heap.size).toBe(0);
    expect(heap.nextDeadlineMs()).toBeUndefined();
  });

  it('does as a sorted list does, for any mix of add, cancel and take', () => {
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 50 }) }) },
      { weight: 3, arbitrary: fc.record({ cancel: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 0, max: 50 }) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
        const heap = new TimerHeap();
        const timers: Timer[] = [];
        let model: { at: number; id: number }[] = [];
        let lastRun = -1;
        for (const step of operations) {
          if ('add' in step) {
            const id = timers.length;
            timers.push(heap.add(step.add, () => (lastRun = id)));
            model.push({ at: step.add, id });
            model.sort((a, b) => a.at - b.at || a.id - b.id);
          } else if ('cancel' in step) {
            if (timers.length === 0) continue;
            const id = step.cancel % timers.length;
            timers[id]?.cancel();
            model = model.filter((entry) => entry.id !== id);
          } else {
            const expected =
              model[0]?.at === undefined || model[0].at > step.take ? -1 : model[0].id;
            lastRun = -1;
            heap.takeDue(step.take)?.run();
            expect(lastRun).toBe(expected);
            if (expected >= 0) model.shift();
          }
          expect(heap.size).toBe(model.length);
          expect(heap.nextDeadlineMs()).toBe(model[0]?.at);
        }
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });

  it('sweeps the cancelled out without disturbing the rest', () => {
    const heap = new TimerHeap();
    const ran: number[] = [];
    const timers = Array.from({ length: 1_000 }, (_, i) => heap.add(i % 7, () => ran.push(i)));
    timers.forEach((timer, i) => {
      if (i % 10 !== 0) timer.cancel();
    });
    expect(heap.size).toBe(100);
    for (let due = heap.takeDue(forever); due !== undefined; due = heap.takeDue(forever)) due.run();
    const kept = Array.from({ length: 100 }, (_, i) => i * 10);
    expect(ran).toEqual(kept.sort((a, b) => (a % 7) - (b % 7) || a - b));
  });

  it('lets go of a cancelled task, and cancelling twice, late or after clear does nothing', () => {
    let cancels = 0;
    const heap = new TimerHeap(() => cancels++);
    const ran: string[] = [];
    const first = heap.add(1, () => ran.push('first'));
    const second = heap.add(2, () => ran.push('second'));
    first.cancel();
    first.cancel();
    expect(cancels).toBe(1);
    const due = heap.takeDue(5);
    due?.run();
    due?.run();
    second.cancel();
    expect(ran).toEqual(['second']);
    const third = heap.add(3, () => ran.push('third'));
    heap.clear();
    third.cancel();
    expect([heap.size, cancels]).toEqual([0, 1]);
  });

  it('a taken timer can still be cancelled before it runs', () => {
    const heap = new TimerHeap();
    const ran: string[] = [];
    const timer = heap.add(1, () => ran.push('ran'));
    heap.add(9, () => ran.push('other'));
    const due = heap.takeDue(1);
    timer.cancel();
    due?.run();
    expect(ran).toEqual([]);
    expect(heap.size).toBe(1);
  });

  it('refuses a deadline that is not finite', () => {
    const heap = new TimerHeap();
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => heap.add(at, () => undefined)).toThrow(RangeError);
  });
});
