import { createECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { decodeGbz, encodeGbz } from '../../../protocols/gbcs/gbz.js';
import {
  encodeComponentFields,
  encryptedBlob,
  gbzComponentPlaintext,
  openGbzComponent,
  sealGbzComponent,
} from '../../../protocols/gbcs/gbz-component.js';
import type { GbzComponent, GbzPayload } from '../../../protocols/gbcs/gbz-types.js';
import type { CraFlag } from '../../../protocols/gbcs/grouping-header.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { decryptData } from '../../../protocols/gbcs/protection.js';
import { bytesOf, endsInCodecError } from '../../support/codec-table.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { type RtdsKeyRing, rtdsKeyRing } from '../../support/rtds-keys.js';

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Put together by hand from the layouts of gbz.md; no capture. */
const byHand: readonly (readonly [string, number, CraFlag, string, GbzPayload])[] = [
  [
    'a read of the gas register (GCS13a)',
    0x0074,
    'command',
    '0109 01 01 0702 000b 00 00 00 0203 0103 0003 0000',
    {
      kind: 'gbz',
      profileId: 0x0109,
      components: [
        {
          clusterId: 0x0702,
          cluster: 'Metering',
          frameControl: 0,
          sequenceNumber: 0,
          commandId: 0,
          command: 'ReadAttributes',
          fields: {
            attributes: [
              { attributeId: 0x0302, attribute: 'Divisor' },
              { attributeId: 0x0301, attribute: 'Multiplier' },
              { attributeId: 0x0300, attribute: 'UnitOfMeasure' },
              { attributeId: 0x0000, attribute: 'CurrentSummationDelivered' },
            ],
          },
        },
      ],
    },
  ],
  [
    'a component with a time before it, and an encrypted one',
    0x00c4,
    'response',
    '0109 02 10 0705 000c 1b800000 01 00 08 feffffff 05' +
      '03 0702 0018 00 00 19 01 06 0011' +
      '3100000000' +
      '000102030405060708090a0b',
    {
      kind: 'gbz',
      profileId: 0x0109,
      components: [
        {
          clusterId: 0x0705,
          cluster: 'Prepayment',
          fromDateTime: 0x1b800000,
          frameControl: 1,
          sequenceNumber: 0,
          commandId: 8,
          command: 'GetTopUpLog',
          fields: { latestEndTime: 0xfffffffe, numberOfRecords: 5 },
        },
        {
          clusterId: 0x0702,
          cluster: 'Metering',
          frameControl: 0x19,
          sequenceNumber: 1,
          commandId: 6,
          command: 'PublishSnapshot',
          encrypted: {
            additionalHeaderControl: 0,
            additionalHeaderFrameCounter: 0,
            securityHeader: '3100000000',
            ciphertext: '',
            tag: '000102030405060708090a0b',
          },
        },
      ],
    },
  ],
  [
    'a bare alert',
    0x1000,
    'alert',
    '0109 00 8f30 1c374a80',
    {
      kind: 'gbz-alert',
      profileId: 0x0109,
      alertCode: 0x8f30,
      alert: 'Source Does not have Authority for Command',
      timestamp: 473385600,
    },
  ],
  [
    'an integrity warning',
    0x00f2,
    'alert',
    '0109 01 81a0 1c374a80 0006',
    {
      kind: 'gbz-alert',
      profileId: 0x0109,
      alertCode: 0x81a0,
      alert: 'Smart Meter Integrity Issue - Warning',
      timestamp: 473385600,
      detail: { reason: 6, reasonName: 'watchdog' },
    },
  ],
  [
    'a firmware receipt',
    0x00cf,
    'alert',
    `0109 01 8f72 00000000 09 20 ${'5a'.repeat(32)}`,
    {
      kind: 'gbz-alert',
      profileId: 0x0109,
      alertCode: 0x8f72,
      alert: 'Firmware Verification Successful',
      timestamp: 0,
      detail: { imageHash: '5a'.repeat(32) },
    },
  ],
  [
    'the outcome of a future-dated command',
    0x00cd,
    'alert',
    '0109 01 8f66 1c374a80 0e 006b 00000000000003ed 0700 09 05',
    {
      kind: 'gbz-alert',
      profileId: 0x0109,
      alertCode: 0x8f66,
      alert: 'Future-date HAN Interface Command Successfully Actioned',
      timestamp: 473385600,
      detail: {
        messageCode: 0x006b,
        originatorCounter: '1005',
        clusterId: 0x0700,
        cluster: 'Price',
        frameControl: 9,
        commandId: 5,
        command: 'PublishPriceMatrix',
      },
    },
  ],
  [
    'an alert form that nobody declared',
    0x00aa,
    'alert',
    '0109 02 8002 00000000 cafe',
    {
      kind: 'gbz-alert',
      profileId: 0x0109,
      alertCode: 0x8002,
      alert:
        'Average RMS Voltage above Average RMS Over Voltage Threshold ' +
        '(current value above threshold; previous value below threshold)',
      timestamp: 0,
      detail: { count: 2, unparsed: 'cafe' },
    },
  ],
];

/** Every cut and flipped bit ends in CodecError, or in a value that encodes to what was read. */
function batter(bytes: Uint8Array, code: number, cra: CraFlag, bitStep = 1): void {
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.slice(0, length);
    if (!endsInCodecError(() => decodeGbz(cut, code, cra))) expect(length).toBe(-1);
  }
  for (let bit = 0; bit < bytes.length * 8; bit += bitStep) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    endsInCodecError(() => {
      const again = toHex(encodeGbz(throughJson(decodeGbz(flipped, code, cra)), code, cra));
      if (again !== toHex(flipped)) expect(again).toBe(toHex(flipped));
    });
  }
}

