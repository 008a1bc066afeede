import { describe, expect, it } from 'vitest';
import { Members, membersMax } from '../../../../emulator/han/joining/trust-centre-members.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { capabilityFromOctet } from '../../../../protocols/zigbee/capability-information.js';
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
const devices: readonly DeviceName[] = ['esme', 'gsme', 'ihd'];

function joined(options: FrameHomeOptions = {}): FrameHome {
  const home = new FrameHome({ devices, ...options });
  home.powerOn();
  expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
  home.clock.advance(minuteMs);
  home.events.length = 0;
  return home;
}

function partnerKey(home: FrameHome, name: DeviceName, partner: DeviceName): string | undefined {
  const key = home.device(name).node.security.linkKeyOf(deviceEuis[partner]);
  expect(key?.kind ?? 'partner').toBe('partner');
  return key === undefined ? undefined : toHex(key.data);
}

describe('a key for two devices', () => {
  it('comes to both when one asks, and carries their data', () => {
    const home = joined();
    const heard: Eui64[] = [];
    home.device('esme').entity.onZcl = (source) => heard.push(source);
    const zcl = Uint8Array.of(0x00, 1, 0x00, 0x00, 0x00);
    const { entity, joiner } = home.device('ihd');
    expect(entity.sendZcl(deviceEuis.esme, 0x0700, zcl)).toBe('no-key');
    joiner.requestPartnerKey(deviceEuis.esme);
    home.clock.advance(5_000);
    expect(partnerKey(home, 'ihd', 'esme')).toMatch(/^[0-9a-f]{32}$/);
    expect(partnerKey(home, 'ihd', 'esme')).toBe(partnerKey(home, 'esme', 'ihd'));
    expect(home.eventsOf('esme')).toEqual(['partner-key']);
    expect(home.eventsOf('ihd')).toEqual(['partner-key']);
    expect(entity.sendZcl(deviceEuis.esme, 0x0700, zcl)).toBe('sent');
    home.clock.advance(2_000);
    expect(heard).toEqual([deviceEuis.ihd]);
  });

  it('is asked for again until the partner has joined', () => {
    const home = new FrameHome({ devices });
    home.form();
    home.device('ihd').joiner.join();
    home.runUntil(() => home.device('ihd').joiner.state === 'joined');
    home.device('ihd').joiner.requestPartnerKey(deviceEuis.esme);
    home.clock.advance(2 * minuteMs);
    expect(home.eventsOf('ihd')).toEqual(['joined', 'partner-key-missing']);
    expect(home.count('partner-key-refused')).toBeGreaterThan(0);
    home.device('esme').joiner.join();
    expect(home.runUntil(() => partnerKey(home, 'ihd', 'esme') !== undefined)).toBe(true);
    expect(partnerKey(home, 'ihd', 'esme')).toBe(partnerKey(home, 'esme', 'ihd'));
  });

  it.each([3, 5, 7, 11])(
    'is the same at both ends on a bad air (every %ith frame lost)',
    (every) => {
      const home = joined();
      let count = 0;
      home.lose = () => ++count % every === 0;
      home.device('ihd').joiner.requestPartnerKey(deviceEuis.esme);
      home.clock.advance(2 * minuteMs);
      expect(partnerKey(home, 'ihd', 'esme')).toBeDefined();
      expect(partnerKey(home, 'ihd', 'esme')).toBe(partnerKey(home, 'esme', 'ihd'));
    },
  );

  it('is not given for a device that is not in the log, nor for the hub', () => {
    const home = joined();
    (home.authority as TestAuthority).listed.delete(deviceEuis.esme);
    home.device('ihd').joiner.requestPartnerKey(deviceEuis.esme);
    home.device('ihd').joiner.requestPartnerKey(hubEuis.gpf);
    home.clock.advance(minuteMs);
    expect(partnerKey(home, 'ihd', 'esme')).toBeUndefined();
    expect(home.device('ihd').node.security.linkKeyOf(hubEuis.gpf)?.kind).toBe('trust-centre');
  });

  it('reaches a meter that sleeps when it asks', () => {
    const home = joined();
    home.device('gsme').joiner.requestPartnerKey(deviceEuis.esme);
    home.clock.advance(10_000);
    expect(partnerKey(home, 'gsme', 'esme')).toBe(partnerKey(home, 'esme', 'gsme'));
    expect(home.device('gsme').node.asleep).toBe(true);
  });

  it.skipIf(!tsharkAvailable)(
    'travels under a key that Wireshark derives from the link keys',
    () => {
      const home = joined();
      home.device('ihd').joiner.requestPartnerKey(deviceEuis.esme);
      home.clock.advance(5_000);
      const keys = home.hub.node.security;
      const options = zigbeeKeys(
        ...devices.map((name) => toHex(labelKey(deviceEuis[name]))),
        ...devices.map((name) =>
          toHex(keys.linkKeyOf(deviceEuis[name])?.data ?? new Uint8Array(16)),
        ),
      );
      const given = dissect(
        home.pcap(),
        ['zbee_aps.cmd.key'],
        'zbee_aps.cmd.key_type == 3',
        options,
      );
      const shown = partnerKey(home, 'ihd', 'esme');
      expect(given).toEqual([[shown], [shown]]);
      const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
      expect(dissect(home.pcap(), ['frame.number'], faults, options)).toEqual([]);
    },
  );
});

