import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWith } from '../../../../protocols/codec/codec.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../../protocols/crypto/noble-crypto.js';
import {
  apsBlock,
  apsBlockCount,
  apsFragment,
} from '../../../../protocols/zigbee/aps-fragments.js';
import { MacCommand } from '../../../../protocols/zigbee/mac-command.js';
import { FrameOpener } from '../../../../protocols/zigbee/security/frame-opener.js';
import {
  installCodeFromText,
  installCodeLinkKey,
} from '../../../../protocols/zigbee/security/install-code.js';
import type { OpenedFrame } from '../../../../protocols/zigbee/security/opened-frame.js';
import { bytesOf } from '../../../support/codec-table.js';
import { linkTypeIeee802154, pcapOf } from '../../../support/pcap.js';
import { type AirNode, SecuredAir } from '../../../support/secured-air.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../../support/tshark.js';
import { flipBit } from '../../crypto/crypto-suite.js';

const hub: AirNode = { eui: '00db1234567890a1' as Eui64, short: 0x0000 };
const meter: AirNode = { eui: '00db1234567890a0' as Eui64, short: 0x4f21 };
const display: AirNode = { eui: '00db1234567890a7' as Eui64, short: 0x1234 };
const nobody = '0000000000000000' as Eui64;
const networkKey = fromHex('1f2e3d4c5b6a79880112233445566778');
const establishedKey = fromHex('0102030405060708f1f2f3f4f5f6f7f8');
const partnerKey = fromHex('a0b1c2d3e4f5061728394a5b6c7d8e9f');
const preconfiguredKey = installCodeLinkKey(
  nobleCrypto,
  installCodeFromText('83FED3407A939723A5C639B26916D505C3B5'),
);

/** Read Attributes Response: CurrentSummationDelivered, 0x0000000004d2 of type uint48. */
const reading = bytesOf('18 07 01 0000 00 25 d20400000000');
const readingZcl = {
  kind: 'zcl',
  cluster: 'Metering',
  command: 'ReadAttributesResponse',
  direction: 'to-client',
  sequenceNumber: 7,
  fields: { attributes: [{ attribute: 'CurrentSummationDelivered', value: 1234 }] },
};

function openerWith(...keys: readonly Uint8Array[]): FrameOpener {
  const opener = new FrameOpener(nobleCrypto);
  for (const key of keys) opener.addKey(key);
  return opener;
}

/** A device comes in, gets keys, and speaks: what a listener hears from the first frame on. */
function joining(air: SecuredAir, namesSource = false): Uint8Array[] {
  const command = (value: MacCommand) => encodeWith(MacCommand, value);
  const ask = command({ command: 'association-request', capability: 0x8e });
  const answer = command({ command: 'association-response', shortAddress: meter.short, status: 0 });
  const networkKeyCommand = {
    command: 'transport-key',
    keyType: 'network',
    key: networkKey,
    sequenceNumber: 0,
    destination: meter.eui,
    source: hub.eui,
  } as const;
  const partner = {
    command: 'transport-key',
    keyType: 'application-link',
    key: partnerKey,
    partner: display.eui,
    initiator: true,
  } as const;
  const announced = concatBytes(bytesOf('01 214f'), fromHex(meter.eui).reverse(), bytesOf('8e'));
  const zdo = { profileId: 0, clusterId: 0x0013, sourceEndpoint: 0, destinationEndpoint: 0 };
  return [
    concatBytes(air.macHeader('command', meter.eui, hub.short), ask),
    concatBytes(air.macHeader('command', hub.eui, meter.eui), answer),
    air.data(
      hub,
      meter,
      air.command(networkKeyCommand, hub, {
        key: preconfiguredKey,
        as: 'key-transport',
        namesSource,
      }),
    ),
    air.data(meter, hub, air.aps(zdo, announced), networkKey),
    air.data(meter, hub, air.aps({}, reading, meter, { key: establishedKey }), networkKey),
    air.data(
      hub,
      meter,
      air.command(partner, hub, { key: establishedKey, as: 'key-load', namesSource: true }),
      networkKey,
    ),
    air.data(meter, display, air.aps({}, reading, meter, { key: partnerKey }), networkKey),
  ];
}

const joiningKinds = [
  'mac-command',
  'mac-command',
  'aps-command',
  'zdo',
  'zcl',
  'aps-command',
  'zcl',
];

