import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { decodeMessage, encodeMessage } from '../../../protocols/gbcs/decoded-message.js';
import { MemoryKeyRing } from '../../../protocols/gbcs/key-ring.js';
import { parseCertificate } from '../../../protocols/smki/certificate.js';

interface Refusal {
  readonly path: string;
  readonly offset: number;
  readonly reason: string;
}

function refusal(body: () => unknown): Refusal | undefined {
  try {
    body();
  } catch (error) {
    if (error instanceof CodecError) return error.toJSON();
    throw error;
  }
  return undefined;
}

const decoding = (hex: string) => refusal(() => decodeMessage(fromHex(hex.replaceAll(' ', ''))));

/** The fields in front of the message code; of a pre-command the code stands at octet 31. */
const from = '00000000000003e8 08 90b3d51f30010000 08 00db1234567890a0';
const to = '00000000000003e8 08 00db1234567890a0 08 90b3d51f30010000';
/** Resets a display name: use case ECS42, published as a worked example. */
const ecs42 = 'd9200003e8000103000900000a006aff0101120033';
/** One attribute of a gas meter. */
const readAttributes = '0109 01 01 0702 0005 00 00 00 0000';
const signature = `40 ${'5a'.repeat(64)}`;
const mac = 'ab'.repeat(12);
const preCommand = `df 09 01 ${from} 00 02004f 15 ${ecs42}`.replaceAll(' ', '');

describe('the messages that the bad ones are made from', () => {
  it.each([
    ['pre-command', preCommand],
    ['signed', `df 09 01 ${from} 00 02004f 15 ${ecs42} ${signature}`],
    ['MACed', `dd 000000000000 49 1100000000 df 09 01 ${from} 00 02004f 15 ${ecs42} 00 ${mac}`],
    ['GBZ', `df 09 01 ${from} 00 020074 0d ${readAttributes}`],
    ['ASN.1', `df 09 01 ${from} 00 020013 02 0500`],
  ])('%s', (_, hex) => {
    const result = decoding(hex);
    expect(result).toBeUndefined();
  });
});

interface BadMessage extends Refusal {
  readonly what: string;
  readonly hex: string;
}

function bad(what: string, hex: string, path: string, offset: number, reason: string): BadMessage {
  return { what, hex, path, offset, reason };
}

/** What each refusal has to say was counted out by hand on the layouts of gbcs-message.md 1, dlms.md 1 and gbz.md 1. */
function itRefuses(messages: readonly BadMessage[]): void {
  it.each(messages)('$what', ({ hex, path, offset, reason }) => {
    expect(decoding(hex)).toEqual({ path, offset, reason });
  });
}

const messageCode = 'groupingHeader.otherInformation.messageCode';
const clock = '0c 07df0101ff000000008000ff';

describe('an unknown message code', () => {
  const reason = '0x0999 is no message code';
  itRefuses([
    bad('in a pre-command', `df 09 01 ${from} 00 020999 15 ${ecs42}`, messageCode, 31, reason),
    bad(
      'behind a MAC header',
      `dd 000000000000 49 1100000000 df 09 01 ${from} 00 020999 15 ${ecs42} 00 ${mac}`,
      messageCode,
      44,
      reason,
    ),
    bad('behind a time', `df 09 02 ${to} ${clock} 020999 15 ${ecs42}`, messageCode, 43, reason),
    bad(
      'before a supplementary party',
      `df 09 01 ${from} 00 0a099990b3d51f30010000 15 ${ecs42}`,
      messageCode,
      31,
      reason,
    ),
  ]);

  it('in JSON', () => {
    const message = { ...decodeMessage(fromHex(preCommand)), messageCode: '0x0999' };
    const result = refusal(() => encodeMessage(message));
    expect(result).toEqual({ path: 'messageCode', offset: 0, reason });
  });
});

const craFlag = 'groupingHeader.craFlag';

describe('a wrong CRA flag', () => {
  itRefuses([
    bad('0', `df 09 00 ${from} 00 02004f 15 ${ecs42}`, craFlag, 2, '0x00 is not 1, 2 or 3'),
    bad('4', `df 09 04 ${from} 00 02004f 15 ${ecs42}`, craFlag, 2, '0x04 is not 1, 2 or 3'),
    bad(
      'an alert of a use case that has none',
      `df 09 03 ${from} 00 02004f 15 ${ecs42}`,
      craFlag,
      2,
      'ECS42 (0x004f) has no alert',
    ),
    bad(
      'a command of a use case that is an alert',
      `df 09 01 ${from} 00 020018 15 ${ecs42}`,
      craFlag,
      2,
      'CS14 (0x0018) has no command',
    ),
    bad(
      'a response that holds a request',
      `df 09 02 ${to} 00 02004f 15 ${ecs42}`,
      'payload',
      34,
      'a response cannot be a DLMS access-request',
    ),
  ]);
});

