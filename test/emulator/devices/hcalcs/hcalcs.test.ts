import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../../emulator/devices/device.js';
import { Hcalcs } from '../../../../emulator/devices/hcalcs/device.js';
import { ZclServer } from '../../../../emulator/devices/zcl-server.js';
import {
  LoadControl,
  loadControlRows,
  timetableOf,
} from '../../../../emulator/functions/load-control.js';
import { Overrides } from '../../../../emulator/functions/overrides.js';
import { zclModel } from '../../../../emulator/functions/zcl-model.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import type { GbzValue } from '../../../../protocols/gbcs/gbz-types.js';
import { deviceParts } from '../../../support/device-parts.js';
import { TestHome } from '../../../support/test-home.js';
import { dissect, tsharkAvailable } from '../../../support/tshark.js';
import { pcapOfZcl } from '../../../support/zcl-pcap.js';

const esme = eui64('00db1000000001a0');
const hcalcs = eui64('00db1000000001a5');
const drlc = 0x0701;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Ten in the evening; 2026-01-14T22:00:00Z is 821,743,200 s after 2000, 0x30FACE60. */
const start = Date.UTC(2026, 0, 14, 22);

/** A meter that knows load control and nothing else. */
class TimetableMeter implements Device {
  readonly entity = esme;
  readonly type = 'esme';
  readonly zcl = new Overrides<GbzValue>();
  readonly loadControl = new LoadControl(timetableOf(0));
  private readonly server: ZclServer<TimetableMeter>;

  constructor(home: TestHome) {
    const { attributes, commands } = loadControlRows<TimetableMeter>();
    const model = zclModel<TimetableMeter>(attributes, commands);
    const nowMs = () => home.clock.nowMs();
    this.server = new ZclServer({ model, device: this, host: home.host(esme), nowMs });
  }

  start = () => undefined;
  wake = () => undefined;
  receiveMessage = () => undefined;
  receiveZcl(...args: Parameters<Device['receiveZcl']>): void {
    this.server.receive(...args);
  }
  describe() {
    return {};
  }
}

function homeWithMeter() {
  const home = new TestHome(start);
  const meter = home.attach(new TimetableMeter(home));
  const device = home.attach(new Hcalcs({ ...deviceParts(home, hcalcs), esme }));
  home.start();
  return { home, meter, device };
}

/** One that nobody answers; `order` hands it a frame of the meter, in hex. */
function lonelySwitch() {
  const home = new TestHome(start);
  const device = home.attach(new Hcalcs({ ...deviceParts(home, hcalcs), esme }));
  home.start();
  home.frames.length = 0;
  const order = (hex: string) => device.receiveZcl(esme, drlc, fromHex(hex.replace(/ /g, '')));
  const sent = () => home.frames.splice(0).map(({ frame }) => toHex(frame));
  return { home, device, order, sent };
}

const switchesOf = (device: Hcalcs) => device.describe().switches as Record<string, string>;

/** LoadControlEvent of 90 minutes from 22:30 for switch 1, all the way on. */
const loadControlEvent =
  '09 21 00  11223344  8000  01  68d5fa30  5a00  01  ff ff  0080 0080  80  64  00';

