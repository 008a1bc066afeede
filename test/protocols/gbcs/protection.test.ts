import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import {
  checkMac,
  computeMac,
  decryptData,
  encryptData,
  macKey,
} from '../../../protocols/gbcs/protection.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsKeyRing } from '../../support/rtds-keys.js';

const crypto = new NodeCrypto();
const acb = '90b3d51f30000002';
const esme = eui64('00db1234567890a0');
const supplier = eui64('90b3d51f30010000');
/** Published shared secrets of the test PKI (gbcs-message.md 10). */
const zAcbEsme = fromHex('ed342441df01551a6beaff3b54adc981f4c6a7e71dff4c3e1cc80b3c9f4e5ac0');
const zSupplierEsme = fromHex('42da8fad4c8c9d613976f39f1e79ccc88571efa43933d57146b533bc6d253e0f');

describe('protection of GBCS messages', () => {
  it('makes key and MAC of worked example E1', () => {
    const message = decodeGbcsMessage(
      fromHex(
        'dd000000000000471100000000df090100000000000003e80890b3d51f300100000800db1234567890a00002005213d9200003e80001010046000060030aff0301000052e8965230e91ee41782ce42',
      ),
    );
    expect(toHex(macKey(crypto, zAcbEsme, message.inner))).toBe('ec1d51bd8f8bf0cdd2314cf396cc12c0');
    expect(toHex(computeMac(crypto, zAcbEsme, message.inner))).toBe('52e8965230e91ee41782ce42');
    expect(checkMac(crypto, zAcbEsme, message.inner, message.mac as Uint8Array)).toBe(true);
    expect(checkMac(crypto, zSupplierEsme, message.inner, message.mac as Uint8Array)).toBe(false);
    expect(checkMac(crypto, zAcbEsme, message.inner, fromHex('52e8965230e91ee41782'))).toBe(false);
  });

  it('opens and makes the encrypted blob of worked example E10', () => {
    const protection = { device: esme, dataRecipient: supplier, counter: 1000n };
    const blob = fromHex(
      '3100000000e3035372ddd0648adedb866dff001f09450debd034c36c6101dc1d3cb50d35311b344436f883',
    );
    const plain = '02010204060000000a02020f00161e060000000a02020f001620';
    expect(toHex(decryptData(crypto, zSupplierEsme, protection, blob) as Uint8Array)).toBe(plain);
    expect(toHex(encryptData(crypto, zSupplierEsme, protection, fromHex(plain)))).toBe(toHex(blob));
    for (let i = 0; i < blob.length; i++) {
      const flipped = blob.slice();
      flipped[i] = (flipped[i] as number) ^ 1;
      expect(decryptData(crypto, zSupplierEsme, protection, flipped)).toBeUndefined();
    }
  });

  it.skipIf(!rtdsAvailable)(
    'verifies every official signature and every MAC whose keys exist',
    () => {
      const keys = rtdsKeyRing();
      const counts = { signatures: 0, macs: 0, macsWithoutKey: [] as string[] };
      for (const entry of loadRtdsIndex()) {
        const message = decodeGbcsMessage(readRtdsMessage(entry));
        if (message.signature instanceof Uint8Array) {
          const key = keys.publicKey(entry.originator, 'digitalSignature') as Uint8Array;
          expect(crypto.verify(key, message.signedBytes, message.signature), entry.file).toBe(true);
          counts.signatures++;
        }
        if (message.mac === undefined) continue;
        // gbcs-message.md 4: commands use the access control broker's key, whoever the originator is.
        const party = entry.cra === 'command' ? acb : entry.recipient;
        const device = entry.cra === 'command' ? entry.recipient : entry.originator;
        const own = keys.privateKey(party, 'keyAgreement');
        const peer = keys.publicKey(device, 'keyAgreement');
        if (own === undefined || peer === undefined || entry.file.includes('PCS0')) {
          counts.macsWithoutKey.push(entry.file);
          continue;
        }
        const z = crypto.sharedSecret(own, peer);
        expect(checkMac(crypto, z, message.inner, message.mac), entry.file).toBe(true);
        counts.macs++;
      }
      const index = loadRtdsIndex();
      expect(counts.signatures).toBe(index.filter((e) => e.signed).length);
      expect(counts.macs + counts.macsWithoutKey.length).toBe(index.filter((e) => e.mac).length);
      // HAN messages between PPMID and GSME: the data set publishes no key of either.
      expect(counts.macsWithoutKey.every((file) => /PCS0[12]/.test(file))).toBe(true);
    },
  );
});