describe('a payload kind that does not fit the code', () => {
  itRefuses([
    bad(
      'GBZ where DLMS is due',
      `df 09 01 ${from} 00 02004f 0d ${readAttributes}`,
      'payload',
      34,
      'ECS42 command is dlms, this payload is gbz',
    ),
    bad(
      'DLMS where GBZ is due',
      `df 09 01 ${from} 00 020074 15 ${ecs42}`,
      'payload',
      34,
      'GCS13a command is gbz, this payload is dlms',
    ),
    bad(
      'ASN.1 where DLMS is due',
      `df 09 01 ${from} 00 02004f 02 0500`,
      'payload',
      34,
      'ECS42 command is dlms, this payload is asn1',
    ),
    bad('none', `df 09 01 ${from} 00 02004f 00`, 'payload', 34, 'the payload is empty'),
  ]);
});

describe('a length that is too long', () => {
  itRefuses([
    bad(
      'of the whole message',
      `dd 000000000000 4a 1100000000 df 09 01 ${from} 00 02004f 15 ${ecs42} 00 ${mac}`,
      'macHeader',
      7,
      'length 74, but 73 bytes follow',
    ),
    bad(
      'of the other information',
      `df 09 01 ${from} 00 03004f 15 ${ecs42}`,
      'groupingHeader.otherInformation',
      30,
      'length 3 is none of 2, 10, 18, 26 or 18 and a certificate',
    ),
    bad(
      'of the header time',
      `df 09 01 ${from} 0d 07df0101ff000000008000ff 02004f 15 ${ecs42}`,
      'groupingHeader.dateTime',
      29,
      'length 13 is neither 0 nor 12',
    ),
    bad(
      'of the signature',
      `df 09 01 ${from} 00 02004f 15 ${ecs42} 41 ${'5a'.repeat(65)}`,
      'signature',
      55,
      'length 65 is neither 0 nor 64',
    ),
    bad(
      'of a list',
      `df 09 01 ${from} 00 02004f 15 d9200003e8 00 7f 03000900000a006aff01 01 120033`,
      'payload',
      40,
      '127 items cannot fit in 14 bytes',
    ),
  ]);
});

describe('a length that is not in its shortest form', () => {
  itRefuses([
    bad(
      'of the whole message',
      `dd 000000000000 8149 1100000000 df 09 01 ${from} 00 02004f 15 ${ecs42} 00 ${mac}`,
      'macHeader',
      7,
      'length 73 is not in its shortest form',
    ),
    bad(
      'of the other information',
      `df 09 01 ${from} 00 8102004f 15 ${ecs42}`,
      'groupingHeader.otherInformation',
      30,
      'length 2 is not in its shortest form',
    ),
    bad(
      'of the content',
      `df 09 01 ${from} 00 02004f 820015 ${ecs42}`,
      'content',
      33,
      'length 21 is not in its shortest form',
    ),
    bad(
      'indefinite',
      `df 09 01 ${from} 00 02004f 80 ${ecs42} 0000`,
      'content',
      33,
      'length form 0x80 is not supported',
    ),
    bad(
      'of a list',
      `df 09 01 ${from} 00 02004f 16 d9200003e8 00 8101 03000900000a006aff01 01 120033`,
      'payload',
      40,
      'length 1 is not in its shortest form',
    ),
    bad(
      'in DER',
      `df 09 01 ${from} 00 020013 03 058100`,
      'payload.CS07 command',
      35,
      'length 0 is not in its shortest form',
    ),
  ]);
});