describe('GBZ payload by hand', () => {
  it.each(byHand)('%s', (_name, code, cra, wire, payload) => {
    expect(decodeGbz(bytesOf(wire), code, cra)).toEqual(payload);
    expect(toHex(encodeGbz(throughJson(payload), code, cra))).toBe(wire.replace(/ /g, ''));
    batter(bytesOf(wire), code, code === 0x00aa ? 'command' : cra);
  });

  it.each<[string, number, CraFlag, string, RegExp]>([
    ['another profile', 0x74, 'command', '0104 00', /^message @0: profile/],
    ['no component where one is counted', 0x74, 'command', '0109 01', /components\[0\] @3/],
    [
      'the last bit too early',
      0x74,
      'command',
      '0109 02 01 0702 0003 000000',
      /@3: marked as last/,
    ],
    ['the last bit missing', 0x74, 'command', '0109 01 00 0702 0003 000000', /@3: the last/],
    ['unknown control bits', 0x74, 'command', '0109 01 05 0702 0003 000000', /@3: unknown/],
    ['trailing octets', 0x74, 'command', '0109 01 01 0702 0003 000000 00', /1 trailing byte/],
    ['a length past the end', 0x74, 'command', '0109 01 01 0702 0004 000000', /need 4 bytes/],
    ['a bare alert with a tail', 0x1000, 'alert', '0109 00 8f30 00000000 00', /1 trailing byte/],
    ['a bare alert with a count', 0x1000, 'alert', '0109 01 8f30 00000000', /count 1/],
    ['a hash of 31', 0xcf, 'alert', `0109 01 8f72 00000000 09 1f ${'00'.repeat(31)}`, /32 octets/],
  ])('refuses %s', (_name, code, cra, wire, reason) => {
    expect(() => decodeGbz(bytesOf(wire), code, cra)).toThrow(reason);
  });

  it('seals and opens a component', () => {
    const plain: GbzComponent = {
      clusterId: 0x0702,
      cluster: 'Metering',
      frameControl: 0x18,
      sequenceNumber: 0,
      commandId: 0x01,
      command: 'ReadAttributesResponse',
      fields: {
        attributes: [
          { attributeId: 0x0300, attribute: 'UnitOfMeasure', status: 0, dataType: 0x30, value: 1 },
        ],
      },
    };
    const plaintext = gbzComponentPlaintext(plain);
    expect(toHex(plaintext)).toBe('0003003001');
    const blob = '3100000000 a1a2a3a4a5 0102030405060708090a0b0c';
    const sealed = sealGbzComponent(plain, bytesOf(blob), 3);
    expect(sealed.fields).toBeUndefined();
    expect(sealed.encrypted).toEqual({
      additionalHeaderControl: 0,
      additionalHeaderFrameCounter: 3,
      securityHeader: '3100000000',
      ciphertext: 'a1a2a3a4a5',
      tag: '0102030405060708090a0b0c',
    });
    expect(encryptedBlob(sealed.encrypted ?? expect.fail())).toEqual(bytesOf(blob));
    expect(openGbzComponent(sealed, plaintext)).toEqual(plain);
    expect(() => openGbzComponent(sealed, bytesOf('00'))).toThrow(/ReadAttributesResponse/);
    expect(() => sealGbzComponent(plain, bytesOf('00'), 0)).toThrow(/tag/);
  });
});

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The same value with each of its nodes in turn replaced by junk, or left out. */
function* spoilt(value: Json): Generator<Json | undefined> {
  for (const junk of [undefined, null, -1, 1e300, 'zz', '0', [], {}, { toString: 1 }, true]) {
    yield junk as Json | undefined;
  }
  if (typeof value !== 'object' || value === null) return;
  const copy = (name: string, inner: Json | undefined): Json => {
    if (Array.isArray(value))
      return value.map((v, i) => (String(i) === name ? inner : v)) as Json[];
    return { ...value, [name]: inner } as Json;
  };
  for (const [name, inner] of Object.entries(value)) {
    for (const worse of spoilt(inner)) yield copy(name, worse);
  }
}

