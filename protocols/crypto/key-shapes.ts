import { CodecError } from '../codec/codec-error.js';

/** Sizes in bytes of what goes in and out of `Crypto`. */
export const privateKeyLength = 32;
export const publicKeyLength = 65;
export const signatureLength = 64;
export const sharedSecretLength = 32;
export const symmetricKeyLength = 16;
export const ivLength = 12;
export const tagLength = 12;
export const blockLength = 16;
export const ccmNonceLength = 13;
export const micLengthDefault = 4;
/** From 65,280 octets on CCM writes the length of additional data in another form, which nobody here needs. */
export const ccmOctetsMax = 0xfeff;

/** Order n of the P-256 group: private scalars lie from 1 to n-1. */
export const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const orderBytes = Uint8Array.from({ length: privateKeyLength }, (_, i) =>
  Number((p256Order >> BigInt(8 * (privateKeyLength - 1 - i))) & 0xffn),
);

/** Throws CodecError unless `key` is a scalar from 1 to n-1 in 32 bytes. */
export function checkPrivateKey(key: Uint8Array): void {
  if (key.length !== privateKeyLength) {
    throw new CodecError('privateKey', 0, `need 32 bytes, have ${key.length}`);
  }
  if (key.every((byte) => byte === 0)) throw new CodecError('privateKey', 0, 'the scalar is 0');
  for (let i = 0; i < privateKeyLength; i++) {
    const difference = (key[i] as number) - (orderBytes[i] as number);
    if (difference < 0) return;
    if (difference > 0) break;
  }
  throw new CodecError('privateKey', 0, 'the scalar is not below the group order');
}

/** Throws CodecError unless `key` looks like an uncompressed point; whether it is on the curve is left to the maker. */
export function checkPublicKeyShape(key: Uint8Array): void {
  if (key.length !== publicKeyLength) {
    throw new CodecError('publicKey', 0, `need 65 bytes, have ${key.length}`);
  }
  if (key[0] !== 4) throw new CodecError('publicKey', 0, 'not an uncompressed point (04 ‖ X ‖ Y)');
}

export function notOnCurve(): CodecError {
  return new CodecError('publicKey', 1, 'not a point of P-256');
}

function checkSymmetricKey(key: Uint8Array): void {
  if (key.length !== symmetricKeyLength) {
    throw new CodecError('symmetricKey', 0, `need 16 bytes, have ${key.length}`);
  }
}

/** Throws CodecError unless the AES key has 16 bytes and the IV 12. */
export function checkSymmetric(key: Uint8Array, iv: Uint8Array): void {
  checkSymmetricKey(key);
  if (iv.length !== ivLength) throw new CodecError('iv', 0, `need 12 bytes, have ${iv.length}`);
}

/** Throws CodecError unless the AES key and the block have 16 bytes each. */
export function checkBlock(key: Uint8Array, block: Uint8Array): void {
  checkSymmetricKey(key);
  if (block.length !== blockLength) {
    throw new CodecError('block', 0, `need 16 bytes, have ${block.length}`);
  }
}

/** Throws CodecError unless CCM* can take these; `messageLength` goes without the integrity code. */
export function checkCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  additionalData: Uint8Array,
  messageLength: number,
  micLength: number,
): void {
  checkSymmetricKey(key);
  if (nonce.length !== ccmNonceLength) {
    throw new CodecError('nonce', 0, `need 13 bytes, have ${nonce.length}`);
  }
  if (additionalData.length > ccmOctetsMax) {
    throw new CodecError('additionalData', ccmOctetsMax, `more than ${ccmOctetsMax} bytes`);
  }
  if (messageLength > ccmOctetsMax) {
    throw new CodecError('message', ccmOctetsMax, `more than ${ccmOctetsMax} bytes`);
  }
  if (micLength !== 4 && micLength !== 8 && micLength !== 16) {
    throw new CodecError('micLength', 0, 'an integrity code has 4, 8 or 16 bytes');
  }
}