describe('a length that runs past the end', () => {
  itRefuses([
    bad('nothing at all', '', 'groupingHeader.tag', 0, 'need 1 byte, have 0'),
    bad(
      'of the other information',
      `df 09 01 ${from} 00 81ff004f 15 ${ecs42}`,
      'groupingHeader.otherInformation',
      32,
      'need 255 bytes, have 24',
    ),
    bad(
      'of the content',
      `df 09 01 ${from} 00 02004f 16 ${ecs42}`,
      'content',
      34,
      'need 22 bytes, have 21',
    ),
    bad(
      'of the signature',
      `df 09 01 ${from} 00 02004f 15 ${ecs42} 40 ${'5a'.repeat(63)}`,
      'signature',
      56,
      'need 64 bytes, have 63',
    ),
    bad(
      'of the MAC',
      `dd 000000000000 48 1100000000 df 09 01 ${from} 00 02004f 15 ${ecs42} 00 ${'ab'.repeat(11)}`,
      'mac',
      69,
      'need 12 bytes, have 11',
    ),
    bad(
      'of an octet string',
      `df 09 01 ${from} 00 02004f 15 d9200003e8 00 01 03000900000a006aff01 01 090533`,
      'payload.items[0].data',
      54,
      'need 5 bytes, have 1',
    ),
    bad(
      'of a GBZ component',
      `df 09 01 ${from} 00 020074 0d 0109 01 01 0702 0006 0000000000`,
      'payload.components[0]',
      42,
      'need 6 bytes, have 5',
    ),
    bad(
      'of a GBZ component, short of its attribute',
      `df 09 01 ${from} 00 020074 0c 0109 01 01 0702 0004 00000000`,
      'payload.components[0].fields.attributes[0].attributeId',
      45,
      'need 2 bytes, have 1',
    ),
    bad(
      'in DER',
      `df 09 01 ${from} 00 020013 02 0504`,
      'payload.CS07 command',
      35,
      'length 4, but only 0 bytes are left',
    ),
  ]);
});

describe('trailing bytes', () => {
  itRefuses([
    bad(
      'behind the signature',
      `df 09 01 ${from} 00 02004f 15 ${ecs42} ${signature} 00`,
      '',
      120,
      '1 trailing byte',
    ),
    bad(
      'behind a DLMS request',
      `df 09 01 ${from} 00 02004f 17 ${ecs42} 0000`,
      'payload',
      55,
      '2 trailing bytes',
    ),
    bad(
      'behind the components',
      `df 09 01 ${from} 00 020074 0e ${readAttributes} 00`,
      'payload',
      47,
      '1 trailing byte',
    ),
    bad(
      'behind an ASN.1 value',
      `df 09 01 ${from} 00 020013 03 050000`,
      'payload.CS07 command',
      36,
      '1 trailing byte',
    ),
    bad(
      'inside one',
      `df 09 01 ${from} 00 020013 03 050100`,
      'payload.CS07 command',
      36,
      '1 trailing byte',
    ),
  ]);
});

describe('a key of the wrong curve', () => {
  /** The base point of secp256k1 (SEC 2, 2.4.1): as long as a point of P-256, and none. */
  const secp256k1 = fromHex(
    '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' +
      '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
  );
  const notOnCurve = { path: 'publicKey', offset: 1, reason: 'not a point of P-256' };

  it.each([
    ['noble', nobleCrypto],
    ['node:crypto', new NodeCrypto()],
  ])('as a point (%s)', (_, crypto) => {
    const scalar = new Uint8Array(32).fill(1);
    const data = new Uint8Array(64);
    expect(refusal(() => crypto.verify(secp256k1, data, data))).toEqual(notOnCurve);
    expect(refusal(() => crypto.sharedSecret(scalar, secp256k1))).toEqual(notOnCurve);
  });

  it('of another size', () => {
    const entity = eui64('90b3d51f30010000');
    const key = { entity, usage: 'keyAgreement', prepayment: false } as const;
    // A point of P-384.
    const publicKey = Uint8Array.of(4, ...new Uint8Array(96).fill(1));
    const result = refusal(() => new MemoryKeyRing().add({ ...key, publicKey }));
    expect(result).toEqual({ path: 'publicKey', offset: 0, reason: 'need 65 bytes, have 97' });
  });

  it('in a certificate', () => {
    const pki = new TestPki({ seed: 'bad input', crypto: new NodeCrypto() });
    const party = eui64('90b3d51f30010000');
    const hex = toHex(pki.certificateOf(party, 'digitalSignature') as Uint8Array);
    // prime256v1 becomes prime239v3 (X9.62), whose identifier is as long.
    const other = hex.replace('06082a8648ce3d030107', '06082a8648ce3d030106');
    expect(other).not.toBe(hex);
    expect(refusal(() => parseCertificate(fromHex(hex)))).toBeUndefined();
    expect(refusal(() => parseCertificate(fromHex(other)))).toEqual({
      path: 'certificate.subjectPublicKeyInfo',
      offset: 0,
      reason: 'not a key on prime256v1',
    });
  });
});
