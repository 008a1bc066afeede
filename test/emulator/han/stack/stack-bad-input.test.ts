import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../../protocols/codec/codec.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { concatBytes, toHex } from '../../../../protocols/codec/hex.js';
import { ApsCommand } from '../../../../protocols/zigbee/aps-command.js';
import { NwkCommand } from '../../../../protocols/zigbee/nwk-command.js';
import { busyHome, moved, refused } from '../../../support/attacked-home.js';
import { bytesOf } from '../../../support/codec-table.js';
import { apduOf, type Forgery, forge, hear } from '../../../support/forged-frames.js';
import { euis, JoinedHome, pattern, radios } from '../../../support/joined-home.js';

const stranger = eui64('02fe1100000000ff');
const strangerShort = 0x3333;
const tunnelling = 0x0704;
const price = 0x0700;
const keyEstablishment = 0x0800;
const otherKey = new Uint8Array(16).fill(0x5a);

describe('a frame that is not what it claims to be', () => {
  const cases: readonly (readonly [string, string, Partial<Forgery>])[] = [
    ['another network key', 'nwkMicInvalid', { networkKey: otherKey }],
    ['a network key of another number', 'nwkNoKey', { keySequenceNumber: 7 }],
    ['no network security', 'nwkUnsecured', { networkKey: null }],
    ['a network counter used before', 'nwkReplayed', { nwkCounter: 0 }],
    ['the last network counter', 'nwkReplayed', { nwkCounter: 0xffffffff }],
    ['another link key', 'apsMicInvalid', { linkKey: otherKey }],
    ['no link key where it takes one', 'apsUnsecured', { linkKey: null }],
    ['a link counter used before', 'apsReplayed', { linkCounter: 0 }],
    ['the last link counter', 'apsReplayed', { linkCounter: 0xffffffff }],
    ['a key derived from the link key', 'apsUnsecured', { keyIdentifier: 'key-load' }],
    ['a stranger with the network key', 'apsNoKey', { eui: stranger, short: strangerShort }],
    ['our own address', 'forgedSource', { short: radios.esme.short, eui: stranger }],
    ['an unknown endpoint', 'unknownEndpoint', { aps: { destinationEndpoint: 9 } }],
    ['an unknown source endpoint', 'unknownSource', { aps: { sourceEndpoint: 77 } }],
    ['another profile', 'otherProfile', { aps: { profileId: 0x0104 } }],
    ['a ZDO cluster that is none', 'malformedZdo', zdo(0x7777, bytesOf('00'))],
    ['ZDO octets that are none', 'malformedZdo', zdo(0x0013, bytesOf('0011'))],
    ['no APS frame', 'malformedAps', { apdu: bytesOf('03') }],
    ['an empty APS frame', 'malformedAps', { apdu: new Uint8Array(0) }],
    ['a group address', 'malformedAps', { apdu: bytesOf('0c 01 0007 0901 03 00 00') }],
    ['a command that is none', 'malformedApsCommand', { apdu: bytesOf('01 00 ff') }],
    ['an acknowledgment that nobody waits for', 'unexpectedAck', acknowledgment()],
    ['a later block without a first', 'strayFragment', block(1, false)],
    ['a first block of nothing', 'inconsistent', block(0, true)],
    ['a first block of too many', 'tooLong', block(65, true)],
    ['a NWK command that is none', 'malformedNwkCommand', nwkCommand(bytesOf('ff'))],
    ['a NWK command that nobody takes', 'unexpectedCommand', nwkCommand(leave())],
    ['an address that is not ours', 'notForUs', { nwk: { destination: 0x7777 } }],
  ];

  it.each(cases)('%s: %s', (_, reason, forgery) => {
    const home = busyHome();
    const psdu = forge(home, { to: 'esme', ...forgery });
    expect(refused(home, 'esme', psdu)).toEqual({ [reason]: 1 });
    expect(home.works()).toBe(true);
  });

  it('is taken when nothing is wrong with it, so that the refusals mean something', () => {
    const home = busyHome();
    hear(home, forge(home, { to: 'esme' }));
    expect(home.arrivals).toEqual([
      { at: 'esme', source: euis.chf, clusterId: price, zcl: '0001000000' },
    ]);
  });

  it('is taken once: the very frame again, at once and later', () => {
    const home = busyHome();
    const psdu = forge(home, { to: 'esme' });
    hear(home, psdu);
    expect(refused(home, 'esme', psdu)).toEqual({ duplicate: 1 });
    home.run(60_000);
    expect(refused(home, 'esme', psdu)).toEqual({ nwkReplayed: 1 });
    // Under fresh network security the link key's counter tells.
    const apdu = apduOf(home, psdu);
    expect(refused(home, 'esme', forge(home, { to: 'esme', apdu }))).toEqual({ apsReplayed: 1 });
    expect(home.works()).toBe(true);
  });

  it.each([
    ['malformed', '61'],
    ['malformed', '6188 00'],
    ['malformed', '6188 00 621a 214f'],
    ['securityUnsupported', '6988 00 621a 214f 0000 00'],
    ['otherPan', '6188 00 631a 214f 0000 00'],
    ['malformedNwk', '6188 00 621a 214f 0000'],
    ['malformedNwk', '6188 01 621a 214f 0000 08'],
    ['malformedNwk', '6188 02 621a 214f 0000 0c00 214f 0000 1e 00 00'],
    ['malformedNwk', '6188 03 621a 214f 0000 0802 214f 0000 1e 00 28 00000000'],
    ['malformedNwk', '6188 04 621a 214f 0000 0802 214f 0000 1e 00 30 00000000 00000000'],
    ['malformedNwk', '6188 05 621a 214f 0000 0802 214f 0000 1e 00 08 00000000 00 00000000'],
    ['nwkUnsecured', '6188 06 621a 214f 0000 0800 214f 0000 1e 00 00 01 0007 0901 03 00'],
  ] as const)('headers that are none: %s %s', (reason, wire) => {
    const home = busyHome();
    const before = home.nodes.esme.drops();
    home.nodes.esme.receive(bytesOf(wire), { page: 0, channel: 20, lqi: 255, rssiDbm: -40 });
    expect(moved(home, 'esme', before)).toEqual({ [reason]: 1 });
    expect(home.works()).toBe(true);
  });

  it('is dropped with any octet of it changed, or any left out', () => {
    const home = busyHome();
    const psdu = forge(home, { to: 'esme', payload: pattern(20) });
    const reception = { page: 0, channel: 20, lqi: 255, rssiDbm: -40 };
    const macHeaderOctets = 9;
    const securityControlAt = macHeaderOctets + 8;
    let tried = 0;
    // The MAC's own header is not protected: a frame may differ there and be the same above.
    for (let at = macHeaderOctets; at < psdu.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        // Blank on the air: a receiver puts the security level in.
        if (at === securityControlAt && bit < 3) continue;
        const changed = psdu.slice();
        changed[at] = (changed[at] as number) ^ (1 << bit);
        home.nodes.esme.receive(changed, reception);
        expect([at, bit, home.arrivals]).toEqual([at, bit, []]);
        tried++;
      }
    }
    for (let length = 0; length < psdu.length; length++) {
      home.nodes.esme.receive(psdu.slice(0, length), reception);
    }
    expect(home.arrivals).toEqual([]);
    expect(tried).toBe(8 * (psdu.length - macHeaderOctets) - 3);
    hear(home, psdu);
    expect(home.arrivals).toHaveLength(1);
    expect(home.works()).toBe(true);
  });
});

