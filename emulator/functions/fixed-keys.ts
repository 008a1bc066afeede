import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { equalBytes } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { AgreementKeyPair, SharedSecrets } from '../../protocols/crypto/shared-secrets.js';
import type { EntityKeys, KeyStore } from '../ports/key-store.js';

/** Z of the entity with one peer. */
export interface KnownSharedSecret {
  readonly peerPublicKey: Uint8Array;
  readonly z: Uint8Array;
}

/**
 * Given key material. To put a published identity on the bus whose private keys nobody has, give its published key
 * agreement key, Z with each party (had from the party's private key: Z is the same from both ends) and a signing key of
 * your own choice, with which its signatures then verify.
 */
export interface FixedKeyMaterial {
  readonly entity: Eui64;
  readonly signingPrivateKey: Uint8Array;
  /** Needed unless the private one is given. */
  readonly agreementPublicKey?: Uint8Array;
  readonly agreementPrivateKey?: Uint8Array;
  /** Looked at before the private key. */
  readonly sharedSecrets?: readonly KnownSharedSecret[];
}

/** Keys of one entity from given material; CodecError when the material is of the wrong shape or not enough. */
export class FixedKeys implements EntityKeys, AgreementKeyPair {
  readonly entity: Eui64;
  private readonly signingPoint: Uint8Array;
  private readonly agreementPoint: Uint8Array;

  constructor(
    private readonly material: FixedKeyMaterial,
    private readonly crypto: Crypto,
    private readonly cache?: SharedSecrets,
  ) {
    const { agreementPublicKey, agreementPrivateKey } = material;
    this.entity = material.entity;
    this.signingPoint = crypto.publicKey(material.signingPrivateKey);
    if (agreementPrivateKey !== undefined) {
      this.agreementPoint = crypto.publicKey(agreementPrivateKey);
      if (
        agreementPublicKey !== undefined &&
        !equalBytes(agreementPublicKey, this.agreementPoint)
      ) {
        throw new CodecError('agreementPublicKey', 0, 'does not belong to the private key');
      }
    } else if (agreementPublicKey !== undefined) {
      this.agreementPoint = agreementPublicKey;
    } else {
      throw new CodecError('agreementPublicKey', 0, 'needed where no private key is given');
    }
  }

  sign(data: Uint8Array): Uint8Array {
    return this.crypto.sign(this.material.signingPrivateKey, data);
  }

  signingPublicKey(): Uint8Array {
    return this.signingPoint;
  }

  agreementPublicKey(): Uint8Array {
    return this.agreementPoint;
  }

  /** CodecError when it is not known. */
  agreementPrivateKey(): Uint8Array {
    const { agreementPrivateKey } = this.material;
    if (agreementPrivateKey !== undefined) return agreementPrivateKey;
    throw new CodecError('agreementPrivateKey', 0, `not known for ${this.entity}`);
  }

  /** CodecError when Z was not given and there is no private key to compute it with. */
  sharedSecret(peerPublicKey: Uint8Array): Uint8Array {
    for (const known of this.material.sharedSecrets ?? []) {
      if (equalBytes(known.peerPublicKey, peerPublicKey)) return known.z;
    }
    return this.cache === undefined
      ? this.crypto.sharedSecret(this.agreementPrivateKey(), peerPublicKey)
      : this.cache.of(this, peerPublicKey);
  }
}

/** A key store of given entities, in front of another one for all the rest. */
export class FixedKeyStore implements KeyStore {
  private readonly keys: ReadonlyMap<Eui64, EntityKeys>;

  constructor(
    keys: Iterable<EntityKeys>,
    private readonly otherwise?: KeyStore,
  ) {
    this.keys = new Map(Array.from(keys, (one) => [one.entity, one]));
  }

  keysOf(entity: Eui64): EntityKeys | undefined {
    return this.keys.get(entity) ?? this.otherwise?.keysOf(entity);
  }
}
