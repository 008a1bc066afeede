import { describe, expect, it } from 'vitest';
import type { DeviceHost } from '../../../emulator/devices/device.js';
import { Gsme } from '../../../emulator/devices/gsme/device.js';
import { gasMeterFlags } from '../../../emulator/functions/mirroring.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { decodeZclFrame, encodeZclFrame } from '../../../protocols/zigbee/zcl/frame.js';
import { encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { deviceParts } from '../../support/device-parts.js';
import {
  dayMs,
  displayEui,
  fieldsOf,
  gasHome,
  gpfEui,
  gsmeEui,
  halfHourMs,
  hubEui,
  metering,
  minuteMs,
  nameOf,
  nextTurn,
  nextWake,
  start,
  talk,
} from '../../support/gas-home.js';
import { type RecordedFrame, TestHome } from '../../support/test-home.js';

const clusterIdsOf = (home: TestHome, name: string) =>
  home.frames.filter((frame) => nameOf(frame) === name).map(({ clusterId }) => clusterId);

const ordinaryWake = ['meter ReportAttributes', 'mirror MirrorReportAttributeResponse'];

describe('setting up a mirror', () => {
  it('asks for room, for the mirror, configures it and fills it, all in the first wake', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    expect(talk(home)).toEqual([
      'meter ReadAttributes',
      'mirror ReadAttributesResponse',
      'meter RequestMirror',
      'mirror RequestMirrorResponse',
      'meter ConfigureMirror',
      'mirror DefaultResponse',
      'meter ReportAttributes',
      'mirror MirrorReportAttributeResponse',
      // Basic and Prepayment are told without an answer; Metering is answered again.
      'meter ReportAttributes',
      'meter ReportAttributes',
      'meter ReportAttributes',
      'mirror MirrorReportAttributeResponse',
    ]);
    expect(clusterIdsOf(home, 'ReportAttributes')).toEqual([metering, 0x0000, 0x0705, metering]);
    expect([gsme.describe().mirror, gpf.describe().mirror]).toEqual(['configured', 'granted']);
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
    expect(home.radioWakes).toEqual([gsmeEui, gsmeEui]);
  });

  it('has the octets of ZigBee Smart Energy, and the mirror’s own endpoint', () => {
    const { home } = gasHome();
    home.start();
    const sent = (name: string) => {
      const found = home.frames.find((frame) => nameOf(frame) === name) as RecordedFrame;
      return [toHex(found.frame), found.endpoints?.from, found.endpoints?.to];
    };
    // By hand: frame control, sequence number, command; then the fields, little-endian.
    expect(sent('ReadAttributes')).toEqual(['0000001100', undefined, undefined]);
    expect(sent('RequestMirror')).toEqual(['090001', undefined, undefined]);
    expect(sent('RequestMirrorResponse')).toEqual(['1100010200', 2, undefined]);
    const configure = `090108${'00000000'}${'080700'}${'01'}${'02'}`;
    expect(sent('ConfigureMirror')).toEqual([configure, undefined, 2]);
    expect(sent('DefaultResponse')).toEqual(['10010b0800', 2, undefined]);
    // Scheme B: five words, the functional flags first; bits 12, 13 and 14 ask for what never changes.
    const flags = `110209${'02'}${'00700000'}${'00000000'.repeat(4)}`;
    expect(sent('MirrorReportAttributeResponse')).toEqual([flags, 2, undefined]);
  });

  it('grants one mirror, to its own meter', () => {
    const { home, gpf } = gasHome();
    gpf.receiveZcl(displayEui, metering, fromHex('090501'));
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe('110501ffff');
    expect(gpf.describe().mirror).toBe('none');
    gpf.receiveZcl(gsmeEui, metering, fromHex('090601'));
    gpf.receiveZcl(gsmeEui, metering, fromHex('090701'));
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe('1107010200');
    gpf.receiveZcl(gsmeEui, metering, fromHex('090802'));
    expect(toHex(home.frames.at(-1)?.frame as Uint8Array)).toBe('1108020200');
    expect(gpf.describe().mirror).toBe('none');
  });

  it.each([
    'ReadAttributesResponse',
    'RequestMirrorResponse',
    'DefaultResponse',
    'ConfigureMirror',
    'ReadAttributes',
  ])('goes on at the next wake when %s is lost', (lost) => {
    const { home, gpf, gsme } = gasHome();
    home.loses = (frame) => nameOf(frame) === lost && frame.to !== hubEui;
    home.start();
    expect(gsme.describe().mirror).not.toBe('configured');
    expect(gpf.describe().reports).toBe(0);
    const quiet = home.frames.length;
    home.loses = () => false;
    home.clock.advanceTo(nextTurn(gsme) - 1);
    expect(home.frames).toHaveLength(quiet);
    home.clock.advance(1);
    expect(gsme.describe().mirror).toBe('configured');
    expect(gpf.describe().reports).toBe(1);
  });

  it('does without a mirror where the hub has no room, and asks again', () => {
    const { home, gpf, gsme } = gasHome();
    gpf.state.zcl.pin('0000/0011', 0);
    home.start();
    expect(talk(home)).toEqual(['meter ReadAttributes', 'mirror ReadAttributesResponse']);
    gpf.state.zcl.release('0000/0011');
    nextWake(home, gsme);
    expect(gpf.describe().reports).toBe(1);
  });

  it('sets it up anew when the mirror has said nothing for three wakes', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    home.loses = ({ from }) => from === gpfEui;
    for (let wake = 0; wake < 3; wake++) {
      expect(nextWake(home, gsme)).toEqual(ordinaryWake);
    }
    expect(nextWake(home, gsme)[0]).toBe('meter ReadAttributes');
    home.loses = () => false;
    nextWake(home, gsme);
    expect(gsme.describe().mirror).toBe('configured');
    expect(gpf.describe().reports).toBe(5);
  });
});

