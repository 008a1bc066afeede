import type { Eui64 } from '../../codec/eui64.js';
import { concatBytes, fromHex } from '../../codec/hex.js';
import type { Crypto } from '../../crypto/crypto.js';
import { deriveBytes } from '../../crypto/derive-key.js';
import {
  certificateHash,
  encodeCertificate,
  type ImplicitCertificate,
  type KeyEstablishmentIdentity,
} from './certificate.js';
import { type KeyPair, keyPair } from './key-agreement.js';
import type { CurvePoint } from './koblitz-curve.js';
import { type CryptographicSuite, suites } from './suite.js';

export type IssuingCrypto = Pick<Crypto, 'sha256' | 'aesEncryptBlock'>;

/** "hubfleet" in ASCII. */
export const defaultIssuer = '687562666c656574' as Eui64;

/** Smart Energy's profile and the 0006 of the standard's example certificates. */
const profileAttributeData = fromHex('01090006000000000000');
const keyAgreementUsage = 0x88;
const noEnd = 0xffff_ffff;
/** 2020-01-01T00:00:00Z: before any device's clock, so that a certificate is good at all times. */
const validFromSeconds = 1_577_836_800;

/**
 * An authority for devices of our own: the private keys of the official test authorities are not
 * public. All of it comes out of a seed, so that the same seed gives the same certificates and
 * every part of a fleet can make them for itself. It draws the devices' keys as well, which a real
 * authority never sees.
 *
 * @see SEC 4: Elliptic Curve Qu-Vanstone Implicit Certificate Scheme
 */
export class TestCertificateAuthority {
  private readonly keys: KeyPair;

  constructor(
    private readonly crypto: IssuingCrypto,
    readonly suite: CryptographicSuite,
    private readonly seed: Uint8Array,
    readonly issuer: Eui64 = defaultIssuer,
  ) {
    this.keys = this.derive('authority', issuer);
  }

  get publicKey(): CurvePoint {
    return this.keys.publicKey;
  }

  /** For reports and for other programs: the compressed form. */
  get publicKeyBytes(): Uint8Array {
    return suites[this.suite].curve.compress(this.keys.publicKey);
  }

  /** 64 octets taken modulo the order: the spare bits leave no bias worth naming. */
  private derive(...labels: readonly string[]): KeyPair {
    const all = ['cbke', `suite-${this.suite}`, ...labels];
    const high = deriveBytes(this.crypto, this.seed, ...all, 'scalar-0');
    const low = deriveBytes(this.crypto, this.seed, ...all, 'scalar-1');
    return keyPair(suites[this.suite].curve, concatBytes(high, low));
  }

  /** The certificate of a device and the keys to it. */
  issue(subject: Eui64): KeyEstablishmentIdentity {
    const { suite, issuer } = this;
    const { curve } = suites[suite];
    const reconstruction = this.derive('certificate', issuer, subject);
    const point = curve.compress(reconstruction.publicKey);
    const certificate = encodeCertificate(this.fill(subject, point));
    const hash = certificateHash(this.crypto, certificate);
    const privateKey = (hash * reconstruction.privateKey + this.keys.privateKey) % curve.order;
    const publicKey = curve.multiplyGenerator(privateKey) as CurvePoint;
    const authorityPublicKey = this.publicKey;
    return { suite, certificate, privateKey, publicKey, issuer, authorityPublicKey };
  }

  private fill(subject: Eui64, publicKeyReconstruction: Uint8Array): ImplicitCertificate {
    const { issuer } = this;
    if (this.suite === 1) {
      return { suite: 1, publicKeyReconstruction, subject, issuer, profileAttributeData };
    }
    const serial = deriveBytes(this.crypto, this.seed, 'cbke', 'serial', issuer, subject);
    return {
      suite: 2,
      type: undefined,
      serialNumber: serial.slice(0, 8),
      curve: undefined,
      hash: undefined,
      issuer,
      validFromSeconds,
      validTo: noEnd,
      subject,
      keyUsage: keyAgreementUsage,
      publicKeyReconstruction,
    };
  }
}
