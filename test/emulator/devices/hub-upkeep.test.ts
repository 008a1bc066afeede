import { describe, expect, it } from 'vitest';
import { summerTimeAt } from '../../../emulator/functions/time-server.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { decodeZclFrame, encodeZclFrame } from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { entities, FirmwareHome } from '../../support/firmware-home.js';

const clusters = { basic: 0x0000, time: 0x000a, ota: 0x0019, keepAlive: 0x0025 } as const;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const mains = ['esme', 'ppmid', 'hcalcs', 'ihd'] as const;

function started(): FirmwareHome {
  const home = new FirmwareHome();
  home.start();
  return home;
}

function askedAt(home: FirmwareHome, device: Eui64, cluster: number): number {
  return home.frames.filter(({ from, clusterId }) => from === device && clusterId === cluster)
    .length;
}

/** What `to` answers to a read of its attributes, by number; statuses other than success are left out. */
function read(
  home: FirmwareHome,
  to: 'chf' | (typeof mains)[number] | 'gpf' | 'gsme',
  cluster: number,
  ids: readonly number[],
) {
  const attributes = ids.map((attributeId) => ({ attributeId }));
  const payload = encodeZclPayload(cluster, 0x00, 0x00, { attributes });
  const frame = encodeZclFrame({ frameControl: 0, sequenceNumber: 77, commandId: 0, payload });
  const before = home.frames.length;
  home[to].receiveZcl(entities.esme, cluster, frame);
  const answer = decodeZclFrame(home.frames[before]?.frame as Uint8Array);
  const { frameControl, commandId } = answer;
  const fields = decodeZclPayload(cluster, frameControl, commandId, answer.payload);
  const records = fields.attributes as readonly GbzFields[];
  return Object.fromEntries(
    records.flatMap(({ attributeId, value }) =>
      value === undefined ? [] : [[attributeId, value]],
    ),
  );
}

describe('Keep-Alive', () => {
  it('is served by the hub with the intervals of the field', () => {
    expect(read(started(), 'chf', clusters.keepAlive, [0, 1])).toEqual({ 0: 10, 1: 300 });
  });

  it('is read by every device on the mains each 10 to 15 minutes, by a sleepy one never', () => {
    const home = started();
    home.pass(day);
    for (const type of mains) {
      const reads = askedAt(home, entities[type], clusters.keepAlive);
      expect(reads).toBeGreaterThanOrEqual(24 * 4);
      expect(reads).toBeLessThanOrEqual(24 * 6 + 1);
      expect(home[type].describe()).not.toHaveProperty('keepAlivesMissed');
    }
    expect(askedAt(home, entities.gsme, clusters.keepAlive)).toBe(0);
    expect(home.parentsLost).toEqual([]);
  });

  it('is read by each at its own times', () => {
    const home = started();
    home.pass(minute);
    const first = home.frames.filter(({ clusterId }) => clusterId === clusters.keepAlive);
    expect(first.length).toBeGreaterThanOrEqual(2 * mains.length);
    home.pass(2 * hour);
    const counts = mains.map((type) => {
      const frames = home.frames.filter(({ from }) => from === entities[type]);
      return frames.length;
    });
    expect(new Set(counts).size).toBeGreaterThan(1);
  });

  it('three reads without an answer: the hub is lost, once for each three', () => {
    const home = started();
    home.pass(hour);
    home.loses = ({ from, clusterId }) => from === entities.chf && clusterId === clusters.keepAlive;
    home.pass(29 * minute);
    expect(home.parentsLost).toEqual([]);
    home.pass(2 * hour);
    const lost = home.parentsLost.filter((device) => device === entities.ihd).length;
    expect(lost).toBeGreaterThanOrEqual(2);
    expect(lost).toBeLessThanOrEqual(5);
    expect(home.ihd.describe()).toMatchObject({ hubLost: lost });
    home.loses = () => false;
    home.pass(15 * minute);
    const sofar = home.parentsLost.length;
    home.pass(day);
    expect(home.parentsLost.length).toBe(sofar);
  });

  it('two lost answers in a row, again and again, are no loss of the hub', () => {
    const home = started();
    let answers = 0;
    home.loses = ({ to, clusterId }) =>
      to === entities.ihd && clusterId === clusters.keepAlive && answers++ % 3 !== 0;
    home.pass(12 * hour);
    expect(answers).toBeGreaterThan(40);
    expect(home.parentsLost).toEqual([]);
    expect(home.ihd.describe().keepAlivesMissed).toBeGreaterThan(20);
  });
});

