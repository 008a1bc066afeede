import { describe, expect, it } from 'vitest';
import {
  type SupplierMessage,
  SupplierMessages,
  waitingMessage,
} from '../../../emulator/functions/supplier-messages.js';

const start = Date.UTC(2026, 0, 14, 9);
const minuteMs = 60_000;

const message = (id: number, rest: Partial<SupplierMessage> = {}): SupplierMessage => ({
  id,
  text: `message ${id}`,
  startMs: start,
  durationMinutes: 60,
  priority: 'low',
  confirmationRequired: true,
  ...rest,
});

describe('messages of the supplier', () => {
  it('shows the newest that is in its time', () => {
    const messages = new SupplierMessages();
    messages.add(message(1, { durationMinutes: undefined }));
    messages.add(message(2));
    messages.add(message(3, { startMs: start + 10 * minuteMs, durationMinutes: 5 }));
    const shown = (minutes: number) => messages.current(start + minutes * minuteMs)?.id;
    expect([-1, 0, 9, 10, 14, 15, 59, 60, 1e6].map(shown)).toEqual([
      undefined,
      2,
      2,
      3,
      3,
      2,
      2,
      1,
      1,
    ]);
    expect(messages.cancel(2)).toBe(true);
    expect(messages.cancel(2)).toBe(false);
    expect(shown(0)).toBe(1);
  });

  it('holds ten, remembers who confirmed only for those, and replaces by number', () => {
    const messages = new SupplierMessages();
    messages.add(message(1));
    expect(messages.confirm(1, start + 5)).toBe(true);
    expect(messages.confirm(1, start + 9)).toBe(true);
    expect(messages.confirm(99, start)).toBe(false);
    expect(messages.confirmedAtMs(1)).toBe(start + 5);
    for (let id = 2; id <= 11; id++) messages.add(message(id));
    expect(messages.confirmedAtMs(1)).toBeUndefined();
    expect(messages.confirm(1, start)).toBe(false);
    messages.add(message(11, { text: 'another text' }));
    expect(messages.current(start)?.text).toBe('another text');
  });

  it('waits on the meters of some homes, as chance has it', () => {
    const waiting = Array.from({ length: 900 }, (_, home) =>
      waitingMessage(home, 'electricity', start),
    ).filter((one) => one !== undefined);
    expect(waiting.length / 900).toBeCloseTo(1 / 3, 1);
  });
});
