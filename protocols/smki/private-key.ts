import { concatBytes, fromHex } from '../codec/hex.js';
import { checkPrivateKey, checkPublicKeyShape } from '../crypto/key-shapes.js';

/** All of a PKCS#8 P-256 key is fixed but the scalar and the point: version, algorithm, then ECPrivateKey. */
const beforeScalar = fromHex(
  '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420',
);
const beforePoint = fromHex('a144034200');

/** A private key as PKCS#8 in DER, 138 bytes, with its public key as openssl writes it (RFC 5958, RFC 5915). */
export function encodePrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  checkPrivateKey(privateKey);
  checkPublicKeyShape(publicKey);
  return concatBytes(beforeScalar, privateKey, beforePoint, publicKey);
}
