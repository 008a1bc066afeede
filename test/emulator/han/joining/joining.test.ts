import { describe, expect, it } from 'vitest';
import { environments } from '../../../../emulator/han/air/radio-environments.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import {
  type DeviceName,
  deviceEuis,
  deviceNames,
  FrameHome,
  hubEuis,
  identityOf,
  labelKey,
  TestAuthority,
} from '../../../support/frame-home.js';
import { linkTypeIeee802154, pcapOf } from '../../../support/pcap.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../../support/tshark.js';

const minuteMs = 60_000;

function joinedHome(options: ConstructorParameters<typeof FrameHome>[0] = {}): FrameHome {
  const home = new FrameHome(options);
  home.powerOn();
  expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
  return home;
}

/** Both ends of every link key agree, it is not the label's, and the authority knows it. */
function expectKeysAgree(home: FrameHome): void {
  const { authority } = home;
  for (const { node } of home.all()) {
    const ours = node.security.linkKeyOf(hubEuis.gpf);
    const theirs = home.hub.node.security.linkKeyOf(node.eui);
    expect(ours?.kind).toBe('trust-centre');
    expect(toHex(ours?.data ?? new Uint8Array())).toBe(toHex(theirs?.data ?? new Uint8Array(1)));
    expect(ours?.data).not.toEqual(labelKey(node.eui));
    if (authority instanceof TestAuthority) {
      expect(authority.joinedKeys.get(node.eui)).toEqual(ours?.data);
    }
    expect(node.security.networkKey).toEqual(home.hub.node.security.networkKey);
  }
}

describe('a home from power-on', () => {
  const home = joinedHome();

  it('joins: every device has an address, the network key and a link key of its own', () => {
    expectKeysAgree(home);
    const addresses = home.all().map(({ node }) => node.mac.shortAddress);
    expect(new Set(addresses).size).toBe(deviceNames.length);
    expect(home.hub.node.drops()).toEqual({});
    expect(home.count('device-joined')).toBe(deviceNames.length);
    for (const name of deviceNames) expect(home.eventsOf(name)).toEqual(['joined']);
  });

  it('takes the hub’s EUI-64 for its extended PAN id and a preferred channel', () => {
    const { network } = home.hub.node.network;
    expect(network?.extendedPanId).toBe(hubEuis.gpf);
    expect([11, 14, 15, 19, 20, 24, 25]).toContain(network?.channels[0]?.channel);
  });

  it('lets the gas meter sleep once it is joined, and not before', () => {
    const { node } = home.device('gsme');
    home.clock.advance(10_000);
    expect(node.asleep).toBe(true);
    const before = home.frames.length;
    home.clock.advance(10 * minuteMs);
    expect(home.frames.length).toBe(before);
  });

  it('carries link-secured data between hub and device afterwards', () => {
    const heard: string[] = [];
    home.hub.gpf.onZcl = (source) => heard.push(source);
    const zcl = Uint8Array.of(0x00, 1, 0x00, 0x00, 0x00);
    expect(home.device('esme').entity.sendZcl(hubEuis.gpf, 0x0700, zcl)).toBe('sent');
    home.clock.advance(2_000);
    expect(heard).toEqual([deviceEuis.esme]);
  });

  it('gives the same frames for the same seed, and others for another', () => {
    const octets = (seed: string) =>
      joinedHome({ seed, devices: ['esme', 'gsme'] }).frames.map(({ psdu }) => toHex(psdu));
    expect(octets('one')).toEqual(octets('one'));
    expect(octets('one')).not.toEqual(octets('two'));
  });

  it.skipIf(!tsharkAvailable)('dissects in Wireshark from the labels’ keys alone', () => {
    const pcap = joinedHome().pcap();
    const labels = zigbeeKeys(...Object.values(deviceEuis).map((eui) => toHex(labelKey(eui))));
    const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
    expect(dissect(pcap, ['frame.number'], faults, labels)).toEqual([]);
    const infos = dissect(pcap, ['_ws.col.Info'], '', labels).map(([info = '']) => info);
    expect(infos.filter((info) => info.includes('Unknown'))).toEqual([]);
    const seen = (text: string) => infos.filter((info) => info.includes(text)).length;
    expect(seen('Transport Key')).toBe(4);
    expect(seen('Device Announcement')).toBe(4);
    expect(seen('Confirm Key Data Response')).toBe(4);
    const certified = dissect(
      pcap,
      ['zbee_zcl_se.ke.cert.subject'],
      'zbee_zcl_se.ke.init.confirm.time',
      labels,
    )
      .flat()
      .filter((subject) => subject !== '');
    expect(new Set(certified).size).toBe(5);
    const learned = dissect(pcap, ['zbee_aps.cmd.key'], 'zbee_aps.cmd.id == 0x05', labels);
    const { networkKey } = home.hub.node.security;
    expect(new Set(learned.map(([key = '']) => key.replaceAll(':', '')))).toEqual(
      new Set([toHex(networkKey?.key ?? new Uint8Array())]),
    );
  });
});

