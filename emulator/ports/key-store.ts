import type { Eui64 } from '../../protocols/codec/eui64.js';

/**
 * The private keys of one entity (device or party), as operations: the scalars need not be known, which is how a
 * device with a published certificate but no published private key can still be emulated.
 */
export interface EntityKeys {
  readonly entity: Eui64;
  /** ECDSA with the digital signature key; 64 bytes r ‖ s. */
  sign(data: Uint8Array): Uint8Array;
  /** Public key (65 bytes) that verifies `sign`. */
  signingPublicKey(): Uint8Array;
  /** Public key (65 bytes) of the key agreement key. */
  agreementPublicKey(): Uint8Array;
  /** Static ECDH with the key agreement key, cached per peer key; 32 bytes. */
  sharedSecret(peerPublicKey: Uint8Array): Uint8Array;
}

/** Finds, or derives lazily, the keys of an entity; undefined when it has none here. */
export interface KeyStore {
  keysOf(entity: Eui64): EntityKeys | undefined;
  /** A supplier's key agreement key for top-up tokens; undefined where it has none. */
  prepaymentKeysOf?(entity: Eui64): Pick<EntityKeys, 'sharedSecret'> | undefined;
}
