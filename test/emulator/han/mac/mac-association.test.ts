import { describe, expect, it } from 'vitest';
import type { RadioChannel } from '../../../../emulator/han/air/radio.js';
import { type HeardBeacon, heardBeaconsMax } from '../../../../emulator/han/mac/mac-scan.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { bytesOf } from '../../../support/codec-table.js';
import {
  type AirFrame,
  channel20,
  displayEui,
  hubEui,
  meterEui,
  ToyMedium,
  type ToyNode,
  toyHub,
  toyNode,
  toyPanId,
} from '../../../support/toy-medium.js';

const channels: readonly RadioChannel[] = [11, 20, 25].map((channel) => ({ page: 0, channel }));
const capability = 0x8e;

function home(timing = {}) {
  const medium = new ToyMedium();
  const hub = toyHub(medium, timing);
  const meter = toyNode(medium, meterEui, timing);
  return { medium, hub, meter };
}

function scan(medium: ToyMedium, { mac }: ToyNode): readonly HeardBeacon[] {
  let found: readonly HeardBeacon[] | undefined;
  mac.scan(channels, medium.nowMs, (heard) => {
    found = heard;
  });
  medium.run(3 * 262);
  if (found === undefined) throw new Error('the scan did not end');
  return found;
}

/** Joins the network that a scan without losses found, and says how that ended. */
function join(medium: ToyMedium, node: ToyNode, loses = medium.loses): string[] {
  medium.loses = () => false;
  const target = scan(medium, node)[0] as HeardBeacon;
  medium.frames.length = 0;
  medium.loses = loses;
  const ends: string[] = [];
  node.mac.associate(target, capability, medium.nowMs, (result, shortAddress) =>
    ends.push(`${result} ${shortAddress.toString(16)}`),
  );
  medium.run(20_000);
  return ends;
}

function masked({ psdu }: AirFrame): string {
  const hex = toHex(psdu);
  return `${hex.slice(0, 4)}..${hex.slice(6)}`;
}

describe('an active scan (zigbee.md 2)', () => {
  it('asks on one channel after the other and hears the hub of the home', () => {
    const { medium, meter } = home();
    const heard = scan(medium, meter);
    expect(heard).toEqual([
      {
        panId: toyPanId,
        shortAddress: 0,
        channel: channel20,
        lqi: 200,
        associationPermit: true,
        beacon: expect.objectContaining({ extendedPanId: hubEui, superframe: 0xcfff }),
      },
    ]);
    expect(medium.frames.map((frame) => [frame.atMs, frame.on.channel, masked(frame)])).toEqual([
      [0, 11, '0308..ffffffff07'],
      [262, 20, '0308..ffffffff07'],
      [264, 20, `0080..621a0000ffcf0000002284${'010000000011fe02'}ffffff00`],
      [524, 25, '0308..ffffffff07'],
    ]);
  });

  it('says whether the hub lets devices join', () => {
    const { medium, hub, meter } = home();
    hub.mac.associationPermit = false;
    const [heard] = scan(medium, meter);
    expect(heard?.associationPermit).toBe(false);
    expect(heard?.beacon.superframe).toBe(0x4fff);
  });

  it('hears nothing else and sends nothing else, and ends what was under way', () => {
    const { medium, hub, meter } = home();
    meter.mac.panId = toyPanId;
    meter.mac.shortAddress = 0x4f21;
    const ends: string[] = [];
    meter.mac.send(0x0000, bytesOf('01'), false, 0, (status) => ends.push(status));
    meter.mac.poll(0, (result) => ends.push(result));
    meter.mac.scan([channel20], 0, (heard) => ends.push(`heard ${heard.length}`));
    meter.mac.send(0x0000, bytesOf('02'), false, 0, (status) => ends.push(status));
    meter.mac.poll(0, (result) => ends.push(result));
    hub.mac.send(0x4f21, bytesOf('03'), false, 0);
    expect(meter.mac.listens(0, 11)).toBe(false);
    medium.run(300);
    expect(ends).toEqual(['not-listening', 'no-ack', 'not-listening', 'no-ack', 'heard 1']);
    expect(meter.upper.data).toEqual([]);
    expect(meter.mac.dropped.notListening).toBe(1);
    medium.run(300);
    expect(meter.upper.data).toHaveLength(1);
  });

  it('ends at once without channels, and when another one begins', () => {
    const { medium, meter } = home();
    const ends: string[] = [];
    meter.mac.scan([], 0, (heard) => ends.push(`none ${heard.length}`));
    meter.mac.scan(channels, 0, (heard) => ends.push(`first ${heard.length}`));
    meter.mac.scan([channel20], 0, (heard) => ends.push(`second ${heard.length}`));
    medium.run(262);
    expect(ends).toEqual(['none 0', 'first 0', 'second 1']);
    expect(meter.mac.nextDeadlineMs()).toBeUndefined();
  });

  it('remembers a bounded number of networks, each once', () => {
    const { meter } = home();
    let heard: readonly HeardBeacon[] = [];
    meter.mac.scan([channel20], 0, (all) => {
      heard = all;
    });
    for (let i = 0; i < 1_000; i++) {
      const panId = toHex(Uint8Array.of(i & 0xff, 1));
      const beacon = bytesOf(`0080 01 ${panId} 0000 ffcf 0000 00 2284 a19078563412db00 ffffff 00`);
      meter.mac.receive(beacon, { ...channel20, lqi: 1, rssiDbm: -90 });
    }
    meter.mac.expire(262);
    expect(heard).toHaveLength(heardBeaconsMax);
    expect(new Set(heard.map(({ panId }) => panId)).size).toBe(heardBeaconsMax);
  });
});