describe('a device with the network key that says it is somebody else', () => {
  it('is not believed where a link key says otherwise', () => {
    const home = busyHome();
    // The display sends under its own link key, and in all else as the hub.
    const psdu = forge(home, {
      to: 'esme',
      from: 'hub',
      signer: 'ihd',
      namesSource: true,
      aps: { sourceEndpoint: 1 },
    });
    hear(home, psdu);
    expect(home.arrivals.map(({ source }) => source)).toEqual([euis.ihd]);
  });

  it('does not mix its blocks into those of another', () => {
    const home = busyHome();
    const counter = 0x77;
    const part = (first: boolean, blockNumber: number) => ({
      counter,
      acknowledgmentRequest: true,
      fragment: { first, blockNumber },
    });
    const [mine, theirs] = [pattern(20, 1), pattern(20, 9)];
    hear(home, forge(home, { to: 'esme', aps: part(true, 2), payload: mine }));
    const second = {
      to: 'esme',
      from: 'ihd',
      short: radios.hub.short,
      macSource: radios.hub.short,
      namesSource: true,
    } as const;
    hear(home, forge(home, { ...second, aps: part(false, 1), payload: theirs }));
    expect(home.arrivals).toEqual([]);
    hear(home, forge(home, { to: 'esme', aps: part(false, 1), payload: mine }));
    expect(home.arrivals.map(({ source, zcl }) => [source, zcl])).toEqual([
      [euis.chf, toHex(concatBytes(mine, mine))],
    ]);
  });

  it('cannot acknowledge what was sent under a link key', () => {
    const home = busyHome();
    // The meter hears nothing; the display answers in its name.
    home.onFrame = (psdu, meta) => (meta.sender === radios.hub.eui ? [] : [psdu]);
    home.entities.chf.sendZcl(euis.esme, tunnelling, pattern(10));
    expect(home.nodes.hub.aps.waiting).toBe(1);
    const addressing = {
      destinationEndpoint: 3,
      clusterId: tunnelling,
      profileId: 0x0109,
      sourceEndpoint: 1,
    };
    for (let counter = 0; counter < 256; counter++) {
      const header = {
        type: 'acknowledgment',
        delivery: 'unicast',
        addressing,
        counter,
        fragment: undefined,
        auxiliaryHeader: undefined,
      } as const;
      const { short } = radios.esme;
      const plain = { to: 'hub', from: 'ihd', short, header, payload: new Uint8Array(0) } as const;
      hear(home, forge(home, { ...plain, linkKey: null }));
      hear(home, forge(home, { ...plain, namesSource: true }));
    }
    expect(home.nodes.hub.aps.waiting).toBe(1);
    expect(home.nodes.hub.aps.dropped.unexpectedAck).toBe(512);
    home.onFrame = (psdu) => [psdu];
    home.run(10_000);
    expect(home.arrivals).toHaveLength(1);
  });

  it('moves an address, until its owner speaks again', () => {
    const home = busyHome();
    const { hub } = home.nodes;
    const forged = { to: 'hub', from: 'ihd', short: radios.esme.short } as const;
    hear(home, forge(home, forged));
    expect(hub.network.addresses.shortOf(euis.ihd)).toBe(radios.esme.short);
    expect(hub.network.addresses.shortOf(euis.esme)).toBeUndefined();
    home.entities.ihd.sendZcl(euis.chf, price, pattern(5));
    home.entities.esme.sendZcl(euis.chf, price, pattern(5));
    expect(hub.network.addresses.shortOf(euis.esme)).toBe(radios.esme.short);
    expect(hub.network.addresses.shortOf(euis.ihd)).toBe(radios.ihd.short);
    expect(home.works()).toBe(true);
  });

  it('is nobody under a broadcast address, or under our own', () => {
    const home = busyHome();
    const { esme } = home.nodes;
    for (const short of [0xfffd, 0xffff, 0xfff8, radios.esme.short]) {
      hear(home, forge(home, { to: 'esme', eui: stranger, short }));
      expect(esme.network.addresses.shortOf(stranger)).toBeUndefined();
    }
    expect(home.works()).toBe(true);
  });

  it('drives out none but its like, with thousands of names', () => {
    const home = busyHome();
    for (let n = 0; n < 2_000; n++) {
      const eui = eui64(`0a${n.toString(16).padStart(14, '0')}`);
      hear(home, forge(home, { to: 'hub', eui, short: 0x9000 + n, linkKey: null }));
    }
    const { hub } = home.nodes;
    expect(hub.network.addresses.size).toBe(64);
    expect(hub.security.networkCounters(0).size).toBe(256);
    expect(home.stores.hub.entries(`${euis.gpf}/han/nwk/`)).toHaveLength(256);
    expect(hub.drops().nwkPeerLimit).toBe(2_000 - 252);
    expect(home.works()).toBe(true);
  });

  it('gets nothing relayed that it did not secure', () => {
    const home = new JoinedHome({ subGhz: ['ihd'] });
    const command = { nwk: { type: 'command' }, apdu: leave(), networkKey: null } as const;
    hear(home, forge(home, { to: 'hub', from: 'esme', ...command }));
    expect(home.nodes.hub.drops()).toEqual({ unexpectedCommand: 1 });
    const broadcast = { ...command, nwk: { type: 'command', destination: 0xfffd } } as const;
    const before = home.frames.length;
    const psdu = forge(home, { to: 'hub', from: 'esme', ...broadcast });
    hear(home, psdu);
    const [acknowledgment, ...more] = home.frames.slice(before);
    expect([acknowledgment?.psdu.length, more]).toEqual([3, []]);
    expect(home.nodes.hub.network.relayed).toBe(0);
  });
});