describe('what a listener opens', () => {
  let frames: Uint8Array[];
  let opened: OpenedFrame[];

  beforeAll(() => {
    frames = joining(new SecuredAir());
    // The rest it hears: network key, partner key, addresses.
    const opener = openerWith(preconfiguredKey, establishedKey);
    opened = frames.map((psdu) => opener.open(psdu));
    expect(opener.keyCount).toBe(4);
  });

  it('is a join from its first frame on, with the keys that it cannot hear', () => {
    expect(opened.map(({ content }) => content.kind)).toEqual(joiningKinds);
    expect(opened[2]?.aps?.security).toMatchObject({
      keyIdentifier: 'key-transport',
      // Named by nobody: known from the association.
      source: hub.eui,
      verdict: 'ok',
    });
    expect(opened[3]).toMatchObject({
      nwk: { security: { verdict: 'ok', source: meter.eui, keySequenceNumber: 0 } },
      content: { message: { name: 'Device_annce', fields: { nwkAddress: 0x4f21 } } },
    });
    expect(opened[4]).toMatchObject({
      mac: { source: 0x4f21, destination: 0 },
      aps: { header: { clusterId: 0x0702 }, security: { source: meter.eui, verdict: 'ok' } },
      content: readingZcl,
    });
    expect(opened[5]?.content).toMatchObject({ command: { keyType: 'application-link' } });
    expect(opened[6]?.content).toMatchObject(readingZcl);
  });

  it.skipIf(!tsharkAvailable)('is what tshark opens with the same keys', () => {
    const keys = zigbeeKeys(toHex(preconfiguredKey), toHex(establishedKey));
    // tshark does not know from an association who the other end is.
    const pcap = pcapOf(joining(new SecuredAir(), true), linkTypeIeee802154);
    expect(dissect(pcap, ['frame.number'], 'zbee_sec.encrypted_payload', keys)).toEqual([]);
    const infos = dissect(pcap, ['_ws.col.Info'], '', keys).map(([info = '']) => info);
    expect(infos.map((info) => info.replace(/,.*/, ''))).toEqual([
      'Association Request',
      'Association Response',
      'Transport Key',
      'Device Announcement',
      'ZCL: Read Attributes Response',
      'Transport Key',
      'ZCL: Read Attributes Response',
    ]);
  });

  it('stays closed without keys, and says at which layer', () => {
    const opener = openerWith();
    const contents = frames.map((psdu) => opener.open(psdu).content);
    expect(contents.slice(2)).toMatchObject([
      { kind: 'closed', layer: 'aps', reason: 'no-key' },
      ...[0, 0, 0, 0].map(() => ({ kind: 'closed', layer: 'nwk', reason: 'no-key' })),
    ]);
    const half = openerWith(networkKey);
    expect(frames.map((psdu) => half.open(psdu).content)[4]).toMatchObject({
      kind: 'closed',
      layer: 'aps',
      reason: 'no-key',
    });
  });

  it('is not what came damaged: a key that fitted before makes that plain', () => {
    const opener = openerWith(preconfiguredKey, establishedKey);
    for (const psdu of frames) opener.open(psdu);
    const last = frames[4] as Uint8Array;
    const damaged = flipBit(last, 8 * (last.length - 1));
    expect(opener.open(damaged).content).toMatchObject({
      kind: 'closed',
      layer: 'nwk',
      reason: 'mic-invalid',
    });
    const sound = opener.open(last);
    expect(sound.content).toMatchObject(readingZcl);
  });

  it('may be heard twice: no replay rule', () => {
    const opener = openerWith(networkKey, establishedKey, preconfiguredKey);
    for (const psdu of [...frames, ...frames])
      expect(opener.open(psdu).content.kind).not.toBe('closed');
  });
});

