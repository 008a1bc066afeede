import { sha1 } from '@noble/hashes/legacy.js';

/**
 * Subject key identifier of a public key, 8 bytes: 0100 and the low 60 bits of SHA-1 over the 65-byte point.
 *
 * @see RFC 5280 4.2.1.2, method 2; smki.md 1
 */
export function subjectKeyIdentifier(publicKey: Uint8Array): Uint8Array {
  const identifier = sha1(publicKey).slice(12);
  identifier[0] = 0x40 | ((identifier[0] as number) & 0x0f);
  return identifier;
}