describe('a device that is removed', () => {
  it('is told to leave, and cannot come back', () => {
    const home = joined();
    (home.authority as TestAuthority).listed.delete(deviceEuis.esme);
    expect(home.hub.trustCentre.removeDevice(deviceEuis.esme)).toBe(true);
    expect(home.hub.trustCentre.removeDevice(deviceEuis.ppmid)).toBe(false);
    home.clock.advance(5_000);
    const { joiner, node } = home.device('esme');
    expect(joiner.state).toBe('left');
    expect(node.security.networkKey).toBeUndefined();
    expect(home.hub.node.security.linkKeyOf(deviceEuis.esme)).toBeUndefined();
    expect(home.eventsOf('hub')).toEqual(['device-removed']);
    joiner.join();
    home.clock.advance(5 * minuteMs);
    expect(joiner.state).not.toBe('joined');
  });

  it('is told when it wakes, if it sleeps', () => {
    const home = joined();
    home.hub.trustCentre.removeDevice(deviceEuis.gsme);
    home.clock.advance(10 * minuteMs);
    const { joiner, node } = home.device('gsme');
    expect(joiner.state).toBe('joined');
    node.wakeRadio();
    home.clock.advance(5_000);
    expect(joiner.state).toBe('left');
    expect(home.events.find(({ who }) => who === 'hub')).toMatchObject({
      name: 'device-removed',
      detail: { device: deviceEuis.gsme, told: true },
    });
  });

  it('is forgotten after a while, if it is out of reach', () => {
    const home = joined();
    home.lose = (_psdu, sender) => sender === deviceEuis.esme || sender === hubEuis.gpf;
    home.hub.trustCentre.removeDevice(deviceEuis.esme);
    home.clock.advance(2 * minuteMs);
    expect(home.events).toEqual([
      {
        who: 'hub',
        name: 'device-removed',
        detail: { device: deviceEuis.esme, told: false },
      },
    ]);
  });
});

describe('a hub that starts joined', () => {
  it('knows its devices: they rejoin, get partner keys and leave', () => {
    const home = new FrameHome({ devices });
    const chance = new SeededRandom('joined').stream('keys');
    const key = { key: chance.bytes(16), sequenceNumber: 0 };
    const network = {
      panId: 0x1a62,
      extendedPanId: hubEuis.gpf,
      channels: [{ page: 0, channel: 20 }],
    };
    const others: [Eui64, number][] = [
      [hubEuis.gpf, 0],
      ...devices.map((name, index): [Eui64, number] => [deviceEuis[name], 0x1000 + index]),
    ];
    for (const name of devices) {
      const linkKey = chance.bytes(16);
      const { node, joiner } = home.device(name);
      node.security.setNetworkKey(key);
      node.security.setLinkKey(hubEuis.gpf, linkKey, 'trust-centre');
      home.hub.node.security.setLinkKey(deviceEuis[name], linkKey, 'trust-centre');
      node.startJoined(network, 0x1000 + devices.indexOf(name), others);
      joiner.startJoined(hubEuis.gpf);
    }
    home.hub.node.security.setNetworkKey(key);
    home.hub.node.startJoined(network, 0, others);
    home.hub.trustCentre.startJoined();
    expect(home.hub.trustCentre.describe().members).toHaveLength(3);
    expect(home.frames).toEqual([]);
    home.device('ihd').joiner.requestPartnerKey(deviceEuis.esme);
    home.clock.advance(5_000);
    expect(partnerKey(home, 'ihd', 'esme')).toBe(partnerKey(home, 'esme', 'ihd'));
    home.device('gsme').joiner.rejoin();
    expect(home.runUntil(() => home.allJoined(), minuteMs)).toBe(true);
    home.hub.trustCentre.removeDevice(deviceEuis.ihd);
    home.clock.advance(5_000);
    expect(home.device('ihd').joiner.state).toBe('left');
  });
});

