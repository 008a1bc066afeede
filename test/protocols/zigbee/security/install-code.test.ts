import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../../protocols/crypto/noble-crypto.js';
import {
  checkInstallCode,
  installCodeCrc,
  installCodeFromText,
  installCodeLengths,
  installCodeLinkKey,
  installCodeOf,
} from '../../../../protocols/zigbee/security/install-code.js';
import { endsInCodecError } from '../../../support/codec-table.js';
import { flipBit, utf8 } from '../../crypto/crypto-suite.js';

/** zigbee.md 2: code, CRC, link key. */
const published = [
  ['83fed3407a939723a5c639b26916d505', 'c3b5', '66b6900981e1ee3ca4206b6b861c02bb'],
  ['83fed3407a93', '2b70', 'cd4fa064773f46941ec986c09963d1a8'],
] as const;

const code = fc.oneof(
  ...installCodeLengths.map((n) => fc.uint8Array({ minLength: n, maxLength: n })),
);
const runs = { seed: 20261122, numRuns: 200 };

describe('install code', () => {
  it('has the CRC-16/X-25 of the catalogue of CRCs', () => {
    expect(installCodeCrc(utf8('123456789'))).toBe(0x906e);
  });

  it.each(published)('%s makes the published link key', (plain, crc, linkKey) => {
    const made = installCodeOf(fromHex(plain));
    expect(toHex(made)).toBe(plain + crc);
    expect(toHex(installCodeLinkKey(nobleCrypto, made))).toBe(linkKey);
    expect(checkInstallCode(fromHex(plain + crc))).toEqual(made);
  });

  it('reads the ways in which codes are printed', () => {
    const plain = `${published[0][0]}${published[0][1]}`;
    const groups = plain.toUpperCase().match(/.{4}/g) as string[];
    for (const separator of ['', ' ', '-', ':', '\n']) {
      expect(toHex(installCodeFromText(groups.join(separator)))).toBe(plain);
    }
  });

  it('says what is wrong', () => {
    const wrong = [
      ['', /installCode @0: with its CRC it has 8, 10, 14 or 18 bytes, not 0/],
      ['83fed3407a93', /not 6/],
      ['83fed3407a932b71', /installCode\.crc @6: the CRC is 2B71, not 2B70/],
      ['83fed3407a93702b', /the CRC is 702B, not 2B70/],
      ['83fed3407a932b7', /installCode @7: odd number/],
      ['83fed3407a932bzz', /installCode @7: 'zz'/],
    ] as const;
    for (const [text, message] of wrong) {
      expect(() => installCodeFromText(text)).toThrow(message);
      expect(() => installCodeFromText(text)).toThrow(CodecError);
    }
    expect(() => installCodeOf(new Uint8Array(7))).toThrow(CodecError);
  });

  it('is found wrong with any one bit flipped, or cut anywhere', () => {
    fc.assert(
      fc.property(code, (plain) => {
        const made = installCodeOf(plain);
        for (let bit = 0; bit < made.length * 8; bit++) {
          expect(endsInCodecError(() => checkInstallCode(flipBit(made, bit)))).toBe(true);
        }
        for (let length = 0; length < made.length; length++) {
          endsInCodecError(() => checkInstallCode(made.slice(0, length)));
        }
      }),
      { ...runs, numRuns: 20 },
    );
  });

  it('survives any text and any octets with nothing but CodecError', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 24 }), (text, octets) => {
        endsInCodecError(() => installCodeFromText(text));
        endsInCodecError(() => checkInstallCode(octets));
      }),
      runs,
    );
  });
});
