import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { deriveBytes, derivePrivateKey } from '../../../protocols/crypto/derive-key.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { utf8 } from './crypto-suite.js';

const seed = utf8('seed');
/** The documented input spelt out by hand: each text and the seed behind a length of two bytes. */
const prefix = '\x00\x0ahubfleet/1\x00\x01a\x00\x02bc';
const digest = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

describe('derivation from a seed', () => {
  it('hashes what its description says', () => {
    expect(toHex(deriveBytes(nobleCrypto, seed, 'a', 'bc'))).toBe(digest(`${prefix}\x00\x04seed`));
  });

  it('reduces two digests to a scalar', () => {
    const wide = [0, 1].map((i) => digest(`${prefix}\x00\x08scalar-${i}\x00\x04seed`)).join('');
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const scalar = (BigInt(`0x${wide}`) % (order - 1n)) + 1n;
    const key = derivePrivateKey(nobleCrypto, seed, 'a', 'bc');
    expect(toHex(key)).toBe(scalar.toString(16).padStart(64, '0'));
  });

  it('does not depend on the making of Crypto', () => {
    const other = derivePrivateKey(new NodeCrypto(), seed, 'x');
    expect(derivePrivateKey(nobleCrypto, seed, 'x')).toEqual(other);
  });

  it('tells label lists and seeds apart however they are cut', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['c', 'ab'], []];
    const keys = lists.flatMap((labels) => [
      toHex(derivePrivateKey(nobleCrypto, seed, ...labels)),
      toHex(derivePrivateKey(nobleCrypto, utf8('seed '), ...labels)),
    ]);
    expect(new Set(keys).size).toBe(2 * lists.length);
  });
});
