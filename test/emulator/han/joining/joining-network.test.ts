import { describe, expect, it } from 'vitest';
import type { RadioChannel } from '../../../../emulator/han/air/radio.js';
import { NetworkChoice } from '../../../../emulator/han/joining/joiner-networks.js';
import { formNetwork } from '../../../../emulator/han/joining/network-former.js';
import type { HeardBeacon } from '../../../../emulator/han/mac/mac-scan.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import { type Eui64, eui64 } from '../../../../protocols/codec/eui64.js';
import { deviceEuis, FrameHome, hubEuis } from '../../../support/frame-home.js';

const [first, second, third] = [
  eui64('02fe160000000001'),
  eui64('02fe160000000002'),
  eui64('02fe160000000003'),
];

function beacon(
  extendedPanId: Eui64,
  lqi: number,
  changes: Partial<HeardBeacon> & { readonly protocolId?: number; readonly full?: boolean } = {},
): HeardBeacon {
  const { protocolId = 0, full = false, ...heard } = changes;
  return {
    panId: 0x1000 + lqi,
    shortAddress: 0,
    channel: { page: 0, channel: 11 },
    lqi,
    associationPermit: true,
    beacon: {
      superframe: 0xcfff,
      protocolId,
      stackProfile: 2,
      protocolVersion: 2,
      routerCapacity: !full,
      deviceDepth: 0,
      endDeviceCapacity: true,
      extendedPanId,
      transmitOffset: 0xffffff,
      updateId: 0,
    },
    ...heard,
  };
}

describe('which network a device tries', () => {
  const heard = [beacon(first, 90), beacon(second, 200), beacon(third, 120)];

  it('the one it hears best, of those that let join', () => {
    const choice = new NetworkChoice('router');
    expect(choice.toJoin(heard, undefined)?.beacon.extendedPanId).toBe(second);
    const closed = [beacon(first, 90), beacon(second, 200, { associationPermit: false })];
    expect(choice.toJoin(closed, undefined)?.beacon.extendedPanId).toBe(first);
    expect(choice.toJoin([], undefined)).toBeUndefined();
  });

  it('the one that it is told, however badly it hears it', () => {
    const choice = new NetworkChoice('router');
    expect(choice.toJoin(heard, first)?.lqi).toBe(90);
    expect(choice.toJoin(heard, deviceEuis.esme)).toBeUndefined();
  });

  it('others first after one has refused it', () => {
    const choice = new NetworkChoice('router');
    choice.refusedBy(second);
    expect(choice.toJoin(heard, undefined)?.beacon.extendedPanId).toBe(third);
    choice.refusedBy(third);
    expect(choice.toJoin(heard, undefined)?.beacon.extendedPanId).toBe(first);
    choice.refusedBy(first);
    expect(choice.toJoin(heard, undefined)?.beacon.extendedPanId).toBe(second);
    for (let i = 0; i < 100; i++) choice.refusedBy(`02fe17000000${i + 1000}` as Eui64);
    choice.forgetRefusals();
    expect(choice.toJoin(heard, undefined)?.beacon.extendedPanId).toBe(second);
  });

  it('none that is no ZigBee PRO network, or has no room for its kind', () => {
    const unfit = [beacon(first, 200, { protocolId: 1 }), beacon(second, 100, { full: true })];
    expect(new NetworkChoice('router').toJoin(unfit, undefined)).toBeUndefined();
    const forMeters = new NetworkChoice('end-device').toJoin(unfit, undefined);
    expect(forMeters?.beacon.extendedPanId).toBe(second);
  });

  it('its own to come back to, whether it lets join or not', () => {
    const choice = new NetworkChoice('router');
    const closed = [beacon(first, 10, { associationPermit: false }), beacon(second, 200)];
    expect(choice.toRejoin(closed, first)?.lqi).toBe(10);
    expect(choice.toRejoin(closed, third)).toBeUndefined();
  });
});

describe('a network that a hub forms', () => {
  const formed = (seed: string, energyOn: (on: RadioChannel) => number) => {
    const { hub } = new FrameHome({ devices: [] });
    const random = new SeededRandom(seed).stream('network');
    const network = formNetwork(hub.node, { energyOn }, random);
    return { ...network, key: hub.node.security.networkKey };
  };

  it('is on the quietest of the preferred channels', () => {
    const energyOn = ({ channel }: RadioChannel) => (channel === 19 ? 20 : channel === 26 ? 1 : 80);
    expect(formed('a', energyOn).channels).toEqual([{ page: 0, channel: 19 }]);
  });

  it('is drawn: homes differ in channel, PAN id and key, a seed gives the same again', () => {
    const quiet = () => 30;
    const all = Array.from({ length: 200 }, (_, index) => formed(String(index), quiet));
    expect(new Set(all.map(({ channels }) => channels[0]?.channel)).size).toBe(7);
    expect(new Set(all.map(({ panId }) => panId)).size).toBeGreaterThan(190);
    expect(new Set(all.map(({ key }) => key?.key.join())).size).toBe(200);
    expect(all.every(({ panId }) => panId > 0 && panId < 0xffff)).toBe(true);
    expect(formed('7', quiet)).toEqual(all[7]);
    expect(all[0]?.extendedPanId).toBe(hubEuis.gpf);
  });
});

describe('attempts', () => {
  it('of a device that nobody lets in become rare, and never end', () => {
    const home = new FrameHome({ devices: ['ihd'] });
    home.device('ihd').joiner.join();
    const scans = (hours: number) => {
      const before = home.events.length;
      home.clock.advance(hours * 3_600_000);
      return home.events.length - before;
    };
    expect(scans(1)).toBeLessThan(12);
    expect(scans(24)).toBeGreaterThan(50);
    expect(scans(24)).toBeLessThan(110);
  });

  it('begin at once when somebody presses the button', () => {
    const home = new FrameHome({ devices: ['ihd'] });
    const { joiner } = home.device('ihd');
    joiner.join();
    home.clock.advance(24 * 3_600_000);
    home.form();
    joiner.join();
    expect(home.runUntil(() => joiner.state === 'joined', 30_000)).toBe(true);
  });

  it('start afresh for a member whose network is gone, when it is told so', () => {
    const home = new FrameHome({ devices: ['ihd'] });
    const { joiner } = home.device('ihd');
    home.powerOn();
    expect(home.runUntil(() => home.allJoined())).toBe(true);
    home.swapHub(eui64('02fe120000000021'), eui64('02fe120000000022'));
    home.form();
    joiner.parentLost(home.clock.nowMs());
    home.clock.advance(10 * 60_000);
    expect(joiner.state).toBe('lost');
    joiner.join();
    expect(home.runUntil(() => home.allJoined(), 60_000)).toBe(true);
    expect(joiner.trustCentre).toBe('02fe120000000021');
    expect(home.eventsOf('ihd').at(-1)).toBe('joined');
  });
});