describe('orders that the trust centre did not give', () => {
  it('keys in the clear, under the network key alone or from another device are not taken', () => {
    const home = joined();
    const { node } = home.device('esme');
    const before = [...node.security.keys()];
    const ihd = home.device('ihd').node;
    const command = {
      command: 'transport-key',
      keyType: 'network',
      key: new Uint8Array(16),
      sequenceNumber: 1,
      destination: deviceEuis.esme,
      source: hubEuis.gpf,
    } as const;
    const to = node.mac.shortAddress;
    const nowMs = home.clock.nowMs();
    for (const secured of [true, false]) {
      ihd.aps.sendCommand(to, command, undefined, secured, nowMs);
      home.hub.node.aps.sendCommand(to, command, undefined, secured, nowMs);
    }
    ihd.aps.sendCommand(
      to,
      { command: 'remove-device', device: deviceEuis.esme },
      undefined,
      true,
      nowMs,
    );
    home.clock.advance(5_000);
    expect([...node.security.keys()]).toEqual(before);
    expect(home.allJoined()).toBe(true);
    expect(node.drops()).toMatchObject({ unexpectedCommand: 3, nwkUnsecured: 2 });
  });

  it('a rejoin in somebody’s name moves nobody for longer than he is silent', () => {
    const home = joined();
    const { node } = home.device('esme');
    const command = { command: 'rejoin-request', capability: capabilityFromOctet(0x8e) } as const;
    const origin = { source: 0x7777, eui: deviceEuis.esme, secured: false, broadcast: false };
    home.hub.node.onNwkCommand(command, origin, home.clock.nowMs());
    home.clock.advance(minuteMs);
    let heard = 0;
    home.hub.gpf.onZcl = () => heard++;
    const zcl = Uint8Array.of(0x00, 1, 0x00, 0x00, 0x00);
    home.device('esme').entity.sendZcl(hubEuis.gpf, 0x0700, zcl);
    home.clock.advance(5_000);
    expect(heard).toBe(1);
    expect(home.hub.node.network.addresses.shortOf(deviceEuis.esme)).toBe(node.mac.shortAddress);
    const members = home.hub.trustCentre.describe().members;
    expect(members.find(({ device }) => device === deviceEuis.esme)).toMatchObject({
      shortAddress: node.mac.shortAddress,
      phase: 'member',
    });
  });
});

describe('the table of members', () => {
  it('gives each device an address of its own, and the same one again', () => {
    const home = new FrameHome({ devices: [] });
    const members = new Members(home.hub.node.network, new SeededRandom('m').stream('short'));
    const euis = Array.from(
      { length: membersMax + 1 },
      (_, index) => `02fe14000000${(index + 0x1000).toString(16)}` as Eui64,
    );
    const shorts = euis.map((eui) => members.admit(eui, false)?.shortAddress);
    expect(shorts.at(-1)).toBeUndefined();
    expect(new Set(shorts.slice(0, -1)).size).toBe(membersMax);
    expect(members.admit(euis[3] as Eui64, true)?.shortAddress).toBe(shorts[3]);
    expect(members.admit(euis[3] as Eui64, true, shorts[4])?.shortAddress).not.toBe(shorts[4]);
    expect(members.admit(euis[3] as Eui64, true, 0xffff)?.shortAddress).toBeLessThan(0xfff8);
  });
});
