/** Octets of a CCM* message integrity code. ZigBee's frames have 4. */
export type MicLength = 4 | 8 | 16;

/**
 * The cryptographic operations GBCS needs, as one interface with two makings that pass one suite
 * (`test/protocols/crypto/crypto-suite.ts`): noble (pure, RFC 6979 signatures: same seed, same bytes) and
 * node:crypto (fast, random signatures). Synchronous and stateless but for bounded caches inside a making.
 *
 * Shapes: private keys are 32-byte big-endian scalars, public keys 65-byte uncompressed points (04 ‖ X ‖ Y),
 * signatures 64 bytes r ‖ s (any s: GBCS peers do not normalise to low s).
 * A malformed key (wrong length, off the curve, scalar 0) throws CodecError; a signature or tag that merely does
 * not match is a value, never an exception.
 */
export interface Crypto {
  /** Short name of the making, for reports and test names. */
  readonly name: string;
  /** True when `sign` of the same input always gives the same bytes. */
  readonly deterministicSignatures: boolean;

  sha256(data: Uint8Array): Uint8Array;

  /** The public key of a private scalar. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** ECDSA P-256 with SHA-256 over `data`. */
  sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
  /** ECDH P-256: the x coordinate, 32 bytes. Not cached here: see `SharedSecrets` for the per-pair cache. */
  sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;

  /** AES-128-GCM with a 12-byte IV; returns ciphertext ‖ 12-byte tag. */
  gcmSeal(
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array;
  /** Opens ciphertext ‖ 12-byte tag; undefined when the tag does not match. */
  gcmOpen(
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
  /**
   * AES-128-GMAC: the full 16-byte tag over `additionalData` alone. Messages carry its first 12 bytes (`gcmSeal`), a
   * top-up token its last 4 (gbcs-message.md 6).
   */
  gmac(key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Uint8Array;

  /** One 16-byte block through AES-128, without any mode: the step of ZigBee's hash. */
  aesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /**
   * AES-128-CCM* with a 13-byte nonce; returns ciphertext ‖ integrity code (`micLength`, 4 bytes unless told). Message
   * and additional data have at most 65,279 bytes each.
   */
  ccmStarSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    message: Uint8Array,
    micLength?: MicLength,
  ): Uint8Array;
  /** Opens ciphertext ‖ integrity code; undefined when the code does not match. */
  ccmStarOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
    micLength?: MicLength,
  ): Uint8Array | undefined;
}
