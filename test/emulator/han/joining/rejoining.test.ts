import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../protocols/codec/hex.js';
import {
  type DeviceName,
  deviceEuis,
  FrameHome,
  type FrameHomeOptions,
  hubEuis,
  labelKey,
  type TestAuthority,
} from '../../../support/frame-home.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../../support/tshark.js';

const minuteMs = 60_000;
const devices: readonly DeviceName[] = ['esme', 'gsme'];

function joined(options: FrameHomeOptions = {}): FrameHome {
  const home = new FrameHome({ devices, ...options });
  home.powerOn();
  expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
  home.clock.advance(minuteMs);
  home.events.length = 0;
  return home;
}

/** A reading that only a pair with the same keys can exchange. */
function expectDataFlows(home: FrameHome, ...names: DeviceName[]): void {
  for (const name of names) {
    let heard = 0;
    home.hub.gpf.onZcl = () => heard++;
    const zcl = Uint8Array.of(0x00, 1, 0x00, 0x00, 0x00);
    const gpf = home.hub.gpf.eui;
    expect(home.device(name).entity.sendZcl(gpf, 0x0700, zcl)).toBe('sent');
    expect(home.runUntil(() => heard > 0, 10_000)).toBe(true);
  }
}

describe('a device that leaves', () => {
  it.each(devices)('%s leaves by itself, and may join from scratch', (name) => {
    const home = joined();
    const { joiner, node } = home.device(name);
    node.wakeRadio();
    joiner.leave();
    expect(home.runUntil(() => joiner.state === 'left', 10_000)).toBe(true);
    expect(home.eventsOf('hub')).toEqual(['device-left']);
    expect(node.joined).toBe(false);
    expect(home.hub.node.security.linkKeyOf(deviceEuis[name])).toBeUndefined();
    joiner.join();
    expect(home.runUntil(() => home.allJoined(), 10 * minuteMs)).toBe(true);
    expect(home.eventsOf(name)).toEqual(['left', 'joined']);
    expectDataFlows(home, name);
  });

  it('finds its old key in the log instead of its label’s', () => {
    const home = joined();
    const { joiner } = home.device('esme');
    const authority = home.authority as TestAuthority;
    authority.listed.set(deviceEuis.esme, [
      authority.joinedKeys.get(deviceEuis.esme) ?? new Uint8Array(16),
    ]);
    joiner.leave();
    home.clock.advance(5_000);
    joiner.join();
    expect(home.runUntil(() => home.allJoined(), 10 * minuteMs)).toBe(true);
    expectDataFlows(home, 'esme');
  });

  it('comes back by a secured rejoin when that is how it left', () => {
    const home = joined();
    const { joiner, node } = home.device('esme');
    const before = node.mac.shortAddress;
    joiner.leave(true);
    expect(home.runUntil(() => joiner.state === 'joined', minuteMs)).toBe(true);
    expect(home.eventsOf('hub')).toEqual(['device-left', 'device-rejoined']);
    expect(home.events.at(-2)?.detail).toMatchObject({ secured: true });
    expect(node.mac.shortAddress).toBe(before);
    expectDataFlows(home, 'esme');
  });

  it('leaves when its hub’s management entity says so', () => {
    const home = joined();
    const fields = { deviceAddress: deviceEuis.esme, removeChildren: false, rejoin: false };
    const to = home.device('esme').node.mac.shortAddress;
    home.hub.node.sendZdo(to, { name: 'Mgmt_Leave_req', fields });
    home.clock.advance(5_000);
    expect(home.device('esme').joiner.state).toBe('left');
  });

  it('does not leave when another device says so', () => {
    const home = joined({ devices: ['esme', 'ihd'] });
    const { node } = home.device('ihd');
    const to = home.device('esme').node.mac.shortAddress;
    const fields = { deviceAddress: deviceEuis.esme, removeChildren: false, rejoin: false };
    node.sendZdo(to, { name: 'Mgmt_Leave_req', fields });
    const order = {
      command: 'leave',
      rejoin: false,
      request: true,
      removeChildren: false,
    } as const;
    node.network.sendCommand(to, order, home.clock.nowMs());
    home.clock.advance(5_000);
    expect(home.allJoined()).toBe(true);
    expect(home.device('esme').node.drops().unexpectedCommand).toBe(1);
  });
});