describe('turns', () => {
  it('come every half hour, at another second for every meter', () => {
    const phases = new Set<number>();
    for (let number = 0; number < 20; number++) {
      const home = new TestHome(start);
      const entity = eui64(`02fe1100000001${number.toString(16).padStart(2, '0')}`);
      const gsme = home.attach(new Gsme({ ...deviceParts(home, entity), gpf: gpfEui }));
      home.start();
      const first = nextTurn(gsme);
      expect(first).toBeGreaterThan(start);
      expect(first).toBeLessThanOrEqual(start + halfHourMs);
      phases.add(first);
      home.clock.advanceTo(first);
      expect(nextTurn(gsme)).toBe(first + halfHourMs);
    }
    expect(phases.size).toBeGreaterThan(17);
  });

  it('has no timer but the next turn, and does nothing between turns', () => {
    const { home, gsme } = gasHome();
    home.start();
    expect(home.clock.pending).toBe(1);
    const { length } = home.frames;
    home.clock.advanceTo(nextTurn(gsme) - 1);
    expect(home.frames).toHaveLength(length);
    expect(home.radioWakes).toHaveLength(1);
  });

  it('the button on the meter and a change of its supply wake it out of turn', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    home.clock.advance(minuteMs);
    gsme.state.setSupply('disabled', home.clock.nowMs());
    expect(gpf.describe().supply).toBe('disabled');
    gsme.state.setSupply('armed', home.clock.nowMs());
    expect(gsme.enableByConsumer()).toBe(true);
    expect(gpf.describe().supply).toBe('enabled');
    expect(home.radioWakes).toHaveLength(4);
    const turn = nextTurn(gsme);
    home.clock.advanceTo(turn);
    expect(home.radioWakes).toHaveLength(5);
  });
});

