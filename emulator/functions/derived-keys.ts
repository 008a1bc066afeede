import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { deriveBytes, derivePrivateKey } from '../../protocols/crypto/derive-key.js';
import type { AgreementKeyPair, SharedSecrets } from '../../protocols/crypto/shared-secrets.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { KeyPurpose } from './default-parties.js';

/** What all entities of one PKI derive their keys from and with. */
export interface KeySource {
  readonly crypto: Crypto;
  readonly seed: Uint8Array;
  readonly sharedSecrets: SharedSecrets;
}

/** Private scalar of an entity for a purpose: a function of the seed alone, whatever the making of `crypto`. */
export function entityPrivateKey(
  source: KeySource,
  entity: Eui64,
  purpose: KeyPurpose,
): Uint8Array {
  return derivePrivateKey(source.crypto, source.seed, 'entity', entity, purpose);
}

/** Octets of an install code without its CRC, and of a link key. */
const homeNetworkSecretLength = 16;

/** The install code that a device came from the factory with: 16 octets, without its CRC. */
export function deriveInstallCode(source: KeySource, device: Eui64): Uint8Array {
  const { crypto, seed } = source;
  return deriveBytes(crypto, seed, 'install-code', device).slice(0, homeNetworkSecretLength);
}

/** The link key (16 octets) on which a device and its hub have agreed in a home that starts joined. */
export function deriveLinkKey(source: KeySource, hub: Eui64, device: Eui64): Uint8Array {
  const { crypto, seed } = source;
  return deriveBytes(crypto, seed, 'link-key', hub, device).slice(0, homeNetworkSecretLength);
}

/**
 * A key agreement key. Holds no scalar: Z is cached by pair, so that it is asked for too rarely to be worth its memory
 * in every device of a fleet.
 */
export class DerivedAgreementKey implements AgreementKeyPair {
  private agreementPoint: Uint8Array | undefined = undefined;

  constructor(
    readonly entity: Eui64,
    protected readonly source: KeySource,
    private readonly agreementPurpose: 'keyAgreement' | 'prePaymentTopUp' = 'keyAgreement',
  ) {}

  agreementPublicKey(): Uint8Array {
    this.agreementPoint ??= this.source.crypto.publicKey(this.agreementPrivateKey());
    return this.agreementPoint;
  }

  agreementPrivateKey(): Uint8Array {
    return entityPrivateKey(this.source, this.entity, this.agreementPurpose);
  }

  sharedSecret(peerPublicKey: Uint8Array): Uint8Array {
    return this.source.sharedSecrets.of(this, peerPublicKey);
  }
}

/** Both keys of an entity, each derived when it is first used. */
export class DerivedKeys extends DerivedAgreementKey implements EntityKeys {
  private signingScalar: Uint8Array | undefined = undefined;
  private signingPoint: Uint8Array | undefined = undefined;

  sign(data: Uint8Array): Uint8Array {
    return this.source.crypto.sign(this.signingPrivateKey(), data);
  }

  signingPublicKey(): Uint8Array {
    this.signingPoint ??= this.source.crypto.publicKey(this.signingPrivateKey());
    return this.signingPoint;
  }

  signingPrivateKey(): Uint8Array {
    this.signingScalar ??= entityPrivateKey(this.source, this.entity, 'digitalSignature');
    return this.signingScalar;
  }
}