describe('GBZ from unchecked JSON', () => {
  it.each(byHand)('%s, spoilt at every node, ends in CodecError or bytes', (...row) => {
    const [, code, cra, , payload] = row;
    let refused = 0;
    for (const bad of spoilt(throughJson(payload) as unknown as Json)) {
      if (endsInCodecError(() => encodeGbz(bad as unknown as GbzPayload, code, cra))) refused++;
    }
    expect(refused).toBeGreaterThan(20);
  });
});

interface Official {
  readonly file: string;
  readonly code: number;
  readonly cra: CraFlag;
  readonly message: ReturnType<typeof decodeGbcsMessage>;
}

function officialMessages(): readonly Official[] {
  return loadRtdsIndex()
    .filter((entry) => entry.payload === 'gbz')
    .map((entry) => ({
      file: entry.file,
      code: Number.parseInt(entry.messageCode, 16),
      cra: entry.cra,
      message: decodeGbcsMessage(readRtdsMessage(entry)),
    }));
}

/** The plaintext of an encrypted component, with ECDH by node:crypto. */
function decrypt(ring: RtdsKeyRing, { message }: Official, component: GbzComponent): Uint8Array {
  const { encrypted } = component;
  if (encrypted === undefined) return expect.fail();
  const { header } = message;
  const party = header.otherInformation.supplementaryRemotePartyId ?? header.recipient;
  const exchange = createECDH('prime256v1');
  exchange.setPrivateKey(ring.privateKey(party, 'keyAgreement') ?? expect.fail());
  const z = exchange.computeSecret(
    ring.publicKey(header.originator, 'keyAgreement') ?? expect.fail(),
  );
  const counter = header.otherInformation.supplementaryOriginatorCounter;
  const protection = {
    device: header.originator,
    dataRecipient: party as Eui64,
    counter: counter ?? header.originatorCounter,
  };
  const plaintext = decryptData(nobleCrypto, z, protection, encryptedBlob(encrypted));
  return plaintext ?? expect.fail('tag is wrong');
}

describe.skipIf(!rtdsAvailable)('GBZ payloads of the official data', () => {
  const official = rtdsAvailable ? officialMessages() : [];
  const ring = rtdsAvailable ? rtdsKeyRing() : undefined;

  it('decode, and encode from their JSON to the same bytes, nothing unparsed or unnamed', () => {
    const missed = official.filter(({ message, code, cra }) => {
      const text = JSON.stringify(decodeGbz(message.content, code, cra));
      const again = encodeGbz(JSON.parse(text) as GbzPayload, code, cra);
      const whole = toHex(again) === toHex(message.content);
      return !whole || text.includes('"unparsed"') || text.includes('"unknown"');
    });
    expect(missed.map(({ file }) => file)).toEqual([]);
    expect(official.length).toBeGreaterThan(200);
  });

  it('open where they are encrypted, and their fields encode to the plaintext', () => {
    let opened = 0;
    for (const one of official) {
      const payload = decodeGbz(one.message.content, one.code, one.cra);
      for (const component of payload.components ?? []) {
        if (component.encrypted === undefined || ring === undefined) continue;
        const plaintext = decrypt(ring, one, component);
        const { fields } = openGbzComponent(component, plaintext);
        const { clusterId, frameControl, commandId } = component;
        const again = encodeComponentFields(
          clusterId,
          frameControl,
          commandId,
          throughJson(fields),
        );
        expect(toHex(again)).toBe(toHex(plaintext));
        expect(JSON.stringify(fields)).not.toContain('unparsed');
        opened++;
      }
    }
    expect(opened).toBeGreaterThan(20);
  });

  it('say what the reference says: the gas register of GCS13a', () => {
    const one = official.find(({ file }) => /GCS13a_.*SUCCESS_RELIABLE_GPF_RESPONSE/.test(file));
    if (one === undefined || ring === undefined) return expect.fail();
    const component = decodeGbz(one.message.content, one.code, one.cra).components?.[0];
    if (component === undefined) return expect.fail();
    const { fields } = openGbzComponent(component, decrypt(ring, one, component));
    const success = { status: 0 };
    expect(fields).toEqual({
      attributes: [
        { attributeId: 0x0302, attribute: 'Divisor', ...success, dataType: 0x22, value: 1000 },
        { attributeId: 0x0301, attribute: 'Multiplier', ...success, dataType: 0x22, value: 1 },
        { attributeId: 0x0300, attribute: 'UnitOfMeasure', ...success, dataType: 0x30, value: 1 },
        {
          attributeId: 0x0000,
          attribute: 'CurrentSummationDelivered',
          ...success,
          dataType: 0x25,
          value: 12345,
        },
      ],
    });
  });

  it('cut anywhere or with flipped bits end in CodecError or encode to what was read', () => {
    for (const { message, code, cra } of official) batter(message.content, code, cra, 29);
  });
});
