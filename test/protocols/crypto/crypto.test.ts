import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { checkPrivateKey } from '../../../protocols/crypto/key-shapes.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { cryptoSuite, flipBit } from './crypto-suite.js';

const node = new NodeCrypto();
cryptoSuite(nobleCrypto);
cryptoSuite(node);
// Caches that hold almost nothing must not change any answer.
cryptoSuite(new NodeCrypto({ privateKeysMax: 1, publicKeysMax: 1 }));

const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => {
  try {
    checkPrivateKey(bytes);
    return true;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
});
const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
const iv = fc.uint8Array({ minLength: 12, maxLength: 12 });
const data = fc.uint8Array({ maxLength: 200 });
const runs = { seed: 20261122, numRuns: 40 };

/** What became of a call, to compare two makings by. */
function outcome(body: () => Uint8Array | boolean): string {
  try {
    const result = body();
    return typeof result === 'boolean' ? String(result) : toHex(result);
  } catch (error) {
    if (error instanceof CodecError) return 'refused';
    throw error;
  }
}

describe('the two makings of Crypto agree', () => {
  it.each([
    ['noble', 'node', nobleCrypto, node],
    ['node', 'noble', node, nobleCrypto],
  ])('what %s signs, %s verifies', (_, __, signer, verifier) => {
    fc.assert(
      fc.property(scalar, data, fc.nat(511), (privateKey, message, bit) => {
        const publicKey = signer.publicKey(privateKey);
        const signature = signer.sign(privateKey, message);
        expect(verifier.verify(publicKey, message, signature)).toBe(true);
        expect(verifier.verify(publicKey, message, flipBit(signature, bit))).toBe(false);
      }),
      runs,
    );
  });

  it('on public keys and shared secrets, from both ends', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const z = toHex(node.sharedSecret(a, nobleCrypto.publicKey(b)));
        expect(toHex(nobleCrypto.sharedSecret(a, node.publicKey(b)))).toBe(z);
        expect(toHex(node.sharedSecret(b, node.publicKey(a)))).toBe(z);
      }),
      runs,
    );
  });

  it('on GCM and GMAC', () => {
    fc.assert(
      fc.property(key, iv, data, data, (k, i, additional, plaintext) => {
        const sealed = node.gcmSeal(k, i, additional, plaintext);
        expect(toHex(nobleCrypto.gcmSeal(k, i, additional, plaintext))).toBe(toHex(sealed));
        for (const crypto of [node, nobleCrypto]) {
          expect(toHex(crypto.gcmOpen(k, i, additional, sealed) as Uint8Array)).toBe(
            toHex(plaintext),
          );
        }
        expect(toHex(nobleCrypto.gmac(k, i, additional))).toBe(toHex(node.gmac(k, i, additional)));
      }),
      { ...runs, numRuns: 200 },
    );
  });

  it('on AES blocks and CCM*', () => {
    const nonce = fc.uint8Array({ minLength: 13, maxLength: 13 });
    const micLength = fc.constantFrom(4, 8, 16);
    fc.assert(
      fc.property(key, nonce, data, data, micLength, (k, n, additional, message, length) => {
        const sealed = node.ccmStarSeal(k, n, additional, message, length);
        expect(toHex(nobleCrypto.ccmStarSeal(k, n, additional, message, length))).toBe(
          toHex(sealed),
        );
        for (const crypto of [node, nobleCrypto]) {
          expect(crypto.ccmStarOpen(k, n, additional, sealed, length)).toEqual(message);
        }
        expect(toHex(nobleCrypto.aesEncryptBlock(k, k))).toBe(toHex(node.aesEncryptBlock(k, k)));
      }),
      { ...runs, numRuns: 200 },
    );
  });

  it('on which keys are bad', () => {
    const peer = nobleCrypto.publicKey(new Uint8Array(32).fill(9));
    const point = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc.nat(519).map((bit) => flipBit(peer, bit)),
    );
    const signature = new Uint8Array(64).fill(1);
    fc.assert(
      fc.property(point, fc.uint8Array({ maxLength: 33 }), (publicKey, privateKey) => {
        const tried = (crypto: Crypto) => [
          outcome(() => crypto.verify(publicKey, privateKey, signature)),
          outcome(() => crypto.sharedSecret(new Uint8Array(32).fill(3), publicKey)),
          outcome(() => crypto.publicKey(privateKey)),
        ];
        expect(tried(node)).toEqual(tried(nobleCrypto));
      }),
      { ...runs, numRuns: 300 },
    );
  });
});