describe('tunnels', () => {
  const air = new SecuredAir();
  const message = bytesOf('dd 00 00 00 00 00 00');
  const transfer = (head: string) => concatBytes(bytesOf(`11 05 02 0300 ${head}`), message);
  const through = (zcl: Uint8Array): OpenedFrame =>
    openerWith(networkKey).open(
      air.data(meter, hub, air.aps({ clusterId: 0x0704 }, zcl), networkKey),
    );

  it.each([
    ['', { kind: 'message', message }],
    ['03', { kind: 'put', message }],
    ['02 04', { kind: 'get-response', remaining: 4, message }],
  ])('give out what they carry: header %j', (head, tunnelled) => {
    expect(through(transfer(head)).content).toMatchObject({
      kind: 'zcl',
      cluster: 'Tunneling',
      command: 'TransferData',
      fields: { tunnelId: 3 },
      tunnelled,
    });
  });

  it('carry nothing in their other commands', () => {
    expect(through(bytesOf('11 05 01 0300')).content).toMatchObject({
      command: 'CloseTunnel',
      tunnelled: undefined,
    });
    expect(through(bytesOf('11 05 02 0300 01')).content).toMatchObject({
      tunnelled: { kind: 'get' },
    });
  });

  it('of the trust centre: a command within a command', () => {
    const key = {
      command: 'transport-key',
      keyType: 'network',
      key: networkKey,
      sequenceNumber: 0,
      destination: meter.eui,
      source: hub.eui,
    } as const;
    const link = { key: preconfiguredKey, as: 'key-transport', namesSource: true } as const;
    const frame = air.command(key, hub, link);
    const aps = air.command({ command: 'tunnel', destination: meter.eui, frame });
    const psdu = air.data(hub, display, aps);
    const opener = openerWith(preconfiguredKey);
    expect(opener.open(psdu).content).toMatchObject({
      kind: 'aps-command',
      command: { command: 'tunnel' },
      carried: {
        aps: { security: { verdict: 'ok' } },
        content: { kind: 'aps-command', command: { keyType: 'network' } },
      },
    });
    expect(opener.keyCount).toBe(2);
    expect(openerWith().open(psdu).content).toMatchObject({
      carried: { content: { kind: 'closed', reason: 'no-key' } },
    });
    // One in the other without end would be one too many.
    const twice = air.command({ command: 'tunnel', destination: nobody, frame: aps });
    expect(openerWith().open(air.data(hub, display, twice)).content).toMatchObject({
      carried: { content: { command: { command: 'tunnel' }, carried: undefined } },
    });
  });
});

describe('fragments', () => {
  const blockOctets = 60;
  const asdu = concatBytes(bytesOf('11 05 02 0300 dd'), new Uint8Array(150));
  const count = apsBlockCount(asdu.length, blockOctets);

  function fragments(air: SecuredAir, hop?: AirNode[]): Uint8Array[] {
    return Array.from({ length: count }, (_, index) =>
      air.data(
        meter,
        display,
        air.aps(
          { clusterId: 0x0704, counter: 77, fragment: apsFragment(index, count) },
          apsBlock(asdu, index, blockOctets),
          meter,
          { key: partnerKey, namesSource: true },
        ),
        networkKey,
        hop,
      ),
    );
  }

  it('are named until the last one makes the whole', () => {
    const opener = openerWith(networkKey, partnerKey);
    const [first, second, third] = fragments(new SecuredAir()) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(opener.open(second).content).toMatchObject({
      kind: 'fragment',
      index: 1,
      count: undefined,
    });
    expect(opener.open(first).content).toMatchObject({ kind: 'fragment', index: 0, count: 3 });
    const { content } = opener.open(third);
    expect(content).toMatchObject({ kind: 'zcl', command: 'TransferData' });
    if (content.kind !== 'zcl' || content.tunnelled?.kind !== 'message')
      throw new Error(content.kind);
    expect(toHex(content.tunnelled.message)).toBe(toHex(asdu, 5));
  });

  it('that are relayed are put together on each hop', () => {
    const air = new SecuredAir();
    const near = fragments(air, [meter, hub]);
    const far = fragments(air, [hub, display]);
    const opener = openerWith(networkKey, partnerKey);
    const kinds = near.flatMap((psdu, index) =>
      [psdu, far[index] as Uint8Array].map((one) => opener.open(one).content.kind),
    );
    expect(kinds).toEqual(['fragment', 'fragment', 'fragment', 'fragment', 'zcl', 'zcl']);
  });

  it('without end take no more than their room', () => {
    const air = new SecuredAir();
    const opener = openerWith(networkKey);
    for (let counter = 0; counter < 2_000; counter++) {
      const from = { eui: meter.eui, short: 1 + (counter % 400) };
      const first = { fragment: apsFragment(0, 40), counter: counter & 0xff };
      const psdu = air.data(from, hub, air.aps(first, new Uint8Array(60)), networkKey);
      expect(opener.open(psdu).content.kind).toBe('fragment');
    }
    // Those in progress were given up as time, which is frames, went by: there is room again.
    const whole = fragments(air).map((psdu) => psdu);
    opener.addKey(partnerKey);
    for (let frame = 0; frame < 1_024; frame++) opener.open(bytesOf('02 00 05'));
    expect(whole.map((psdu) => opener.open(psdu).content.kind).at(-1)).toBe('zcl');
  });
});

