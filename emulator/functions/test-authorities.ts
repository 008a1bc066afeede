import { deriveBytes, derivePrivateKey } from '../../protocols/crypto/derive-key.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { remotePartyRoles } from '../../protocols/gbcs/roles.js';
import {
  buildCertificate,
  type CertificateIssuer,
  type CertificateRequest,
} from '../../protocols/smki/build-certificate.js';
import { authorityName, type DistinguishedName } from '../../protocols/smki/distinguished-name.js';
import { subjectKeyIdentifier } from '../../protocols/smki/key-identifier.js';

/**
 * Validity of all test certificates but those of devices, which end in 9999. Long, unlike the ten years of real ones:
 * neither a test run in years to come nor a fleet with its clock in 2016 should fail for it.
 */
export const notBeforeMs = Date.UTC(2015, 9, 29);
export const notAfterMs = Date.UTC(2049, 11, 31, 23, 59, 59);

export type AuthorityId = 'root' | 'organisations' | 'devices';

const names: Record<AuthorityId, DistinguishedName> = {
  root: authorityName('HUBFLEET-ROOT', remotePartyRoles.root),
  organisations: authorityName('HUBFLEET-ORGANISATIONS', remotePartyRoles.issuingAuthority),
  devices: authorityName('HUBFLEET-DEVICES'),
};

/** A certificate authority of the test PKI. Signs with noble always: equal seeds must give equal certificates. */
class TestAuthority implements CertificateIssuer {
  readonly name: DistinguishedName;
  readonly publicKey: Uint8Array;
  readonly subjectKeyIdentifier: Uint8Array;
  private readonly privateKey: Uint8Array;

  constructor(id: AuthorityId, seed: Uint8Array) {
    this.name = names[id];
    this.privateKey = derivePrivateKey(nobleCrypto, seed, 'authority', id);
    this.publicKey = nobleCrypto.publicKey(this.privateKey);
    this.subjectKeyIdentifier = subjectKeyIdentifier(this.publicKey);
  }

  sign(data: Uint8Array): Uint8Array {
    return nobleCrypto.sign(this.privateKey, data);
  }
}

/** Root, and the two issuing authorities under it, made when first asked for. */
export class TestAuthorities {
  private readonly authorities = new Map<AuthorityId, TestAuthority>();
  private readonly certificates = new Map<AuthorityId, Uint8Array>();

  constructor(private readonly seed: Uint8Array) {}

  authority(id: AuthorityId): CertificateIssuer & { readonly publicKey: Uint8Array } {
    let authority = this.authorities.get(id);
    if (authority === undefined) {
      authority = new TestAuthority(id, this.seed);
      this.authorities.set(id, authority);
    }
    return authority;
  }

  /** DER; the root's is signed by itself. */
  certificate(id: AuthorityId): Uint8Array {
    let certificate = this.certificates.get(id);
    if (certificate === undefined) {
      certificate = this.issue('root', {
        profile: id === 'root' ? 'root' : 'issuing',
        subject: names[id],
        publicKey: this.authority(id).publicKey,
        serialNumber: this.serialNumber('authority', id),
        notBeforeMs,
        notAfterMs,
      });
      this.certificates.set(id, certificate);
    }
    return certificate;
  }

  issue(issuer: AuthorityId, request: CertificateRequest): Uint8Array {
    return buildCertificate(request, this.authority(issuer));
  }

  /** 16 bytes, positive, never shorter: real ones look like that too. */
  serialNumber(...labels: readonly string[]): Uint8Array {
    const serial = deriveBytes(nobleCrypto, this.seed, 'serial-number', ...labels).slice(0, 16);
    serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
    return serial;
  }
}