describe('a load control switch', () => {
  it('asks for the timetable at once, and half-hourly once it was answered', () => {
    const { home } = homeWithMeter();
    const asked = () => home.frames.filter(({ from, frame }) => from === hcalcs && frame[2] === 1);
    expect(asked().map(({ frame }) => toHex(frame))).toEqual(['010001' + '00000000' + '00']);
    home.clock.advance(2 * hourMs);
    expect(asked()).toHaveLength(5);
  });

  it('asks again soon while there is no answer', () => {
    const { home, sent } = lonelySwitch();
    home.clock.advance(minuteMs);
    expect(sent()).toHaveLength(6);
  });

  it('follows the timetable of the meter through a night and reports each step', () => {
    const { home, meter, device } = homeWithMeter();
    expect(switchesOf(device)).toEqual({ 1: 'off', 2: 'off' });
    home.clock.advance(91 * minuteMs);
    expect(switchesOf(device)).toEqual({ 1: 'off', 2: 'on until 2026-01-15T06:30:00Z' });
    expect(meter.loadControl.reportOf(2)).toMatchObject({
      eventStatus: 2,
      atMs: start + 90 * minuteMs,
    });
    home.clock.advance(hourMs);
    expect(switchesOf(device)[1]).toBe('on until 2026-01-15T03:30:00Z');
    home.clock.advance(3 * hourMs);
    expect(switchesOf(device)).toEqual({ 1: 'off', 2: 'on until 2026-01-15T06:30:00Z' });
    expect(meter.loadControl.reportOf(1)?.eventStatus).toBe(3);
    home.clock.advance(3 * hourMs);
    expect(switchesOf(device)).toEqual({ 1: 'off', 2: 'off' });
    expect(home.eventsNamed('load-switched', hcalcs)).toHaveLength(4);
    expect(home.eventsNamed('frame-dropped')).toEqual([]);
  });

  it('reports a LoadControlEvent as received, started and completed, octet by octet', () => {
    const { home, device, order, sent } = lonelySwitch();
    order(loadControlEvent);
    expect(sent()).toEqual([report('01', '60cefa30')]);
    expect(switchesOf(device)[1]).toBe('off');
    home.clock.advance(30 * minuteMs);
    expect(reports(sent())).toEqual([report('02', '68d5fa30')]);
    expect(switchesOf(device)).toEqual({ 1: 'on until 2026-01-15T00:00:00Z', 2: 'off' });
    home.clock.advance(90 * minuteMs);
    expect(reports(sent())).toEqual([report('03', '80eafa30')]);
    expect(switchesOf(device)[1]).toBe('off');
  });

  const reports = (frames: readonly string[]) =>
    frames.filter((frame) => frame.slice(4, 6) === '00');

  /** ReportEventStatus without signature; the sequence number is left to the device. */
  function report(status: string, atHex: string, eventId = '11223344', duty = '64') {
    return expect.stringMatching(
      new RegExp(`^01..00${eventId}${status}${atHex}010080008080${duty}0000$`),
    );
  }

  it('takes the same event twice without a word, another one in its place', () => {
    const { order, sent, device, home } = lonelySwitch();
    order(loadControlEvent);
    sent();
    order(loadControlEvent);
    expect(sent()).toEqual([]);
    // Off instead, from 22:00 (now) for 60 minutes.
    order('09 22 00  55667788  8000  01  00000000  3c00  01  ff ff  0080 0080  80  00  00');
    const statuses = sent().map((frame) => [frame.slice(6, 14), frame.slice(14, 16)]);
    expect(statuses).toEqual([
      ['11223344', '07'],
      ['55667788', '01'],
      ['55667788', '02'],
    ]);
    home.clock.advance(40 * minuteMs);
    expect(switchesOf(device)[1]).toBe('off until 2026-01-14T23:00:00Z');
  });

  it('cancels one event, all of them, and says when it does not know it', () => {
    const { order, sent, device } = lonelySwitch();
    order(loadControlEvent);
    sent();
    order('09 23 01  11223344  8000  01  00  00000000');
    expect(sent()[0]).toMatch(/^01..001122334406/);
    order('09 24 01  11223344  8000  01  00  00000000');
    expect(sent()[0]).toMatch(/^01..0011223344fd/);
    order(loadControlEvent);
    sent();
    order('09 25 02  00');
    expect(sent()[0]).toMatch(/^01..001122334406/);
    expect(device.describe().scheduledEvents).toBe(0);
  });

  it.each([
    [
      'what is over',
      '09 21 00  11223344  8000  01  50c0fa30  0100  01  ff ff  0080 0080  80  64  00',
      'fb',
    ],
    [
      'half a load',
      '09 21 00  11223344  8000  01  68d5fa30  5a00  01  ff ff  0080 0080  80  32  00',
      'fe',
    ],
    [
      'more than a day',
      '09 21 00  11223344  8000  01  68d5fa30  a105  01  ff ff  0080 0080  80  64  00',
      'fe',
    ],
  ])('refuses %s', (_what, hex, status) => {
    const { order, sent, device } = lonelySwitch();
    order(hex);
    expect(sent()[0]).toMatch(new RegExp(`^01..0011223344${status}`));
    expect(device.describe().scheduledEvents).toBe(0);
  });

  it('leaves switches of others alone, and takes group 0 for all of its own', () => {
    const { order, sent, device } = lonelySwitch();
    order('09 21 00  11223344  8000  05  00000000  3c00  01  ff ff  0080 0080  80  64  00');
    expect(sent()).toEqual([]);
    order('09 22 00  11223345  8000  00  00000000  3c00  01  ff ff  0080 0080  80  64  00');
    expect(switchesOf(device)).toEqual({
      1: 'on until 2026-01-14T23:00:00Z',
      2: 'on until 2026-01-14T23:00:00Z',
    });
  });

  it('obeys nobody but its meter, and survives any frame', () => {
    const { home, device } = lonelySwitch();
    device.receiveZcl(eui64('00db1000000001a7'), drlc, fromHex(loadControlEvent.replace(/ /g, '')));
    expect(device.describe()).toMatchObject({ scheduledEvents: 0, framesDropped: 1 });
    fc.assert(
      fc.property(
        fc.constantFrom(drlc, 0x0702),
        fc.uint8Array({ maxLength: 40 }),
        (cluster, bytes) => {
          device.receiveZcl(esme, cluster, bytes);
        },
      ),
      { seed: 20261122, numRuns: 2000 },
    );
    home.clock.advance(hourMs);
    expect(home.eventsNamed('frame-dropped').length).toBeGreaterThan(1000);
  });

  it('keeps no more than 32 events, however many come', () => {
    const { order, device, sent } = lonelySwitch();
    for (let n = 0; n < 60; n++) {
      const at = (0x30fad568 + n * 60).toString(16).match(/../g)!.reverse().join('');
      const id = n.toString(16).padStart(2, '0');
      order(`09 21 00  ${id}000001  8000  01  ${at}  0100  01  ff ff  0080 0080  80  64  00`);
    }
    expect(device.describe().scheduledEvents).toBe(32);
    expect(sent().filter((frame) => frame.slice(14, 16) === 'fe')).toHaveLength(28);
  });
});

describe.skipIf(!tsharkAvailable)('tshark on load control', () => {
  it('reads every frame of a day, field by field', () => {
    const { home } = homeWithMeter();
    home.clock.advance(24 * hourMs);
    const capture = pcapOfZcl(home.frames);
    expect(home.frames.length).toBeGreaterThan(100);
    expect(dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
    const info = dissect(capture, ['_ws.col.Info']).flat();
    expect(info.filter((text) => /Unknown/.test(text))).toEqual([]);
    const prefix = 'zbee_zcl_se.drlc';
    const [event] = dissect(
      capture,
      ['utility_enrollment_group', 'duration_in_minutes', 'duty_cycle'].map(
        (n) => `${prefix}.${n}`,
      ),
      `${prefix}.cmd.srv_tx.id == 0`,
    );
    expect(event?.map(Number)).toEqual([2, 420, 100]);
    const statuses = dissect(
      capture,
      [`${prefix}.report_event.event_status`],
      `${prefix}.report_event.event_status`,
    );
    expect(new Set(statuses.flat().map(Number))).toEqual(new Set([1, 2, 3]));
  });
});
