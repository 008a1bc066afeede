import { beforeAll, describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { type RtdsKeyRing, rtdsKeyRing } from '../../support/rtds-keys.js';
import { kdf } from './crypto-suite.js';

const acb = '90b3d51f30000002';
const supplier = '90b3d51f30010000';
const esme = '00db1234567890a0';
const gpf = '00db1234567890a3';

/** Worked examples E1 to E12 of gbcs-message.md: the derived key, and the full tag of which the message has 12 bytes. */
const macs = [
  [
    '7.4_ECS45/ECS45_7.4_SUCCESS_COMMAND',
    acb,
    esme,
    'ec1d51bd8f8bf0cdd2314cf396cc12c0',
    'e69e93ab',
  ],
  [
    '7.4_ECS45/ECS45_7.4_SUCCESS_RESPONSE',
    supplier,
    esme,
    'd288091f13f120da8d2649c3aa543058',
    'ee6a9d0d',
  ],
  [
    '7.1_ECS42/ECS42_7.1_SUCCESS_COMMAND',
    acb,
    esme,
    'ec1d51bd8f8bf0cdd2314cf396cc12c0',
    'a5e56e2e',
  ],
  [
    '9.1_ECS50/ECS50_9.1_SUCCESS_COMMAND',
    acb,
    esme,
    'd73ad2b9e930881b6d1695fa47b5f180',
    '4b1a8c5b',
  ],
  [
    '9.1_ECS50/ECS50_9.1_SUCCESS_RESPONSE',
    acb,
    esme,
    '1f15eeb8d5a64d91065a33b6a98aa7ec',
    '045b7a54',
  ],
  [
    'NA_GNCA-DLMS/GNCA-DLMS_NA_810E_ALERT',
    supplier,
    esme,
    '73761d0b43493dbbaabfe474cac5974b',
    '69bce556',
  ],
  [
    '4.1.1_ECS17b/ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE',
    supplier,
    esme,
    'd288091f13f120da8d2649c3aa543058',
    '4fd25465',
  ],
  [
    '4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_RELIABLE_GPF_RESPONSE',
    supplier,
    gpf,
    '710de7a60a4a8f53326f3d79c61e3eb0',
    '5de2c042',
  ],
  [
    '4.14_ECS21b/ECS21b_4.14_URP_SUCCESS_RESPONSE',
    acb,
    esme,
    '151abca3be2346fee4ffaf25d0759a17',
    '63d1f63f',
  ],
] as const;

/** Encrypted parts: who the data is for, the counter of its key, where it starts in the message, and what is in it. */
const encrypted = [
  {
    file: '4.1.1_ECS17b/ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE',
    device: esme,
    counter: '00000000000003e8',
    key: '12cb821c471ec2144c68e12a5657f9fd',
    offset: 124,
    length: 26,
    plaintext: /^02010204060000000a02020f00161e060000000a02020f001620$/,
  },
  {
    file: '4.1.1_GCS13a/GCS13a_4.1.1_SUCCESS_RELIABLE_GPF_RESPONSE',
    device: gpf,
    counter: '00000000000003e9',
    key: '22064a3c6e3f1a25f090993bbcb598b9',
    offset: 74,
    length: 29,
    plaintext: /^02030022e8030001030022010000000300300100000025393000000000$/,
  },
  {
    file: '4.14_ECS21b/ECS21b_4.14_URP_SUCCESS_RESPONSE',
    device: esme,
    counter: '00000000000007d2',
    key: '61685f7f7bddaa7e251c2a4a1fd4085d',
    offset: 140,
    length: 210,
    plaintext: /^02011302070605050505050581c41c2f6180/,
  },
] as const;

/** Signed messages: where the part that is signed starts and the signature begins, from the end. */
const signed = [
  ['7.1_ECS42/ECS42_7.1_SUCCESS_COMMAND', supplier, 13, 77],
  ['7.1_ECS42/ECS42_7.1_SUCCESS_RESPONSE', esme, 1, 65],
  ['NA_GCA-DLMS/GCA-DLMS_NA_8F30_ALERT', esme, 1, 65],
] as const;

/** Length field of the MAC header in bytes decides where the inner message starts. */
function innerOf(message: Uint8Array): Uint8Array {
  const lengthBytes = (message[7] as number) < 0x80 ? 1 : (message[7] as number) - 0x7f;
  return message.subarray(12 + lengthBytes, -12);
}

function load(file: string): Uint8Array {
  return readRtdsMessage(`${file}_GBCS.HEX`);
}

describe.skipIf(!rtdsAvailable).each([nobleCrypto, new NodeCrypto()])(
  'worked examples of GBCS protection by $name',
  (crypto) => {
    let ring: RtdsKeyRing;
    beforeAll(() => {
      ring = rtdsKeyRing();
    });

    function zOf(party: string, device: string): Uint8Array {
      const privateKey = ring.privateKey(party, 'keyAgreement') as Uint8Array;
      return crypto.sharedSecret(privateKey, ring.publicKey(device, 'keyAgreement') as Uint8Array);
    }

    it.each(macs)('%s: MAC (gbcs-message.md 4)', (file, party, device, expectedKey, tagEnd) => {
      const message = load(file);
      const inner = innerOf(message);
      const [originator, recipient] = [inner.subarray(12, 20), inner.subarray(21, 29)];
      const key = kdf(
        crypto,
        zOf(party, device),
        concatBytes(
          fromHex('60857406080300'),
          originator,
          Uint8Array.of(9),
          inner.subarray(2, 11),
          recipient,
        ),
      );
      expect(toHex(key)).toBe(expectedKey);
      const iv = concatBytes(originator, new Uint8Array(4));
      const additionalData = concatBytes(fromHex('110000000000'), inner);
      const mac = message.subarray(-12);
      expect(toHex(crypto.gmac(key, iv, additionalData))).toBe(toHex(mac) + tagEnd);
      expect(toHex(crypto.gcmSeal(key, iv, additionalData, new Uint8Array(0)))).toBe(toHex(mac));
      expect(crypto.gcmOpen(key, iv, additionalData, mac)).toEqual(new Uint8Array(0));
    });

    it.each(encrypted)('$file: encrypted data (gbcs-message.md 5)', (row) => {
      const sealed = load(row.file).subarray(row.offset);
      expect(toHex(sealed, 0, 5)).toBe('3100000000');
      const otherInfo = fromHex(`60857406080300${row.device}0904${row.counter}${supplier}`);
      const key = kdf(crypto, zOf(supplier, row.device), otherInfo);
      expect(toHex(key)).toBe(row.key);
      const opened = crypto.gcmOpen(
        key,
        fromHex(`${row.device}00000000`),
        Uint8Array.of(0x31),
        sealed.subarray(5, 5 + row.length + 12),
      );
      expect(toHex(opened as Uint8Array)).toMatch(row.plaintext);
    });

    it.each(signed)('%s: signature (gbcs-message.md 3)', (file, signer, start, fromEnd) => {
      const message = load(file);
      const first =
        message[0] === 0xdd ? start + ((message[7] as number) < 0x80 ? 0 : 1) + 1 : start;
      const publicKey = ring.publicKey(signer, 'digitalSignature') as Uint8Array;
      const data = message.subarray(first, message.length - fromEnd);
      const at = message.length - fromEnd + 1;
      const signature = message.subarray(at, at + 64);
      expect(crypto.verify(publicKey, data, signature)).toBe(true);
      expect(crypto.verify(publicKey, data.subarray(1), signature)).toBe(false);
    });
  },
);
