import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../../emulator/adapters/system-clock.js';
import { UsageError } from '../../../emulator/ports/errors.js';

const date = Date.UTC(2026, 10, 22, 12);
const hourMs = 3_600_000;

describe('SystemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: date });
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("starts at the machine's time and runs with it", () => {
    const clock = new SystemClock();
    expect(clock.nowMs()).toBe(date);
    const before = clock.stopwatchMs();
    vi.advanceTimersByTime(1_500);
    expect(clock.nowMs()).toBe(date + 1_500);
    expect(clock.stopwatchMs() - before).toBe(1_500);
  });

  it.each([1, 60, 3_600])('emulates %i seconds a second from a given start', (speed) => {
    const start = Date.UTC(2030, 0, 1);
    const clock = new SystemClock({ speed, startMs: start });
    const ranAt: number[] = [];
    clock.at(start + hourMs, () => ranAt.push(clock.nowMs()));
    vi.advanceTimersByTime(hourMs / speed - 1);
    expect(ranAt).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ranAt).toEqual([start + hourMs]);
  });

  it('arms one timer, for the earliest deadline, in the order of deadlines', () => {
    const clock = new SystemClock();
    const ran: number[] = [];
    for (const wait of [300, 100, 200, 100, 500]) {
      clock.at(date + wait, () => ran.push(wait));
      expect(vi.getTimerCount()).toBe(1);
    }
    vi.advanceTimersByTime(250);
    expect(ran).toEqual([100, 100, 200]);
    vi.advanceTimersByTime(250);
    expect(ran).toEqual([100, 100, 200, 300, 500]);
  });

  it('never runs a task inside the call that sets it', () => {
    const clock = new SystemClock();
    const ran: string[] = [];
    clock.at(date - 1_000, () => {
      clock.at(date, () => ran.push('nested'));
      ran.push('past');
    });
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(ran).toEqual(['past', 'nested']);
  });

  it('lets the event loop turn when very many tasks are due', () => {
    const clock = new SystemClock();
    let ran = 0;
    for (let i = 0; i < 2_500; i++) clock.at(date + 10, () => ran++);
    vi.advanceTimersToNextTimer();
    expect(ran).toBe(1_000);
    vi.advanceTimersToNextTimer();
    expect(ran).toBe(2_000);
    vi.advanceTimersToNextTimer();
    expect(ran).toBe(2_500);
  });

  it('a task that always wants to run at once does not shut out the rest', () => {
    const clock = new SystemClock();
    const again = () => {
      clock.at(clock.nowMs(), again);
    };
    clock.at(date, again);
    let others = 0;
    setImmediate(() => others++);
    vi.advanceTimersToNextTimer();
    vi.advanceTimersToNextTimer();
    expect(others).toBe(1);
    clock.close();
  });

  it('waits longer than a timer of Node can', () => {
    const clock = new SystemClock();
    const waitMs = 3 * 2 ** 31 + 5;
    let ran = 0;
    clock.at(date + waitMs, () => ran++);
    vi.advanceTimersByTime(waitMs - 1);
    expect(ran).toBe(0);
    vi.advanceTimersByTime(1);
    expect(ran).toBe(1);
  });

  it('disarms when the last waiting task is cancelled, and re-arms for the next otherwise', () => {
    const clock = new SystemClock();
    const ran: string[] = [];
    const early = clock.at(date + 100, () => ran.push('early'));
    const late = clock.at(date + 200, () => ran.push('late'));
    early.cancel();
    vi.advanceTimersByTime(199);
    expect(ran).toEqual([]);
    expect(vi.getTimerCount()).toBe(1);
    late.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('close leaves nothing armed and nothing runs any more', () => {
    const clock = new SystemClock();
    const ran: string[] = [];
    const timer = clock.at(date + 100, () => ran.push('waiting'));
    clock.at(date, () => ran.push('at once'));
    clock.close();
    expect(vi.getTimerCount()).toBe(0);
    timer.cancel();
    clock.at(date, () => ran.push('after')).cancel();
    vi.advanceTimersByTime(1_000);
    expect(ran).toEqual([]);
  });

  it('close from within a task ends it there', () => {
    const clock = new SystemClock();
    let ran = 0;
    for (let i = 0; i < 3; i++) {
      clock.at(date + 1, () => {
        ran++;
        clock.close();
      });
    }
    vi.advanceTimersByTime(10);
    expect(ran).toBe(1);
  });

  it('runs the others when one task throws', () => {
    const clock = new SystemClock();
    let ran = 0;
    clock.at(date + 1, () => {
      throw new Error('meter on fire');
    });
    clock.at(date + 1, () => ran++);
    expect(() => vi.advanceTimersByTime(1)).toThrow('meter on fire');
    vi.advanceTimersByTime(1);
    expect(ran).toBe(1);
  });

  it('does not follow when the date of the machine is set', () => {
    const clock = new SystemClock();
    vi.setSystemTime(date - 24 * hourMs);
    expect(clock.nowMs()).toBe(date);
  });

  it('holds the process only where asked to', () => {
    const armed: (boolean | undefined)[] = [];
    for (const unref of [false, true]) {
      const set = vi.spyOn(globalThis, 'setTimeout');
      const clock = new SystemClock({ unref });
      clock.at(date + 100, () => undefined);
      const handle = set.mock.results[0]?.value as NodeJS.Timeout | undefined;
      armed.push(handle?.hasRef());
      clock.close();
      set.mockRestore();
    }
    expect(armed).toEqual([true, false]);
  });

  it('refuses a speed or start that makes no sense', () => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new SystemClock({ speed })).toThrow(UsageError);
    expect(() => new SystemClock({ startMs: Number.NaN })).toThrow(UsageError);
  });
});