describe('a key on its way', () => {
  const transport = encodeWith(
    ApsCommand,
    {
      command: 'transport-key',
      keyType: 'network',
      key: otherKey,
      sequenceNumber: 1,
      destination: euis.esme,
      source: euis.gpf,
    },
    'apsCommand',
  );
  const header = {
    type: 'command',
    delivery: 'unicast',
    acknowledgmentRequest: false,
    counter: 1,
    auxiliaryHeader: undefined,
  } as const;
  const forgery = { to: 'esme', header, payload: transport, networkKey: null } as const;

  it('may come in the clear of the network only to who waits for it, and under a link key', () => {
    const home = busyHome();
    const keyIdentifier = 'key-transport';
    const taken: unknown[] = [];
    const { esme } = home.nodes;
    esme.hooks.onApsCommand = (_command, origin) => taken.push(origin.keyIdentifier);
    expect(refused(home, 'esme', forge(home, { ...forgery, keyIdentifier }))).toEqual({
      nwkUnsecured: 1,
    });
    esme.network.awaitsKey = true;
    expect(refused(home, 'esme', forge(home, { ...forgery, linkKey: null }))).toEqual({
      apsUnsecured: 1,
    });
    expect(refused(home, 'esme', forge(home, { to: 'esme', networkKey: null }))).toEqual({
      apsUnsecured: 1,
    });
    expect(taken).toEqual([]);
    hear(home, forge(home, { ...forgery, keyIdentifier }));
    expect(taken).toEqual(['key-transport']);
  });

  it('that came with the device is good for no cluster that wants a link key', () => {
    const home = busyHome();
    home.nodes.esme.security.setLinkKey(euis.gpf, otherKey, 'preconfigured');
    const psdu = forge(home, { to: 'esme', linkKey: otherKey });
    expect(refused(home, 'esme', psdu)).toEqual({ apsUnsecured: 1 });
    expect(home.entities.esme.sendZcl(euis.chf, price, pattern(5))).toBe('no-key');
    expect(home.entities.esme.sendZcl(euis.chf, keyEstablishment, pattern(5))).toBe('sent');
  });
});

