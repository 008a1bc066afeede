import { utf8ToBytes } from '@noble/hashes/utils.js';
import { concatBytes, toHex } from '../codec/hex.js';
import type { Crypto } from './crypto.js';
import { p256Order, privateKeyLength } from './key-shapes.js';

/**
 * Everything random about a test PKI comes out of one seed by these two rules.
 *
 * `deriveBytes` is SHA-256( text("hubfleet/1") ‖ text(label 1) ‖ … ‖ length(seed) ‖ seed ), where text(t) is the length of
 * t in UTF-8 in two bytes, then t, and length is two bytes as well: no two lists of labels give the same input.
 *
 * `derivePrivateKey` takes 64 bytes c, the digests for the labels plus `scalar-0` and plus `scalar-1`, and returns
 * c mod (n-1) + 1. The 256 spare bits leave no bias worth naming (FIPS 186-5 A.2.1, extra random bits).
 */
export function deriveBytes(
  crypto: Pick<Crypto, 'sha256'>,
  seed: Uint8Array,
  ...labels: readonly string[]
): Uint8Array {
  const parts = [domain];
  for (const label of labels) parts.push(prefixed(utf8ToBytes(label)));
  parts.push(prefixed(seed));
  return crypto.sha256(concatBytes(...parts));
}

/** A private scalar of P-256 (32 bytes) from a seed and what it is for. */
export function derivePrivateKey(
  crypto: Pick<Crypto, 'sha256'>,
  seed: Uint8Array,
  ...labels: readonly string[]
): Uint8Array {
  const high = toHex(deriveBytes(crypto, seed, ...labels, 'scalar-0'));
  const low = toHex(deriveBytes(crypto, seed, ...labels, 'scalar-1'));
  let scalar = (BigInt(`0x${high}${low}`) % (p256Order - 1n)) + 1n;
  const key = new Uint8Array(privateKeyLength);
  for (let i = privateKeyLength - 1; i >= 0; i--) {
    key[i] = Number(scalar & 0xffn);
    scalar >>= 8n;
  }
  return key;
}

const domain = prefixed(utf8ToBytes('hubfleet/1'));

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}