describe('any octets', () => {
  it.each([
    ['', 'mac'],
    ['02 00 05 00', 'mac'],
    ['03 08 2a ff ff ff ff 09', 'macCommand'],
    ['41 88 2a 62 1a 00 00 21 4f 0c 00', 'nwk'],
    ['41 88 2a 62 1a 00 00 21 4f 08 00 00 00 21 4f 1e 07 03', 'aps'],
    ['41 88 2a 62 1a 00 00 21 4f 08 00 00 00 21 4f 1e 07 00 01 02 07 09 01 01 09 18', 'zcl'],
    ['41 88 2a 62 1a 00 00 21 4f 08 00 00 00 21 4f 1e 07 00 00 13 00 00 00 00 09 01 21', 'zdo'],
    ['41 88 2a 62 1a 00 00 21 4f 09 00 00 00 21 4f 1e 07 63', 'nwkCommand'],
    ['41 88 2a 62 1a 00 00 21 4f 08 00 00 00 21 4f 1e 07 01 01 63', 'apsCommand'],
  ])('that are no frame say where: %s', (octets, path) => {
    const { content } = openerWith().open(bytesOf(octets));
    if (content.kind !== 'malformed') throw new Error(content.kind);
    expect(content.error.path.split('.')[0]).toBe(path);
  });

  it('are no frame when there are too many of them', () => {
    expect(openerWith().open(new Uint8Array(126)).content.kind).toBe('malformed');
  });

  it('of other profiles are data', () => {
    const air = new SecuredAir();
    const psdu = air.data(meter, hub, air.aps({ profileId: 0x0104 }, reading));
    expect(openerWith().open(psdu).content).toEqual({ kind: 'data', octets: reading });
  });

  it('never make it throw', () => {
    const frames = joining(new SecuredAir());
    const opener = openerWith(preconfiguredKey, establishedKey);
    const noise = fc.uint8Array({ maxLength: 130 });
    const damaged = fc
      .tuple(fc.constantFrom(...frames), fc.nat(), fc.nat(), fc.boolean())
      .map(([psdu, bit, length, cut]) =>
        cut ? psdu.slice(0, length % psdu.length) : flipBit(psdu, bit % (8 * psdu.length)),
      );
    const plain = noise.map((tail) =>
      concatBytes(bytesOf('41 88 2a 62 1a 00 00 21 4f 08 00 00 00 21 4f 1e 07'), tail),
    );
    fc.assert(
      fc.property(fc.oneof(noise, damaged, plain), (octets) => {
        expect(typeof opener.open(octets).content.kind).toBe('string');
      }),
      { numRuns: 3_000, seed: 7 },
    );
    // What it learned before is not lost to that.
    expect(opener.open(frames[4] as Uint8Array).content).toMatchObject(readingZcl);
  });
});

describe('keys', () => {
  it('are known once, copied, and bounded', () => {
    const opener = openerWith();
    const key = networkKey.slice();
    expect([opener.addKey(key), opener.addKey(key), opener.addKey(key.subarray(1))]).toEqual([
      true,
      false,
      false,
    ]);
    key.fill(0);
    const air = new SecuredAir();
    const psdu = air.data(meter, hub, air.aps({}, reading), networkKey);
    expect(opener.open(psdu).content).toMatchObject(readingZcl);
    for (let number = 1; number <= 300; number++) {
      const other = new Uint8Array(16);
      new DataView(other.buffer).setUint32(0, number);
      opener.addKey(other);
    }
    expect(opener.keyCount).toBe(128);
    expect(opener.open(psdu).content).toMatchObject({ kind: 'closed', reason: 'no-key' });
  });
});
