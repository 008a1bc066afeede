import { describe, expect, it } from 'vitest';
import {
  inFlightMax,
  waitingMax,
  waitingPerDestinationMax,
} from '../../../../emulator/han/mac/mac-transactions.js';
import type { MacStatus } from '../../../../emulator/han/mac/mac-upper.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { bytesOf } from '../../../support/codec-table.js';
import {
  channel20,
  displayEui,
  hubEui,
  meterEui,
  ToyMedium,
  toyHub,
  toyJoined,
} from '../../../support/toy-medium.js';

const reception = { ...channel20, lqi: 200, rssiDbm: -50 };
const nsdu = bytesOf('4802 0000 214f 1e07 28');

function home(timing = {}) {
  const medium = new ToyMedium();
  const hub = toyHub(medium, timing);
  const meter = toyJoined(medium, meterEui, 0x4f21, timing);
  const display = toyJoined(medium, displayEui, 0xc354, timing);
  const ends: string[] = [];
  const done = (name: string) => (status: MacStatus, atMs: number) =>
    ends.push(`${name} ${status} ${atMs}`);
  return { medium, hub, meter, display, ends, done };
}

/** Octets with the sequence number, which is drawn, masked. */
function masked(psdu: Uint8Array): string {
  const hex = toHex(psdu);
  return `${hex.slice(0, 4)}..${hex.slice(6)}`;
}