describe('association (zigbee.md 2)', () => {
  it('exchanges exactly the frames of the standard', () => {
    const { medium, hub, meter } = home();
    expect(join(medium, meter)).toEqual(['success 4f21']);
    const device = '030000000011fe02';
    const coordinator = '010000000011fe02';
    expect(medium.frames.map((frame) => [frame.atMs - 786, masked(frame)])).toEqual([
      [0, `23c8..621a0000ffff${device}018e`],
      [2, '0200..'],
      [496, `63c8..621a0000${device}04`],
      [498, '1200..'],
      [498, `63cc..621a${device}${coordinator}02214f00`],
      [500, '0200..'],
    ]);
    expect(hub.upper.asked).toEqual([{ device: meterEui, capability }]);
    expect(hub.upper.answered).toEqual([
      { device: meterEui, shortAddress: 0x4f21, status: 'success' },
    ]);
    const { shortAddress, panId, coordinatorAddress, coordinatorEui } = meter.mac;
    expect({
      shortAddress,
      panId,
      coordinatorAddress,
      coordinatorEui,
      on: meter.mac.channels,
    }).toEqual({
      shortAddress: 0x4f21,
      panId: toyPanId,
      coordinatorAddress: 0,
      coordinatorEui: hubEui,
      on: [channel20],
    });
    expect([hub, meter].map(({ mac }) => mac.nextDeadlineMs())).toEqual([undefined, undefined]);
  });

  // 0 request, 1 acknowledgment, 2 data request, 3 acknowledgment, 4 response, 5 acknowledgment.
  it.each([0, 1, 2, 3, 4, 5])('gets there though frame %i is lost', (lost) => {
    const { medium, hub, meter } = home();
    const ends = join(medium, meter, (_frame, index) => index === lost);
    expect(ends).toEqual(['success 4f21']);
    expect(hub.upper.asked).toHaveLength(1);
    expect(hub.upper.answered).toEqual([
      { device: meterEui, shortAddress: 0x4f21, status: 'success' },
    ]);
  });

  it.each([
    ['denied', 2],
    ['at-capacity', 1],
    ['denied', 0xf0],
  ])('is told when the hub answers %s', (result, status) => {
    const { medium, hub, meter } = home();
    hub.upper.answer = { status, shortAddress: 0xffff };
    expect(join(medium, meter)).toEqual([`${result} ffff`]);
    expect(meter.mac.panId).toBe(0xffff);
    expect(meter.mac.shortAddress).toBe(0xffff);
    expect(hub.upper.answered).toMatchObject([{ status: 'success' }]);
  });

  it('does not take FFFF for an address', () => {
    const { medium, hub, meter } = home();
    hub.upper.answer = { status: 0, shortAddress: 0xffff };
    expect(join(medium, meter)).toEqual(['no-response ffff']);
  });

  it('ends when the hub is gone, and when it never answers', () => {
    const gone = home();
    expect(join(gone.medium, gone.meter, () => true)).toEqual(['no-ack ffff']);
    const closed = home();
    closed.hub.mac.associationPermit = false;
    expect(join(closed.medium, closed.meter)).toEqual(['no-response ffff']);
    expect(closed.hub.mac.dropped.associationNotPermitted).toBe(1);
    expect(closed.hub.upper.asked).toEqual([]);
  });

  it('lets the hub know that the answer was not fetched', () => {
    const { medium, hub, meter } = home();
    const ends = join(medium, meter, (frame) => frame.psdu.length === 16);
    expect(ends).toEqual(['no-ack ffff']);
    expect(hub.upper.answered).toEqual([
      { device: meterEui, shortAddress: 0x4f21, status: 'transaction-expired' },
    ]);
  });

  it('gives a device that asks again, while its answer waits, the same answer', () => {
    const { medium, hub, meter } = home();
    const target = scan(medium, meter)[0] as HeardBeacon;
    const ends: string[] = [];
    const begin = () =>
      meter.mac.associate(target, capability, medium.nowMs, (result) => ends.push(result));
    begin();
    medium.run(100);
    begin();
    medium.run(5_000);
    expect(ends).toEqual(['no-response', 'success']);
    expect(hub.upper.asked).toHaveLength(1);
    expect(hub.upper.answered).toHaveLength(1);
  });

  it('asks the layer above again once the answer is gone', () => {
    const { medium, hub, meter } = home();
    expect(join(medium, meter)).toEqual(['success 4f21']);
    meter.mac.leave(medium.nowMs);
    expect(join(medium, meter)).toEqual(['success 4f21']);
    expect(hub.upper.asked).toHaveLength(2);
  });

  it('tells the layer above when an answer cannot wait', () => {
    const { medium, hub, meter } = home();
    for (let to = 1; to <= 64; to++) hub.mac.send(to, bytesOf('aa'), true, 0);
    const frame = bytesOf('23c8 01 621a 0000 ffff 030000000011fe02 01 8e');
    hub.mac.receive(frame, { ...channel20, lqi: 1, rssiDbm: -90 });
    expect(hub.upper.answered).toMatchObject([
      { device: meterEui, status: 'transaction-overflow' },
    ]);
    expect(meter.mac.nextDeadlineMs()).toBeUndefined();
    expect(medium.frames).toHaveLength(1);
  });

  it('lets two devices join at once', () => {
    const { medium, hub, meter } = home();
    const display = toyNode(medium, displayEui, {}, 2);
    const [target] = scan(medium, meter);
    let next = 0x1000;
    hub.upper.onAssociationRequest = () => ({ status: 0, shortAddress: next++ });
    const ends: string[] = [];
    for (const { mac } of [meter, display]) {
      mac.associate(target as HeardBeacon, capability, medium.nowMs, (result, short) =>
        ends.push(`${mac.eui} ${result} ${short.toString(16)}`),
      );
    }
    medium.run(5_000);
    expect(ends.sort()).toEqual([`${meterEui} success 1000`, `${displayEui} success 1001`]);
  });

  it('ignores a response that nobody asked for, or from another PAN', () => {
    const { medium, meter } = home();
    const target = scan(medium, meter)[0] as HeardBeacon;
    meter.mac.associate(target, capability, medium.nowMs, () => undefined);
    const reception = { ...channel20, lqi: 1, rssiDbm: -90 };
    meter.mac.receive(
      bytesOf('63cc 01 621a 030000000011fe02 010000000011fe02 02 3412 00'),
      reception,
    );
    meter.mac.receive(
      bytesOf('63cc 02 7777 030000000011fe02 010000000011fe02 02 3412 00'),
      reception,
    );
    expect(meter.mac.dropped).toMatchObject({ unexpectedCommand: 1, otherPan: 1 });
    expect(meter.mac.shortAddress).toBe(0xffff);
  });

  it('is the same for the same seed, frame for frame', () => {
    const run = () => {
      const { medium, meter } = home();
      medium.loses = (_frame, index) => index % 3 === 1;
      join(medium, meter);
      return medium.frames.map(({ atMs, psdu }) => `${atMs} ${toHex(psdu)}`);
    };
    expect(run()).toEqual(run());
  });
});