describe('the judge', () => {
  it.skipIf(!tsharkAvailable)('objects to one octet changed in any secured frame', () => {
    const labels = zigbeeKeys(toHex(labelKey(deviceEuis.esme)));
    const { frames } = joinedHome({ devices: ['esme'] });
    const secured = frames.flatMap(({ psdu }, index) => (psdu.length > 40 ? [index] : []));
    expect(secured.length).toBeGreaterThan(10);
    const damaged = frames.map(({ psdu }, index) => {
      const copy = psdu.slice();
      // The first, which brings the network key, stays whole.
      const last = copy.length - 5;
      if (secured.indexOf(index) > 0) copy[last] = (copy[last] ?? 0) ^ 1;
      return copy;
    });
    const pcap = pcapOf(damaged, linkTypeIeee802154);
    const opaque = dissect(pcap, ['frame.number'], 'zbee_sec.encrypted_payload', labels);
    expect(opaque.map(([number]) => Number(number) - 1)).toEqual(secured.slice(1));
  });
});

describe('joining on a bad air', () => {
  const alone: readonly DeviceName[] = ['gsme'];
  const length = joinedHome({ devices: alone }).frames.length;

  it.each([1, 5])('survives %i frames lost in a row, whichever they are', (run) => {
    for (let at = 0; at < length; at++) {
      let count = 0;
      const lose = () => ++count > at && count <= at + run;
      expectKeysAgree(joinedHome({ devices: alone, lose }));
    }
  });

  it.each(['1', '2', '3'])('survives every fifth frame lost (seed %s)', (seed) => {
    const chance = new SeededRandom(seed).stream('loss');
    const lose = () => chance.fraction() < 0.2;
    expectKeysAgree(joinedHome({ seed, lose }));
  });

  it('works in a house, where frames take time and collide', () => {
    expectKeysAgree(joinedHome({ environment: environments.house }));
  });
});

describe('who is not let in', () => {
  function strangers(home: FrameHome, limitMs = 5 * minuteMs): void {
    home.powerOn();
    home.runUntil(() => home.allJoined(), limitMs);
    const stranger = home.device('ihd');
    expect(stranger.joiner.state).not.toBe('joined');
    expect(stranger.node.security.networkKey).toBeUndefined();
    expect(home.device('esme').joiner.state).toBe('joined');
    expect(home.hub.node.network.addresses.shortOf(deviceEuis.ihd)).toBeUndefined();
  }
  const devices: readonly DeviceName[] = ['esme', 'ihd'];

  function authorityWith(...known: DeviceName[]): TestAuthority {
    const authority = new TestAuthority();
    for (const name of known) {
      authority.listed.set(deviceEuis[name], [labelKey(deviceEuis[name])]);
    }
    return authority;
  }
  const reasons = (home: FrameHome) =>
    new Set(
      home.events
        .filter(({ name }) => name === 'join-refused')
        .map(({ detail }) => `${String(detail.device)} ${String(detail.reason)}`),
    );

  it('a device that is not in the log, until it is', () => {
    const authority = authorityWith('esme');
    const home = new FrameHome({ devices, authority });
    strangers(home);
    expect(reasons(home)).toEqual(new Set([`${deviceEuis.ihd} not-in-device-log`]));
    authority.listed.set(deviceEuis.ihd, [labelKey(deviceEuis.ihd)]);
    expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
  });

  it('a device whose window is closed: the beacons do not even invite it', () => {
    const authority = authorityWith('esme', 'ihd');
    const home = new FrameHome({ devices, authority });
    authority.open = false;
    home.powerOn();
    home.runUntil(() => false, 5 * minuteMs);
    expect(home.all().map(({ joiner }) => joiner.failures)).toEqual([
      { 'no-network-found': expect.any(Number) },
      { 'no-network-found': expect.any(Number) },
    ]);
    authority.open = true;
    expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
  });

  it('a device whose window has closed while others may still join', () => {
    const authority = authorityWith('esme', 'ihd');
    authority.listed.set(deviceEuis.ihd, []);
    const home = new FrameHome({ devices, authority });
    strangers(home);
    expect(reasons(home)).toEqual(new Set([`${deviceEuis.ihd} joining-closed`]));
  });

  it('a device with another install code', () => {
    const wrong = (eui: Eui64) => labelKey(eui === deviceEuis.ihd ? deviceEuis.ppmid : eui);
    const home = new FrameHome({ devices, installCodeKey: wrong });
    strangers(home);
    expect(reasons(home)).toEqual(new Set([`${deviceEuis.ihd} key-not-taken`]));
    expect(home.device('ihd').node.drops().apsMicInvalid).toBeGreaterThan(0);
    expect(home.device('ihd').joiner.failures['network-key-missing']).toBeGreaterThan(0);
  });

  it('a device with a second key in the log: it is tried after the first', () => {
    const authority = authorityWith('esme');
    authority.listed.set(deviceEuis.ihd, [labelKey(deviceEuis.ppmid), labelKey(deviceEuis.ihd)]);
    const home = new FrameHome({ devices, authority });
    home.powerOn();
    expect(home.runUntil(() => home.allJoined())).toBe(true);
    expectKeysAgree(home);
  });

  it.each([
    ['of another authority', (eui: Eui64) => identityOf(eui, 2, 'elsewhere')],
    ['of another device', () => identityOf(deviceEuis.ppmid)],
  ])('a device with a certificate %s', (_name, certificate) => {
    const identities = (eui: Eui64) => [
      eui === deviceEuis.ihd ? certificate(eui) : identityOf(eui),
    ];
    const home = new FrameHome({ devices, identities });
    home.powerOn();
    home.runUntil(() => false, 5 * minuteMs);
    expect(home.device('esme').joiner.state).toBe('joined');
    expect(home.device('ihd').joiner.state).not.toBe('joined');
    expect(home.device('ihd').joiner.failures['key-establishment-failed']).toBeGreaterThan(2);
    expect(home.hub.node.security.linkKeyOf(deviceEuis.ihd)).toBeUndefined();
  });

  it('a second device when the only network has one too many', () => {
    const home = new FrameHome({ devices: ['esme'] });
    home.form();
    const answers = Array.from({ length: 33 }, (_, index) => {
      const eui = `02fe1300000000${(index + 16).toString(16)}` as Eui64;
      const reception = { page: 0, channel: 11, lqi: 255, rssiDbm: -35 };
      return home.hub.node.onAssociationRequest(eui, 0x8e, reception, home.clock.nowMs());
    });
    expect(answers.slice(0, 32).every(({ status }) => status === 0)).toBe(true);
    expect(answers[32]).toEqual({ status: 1, shortAddress: 0xffff });
    home.hub.node.reschedule();
    home.clock.advance(minuteMs);
    expect(home.hub.trustCentre.describe().members).toEqual([]);
  });
});