describe('sending (zigbee.md 2)', () => {
  it('puts unicast data on the air with acknowledgment request, and hands it up once', () => {
    const { medium, hub, meter, display, ends, done } = home();
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    medium.run(100);
    expect(medium.frames.map(({ psdu }) => masked(psdu))).toEqual([
      `6188..621a0000214f${toHex(nsdu)}`,
      '0200..',
    ]);
    const [data, ack] = medium.frames;
    expect(ack?.psdu[2]).toBe(data?.psdu[2]);
    expect(ack?.from).toBe(hubEui);
    expect(hub.upper.data).toEqual([{ nsdu: toHex(nsdu), source: 0x4f21, destination: 0x0000 }]);
    expect(display.upper.data).toEqual([]);
    expect(display.mac.dropped.otherDestination).toBe(1);
    expect(ends).toEqual(['data success 4']);
    expect(meter.mac.nextDeadlineMs()).toBeUndefined();
  });

  it('addresses by EUI-64 whom it is told to, and names itself so until it has an address', () => {
    const { medium, hub, meter } = home();
    meter.mac.shortAddress = 0xfffe;
    meter.mac.send(hubEui, bytesOf('aa'), false, 0);
    medium.run(100);
    expect(masked(medium.frames[0]?.psdu as Uint8Array)).toBe(
      '61cc..621a' + '010000000011fe02' + '030000000011fe02' + 'aa',
    );
    expect(hub.upper.data).toEqual([{ nsdu: 'aa', source: meterEui, destination: hubEui }]);
  });

  it('broadcasts once, without acknowledgment', () => {
    const { medium, hub, meter, display, ends, done } = home();
    hub.mac.send(0xffff, nsdu, true, 0, done('broadcast'));
    expect(ends).toEqual(['broadcast success 0']);
    medium.run(5_000);
    expect(medium.frames.map(({ psdu }) => masked(psdu))).toEqual([
      `4188..621affff0000${toHex(nsdu)}`,
    ]);
    for (const { upper } of [meter, display]) {
      expect(upper.data).toEqual([{ nsdu: toHex(nsdu), source: 0, destination: 0xffff }]);
    }
  });

  it('repeats what nobody acknowledged, with the same octets, then gives up', () => {
    const { medium, hub, meter, ends, done } = home({ backoffMaxMs: 0 });
    medium.loses = (frame) => frame.from === meterEui;
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    medium.run(10_000);
    expect(medium.frames.map(({ atMs }) => atMs)).toEqual([0, 400, 800, 1_200]);
    expect(new Set(medium.log()).size).toBe(1);
    expect(ends).toEqual(['data no-ack 1600']);
    expect(hub.upper.data).toEqual([]);
    expect(meter.mac.describe()).toMatchObject({ retries: 3, noAck: 1, underWay: 0 });
  });

  it('backs off by chance, within bounds, and the same way for the same seed', () => {
    const times = () => {
      const { medium, meter } = home({ backoffMaxMs: 20 });
      medium.loses = () => true;
      for (let i = 0; i < 10; i++) meter.mac.send(0x0000, nsdu, false, 0);
      medium.run(60_000);
      return medium.frames.map(({ atMs }) => atMs);
    };
    const first = times();
    expect(first).toHaveLength(40);
    const gaps = first.slice(1).map((atMs, i) => atMs - (first[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(400);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(420);
    expect(new Set(gaps).size).toBeGreaterThan(5);
    expect(times()).toEqual(first);
  });

  it('acknowledges a repetition again but hands it up once', () => {
    const { medium, hub, meter, ends, done } = home();
    medium.loses = (frame, index) => frame.from === hubEui && index < 4;
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    medium.run(10_000);
    expect(medium.frames).toHaveLength(6);
    expect(hub.upper.data).toHaveLength(1);
    expect(hub.mac.dropped.duplicate).toBe(2);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatch(/^data success/);
  });

  it('takes an acknowledgment that comes late, and counts the ones that come in vain', () => {
    const { medium, meter, hub, ends, done } = home({ ackWaitMs: 10, backoffMaxMs: 0 });
    medium.delayMs = 9;
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    medium.run(1_000);
    expect(ends).toEqual(['data success 18']);
    // The repetition after 10 ms was on its way already.
    expect(medium.frames).toHaveLength(4);
    expect(hub.upper.data).toHaveLength(1);
    expect(meter.mac.dropped.unexpectedAck).toBe(1);
  });

  it('looks for an acknowledgment once more before it repeats after being held up', () => {
    const { medium, meter, ends, done } = home();
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    // The process did nothing for five seconds: the timer is seen before the acknowledgment.
    meter.mac.expire(5_000);
    expect(medium.frames).toHaveLength(1);
    expect(meter.mac.nextDeadlineMs()).toBe(5_400);
    medium.run(100);
    expect(medium.frames).toHaveLength(2);
    expect(ends).toHaveLength(1);
  });

  it('repeats all the same when it is held up again and again', () => {
    const { medium, meter, ends, done } = home({ backoffMaxMs: 0 });
    medium.loses = () => true;
    meter.mac.send(0x0000, nsdu, false, 0, done('data'));
    for (let nowMs = 5_000; nowMs <= 100_000; nowMs += 5_000) meter.mac.expire(nowMs);
    expect(medium.frames).toHaveLength(4);
    expect(ends).toHaveLength(1);
  });

  it('keeps one frame in flight per destination, in order, and others beside it', () => {
    const { medium, hub, ends, done } = home();
    for (const name of ['a', 'b', 'c']) {
      hub.mac.send(0x4f21, bytesOf(`0${name}`), false, 0, done(name));
    }
    hub.mac.send(0xc354, bytesOf('0d'), false, 0, done('d'));
    expect(medium.frames).toHaveLength(2);
    medium.run(100);
    expect(ends).toEqual(['a success 4', 'd success 4', 'b success 8', 'c success 12']);
    const numbers = medium.frames.filter((frame) => frame.from === hubEui).map((f) => f.psdu[2]);
    expect(new Set(numbers).size).toBe(4);
  });

  it('does not let what is sent in answer to an end overtake what waits', () => {
    const { medium, hub, meter } = home();
    hub.mac.send(0x4f21, bytesOf('01'), false, 0, (_status, nowMs) =>
      hub.mac.send(0x4f21, bytesOf('03'), false, nowMs),
    );
    hub.mac.send(0x4f21, bytesOf('02'), false, 0);
    medium.run(100);
    expect(meter.upper.data.map((one) => one.nsdu)).toEqual(['01', '02', '03']);
  });

  it('copies what waits', () => {
    const { medium, hub, meter } = home();
    const octets = bytesOf('01');
    for (let i = 1; i <= 3; i++) {
      octets[0] = i;
      hub.mac.send(0x4f21, octets, false, 0);
    }
    octets[0] = 0xff;
    medium.run(100);
    expect(meter.upper.data.map((one) => one.nsdu)).toEqual(['01', '02', '03']);
  });

  it('bounds what waits, for one destination and for all', () => {
    const { medium, hub, ends, done } = home();
    medium.loses = () => true;
    for (let i = 0; i < waitingPerDestinationMax + 3; i++) {
      hub.mac.send(0x4f21, nsdu, false, 0, done('one'));
    }
    expect(ends).toEqual(['one transaction-overflow 0', 'one transaction-overflow 0']);
    for (let to = 1; to <= 1_000; to++) hub.mac.send(to & 0xff, nsdu, false, 0);
    expect(hub.mac.describe().underWay).toBe(inFlightMax + waitingMax);
    medium.run(3_600_000);
    expect(hub.mac.describe().underWay).toBe(0);
    expect(ends).toHaveLength(waitingPerDestinationMax + 3);
  });

  it('says at once what it cannot send', () => {
    const { medium, hub, ends, done } = home();
    hub.mac.send(0x4f21, new Uint8Array(117), false, 0, done('long'));
    hub.mac.send(0x4f21, new Uint8Array(116), false, 0, done('fits'));
    hub.mac.leave(0);
    hub.mac.send(0x4f21, nsdu, false, 0, done('left'));
    expect(ends).toEqual(['long frame-too-long 0', 'fits not-listening 0', 'left not-listening 0']);
    expect(medium.frames.map(({ psdu }) => psdu.length)).toEqual([125]);
  });

  it('purges what is meant for a node that left', () => {
    const { medium, hub, ends, done } = home();
    hub.mac.send(0x4f21, nsdu, false, 0, done('flying'));
    hub.mac.send(0x4f21, nsdu, false, 0, done('behind'));
    hub.mac.send(0x4f21, nsdu, true, 0, done('asleep'));
    hub.mac.send(0xc354, nsdu, false, 0, done('other'));
    hub.mac.purge(0x4f21);
    expect(ends).toEqual([
      'asleep transaction-expired 0',
      'flying transaction-expired 0',
      'behind transaction-expired 0',
    ]);
    medium.run(10_000);
    expect(ends).toHaveLength(4);
  });
});

describe('a medium that answers within the call', () => {
  it('ends each transaction once, in order', () => {
    const { medium, hub, meter, ends, done } = home();
    medium.delayMs = 0;
    for (const name of ['a', 'b']) meter.mac.send(0x0000, nsdu, false, 0, done(name));
    hub.mac.send(0x4f21, bytesOf('aa'), true, 0, done('c'));
    meter.mac.poll(0, (result) => ends.push(result));
    expect(ends.slice().sort()).toEqual(['a success 0', 'b success 0', 'c success 0', 'data']);
    expect(meter.upper.data).toHaveLength(1);
    expect(hub.upper.data).toHaveLength(2);
    expect([hub, meter].map(({ mac }) => mac.nextDeadlineMs())).toEqual([undefined, undefined]);
  });
});

describe('the filter of received frames', () => {
  it.each([
    ['otherPan', '6188 01 7777 214f 0000 aa'],
    ['otherDestination', '6188 01 621a 2211 0000 aa'],
    ['otherDestination', '61cc 01 621a 990000000011fe02 010000000011fe02 aa'],
    ['otherDestination', '0180 01 621a 0000 aa'],
    ['noSource', '2108 01 621a 214f aa'],
    ['securityUnsupported', '6988 01 621a 214f 0000 aa'],
    ['malformed', ''],
    ['malformed', '61'],
    ['malformed', '6188 01 621a 214f 00'],
    ['malformed', '6788 01 621a 214f 0000 aa'],
    ['malformed', '6188 01 621a 214f 0000'.padEnd(270, '0')],
    ['malformed', '0200 01 aa'],
    ['malformed', '6388 01 621a 214f 0000 99'],
    ['malformed', '0080 01 621a 0000 ffcf'],
    ['unexpectedAck', '0200 01'],
    ['unexpectedBeacon', '0080 01 621a 0000 ffcf 0000 00 2284 a19078563412db00 ffffff 00'],
    ['unexpectedCommand', '0308 01 ffff ffff 07'],
    ['unexpectedCommand', '6388 01 621a 214f 0000 04'],
    ['unexpectedCommand', '23c8 01 621a 214f ffff 060000000011fe02 01 8e'],
    ['unexpectedCommand', '63cc 01 621a 030000000011fe02 010000000011fe02 02 3412 00'],
  ] as const)('of a device drops and counts: %s, %s', (reason, wire) => {
    const { meter } = home();
    meter.mac.receive(bytesOf(wire), reception);
    expect(Object.entries(meter.mac.dropped).filter(([, count]) => count > 0)).toEqual([
      [reason, 1],
    ]);
    expect(meter.upper.data).toEqual([]);
  });

  it('acknowledges what the radio can, also a command it does not know', () => {
    const { medium, meter } = home();
    meter.mac.receive(bytesOf('6388 2a 621a 214f 0000 99'), reception);
    meter.mac.receive(bytesOf('6188 2b 621a ffff 0000 aa'), reception);
    meter.mac.receive(bytesOf('6188 2c 7777 214f 0000 aa'), reception);
    expect(medium.log()).toEqual(['02002a']);
    expect(meter.upper.data).toHaveLength(1);
  });

  it('hears nothing on a channel it is not on, nor asleep', () => {
    const { meter } = home();
    const frame = bytesOf('4188 01 621a 214f 0000 aa');
    meter.mac.receive(frame, { ...reception, channel: 11 });
    meter.mac.receive(frame, { ...reception, page: 28 });
    meter.mac.rxOnWhenIdle = false;
    meter.mac.receive(frame, reception);
    expect(meter.mac.dropped.notListening).toBe(3);
    expect(meter.mac.listens(0, 20)).toBe(false);
    meter.mac.awake = true;
    expect(meter.mac.listens(0, 20)).toBe(true);
    expect(meter.mac.listens(0, 21)).toBe(false);
  });

  it('knows a repetition by its octets: a new frame may bear the number of an old one', () => {
    const { meter } = home();
    meter.mac.receive(bytesOf('6188 01 621a 214f 0000 aa'), reception);
    meter.mac.receive(bytesOf('6188 01 621a 214f 0000 bb'), reception);
    meter.mac.receive(bytesOf('7188 01 621a 214f 0000 bb'), reception);
    meter.mac.receive(bytesOf('6188 01 621a 214f 54c3 bb'), reception);
    expect(meter.upper.data.map(({ nsdu, source }) => [nsdu, source])).toEqual([
      ['aa', 0],
      ['bb', 0],
      ['bb', 0xc354],
    ]);
    expect(meter.mac.dropped.duplicate).toBe(1);
  });

  it('takes the same octets for new after a while', () => {
    const { medium, meter } = home();
    for (const atMs of [0, 7_999, 8_000, 8_001]) {
      medium.nowMs = atMs;
      meter.mac.receive(bytesOf('6188 01 621a 214f 0000 aa'), reception);
    }
    expect(meter.upper.data).toHaveLength(2);
  });

  it('remembers how a neighbour was heard', () => {
    const { medium, hub } = home();
    medium.nowMs = 77;
    hub.mac.receive(bytesOf('6188 01 621a 0000 214f aa'), reception);
    expect(hub.mac.neighbour(0x4f21)).toMatchObject({
      channel: channel20,
      lqi: 200,
      rssiDbm: -50,
      heardAtMs: 77,
    });
    expect(hub.mac.neighbour(0xc354)).toBeUndefined();
  });
});