describe('a hub of two bands', () => {
  const subGhz: RadioChannel = { page: 28, channel: 5 };

  function dual() {
    const medium = new ToyMedium();
    const hub = toyHub(medium);
    hub.mac.channels = [channel20, subGhz];
    const meter = toyNode(medium, eui64('02fe110000000004'));
    meter.mac.channels = [subGhz];
    const display = toyNode(medium, displayEui);
    return { medium, hub, meter, display };
  }

  function associate(medium: ToyMedium, node: ToyNode, on: RadioChannel): void {
    let found: HeardBeacon | undefined;
    node.mac.scan([on], medium.nowMs, (heard) => {
      found = heard[0];
    });
    medium.run(300);
    node.mac.associate(found as HeardBeacon, capability, medium.nowMs, () => undefined);
    medium.run(3_000);
  }

  it('answers each device on its band, from the first frame on', () => {
    const { medium, hub, meter, display } = dual();
    hub.upper.answer = { status: 0, shortAddress: 0x1111 };
    associate(medium, meter, subGhz);
    hub.upper.answer = { status: 0, shortAddress: 0x2222 };
    associate(medium, display, channel20);
    medium.frames.length = 0;
    hub.mac.send(0x1111, bytesOf('01'), false, medium.nowMs);
    hub.mac.send(0x2222, bytesOf('02'), false, medium.nowMs);
    medium.run(1_000);
    expect(meter.upper.data).toHaveLength(1);
    expect(display.upper.data).toHaveLength(1);
    expect(medium.frames.map(({ on }) => on.page).sort()).toEqual([0, 0, 28, 28]);
  });

  it('broadcasts on both', () => {
    const { medium, hub } = dual();
    hub.mac.send(0xffff, bytesOf('01'), false, 0);
    expect(medium.frames.map(({ on }) => on)).toEqual([channel20, subGhz]);
    expect(medium.log()[0]).toBe(medium.log()[1]);
  });

  it('tries the first channel for a node not heard yet, unless it was told where that is', () => {
    const { medium, hub } = dual();
    hub.mac.expectNeighbour(0x1111, subGhz, 0);
    hub.mac.send(0x1111, bytesOf('01'), false, 0);
    hub.mac.send(0x3333, bytesOf('01'), false, 0);
    expect(medium.frames.map(({ on }) => on)).toEqual([subGhz, channel20]);
  });

  it('finds a node on the new channel of its band after a channel change', () => {
    const { medium, hub } = dual();
    hub.mac.expectNeighbour(0x1111, subGhz, 0);
    const moved: RadioChannel = { page: 28, channel: 9 };
    hub.mac.channels = [channel20, moved];
    hub.mac.send(0x1111, bytesOf('01'), false, 0);
    expect(medium.frames[0]?.on).toEqual(moved);
  });

  it('does not take an acknowledgment on the other band for its own', () => {
    const { medium, hub } = dual();
    hub.mac.send(0x3333, bytesOf('01'), false, 0);
    const ack = Uint8Array.of(0x02, 0x00, medium.frames[0]?.psdu[2] as number);
    hub.mac.receive(ack, { ...subGhz, lqi: 1, rssiDbm: -90 });
    expect(hub.mac.describe()).toMatchObject({ acknowledged: 0, underWay: 1 });
    hub.mac.receive(ack, { ...channel20, lqi: 1, rssiDbm: -90 });
    expect(hub.mac.describe()).toMatchObject({ acknowledged: 1, underWay: 0 });
  });
});
