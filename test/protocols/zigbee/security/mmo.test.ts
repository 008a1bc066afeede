import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../../emulator/adapters/node-crypto.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { nobleCrypto } from '../../../../protocols/crypto/noble-crypto.js';
import { linkKeySet } from '../../../../protocols/zigbee/security/key-derivation.js';
import { hmacMmo, mmoHash } from '../../../../protocols/zigbee/security/mmo.js';
import { utf8 } from '../../crypto/crypto-suite.js';

function counting(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => from + i);
}

/** ZigBee specification C.5 (the short ones in zigbee.md 2 as well): octets, the first octet, hash. */
const hashes = [
  [1, 0xc0, 'ae3a102a28d43ee0d4a09e22788b206c'],
  [16, 0xc0, 'a7977e88bc0b61e8210827109a228f2d'],
  [8191, 0, '24ec2fe75bbffcb34789bc0610e7f165'],
  [8192, 0, 'dc6b0687f09f8607131c170b3bd31591'],
  [8201, 0, '72c9b15e178aa843e4a16c58e33643a3'],
  [8202, 0, 'bc9828d59b2aa323daf20be5f2e66511'],
] as const;

describe.each([nobleCrypto, new NodeCrypto()])('ZigBee hash and keys by $name', (crypto) => {
  it.each(hashes)('MMO of %i octets (ZigBee C.5)', (length, from, expected) => {
    expect(toHex(mmoHash(crypto, counting(length, from)))).toBe(expected);
  });

  it('HMAC-MMO (ZigBee C.6)', () => {
    expect(toHex(hmacMmo(crypto, counting(16, 0x40), counting(1, 0xc0)))).toBe(
      '4512807bf94cb3400f0e2c25fb76e999',
    );
    expect(toHex(hmacMmo(crypto, counting(32, 0x40), counting(16, 0xc0)))).toBe(
      'a3b0079984bf1557f74a0d6387e0a11a',
    );
  });

  it('derives the key-transport key and keeps the link key for data (zigbee.md 2)', () => {
    const linkKey = utf8('ZigBeeAlliance09');
    const keys = linkKeySet(crypto, linkKey);
    expect(toHex(keys.keyTransport)).toBe('4bab0f173e1434a2d572e1c1ef478782');
    expect(keys.data).toBe(linkKey);
    expect(keys.keyLoad).not.toEqual(keys.keyTransport);
  });

  it('leaves what it hashes as it was, and hashes every length differently', () => {
    const message = counting(40);
    const seen = new Set<string>();
    for (let length = 0; length <= 40; length++) {
      seen.add(toHex(mmoHash(crypto, new Uint8Array(length))));
    }
    expect(seen.size).toBe(41);
    hmacMmo(crypto, message, message);
    expect(message).toEqual(counting(40));
  });
});
