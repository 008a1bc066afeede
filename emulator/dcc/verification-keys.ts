import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { SharedSecret, VerificationKeys } from '../../protocols/gbcs/key-ring.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { PublicKeyOf } from './access-control-broker.js';

export interface HeadEndKeys {
  readonly crypto: Crypto;
  /** Keys of the parties that the head end speaks for; undefined for all others. */
  readonly keysOf: (party: Eui64) => EntityKeys | undefined;
  /** Public keys of devices; undefined for those that are not known. */
  readonly publicKeyOf: PublicKeyOf;
}

/** What the head end judges messages of devices by. */
export function verificationKeys({ crypto, keysOf, publicKeyOf }: HeadEndKeys): VerificationKeys {
  return {
    crypto,
    signingPublicKeys(device) {
      const publicKey = publicKeyOf(device, 'digitalSignature');
      return publicKey === undefined ? [] : [publicKey];
    },
    sharedSecrets(party, device): readonly SharedSecret[] {
      const publicKey = publicKeyOf(device, 'keyAgreement');
      const z = publicKey === undefined ? undefined : keysOf(party)?.sharedSecret(publicKey);
      return z === undefined ? [] : [{ z, privateKeyOf: party, publicKeyOf: device }];
    },
    // Only commands need it, and devices send none to a head end.
    accessControlBrokers: () => [],
  };
}