describe('notification flags', () => {
  const reported = (name: string) => (frame: RecordedFrame) => nameOf(frame) === name;

  it('without the tunnel’s the meter asks for no messages; with it once in a wake', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    nextWake(home, gsme);
    expect(home.fetches).toEqual([]);
    gpf.setMessagesPending(2);
    home.clock.advance(minuteMs);
    expect(home.fetches).toEqual([]);
    nextWake(home, gsme);
    expect(home.fetches).toEqual([gsmeEui]);
    nextWake(home, gsme);
    expect(home.fetches).toHaveLength(2);
    gpf.setMessagesPending(0);
    nextWake(home, gsme);
    expect(home.fetches).toHaveLength(2);
  });

  it.each([
    [1, 'CurrentDay', [0x0401, 0x0c01, 0x0403, 0x0c03], [0x051c, 0x051e]],
    [2, 'CurrentWeek', [0x0430, 0x0c30, 0x0432, 0x0c32], [0x0530, 0x0532]],
    [3, 'CurrentMonth', [0x0440, 0x0c40, 0x0442, 0x0c42], [0x0540, 0x0542]],
  ])('numbers 6 to 11 push history set %i (%s…)', (number, _what, ofMetering, ofPrepayment) => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    gpf.setFlags((number << 6) | (number << 9), true);
    const before = home.frames.length;
    nextWake(home, gsme);
    const pushed = home.frames
      .slice(before)
      .filter(reported('ReportAttributes'))
      .slice(1)
      .map((frame) => [
        frame.clusterId,
        (fieldsOf(frame).attributes as { attributeId: number }[]).map((one) => one.attributeId),
      ]);
    expect(pushed).toEqual([
      [metering, ofMetering],
      [0x0705, ofPrepayment],
    ]);
  });

  it('tells of firmware and of keys, and ignores what it does not act on', () => {
    const { home, gpf, gsme } = gasHome();
    const told: string[] = [];
    gsme.onNotified = (what) => told.push(what);
    home.start();
    const acted =
      gasMeterFlags.newOtaFirmware |
      gasMeterFlags.cbkeUpdateRequest |
      gasMeterFlags.tunnelMessagePending;
    const ignored =
      0xff0f_800c & ~acted & ~gasMeterFlags.getSnapshot & ~gasMeterFlags.getSampledData;
    gpf.setFlags(ignored, true);
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
    expect([told, home.fetches]).toEqual([[], []]);
    gpf.setFlags(acted, true);
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
    expect([told, home.fetches]).toEqual([['ota', 'cbke'], [gsmeEui]]);
  });

  it('of another, or in another scheme, are nothing to the meter', () => {
    const { home, gsme } = gasHome();
    home.start();
    const all = fromHex(`110009${'02'}${'ffffffff'.repeat(5)}`);
    const frames = home.frames.length;
    gsme.receiveZcl(displayEui, metering, all);
    gsme.receiveZcl(gpfEui, metering, fromHex(`110009${'01'}${'ffffffff'}`));
    gsme.receiveZcl(gpfEui, metering, fromHex('11000902'));
    expect(home.fetches).toEqual([]);
    // The display's is a command that the meter's own server does not have.
    expect(home.frames.length - frames).toBe(0);
  });
});

describe('logs of the proxy', () => {
  const halfHours = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => from + index * halfHourMs);

  it('hold the profile that the meter has, to the litre, whenever it wakes', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    home.clock.advance(2 * dayMs);
    const from = Date.UTC(2026, 0, 14, 6, 0);
    const expected = halfHours(from, 95).map((at) => gsme.state.history.units(at, at + halfHourMs));
    expect(halfHours(from, 95).map((at) => gpf.state.logs.halfHour(at))).toEqual(expected);
    expect(expected.some((dm3) => (dm3 ?? 0) > 100)).toBe(true);
    expect(gpf.state.logs.dayConsumption(Date.UTC(2026, 0, 15))).toBe(
      gsme.state.history.units(Date.UTC(2026, 0, 15), Date.UTC(2026, 0, 16)),
    );
  });

  it('get the reading of midnight at the first wake of the day, with the flags’ help when it is lost', () => {
    const { home, gpf, gsme } = gasHome(Date.UTC(2026, 0, 30, 22));
    home.start();
    home.clock.advance(3 * 60 * minuteMs);
    const causes = () => gpf.state.logs.snapshots.between(0, Number.MAX_SAFE_INTEGER, 3);
    expect(causes().map(({ atMs, cause }) => [atMs, cause])).toEqual([[Date.UTC(2026, 0, 31), 1]]);
    home.loses = (frame) => nameOf(frame) === 'PublishSnapshot';
    home.clock.advanceTo(Date.UTC(2026, 1, 1));
    const lost = nextWake(home, gsme);
    // The month's end and the day's, published in vain; the mirror notices and asks for the day's.
    expect(lost).toEqual([
      'meter PublishSnapshot',
      'meter PublishSnapshot',
      ...ordinaryWake,
      'meter GetNotifiedMessage',
      'mirror GetSnapshot',
      'meter PublishSnapshot',
    ]);
    home.loses = () => false;
    expect(nextWake(home, gsme)).toEqual([
      ...ordinaryWake,
      'meter GetNotifiedMessage',
      'mirror GetSnapshot',
      'meter PublishSnapshot',
    ]);
    expect(causes().at(-1)?.atMs).toBe(Date.UTC(2026, 1, 1));
    expect(causes().at(-1)?.total).toBe(
      gsme.state.totalDm3At(Date.UTC(2026, 1, 1), home.clock.nowMs()),
    );
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
  });

  it('catch up after an outage: readings and half hours, until nothing is missing', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    home.clock.advance(4 * halfHourMs);
    home.loses = () => true;
    home.clock.advance(5 * dayMs);
    home.loses = () => false;
    // Silent for so long, the meter sets up its mirror anew.
    home.clock.advance(3 * halfHourMs);
    const from = Date.UTC(2026, 0, 14, 6, 0);
    const expected = halfHours(from, 200).map((at) =>
      gsme.state.history.units(at, at + halfHourMs),
    );
    expect(halfHours(from, 200).map((at) => gpf.state.logs.halfHour(at))).toEqual(expected);
    const days = gpf.state.logs.snapshots.between(0, Number.MAX_SAFE_INTEGER, 1);
    expect(days.map(({ atMs }) => new Date(atMs).getUTCDate())).toEqual([15, 16, 17, 18, 19]);
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
  });

  it('what the meter does not have either is not asked for twice', () => {
    const { home, gpf, gsme } = gasHome();
    home.start();
    nextWake(home, gsme);
    home.loses = () => true;
    home.clock.advance(2 * halfHourMs);
    home.loses = () => false;
    gsme.state.zcl.fail('0702/0008', 0x8b);
    const talked = nextWake(home, gsme);
    expect(talked.slice(-3)).toEqual([
      'meter GetNotifiedMessage',
      'mirror GetSampledData',
      'meter DefaultResponse',
    ]);
    expect(nextWake(home, gsme)).toEqual(ordinaryWake);
    expect(gpf.state.logs.halfHours).toBeGreaterThan(3);
  });
});