describe('an unknown cluster', () => {
  it('is handed to the entity, which knows best', () => {
    const home = busyHome();
    hear(home, forge(home, { to: 'esme', aps: { clusterId: 0xfc00 } }));
    expect(home.arrivals.map(({ clusterId }) => clusterId)).toEqual([0xfc00]);
  });

  it('takes a link key, as all but a few known ones do', () => {
    const home = busyHome();
    const psdu = forge(home, { to: 'esme', linkKey: null, aps: { clusterId: 0xfc00 } });
    expect(refused(home, 'esme', psdu)).toEqual({ apsUnsecured: 1 });
  });
});

function zdo(clusterId: number, payload: Uint8Array): Partial<Forgery> {
  const endpoints = { destinationEndpoint: 0, sourceEndpoint: 0, profileId: 0 };
  return { linkKey: null, aps: { ...endpoints, clusterId }, payload };
}

function acknowledgment(): Partial<Forgery> {
  const header = {
    type: 'acknowledgment',
    delivery: 'unicast',
    addressing: undefined,
    counter: 3,
    fragment: undefined,
    auxiliaryHeader: undefined,
  } as const;
  return { header, linkKey: null, payload: new Uint8Array(0) };
}

function block(blockNumber: number, first: boolean): Partial<Forgery> {
  return { aps: { acknowledgmentRequest: true, fragment: { first, blockNumber } } };
}

function nwkCommand(apdu: Uint8Array): Partial<Forgery> {
  return { nwk: { type: 'command' }, apdu };
}

function leave(): Uint8Array {
  const command = {
    command: 'leave',
    rejoin: false,
    request: true,
    removeChildren: false,
  } as const;
  return encodeWith(NwkCommand, command, 'nwkCommand');
}