describe('Time', () => {
  it('is served by the hub for the United Kingdom', () => {
    const home = started();
    const values = read(home, 'chf', clusters.time, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const seconds = (Date.UTC(2026, 5, 1, 8) - Date.UTC(2000, 0, 1)) / 1000;
    const at = (month: number, dayOfMonth: number) =>
      (Date.UTC(2026, month, dayOfMonth, 1) - Date.UTC(2000, 0, 1)) / 1000;
    expect(values).toEqual({
      0: seconds,
      1: 0x05,
      2: 0,
      3: at(2, 29),
      4: at(9, 25),
      5: 3600,
      6: seconds,
      7: seconds + 3600,
      8: seconds,
      9: seconds + 2 * 86_400,
    });
    home.chf.disturb({ fault: 'clock', offsetMs: 5_000, reliability: 'unreliable' });
    expect(read(home, 'chf', clusters.time, [0, 1])).toEqual({ 0: 0xffffffff, 1: 0 });
  });

  it.each([
    [2024, [2, 31], [9, 27]],
    [2025, [2, 30], [9, 26]],
    [2027, [2, 28], [9, 31]],
    [2033, [2, 27], [9, 30]],
  ] as const)('summer of %i', (year, [fromMonth, fromDay], [toMonth, toDay]) => {
    const summer = {
      fromMs: Date.UTC(year, fromMonth, fromDay, 1),
      toMs: Date.UTC(year, toMonth, toDay, 1),
    };
    expect(summerTimeAt(Date.UTC(year, 0, 5))).toEqual(summer);
    expect(summerTimeAt(summer.toMs - 1)).toEqual(summer);
    expect(summerTimeAt(summer.toMs).fromMs).toBeGreaterThan(summer.toMs);
  });

  it('is read at the start and once a day', () => {
    const home = started();
    home.pass(minute);
    for (const type of mains) expect(askedAt(home, entities[type], clusters.time)).toBe(1);
    home.pass(3 * day);
    for (const type of mains) expect(askedAt(home, entities[type], clusters.time)).toBe(4);
  });

  it.each([7_000, -7_000, 10_000])('a clock %i ms off is corrected without a word', (offsetMs) => {
    const home = started();
    home.pass(minute);
    home.esme.disturb({ fault: 'clock', offsetMs, reliability: 'reliable' });
    home.pass(day);
    expect(Math.abs(home.esme.state.clock.aheadMs)).toBeLessThanOrEqual(1_000);
    const logged = home.esme.state.eventLog.between(0, Number.MAX_SAFE_INTEGER);
    expect(logged.map(({ eventId }) => eventId)).toContain(0x8145);
    expect(home.alerts(home.esme)).toEqual([]);
    // Nothing more to correct.
    const corrections = home.eventsNamed('clock-set', entities.esme).length;
    home.pass(3 * day);
    expect(home.eventsNamed('clock-set', entities.esme).length).toBe(corrections);
  });

  it('a clock further off is left alone and reported, once', () => {
    const home = started();
    home.pass(minute);
    home.esme.disturb({ fault: 'clock', offsetMs: -3_600_000, reliability: 'reliable' });
    home.pass(4 * day);
    expect(home.esme.state.clock.aheadMs).toBe(-3_600_000);
    expect(home.alerts(home.esme).map(({ code }) => code)).toEqual([0x1000]);
    const logged = home.esme.state.securityLog.between(0, Number.MAX_SAFE_INTEGER);
    expect(logged.map(({ eventId }) => eventId)).toEqual([0x8f0c]);
  });

  it('an answer that is long under way is no reason to correct anything', () => {
    const home = started();
    // Frames travel in real time however fast the emulated day passes: here, half an hour.
    const held: (() => void)[] = [];
    home.loses = (frame) => {
      if (frame.from !== entities.chf || frame.clusterId !== clusters.time) return false;
      held.push(() => home.esme.receiveZcl(frame.from, frame.clusterId, frame.frame));
      return frame.to === entities.esme;
    };
    home.pass(minute);
    home.pass(9 * minute);
    for (const deliver of held) deliver();
    expect(home.esme.state.clock.aheadMs).toBe(0);
    expect(home.eventsNamed('clock-set', entities.esme)).toEqual([]);
  });

  it('shows on displays as clocks on the wall do', () => {
    const home = new FirmwareHome();
    home.loses = ({ clusterId }) => clusterId === clusters.time;
    home.start();
    home.pass(5_000);
    expect(home.ihd.render()[0]).toBe('time not known yet');
    // It asks again until it knows.
    home.loses = () => false;
    home.pass(minute);
    expect(home.ihd.render()[0]).toBe('2026-06-01 09:01 BST');
    expect(home.ppmid.render()[0]).toBe('2026-06-01 09:01 BST');
    home.clock.advanceTo(Date.UTC(2026, 10, 5, 12));
    expect(home.ihd.render()[0]).toBe('2026-11-05 12:00 GMT');
  });
});

describe('Basic', () => {
  it.each([
    ['chf', 'Communications hub', 1],
    ['gpf', 'Gas proxy', 1],
    ['esme', 'Electricity meter', 1],
    ['gsme', 'Gas meter', 3],
    ['ppmid', 'Prepayment display', 1],
    ['hcalcs', 'Load control switch', 1],
    ['ihd', 'In-home display', 1],
  ] as const)('%s says what it is', (type, model, powerSource) => {
    const values = read(started(), type, clusters.basic, [0, 1, 2, 3, 4, 5, 6, 7, 17]);
    expect(values).toEqual({
      0: 3,
      1: 1,
      2: 2,
      3: 1,
      4: 'hubfleet',
      5: model,
      6: '20260101',
      7: powerSource,
      // A hub says here that it has room for a mirror.
      17: type === 'gpf' ? 1 : 0,
    });
  });

  it('the build is the firmware that runs', () => {
    const home = started();
    for (const type of ['esme', 'gsme', 'ppmid', 'hcalcs'] as const) {
      expect(read(home, type, clusters.basic, [0x4000])).toEqual({ 16384: '01000000' });
    }
  });
});

describe('a home at rest', () => {
  it('does little: some frames an hour for each device, nothing by the second', () => {
    const home = started();
    home.pass(hour);
    const upkeep = new Set<number>(Object.values(clusters));
    const before = home.frames.filter(({ clusterId }) => upkeep.has(clusterId)).length;
    home.pass(10 * hour);
    const after = home.frames.filter(({ clusterId }) => upkeep.has(clusterId)).length;
    // Four devices, at most six reads an hour with an answer each; the gas meter's clock at its wakes.
    expect(after - before).toBeLessThanOrEqual(10 * (4 * 6 * 2 + 2 * 2) + 20);
  });
});