describe('key establishment', () => {
  it('falls back to suite 1 where the hub has only that', () => {
    const identities = (eui: Eui64) =>
      eui === hubEuis.gpf ? [identityOf(eui, 1)] : [identityOf(eui, 1), identityOf(eui, 2)];
    expectKeysAgree(joinedHome({ devices: ['esme', 'gsme'], identities }));
  });

  it('comes to nothing where there is no suite in common', () => {
    const identities = (eui: Eui64) => [identityOf(eui, eui === hubEuis.gpf ? 1 : 2)];
    const home = new FrameHome({ devices: ['esme'], identities });
    home.powerOn();
    home.runUntil(() => false, 2 * minuteMs);
    expect(home.device('esme').joiner.state).not.toBe('joined');
    expect(home.events).toContainEqual({
      who: 'esme',
      name: 'key-establishment-failed',
      detail: { reason: 'no common suite' },
    });
  });
});

describe('frames of a stranger on the air', () => {
  it('replayed ones change nothing', () => {
    const home = joinedHome({ devices: ['esme', 'gsme', 'ihd'] });
    home.clock.advance(minuteMs);
    const { network } = home.hub.node.network;
    const on = network?.channels[0] ?? { page: 0, channel: 11 };
    const recorded = home.frames.slice();
    const events = home.events.length;
    const keys = [...home.hub.node.security.keys()];
    for (const { psdu, sender } of recorded) {
      home.air.receive(psdu, sender, on);
      home.clock.advance(20);
    }
    home.clock.advance(10 * minuteMs);
    expect([...home.hub.node.security.keys()]).toEqual(keys);
    expect(home.events.slice(events).filter(({ who }) => who !== 'hub')).toEqual([]);
    expect(home.hub.node.drops().nwkReplayed).toBeGreaterThan(20);
    expect(home.allJoined()).toBe(true);
    expectKeysAgree(home);
  });

  it('damaged ones are dropped and counted, and a home joins among them', () => {
    const recorded = joinedHome({ devices: ['esme', 'gsme'] }).frames;
    const chance = new SeededRandom('damage').stream('bits');
    const home = new FrameHome({ devices: ['esme', 'gsme'] });
    home.powerOn();
    const on = home.hub.node.network.network?.channels[0] ?? { page: 0, channel: 11 };
    for (let round = 0; round < 1_500; round++) {
      const { psdu, sender } = recorded[round % recorded.length] ?? { psdu: new Uint8Array(1) };
      if (sender === undefined) continue;
      const damaged = psdu.slice(0, chance.int(1, psdu.length));
      const at = chance.int(0, damaged.length - 1);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << chance.int(0, 7));
      home.air.receive(damaged, sender, on);
      home.clock.advance(5);
    }
    expect(home.runUntil(() => home.allJoined(), 60 * minuteMs)).toBe(true);
    expectKeysAgree(home);
  });
});
