import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../emulator/ports/errors.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';

const start = Date.UTC(2026, 10, 22, 12);

describe('VirtualClock', () => {
  it('runs what falls due, in order, each at its own time', () => {
    const clock = new VirtualClock(start);
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.nowMs() - start]);
    clock.at(start + 300, note('late'));
    clock.at(start + 100, () => {
      note('first')();
      clock.at(clock.nowMs() + 50, note('nested'));
      clock.at(clock.nowMs(), note('at once'));
    });
    clock.at(start + 100, note('second'));
    clock.at(start + 301, note('never'));
    expect(clock.advance(300)).toBe(5);
    expect(ran).toEqual([
      ['first', 100],
      ['second', 100],
      ['at once', 100],
      ['nested', 150],
      ['late', 300],
    ]);
    expect([clock.nowMs(), clock.stopwatchMs()]).toEqual([start + 300, start + 300]);
    expect([clock.pending, clock.nextDeadlineMs()]).toEqual([1, start + 301]);
  });

  it('never runs a task inside the call that sets it, and takes the past as now', () => {
    const clock = new VirtualClock(start);
    const ran: string[] = [];
    clock.at(start, () => ran.push('now'));
    clock.at(start - 5_000, () => ran.push('past'));
    expect(ran).toEqual([]);
    expect(clock.advance(0)).toBe(2);
    expect(ran).toEqual(['now', 'past']);
    expect(clock.nowMs()).toBe(start);
  });

  it('rounds a fraction up: never early, and time stays whole', () => {
    const clock = new VirtualClock(0);
    const ranAt: number[] = [];
    clock.at(1000 / 3, () => ranAt.push(clock.nowMs()));
    clock.advanceTo(1_000);
    expect(ranAt).toEqual([334]);
  });

  it('cancels, also from within a task of the same instant', () => {
    const clock = new VirtualClock(start);
    const ran: string[] = [];
    clock.at(start + 10, () => second.cancel());
    const second = clock.at(start + 10, () => ran.push('second'));
    const third = clock.at(start + 20, () => ran.push('third'));
    third.cancel();
    clock.advance(100);
    expect(ran).toEqual([]);
  });

  it('runNext goes from task to task', () => {
    const clock = new VirtualClock(start);
    const ran: number[] = [];
    for (const wait of [30, 10, 20]) clock.at(start + wait, () => ran.push(wait));
    expect(clock.runNext()).toBe(true);
    expect([ran, clock.nowMs()]).toEqual([[10], start + 10]);
    while (clock.runNext());
    expect([ran, clock.nowMs(), clock.runNext()]).toEqual([[10, 20, 30], start + 30, false]);
  });

  it('the same in one stride or in many', () => {
    const plan = fc.array(fc.tuple(fc.nat(1_000), fc.nat(200)), { maxLength: 40 });
    const strides = fc.array(fc.nat(120), { maxLength: 30 });
    const run = (tasks: [number, number][], steps: number[]) => {
      const clock = new VirtualClock(0);
      const trace: string[] = [];
      tasks.forEach(([at, again], i) => {
        clock.at(at, () => {
          trace.push(`${i}@${clock.nowMs()}`);
          clock.at(clock.nowMs() + again, () => trace.push(`${i}+@${clock.nowMs()}`));
        });
      });
      for (const step of steps) clock.advance(step);
      clock.advanceTo(10_000);
      return trace;
    };
    fc.assert(
      fc.property(plan, strides, (tasks, steps) => {
        const trace = run(tasks, []);
        expect(run(tasks, steps)).toEqual(trace);
        const times = trace.map((line) => Number(line.split('@')[1]));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });

  it('refuses to go back, to nowhere, or from inside a task', () => {
    const clock = new VirtualClock(start);
    for (const to of [start - 1, Number.NaN, Number.POSITIVE_INFINITY, start + 0.5])
      expect(() => clock.advanceTo(to)).toThrow(RangeError);
    expect(() => clock.at(Number.NaN, () => undefined)).toThrow(RangeError);
    expect(() => new VirtualClock(0.5)).toThrow(RangeError);
    clock.at(start, () => clock.advance(1));
    expect(() => clock.advance(0)).toThrow(/must not advance/);
  });

  it('passes on what a task throws and can go on afterwards', () => {
    const clock = new VirtualClock(start);
    const ran: string[] = [];
    clock.at(start + 1, () => {
      throw new Error('meter on fire');
    });
    clock.at(start + 1, () => ran.push('neighbour'));
    expect(() => clock.advance(5)).toThrow('meter on fire');
    expect(clock.nowMs()).toBe(start + 1);
    clock.advanceTo(start + 5);
    expect(ran).toEqual(['neighbour']);
  });

  it('stops an endless instant, but not a long chain or a big fleet', () => {
    const clock = new VirtualClock(start, { sameInstantChainMax: 100 });
    let ran = 0;
    const chain = (links: number) => () => {
      ran++;
      if (links > 1) clock.at(clock.nowMs(), chain(links - 1));
    };
    for (let i = 0; i < 500; i++) clock.at(start + 1, chain(100));
    clock.advance(1);
    expect(ran).toBe(50_000);
    for (let i = 0; i < 200; i++) {
      clock.at(clock.nowMs(), chain(1));
      clock.advance(0);
    }
    const endless = () => {
      clock.at(clock.nowMs(), endless);
    };
    clock.at(start + 2, endless);
    expect(() => clock.advance(10)).toThrow(InvariantError);
    clock.at(start + 3, endless);
    expect(() => clock.advance(10)).toThrow('time is stuck at 2026-11-22T12:00:00.003Z');
  });
});
