import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import QuickLRU from 'quick-lru';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { ccmOpen, ccmSeal } from '../../protocols/crypto/ccm.js';
import type { Crypto, MicLength } from '../../protocols/crypto/crypto.js';
import {
  checkBlock,
  checkCcm,
  checkPrivateKey,
  checkPublicKeyShape,
  checkSymmetric,
  micLengthDefault,
  notOnCurve,
  privateKeyLength,
  signatureLength,
  tagLength,
} from '../../protocols/crypto/key-shapes.js';

const cipher = 'aes-128-gcm';
/**
 * Not for messages without octets (secured acknowledgments): node 20 throws `tag not set` for an
 * empty array that has no memory behind it. They go the pure way.
 */
const ccmCipher = 'aes-128-ccm';
const dsaEncoding = 'ieee-p1363';
const shortTag = { authTagLength: tagLength } as const;
const nothing = new Uint8Array(0);

export interface NodeCryptoOptions {
  /**
   * Imported private keys kept; between this and twice as many are held. A private KeyObject that has signed costs
   * 5 KB against 32 bytes for its scalar, importing it again about three signatures' time.
   */
  readonly privateKeysMax?: number;
  /** Imported public keys kept; between this and twice as many are held. */
  readonly publicKeysMax?: number;
}

/** The same bytes as a plain Uint8Array: a Buffer's `slice` would be a view, and `protocols/` knows no Buffer. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The bytes as text of one-byte characters: the cheapest exact cache key. */
function cacheKey(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** JWK is the quickest import there is: twice as fast as SEC1, six times as PKCS#8. */
function jwkOf(publicKey: Uint8Array): { kty: 'EC'; crv: 'P-256'; x: string; y: string } {
  const point = asBuffer(publicKey);
  return {
    kty: 'EC',
    crv: 'P-256',
    x: point.toString('base64url', 1, 33),
    y: point.toString('base64url', 33, 65),
  };
}

/** The fast making, on node:crypto: the emulator's default. Signatures are random. */
export class NodeCrypto implements Crypto {
  readonly name = 'node';
  readonly deterministicSignatures = false;

  private readonly privateKeys: QuickLRU<string, KeyObject>;
  private readonly publicKeys: QuickLRU<string, KeyObject>;
  /** One ECDH object for all: setting its key is cheaper than creating one, and often the key is already set. */
  private readonly ecdh = createECDH('prime256v1');
  private readonly ecdhKey = new Uint8Array(privateKeyLength);

  constructor(options: NodeCryptoOptions = {}) {
    this.privateKeys = new QuickLRU({ maxSize: options.privateKeysMax ?? 512 });
    this.publicKeys = new QuickLRU({ maxSize: options.publicKeysMax ?? 2048 });
  }

  sha256(data: Uint8Array): Uint8Array {
    return plain(hash('sha256', data, 'buffer'));
  }

  publicKey(privateKey: Uint8Array): Uint8Array {
    this.setEcdhKey(privateKey);
    return plain(this.ecdh.getPublicKey());
  }

  sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array {
    return plain(sign('sha256', data, { key: this.privateKeyObject(privateKey), dsaEncoding }));
  }

  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
    const key = this.publicKeyObject(publicKey);
    if (signature.length !== signatureLength) return false;
    return verify('sha256', data, { key, dsaEncoding }, signature);
  }

  sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
    checkPublicKeyShape(publicKey);
    this.setEcdhKey(privateKey);
    try {
      return plain(this.ecdh.computeSecret(publicKey));
    } catch (error) {
      throw badPoint(error);
    }
  }

  gcmSeal(
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array {
    checkSymmetric(key, iv);
    const sealing = createCipheriv(cipher, key, iv, shortTag);
    sealing.setAAD(additionalData);
    const sealed = new Uint8Array(plaintext.length + tagLength);
    if (plaintext.length > 0) sealed.set(sealing.update(plaintext));
    sealing.final();
    sealed.set(sealing.getAuthTag(), plaintext.length);
    return sealed;
  }

  gcmOpen(
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined {
    checkSymmetric(key, iv);
    const length = sealed.length - tagLength;
    if (length < 0) return undefined;
    // Without authTagLength node would take a tag cut down to 4 bytes.
    const opening = createDecipheriv(cipher, key, iv, shortTag);
    opening.setAAD(additionalData);
    opening.setAuthTag(sealed.subarray(length));
    const plaintext = length === 0 ? nothing : plain(opening.update(sealed.subarray(0, length)));
    try {
      opening.final();
    } catch {
      return undefined; // The one thing `final` throws for in GCM: the tag does not match.
    }
    return plaintext;
  }

  gmac(key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Uint8Array {
    checkSymmetric(key, iv);
    const sealing = createCipheriv(cipher, key, iv);
    sealing.setAAD(additionalData);
    sealing.final();
    return plain(sealing.getAuthTag());
  }

  aesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
    checkBlock(key, block);
    // Without final(), which would add a block of padding: update gives a whole block at once.
    return plain(createCipheriv('aes-128-ecb', key, null).update(block));
  }

  ccmStarSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    message: Uint8Array,
    micLength: MicLength = micLengthDefault,
  ): Uint8Array {
    checkCcm(key, nonce, additionalData, message.length, micLength);
    if (message.length === 0) return ccmSeal(key, nonce, additionalData, message, micLength);
    const sealing = createCipheriv(ccmCipher, key, nonce, { authTagLength: micLength });
    sealing.setAAD(additionalData, { plaintextLength: message.length });
    const sealed = new Uint8Array(message.length + micLength);
    sealed.set(sealing.update(message));
    sealing.final();
    sealed.set(sealing.getAuthTag(), message.length);
    return sealed;
  }

  ccmStarOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
    micLength: MicLength = micLengthDefault,
  ): Uint8Array | undefined {
    const length = sealed.length - micLength;
    checkCcm(key, nonce, additionalData, length, micLength);
    if (length <= 0) return ccmOpen(key, nonce, additionalData, sealed, micLength);
    const opening = createDecipheriv(ccmCipher, key, nonce, { authTagLength: micLength });
    opening.setAuthTag(sealed.subarray(length));
    opening.setAAD(additionalData, { plaintextLength: length });
    const message = plain(opening.update(sealed.subarray(0, length)));
    try {
      opening.final();
    } catch {
      return undefined; // The one thing `final` throws for in CCM: the code does not match.
    }
    return message;
  }

  private setEcdhKey(privateKey: Uint8Array): void {
    checkPrivateKey(privateKey);
    if (asBuffer(privateKey).equals(this.ecdhKey)) return;
    this.ecdh.setPrivateKey(privateKey);
    this.ecdhKey.set(privateKey);
  }

  private privateKeyObject(privateKey: Uint8Array): KeyObject {
    const known = this.privateKeys.get(cacheKey(privateKey));
    if (known !== undefined) return known;
    const point = this.publicKey(privateKey);
    const key = { ...jwkOf(point), d: asBuffer(privateKey).toString('base64url') };
    const made = createPrivateKey({ key, format: 'jwk' });
    this.privateKeys.set(cacheKey(privateKey), made);
    return made;
  }

  private publicKeyObject(publicKey: Uint8Array): KeyObject {
    const known = this.publicKeys.get(cacheKey(publicKey));
    if (known !== undefined) return known;
    checkPublicKeyShape(publicKey);
    try {
      const made = createPublicKey({ key: jwkOf(publicKey), format: 'jwk' });
      this.publicKeys.set(cacheKey(publicKey), made);
      return made;
    } catch (error) {
      throw badPoint(error);
    }
  }
}

/** node's words for a point off the curve, in ours; anything else it may throw passes unchanged. */
function badPoint(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  const offCurve =
    code === 'ERR_CRYPTO_INVALID_JWK' || code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY';
  return offCurve && !(error instanceof CodecError) ? notOnCurve() : error;
}