describe('a device that lost its hub', () => {
  it.each(devices)('%s comes back by itself when the hub does', (name) => {
    const home = joined();
    const { joiner, node } = home.device(name);
    home.lose = (_psdu, sender) => sender === hubEuis.gpf;
    node.wakeRadio();
    if (name === 'esme') joiner.parentLost(home.clock.nowMs());
    expect(home.runUntil(() => joiner.state === 'lost', 5 * minuteMs)).toBe(true);
    home.lose = () => false;
    expect(home.runUntil(() => joiner.state === 'joined', 60 * minuteMs)).toBe(true);
    expect(home.eventsOf(name)).toContain('rejoined');
    expectDataFlows(home, name);
  });

  it('follows its hub to another channel', () => {
    const home = joined();
    const { network } = home.hub.node.network;
    if (network === undefined) throw new Error('no network');
    home.hub.node.network.enter({ ...network, channels: [{ page: 0, channel: 26 }] }, 0);
    for (const { joiner } of home.all()) joiner.rejoin();
    expect(home.runUntil(() => home.allJoined(), 10 * minuteMs)).toBe(true);
    expect(home.count('rejoined')).toBe(2);
    expectDataFlows(home, ...devices);
  });

  it('is refused when it was taken off the log meanwhile', () => {
    const home = joined();
    const { joiner } = home.device('esme');
    (home.authority as TestAuthority).listed.delete(deviceEuis.esme);
    joiner.rejoin();
    home.clock.advance(5 * minuteMs);
    expect(joiner.state).toBe('lost');
    expect(joiner.failures['rejoin-failed'] ?? 0).toBe(0);
    expect(home.hub.trustCentre.refused['not-a-member']).toBeGreaterThan(0);
  });

  it('every frame of its way back may be lost', () => {
    const count = (() => {
      const home = joined({ devices: ['gsme'] });
      const before = home.frames.length;
      home.device('gsme').joiner.rejoin();
      home.runUntil(() => home.allJoined(), minuteMs);
      return home.frames.length - before;
    })();
    for (let at = 0; at < count; at += 2) {
      const home = joined({ devices: ['gsme'] });
      let passed = 0;
      home.lose = () => ++passed > at && passed <= at + 5;
      home.device('gsme').joiner.rejoin();
      expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
      home.lose = () => false;
      expectDataFlows(home, 'gsme');
    }
  });
});

describe('a new network key', () => {
  it('reaches devices that listen at once, and the meter when it wakes', () => {
    const home = joined();
    const old = home.hub.node.security.networkKey;
    expect(home.hub.trustCentre.updateNetworkKey()).toBe(true);
    expect(home.hub.trustCentre.updateNetworkKey()).toBe(false);
    home.clock.advance(minuteMs);
    expect(home.hub.node.security.networkKey).toEqual(old);
    home.device('gsme').node.wakeRadio();
    home.clock.advance(5_000);
    const key = home.hub.node.security.networkKey;
    expect(key?.sequenceNumber).toBe(1);
    expect(key?.key).not.toEqual(old?.key);
    expectDataFlows(home, ...devices);
    for (const { node } of home.all()) expect(node.security.networkKey).toEqual(key);
    expect(home.events.at(-1)).toMatchObject({ detail: { sequenceNumber: 1, missing: 0 } });
  });

  it('is in force after a while though the meter sleeps on; it comes back by its link key', () => {
    const home = joined();
    home.hub.trustCentre.updateNetworkKey();
    home.clock.advance(40 * minuteMs);
    expect(home.hub.node.security.networkKey?.sequenceNumber).toBe(1);
    expectDataFlows(home, 'esme');
    const { joiner, node } = home.device('gsme');
    expect(node.security.networkKey?.sequenceNumber).toBe(0);
    joiner.rejoin();
    expect(home.runUntil(() => home.allJoined(), 10 * minuteMs)).toBe(true);
    expect(node.security.networkKey?.sequenceNumber).toBe(1);
    const rejoined = home.events.filter(({ name }) => name === 'device-rejoined');
    expect(rejoined.at(-1)?.detail).toMatchObject({ device: deviceEuis.gsme, secured: false });
    expectDataFlows(home, 'gsme');
  });

  it.skipIf(!tsharkAvailable)('dissects in Wireshark, with the way back of who left', () => {
    const home = new FrameHome({ devices });
    home.powerOn();
    home.runUntil(() => home.allJoined());
    const keys = new Set(devices.map((name) => toHex(labelKey(deviceEuis[name]))));
    const note = () => {
      for (const { node } of home.all()) {
        for (const { key } of node.security.keys()) keys.add(toHex(key));
      }
    };
    note();
    home.hub.trustCentre.updateNetworkKey();
    home.device('gsme').node.wakeRadio();
    home.clock.advance(5_000);
    expectDataFlows(home, ...devices);
    home.device('esme').joiner.leave(true);
    home.runUntil(() => false, minuteMs);
    note();
    const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
    const options = zigbeeKeys(...keys);
    expect(dissect(home.pcap(), ['frame.number'], faults, options)).toEqual([]);
    const infos = dissect(home.pcap(), ['_ws.col.Info'], '', options).map(([info = '']) => info);
    expect(infos.filter((info) => info.includes('Unknown'))).toEqual([]);
    for (const text of ['Switch Key', 'Leave', 'Rejoin Request', 'Rejoin Response']) {
      expect(infos.some((info) => info.includes(text))).toBe(true);
    }
  });
});