describe('the meter’s clock', () => {
  /** A hub that only tells the time. */
  function withHub(offMs: number) {
    const made = gasHome();
    const { home } = made;
    let serveOffMs = offMs;
    const host: DeviceHost = home.host(hubEui);
    home.attach({
      entity: hubEui,
      type: 'chf',
      start: () => undefined,
      receiveMessage: () => undefined,
      wake: () => undefined,
      describe: () => ({}),
      receiveZcl: (from, clusterId, bytes) => {
        const { sequenceNumber } = decodeZclFrame(bytes);
        const value = secondsSince2000(home.clock.nowMs() + serveOffMs);
        const attributes = [{ attributeId: 0, status: 0, dataType: 0xe2, value }];
        const payload = encodeZclPayload(clusterId, 0x18, 0x01, { attributes });
        host.sendZcl(
          from,
          clusterId,
          encodeZclFrame({ frameControl: 0x18, sequenceNumber, commandId: 0x01, payload }),
        );
      },
    });
    home.start();
    return { ...made, serve: (ms: number) => (serveOffMs = ms) };
  }
  const codes = (gsme: Gsme) =>
    gsme.state.eventLog.between(0, Number.MAX_SAFE_INTEGER).map(({ eventId }) => eventId);

  it('follows the hub silently by up to ten seconds', () => {
    const { home, gsme, serve } = withHub(0);
    expect(codes(gsme)).toEqual([]);
    serve(10_000);
    nextWake(home, gsme);
    expect(gsme.state.clock.nowMs()).toBe(home.clock.nowMs() + 10_000);
    expect(codes(gsme)).toEqual([0x8145]);
    nextWake(home, gsme);
    serve(0);
    nextWake(home, gsme);
    expect(gsme.state.clock.nowMs()).toBe(home.clock.nowMs());
    expect(codes(gsme)).toEqual([0x8145, 0x8145]);
  });

  it('stays as it is beyond that, and says so once', () => {
    const { home, gsme, serve } = withHub(0);
    serve(-11_000);
    nextWake(home, gsme);
    nextWake(home, gsme);
    expect(gsme.state.clock.nowMs()).toBe(home.clock.nowMs());
    expect(codes(gsme)).toEqual([0x8f0c]);
    // This home's meter trusts nobody, so its alert has no recipient.
    expect(home.eventsNamed('message-undeliverable').map(({ detail }) => detail.alertCode)).toEqual(
      ['0x8f0c'],
    );
    serve(0);
    nextWake(home, gsme);
    serve(60_000);
    nextWake(home, gsme);
    expect(codes(gsme)).toEqual([0x8f0c, 0x8f0c]);
  });
});
