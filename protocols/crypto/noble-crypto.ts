import { ctr, ecb, gcm } from '@noble/ciphers/aes.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes } from '../codec/hex.js';
import { ccmOpen, ccmSeal } from './ccm.js';
import type { Crypto } from './crypto.js';
import {
  checkBlock,
  checkCcm,
  checkPrivateKey,
  checkPublicKeyShape,
  checkSymmetric,
  ivLength,
  micLengthDefault,
  notOnCurve,
  signatureLength,
  tagLength,
} from './key-shapes.js';

/**
 * noble refuses s above n/2 unless told otherwise, and other makers of GBCS and X.509 signatures do not normalise:
 * about half of all honest signatures would fail.
 */
const anyS = { lowS: false, prehash: true } as const;

function checkPublicKey(key: Uint8Array): void {
  checkPublicKeyShape(key);
  if (!p256.utils.isValidPublicKey(key, false)) throw notOnCurve();
}

/** Counter block with which GCM enciphers the first block: IV ‖ 00000002. */
function firstCounterBlock(iv: Uint8Array): Uint8Array {
  const block = new Uint8Array(16);
  block.set(iv);
  block[ivLength + 3] = 2;
  return block;
}

/**
 * The pure making: slower than node:crypto by a factor of 20 to 30, the same everywhere, with deterministic signatures
 * (RFC 6979). For replay, for certificates that must come out equal from equal seeds, and as a second opinion.
 */
export const nobleCrypto: Crypto = {
  name: 'noble',
  deterministicSignatures: true,

  sha256: (data) => sha256(data),

  publicKey(privateKey) {
    checkPrivateKey(privateKey);
    return p256.getPublicKey(privateKey, false);
  },

  sign(privateKey, data) {
    checkPrivateKey(privateKey);
    return p256.sign(data, privateKey, anyS);
  },

  verify(publicKey, data, signature) {
    checkPublicKey(publicKey);
    return signature.length === signatureLength && p256.verify(signature, data, publicKey, anyS);
  },

  sharedSecret(privateKey, publicKey) {
    checkPrivateKey(privateKey);
    checkPublicKey(publicKey);
    return p256.getSharedSecret(privateKey, publicKey, true).slice(1);
  },

  gcmSeal(key, iv, additionalData, plaintext) {
    checkSymmetric(key, iv);
    const sealed = gcm(key, iv, additionalData).encrypt(plaintext);
    return sealed.subarray(0, plaintext.length + tagLength);
  },

  gcmOpen(key, iv, additionalData, sealed) {
    checkSymmetric(key, iv);
    const length = sealed.length - tagLength;
    if (length < 0) return undefined;
    // noble opens with the full 16-byte tag only: decipher, seal again and compare what there is of the tag.
    const ciphertext = sealed.subarray(0, length);
    const plaintext = ctr(key, firstCounterBlock(iv)).decrypt(ciphertext);
    const again = gcm(key, iv, additionalData).encrypt(plaintext);
    const tag = again.subarray(length, length + tagLength);
    return equalBytes(tag, sealed.subarray(length)) ? plaintext : undefined;
  },

  gmac(key, iv, additionalData) {
    checkSymmetric(key, iv);
    return gcm(key, iv, additionalData).encrypt(new Uint8Array(0));
  },
  aesEncryptBlock(key, block) {
    checkBlock(key, block);
    return ecb(key, { disablePadding: true }).encrypt(block);
  },

  ccmStarSeal(key, nonce, additionalData, message, micLength = micLengthDefault) {
    checkCcm(key, nonce, additionalData, message.length, micLength);
    return ccmSeal(key, nonce, additionalData, message, micLength);
  },

  ccmStarOpen(key, nonce, additionalData, sealed, micLength = micLengthDefault) {
    checkCcm(key, nonce, additionalData, sealed.length - micLength, micLength);
    return ccmOpen(key, nonce, additionalData, sealed, micLength);
  },
};
