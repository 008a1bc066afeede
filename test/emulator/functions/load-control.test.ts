import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LoadControl,
  loadControlRows,
  timetableOf,
} from '../../../emulator/functions/load-control.js';
import { Overrides } from '../../../emulator/functions/overrides.js';
import { executeZcl } from '../../../emulator/functions/zcl-interpreter.js';
import { zclModel } from '../../../emulator/functions/zcl-model.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';

interface Meter {
  readonly zcl: Overrides<never>;
  readonly loadControl: LoadControl;
}
const { attributes, commands } = loadControlRows<Meter>();
const model = zclModel(attributes, commands);
const drlc = 0x0701;
const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const noon = Date.UTC(2026, 0, 14, 12);

function ask(fields: GbzFields, nowMs = noon, loadControl = new LoadControl(timetableOf(0))) {
  const device: Meter = { zcl: new Overrides(), loadControl };
  const request = { clusterId: drlc, frameControl: 0x01, commandId: 0x01, fields };
  return executeZcl(model, { device, nowMs }, request);
}

describe('load control of a meter', () => {
  it('serves what runs or starts within a day, in order, each event under an id of its own', () => {
    const { replies, status } = ask({ startTime: 0, numberOfEvents: 0 });
    expect(status).toBe(0);
    expect(
      replies.every(({ commandId, frameControl }) => commandId === 0 && frameControl === 9),
    ).toBe(true);
    expect(replies.map(({ fields }) => [fields.utilityEnrollmentGroup, fields.startTime])).toEqual([
      [1, secondsSince2000(noon + 60 * minuteMs)],
      [2, secondsSince2000(noon + 690 * minuteMs)],
      [1, secondsSince2000(noon + 750 * minuteMs)],
    ]);
    expect(new Set(replies.map(({ fields }) => fields.issuerEventId)).size).toBe(3);
  });

  it('as many as are asked for, from a time on, or one by its id', () => {
    const one = ask({ startTime: 0, numberOfEvents: 1 }).replies;
    expect(one).toHaveLength(1);
    const later = secondsSince2000(noon + 700 * minuteMs);
    expect(ask({ startTime: later, numberOfEvents: 1 }).replies[0]?.fields).toMatchObject({
      utilityEnrollmentGroup: 2,
    });
    const { issuerEventId } = one[0]!.fields as { issuerEventId: number };
    expect(ask({ startTime: 0, numberOfEvents: 0, issuerEventId }).replies).toEqual(one);
  });

  it('says NOT_FOUND where there is none', () => {
    const none = ask({ startTime: 0, numberOfEvents: 0 }, noon, new LoadControl([]));
    expect(none.replies).toEqual([
      { frameControl: 8, commandId: 0x0b, fields: { commandId: 1, status: 0x8b } },
    ]);
  });

  it('is the same day after day, and no event is over when it is served', () => {
    const control = new LoadControl(timetableOf(599));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1440 * 400 }), (minute) => {
        const nowMs = noon + minute * minuteMs;
        const today = control.scheduled(nowMs);
        const tomorrow = control.scheduled(nowMs + dayMs);
        expect(tomorrow.map(({ startMs }) => startMs - dayMs)).toEqual(
          today.map(({ startMs }) => startMs),
        );
        for (const { startMs, durationMinutes, number, issuerEventId } of today) {
          expect(startMs + durationMinutes * minuteMs).toBeGreaterThan(nowMs);
          expect(issuerEventId % 60).toBe(number);
        }
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  it('keeps one report a switch, whatever is reported', () => {
    const control = new LoadControl([]);
    for (let id = 0; id < 5000; id++) control.take({ issuerEventId: id, eventStatus: 2, atMs: id });
    expect([1, 5, 6].map((number) => control.reportOf(number)?.issuerEventId)).toEqual([
      4981,
      4985,
      undefined,
    ]);
  });
});
