import { beforeAll, describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../emulator/adapters/node-crypto.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../protocols/codec/hex.js';
import { Writer } from '../../protocols/codec/writer.js';
import { type ApsDataHeader, ApsHeader } from '../../protocols/zigbee/aps.js';
import { apsBlock, apsBlockCount, apsFragment } from '../../protocols/zigbee/aps-fragments.js';
import { encodeZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { psduOctetsMax } from '../../protocols/zigbee/ieee802154.js';
import { NwkHeader } from '../../protocols/zigbee/nwk.js';
import {
  IncomingFrameCounters,
  OutgoingFrameCounter,
} from '../../protocols/zigbee/security/frame-counters.js';
import {
  apsSecurityOctets,
  nwkSecurityOctets,
  openAps,
  openNwk,
  readApsFrame,
  readNwkFrame,
  sealAps,
  sealNwk,
} from '../../protocols/zigbee/security/frame-security.js';
import {
  installCodeFromText,
  installCodeLinkKey,
} from '../../protocols/zigbee/security/install-code.js';
import { linkKeySet } from '../../protocols/zigbee/security/key-derivation.js';
import { flipBit } from '../protocols/crypto/crypto-suite.js';
import { bytesOf } from '../support/codec-table.js';
import { linkTypeIeee802154, pcapOf } from '../support/pcap.js';
import { dissect, dissectOctets, tsharkAvailable, zigbeeKeys } from '../support/tshark.js';

const crypto = new NodeCrypto();
const hub = '00db1234567890a1' as Eui64;
const meter = '00db1234567890a0' as Eui64;
const partner = '00db1234567890a7' as Eui64;
const shortAddresses: Readonly<Record<string, number>> = { [hub]: 0x0000, [meter]: 0x4f21 };
const networkKey = '1f2e3d4c5b6a79880112233445566778';
const newLinkKey = '0102030405060708f1f2f3f4f5f6f7f8';
const partnerLinkKey = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
const installCodeKey = installCodeLinkKey(
  crypto,
  installCodeFromText('83FED3407A939723A5C639B26916D505C3B5'),
);
const firstKeys = linkKeySet(crypto, installCodeKey);
const linkKeys = linkKeySet(crypto, fromHex(newLinkKey));

const objection = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
/** What a listener is told: the key of the install code, and the link key that CBKE agreed on. The rest it hears. */
const told = zigbeeKeys(toHex(installCodeKey), newLinkKey);
const macOctets = 9;
const nwkOctets = 8;
const blockOctets =
  psduOctetsMax - macOctets - nwkOctets - nwkSecurityOctets - 10 - apsSecurityOctets;

const counters = { [hub]: new OutgoingFrameCounter(1000), [meter]: new OutgoingFrameCounter() };
const apsCounters = { [hub]: new OutgoingFrameCounter(7), [meter]: new OutgoingFrameCounter(0x80) };
let sequence = 0;

function nwkHeader(from: Eui64, to: Eui64, type: NwkHeader['type'] = 'data'): NwkHeader {
  return {
    type,
    discoverRoute: 0,
    endDeviceInitiator: false,
    destination: shortAddresses[to] as number,
    source: shortAddresses[from] as number,
    radius: 30,
    sequenceNumber: sequence,
    destinationEui: undefined,
    sourceEui: undefined,
    sourceRoute: undefined,
    auxiliaryHeader: undefined,
  };
}

/** Puts a MAC header in front of a NWK frame. */
function onAir(from: Eui64, to: Eui64, nwkFrame: Uint8Array): Uint8Array {
  sequence = (sequence + 1) & 0xff;
  return encodeZigbeeFrame({
    mac: {
      type: 'data',
      framePending: false,
      acknowledgmentRequest: false,
      panIdCompression: true,
      version: 0,
      sequenceNumber: sequence,
      destinationPanId: 0x1a62,
      destination: shortAddresses[to],
      sourcePanId: 0x1a62,
      source: shortAddresses[from],
    },
    nwk: undefined,
    aps: undefined,
    payload: nwkFrame,
  }).slice();
}

function nextOf(table: Record<string, OutgoingFrameCounter>, of: Eui64): number {
  const value = table[of]?.next();
  if (value === undefined) throw new Error('no frame counter left');
  return value;
}

function nwkSecured(from: Eui64, to: Eui64, payload: Uint8Array, type?: 'command'): Uint8Array {
  const frameCounter = nextOf(counters, from);
  const security = { key: fromHex(networkKey), keySequenceNumber: 0, source: from, frameCounter };
  return onAir(from, to, sealNwk(crypto, nwkHeader(from, to, type), payload, security));
}

function data(clusterId: number, counter: number): ApsDataHeader {
  return {
    type: 'data',
    delivery: 'unicast',
    acknowledgmentRequest: true,
    destinationEndpoint: 1,
    clusterId,
    profileId: 0x0109,
    sourceEndpoint: 1,
    counter,
    fragment: undefined,
    auxiliaryHeader: undefined,
  };
}

function command(counter: number): ApsHeader {
  const auxiliaryHeader = undefined;
  return {
    type: 'command',
    delivery: 'unicast',
    acknowledgmentRequest: false,
    counter,
    auxiliaryHeader,
  };
}

/** An APS frame under the link key, which leaves the source to the NWK header. */
function linkSecured(from: Eui64, header: ApsHeader, payload: Uint8Array): Uint8Array {
  const frameCounter = nextOf(apsCounters, from);
  const security = { keys: linkKeys, source: from, namesSource: false, frameCounter } as const;
  return sealAps(crypto, header, payload, { ...security, keyIdentifier: 'data' });
}

function leastFirst(eui: Eui64): Uint8Array {
  return fromHex(eui).reverse();
}

/** Transport-Key with the network key: the one frame of a home without NWK security. */
function transportNetworkKey(): Uint8Array {
  const body = concatBytes(
    bytesOf('05 01'),
    fromHex(networkKey),
    bytesOf('00'),
    leastFirst(meter),
    leastFirst(hub),
  );
  const security = { keys: firstKeys, source: hub, namesSource: true, frameCounter: 0 } as const;
  const aps = sealAps(crypto, command(1), body, { ...security, keyIdentifier: 'key-transport' });
  const writer = new Writer();
  NwkHeader.encode(writer, nwkHeader(hub, meter));
  return onAir(hub, meter, concatBytes(writer.finish(), aps));
}

/** Transport-Key with a partner link key, under the key-load key. */
function transportLinkKey(): Uint8Array {
  const body = concatBytes(
    bytesOf('05 03'),
    fromHex(partnerLinkKey),
    leastFirst(partner),
    bytesOf('01'),
  );
  const frameCounter = nextOf(apsCounters, hub);
  const security = { keys: linkKeys, source: hub, namesSource: true, frameCounter } as const;
  const aps = sealAps(crypto, command(2), body, { ...security, keyIdentifier: 'key-load' });
  return nwkSecured(hub, meter, aps);
}

/** A signed message that is a DLMS access request in name only, in TransferData to the tunnel's server. */
const message = concatBytes(
  bytesOf('df 09 01 0000000000000005 08'),
  fromHex(hub),
  bytesOf('08'),
  fromHex(meter),
  bytesOf('00 02 0062 82 012c d92000000000 00'),
  new Uint8Array(0x012c - 7).fill(0x5a),
  bytesOf('40'),
  new Uint8Array(64).fill(0xa5),
);
const transferData = concatBytes(bytesOf('11 07 02 3412'), message);

function fragments(secured: boolean): Uint8Array[] {
  const count = apsBlockCount(transferData.length, blockOctets);
  return Array.from({ length: count }, (_, index) => {
    const header = { ...data(0x0704, secured ? 40 : 41), fragment: apsFragment(index, count) };
    const block = apsBlock(transferData, index, blockOctets);
    const aps = secured ? linkSecured(hub, header, block) : unsecured(header, block);
    return nwkSecured(hub, meter, aps);
  });
}

function unsecured(header: ApsHeader, payload: Uint8Array): Uint8Array {
  const writer = new Writer();
  ApsHeader.encode(writer, header);
  writer.bytes(payload);
  return writer.finish();
}

/** Acknowledges a block, with nothing in it but its integrity code. */
function acknowledgment(): Uint8Array {
  const header: ApsHeader = {
    type: 'acknowledgment',
    delivery: 'unicast',
    addressing: { destinationEndpoint: 1, clusterId: 0x0704, profileId: 0x0109, sourceEndpoint: 1 },
    counter: 40,
    fragment: { first: true, blockNumber: 0, bitmap: 0xff },
    auxiliaryHeader: undefined,
  };
  return nwkSecured(meter, hub, linkSecured(meter, header, new Uint8Array(0)));
}

const readTotal = bytesOf('00 01 00 0000 0004');
const total = bytesOf('18 01 01 0000 00 25 efcdab896745 0004 00 2a 563412');
const currentPrice = bytesOf('01 03 00 00');
const leave = bytesOf('04 20');

function capture(): Uint8Array[] {
  return [
    transportNetworkKey(),
    nwkSecured(meter, hub, unsecured(data(0x0700, 2), currentPrice)),
    nwkSecured(hub, meter, linkSecured(hub, data(0x0702, 3), readTotal)),
    nwkSecured(meter, hub, linkSecured(meter, data(0x0702, 4), total)),
    transportLinkKey(),
    ...fragments(true),
    acknowledgment(),
    ...fragments(false),
    nwkSecured(meter, hub, leave, 'command'),
  ];
}

describe.skipIf(!tsharkAvailable)('tshark on secured frames', () => {
  let frames: readonly Uint8Array[];
  let pcap: Uint8Array;
  const blocks = apsBlockCount(transferData.length, blockOctets);

  beforeAll(() => {
    frames = capture();
    pcap = pcapOf(frames, linkTypeIeee802154);
  });

  it('opens every frame, and has nothing to remark on', () => {
    expect(dissect(pcap, ['frame.number', '_ws.expert'], objection, told)).toEqual([]);
    const rows = dissect(pcap, ['zbee_nwk.src64', '_ws.col.Info'], '', told);
    expect(rows).toHaveLength(frames.length);
    for (const [, info] of rows) expect(info).not.toMatch(/Unknown|Encrypted/);
  });

  it('opens nothing of NWK and APS without keys, so that the keys did it', () => {
    const rows = dissect(pcap, ['frame.number'], 'zbee_sec.encrypted_payload');
    expect(rows).toHaveLength(frames.length);
    const wrong = zigbeeKeys(networkKey.replace('1f', '1e'), newLinkKey.replace('01', '00'));
    expect(dissect(pcap, ['frame.number'], objection, wrong)).toHaveLength(frames.length);
    // With the network key alone what has APS security stays closed; an acknowledgment has nothing to open.
    const sealed = [1, 3, 4, 5, ...Array.from({ length: blocks }, (_, index) => 6 + index)];
    const left = dissect(pcap, ['frame.number'], objection, zigbeeKeys(networkKey));
    expect(left.map(([number]) => Number(number))).toEqual(sealed);
  });

  it('reads the keys that travelled, under the keys derived from an install code and a link key', () => {
    const fields = [
      'zbee_aps.cmd.key_type',
      'zbee_aps.cmd.key',
      'zbee_aps.cmd.dst',
      'zbee_aps.cmd.src',
      'zbee_aps.cmd.partner',
      'zbee_aps.cmd.init_flag',
      'zbee.sec.key_id',
    ];
    const [network, link, ...more] = dissect(pcap, fields, 'zbee_aps.cmd.id == 0x05', told);
    expect(more).toEqual([]);
    expect(network).toEqual([
      '0x01',
      spaced(networkKey),
      spaced(meter),
      spaced(hub),
      '',
      '',
      '0x02',
    ]);
    expect(link?.slice(0, 6)).toEqual([
      '0x03',
      spaced(partnerLinkKey),
      '',
      '',
      spaced(partner),
      '1',
    ]);
    expect(link?.[6]).toBe('0x01,0x03');
  });

  it('reads counters, sources and key numbers as we wrote them', () => {
    const fields = ['zbee.sec.key_id', 'zbee.sec.counter', 'zbee.sec.src64', 'zbee.sec.key_seqno'];
    const rows = dissect(pcap, fields, '', told);
    expect(rows[0]).toEqual(['0x02', '0', spaced(hub), '']);
    expect(rows[1]).toEqual(['0x01', '0', spaced(meter), '0']);
    expect(rows[2]).toEqual(['0x01,0x00', '1000,7', spaced(hub), '0']);
    expect(rows[3]).toEqual(['0x01,0x00', '1,128', spaced(meter), '0']);
  });

  it('learns the network key from the first frame, and opens with it all that follow', () => {
    const rows = dissect(pcap, ['zbee.sec.key', 'zbee.sec.key.origin'], 'frame.number > 1', told);
    expect(rows).toHaveLength(frames.length - 1);
    for (const [keys, origins] of rows) {
      expect(keys?.split(',')[0]).toBe(networkKey);
      expect(origins?.split(',')[0]).toBe('1');
    }
  });

  it('reads the commands inside', () => {
    const fields = ['zbee_aps.cluster', 'zbee_zcl_se.met.attr_id', 'zbee_zcl.attr.uint48'];
    const rows = dissect(pcap, fields, 'zbee_aps.cluster == 0x0702', told);
    expect(rows.map((row) => row.slice(0, 2))).toEqual([
      ['0x0702', '0x0000,0x0400'],
      ['0x0702', '0x0000,0x0400'],
    ]);
    expect(rows[1]?.[2]).toBe(String(0x456789abcdef));
    expect(dissect(pcap, ['zbee_nwk.cmd.id'], 'zbee_nwk.cmd.id', told)).toEqual([['0x04']]);
  });

  it('joins fragments after opening each', () => {
    expect(blocks).toBeGreaterThan(3);
    const whole = toHex(message);
    expect(dissectOctets(pcap, 'gbcs_message', 'gbcs_message', told)).toEqual([whole, whole]);
  });

  it('objects to a frame with any octet changed, as we do', () => {
    const [first, , read] = frames as [Uint8Array, Uint8Array, Uint8Array];
    const auxiliaryAt = macOctets + nwkOctets;
    const changed: Uint8Array[] = [];
    for (let at = auxiliaryAt + 1; at < read.length; at++) changed.push(flipBit(read, 8 * at));
    const keys = [...told, ...zigbeeKeys(networkKey)];
    const rows = dissect(pcapOf(changed, linkTypeIeee802154), ['frame.number'], objection, keys);
    expect(rows).toHaveLength(changed.length);
    for (const psdu of changed) {
      const frame = readNwkFrame(psdu.subarray(macOctets));
      const opening = openNwk(crypto, frame, fromHex(networkKey), new IncomingFrameCounters());
      expect(opening.verdict).toBe('mic-invalid');
    }
    // Below it an APS frame with any octet of its payload or code changed, sealed anew by the NWK layer.
    const aps = linkSecured(hub, data(0x0702, 3), readTotal).slice();
    const inside: Uint8Array[] = [first];
    for (let at = 13; at < aps.length; at++) {
      inside.push(nwkSecured(hub, meter, flipBit(aps, 8 * at)));
      const opening = openAps(
        crypto,
        readApsFrame(flipBit(aps, 8 * at)),
        linkKeys,
        hub,
        new IncomingFrameCounters(),
      );
      expect(opening.verdict).toBe('mic-invalid');
    }
    const below = dissect(pcapOf(inside, linkTypeIeee802154), ['frame.number'], objection, keys);
    expect(below).toHaveLength(inside.length - 1);
  });

  it('hears what our own receiver hears', () => {
    const nwkCounters = new IncomingFrameCounters();
    const linkCounters = new IncomingFrameCounters();
    const verdicts = new Map<string, number>();
    for (const psdu of [...frames.slice(1), ...frames.slice(1)]) {
      const frame = readNwkFrame(psdu.subarray(macOctets));
      const opened = openNwk(crypto, frame, fromHex(networkKey), nwkCounters);
      let verdict: string = opened.verdict;
      if (opened.verdict === 'ok' && frame.header.type === 'data') {
        const aps = readApsFrame(opened.payload);
        verdict = openAps(crypto, aps, linkKeys, frame.security?.source, linkCounters).verdict;
      }
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    expect(Object.fromEntries(verdicts)).toEqual({
      ok: 2 + 1 + blocks + 1 + 1,
      unsecured: 1 + blocks,
      replayed: frames.length - 1,
    });
  });
});

function spaced(hex: string): string {
  return hex.length === 16 ? (hex.match(/../g) as string[]).join(':') : hex;
}
