import { OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicies,
  Extension,
  Extensions,
  KeyIdentifier,
  KeyUsage,
  PolicyInformation,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { CodecError } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import { checkPublicKeyShape } from '../crypto/key-shapes.js';
import { type DistinguishedName, toLibraryName } from './distinguished-name.js';
import { encodeEcdsaSignature } from './ecdsa-signature.js';
import { encodeDeviceName } from './hardware-module-name.js';
import { subjectKeyIdentifier } from './key-identifier.js';
import { serialiseWithLibrary } from './library-codec.js';
import { oid } from './object-identifiers.js';

/** Latest instant a certificate can name, and that of device certificates: 9999-12-31 23:59:59Z. */
export const endOfTimeMs = 253402300799000;

interface CertificateCommon {
  /** 16 bytes, the first from 01 to 7F. */
  readonly serialNumber: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Milliseconds since 1970, UTC; whole seconds count. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What is to be certified; `profile` decides fields, extensions and their order. */
export type CertificateRequest = CertificateCommon &
  (
    | {
        readonly profile: 'device';
        readonly entity: Eui64;
        readonly keyUsage: 'digitalSignature' | 'keyAgreement';
      }
    | {
        readonly profile: 'organisation';
        readonly subject: DistinguishedName;
        readonly keyUsage: 'digitalSignature' | 'keyAgreement';
      }
    | { readonly profile: 'issuing' | 'root'; readonly subject: DistinguishedName }
  );

/** Who certifies. */
export interface CertificateIssuer {
  readonly name: DistinguishedName;
  readonly subjectKeyIdentifier: Uint8Array;
  /** ECDSA over the bytes to be signed, 64 bytes r ‖ s. */
  sign(data: Uint8Array): Uint8Array;
}

type ExtensionMaker = (request: CertificateRequest, issuer: CertificateIssuer) => Extension;

const keyUsageBits = { digitalSignature: [0x80, 7], keyAgreement: [0x08, 3] } as const;
/** keyCertSign and cRLSign. */
const authorityUsageBits = [0x06, 1] as const;

const keyUsage: ExtensionMaker = (request) => {
  const [octet, unused] =
    'keyUsage' in request ? keyUsageBits[request.keyUsage] : authorityUsageBits;
  return extension(oid.keyUsage, true, new KeyUsage(Uint8Array.of(octet), unused));
};

const ownKeyIdentifier: ExtensionMaker = ({ publicKey }) =>
  extension(
    oid.subjectKeyIdentifier,
    false,
    new SubjectKeyIdentifier(subjectKeyIdentifier(publicKey)),
  );

const authorityKeyIdentifier: ExtensionMaker = (_, issuer) =>
  extension(
    oid.authorityKeyIdentifier,
    false,
    new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(issuer.subjectKeyIdentifier) }),
  );

const policy: ExtensionMaker = ({ profile }) => {
  const policyIdentifier = profile === 'device' ? oid.testDevicePolicy : oid.organisationPolicy;
  const policies = new CertificatePolicies([new PolicyInformation({ policyIdentifier })]);
  return extension(oid.certificatePolicies, true, policies);
};

const constraints: ExtensionMaker = ({ profile }) =>
  extension(
    oid.basicConstraints,
    true,
    new BasicConstraints({ cA: true, ...(profile === 'issuing' && { pathLenConstraint: 0 }) }),
  );

const deviceName: ExtensionMaker = (request) => {
  if (request.profile !== 'device') throw new CodecError('profile', 0, 'not a device');
  return new Extension({
    extnID: oid.subjectAlternativeName,
    critical: true,
    extnValue: new OctetString(encodeDeviceName(request.entity)),
  });
};

/** The extensions of each profile, in their order (smki.md 2 to 4). Of roots none is known: `root` is our own. */
const profiles: Record<CertificateRequest['profile'], readonly ExtensionMaker[]> = {
  device: [keyUsage, ownKeyIdentifier, deviceName, policy, authorityKeyIdentifier],
  organisation: [keyUsage, ownKeyIdentifier, policy, authorityKeyIdentifier],
  issuing: [keyUsage, constraints, policy, ownKeyIdentifier, authorityKeyIdentifier],
  root: [keyUsage, constraints, ownKeyIdentifier],
};

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(serialiseWithLibrary(value)),
  });
}

/**
 * A certificate in DER. Equal requests give equal bytes where the issuer signs deterministically.
 * CodecError for a key or serial number of the wrong shape.
 */
export function buildCertificate(
  request: CertificateRequest,
  issuer: CertificateIssuer,
): Uint8Array {
  const tbsCertificate = buildTbs(request, issuer);
  const tbs = serialiseWithLibrary(tbsCertificate);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: ecdsaWithSha256(),
    signatureValue: toArrayBuffer(encodeEcdsaSignature(issuer.sign(tbs))),
  });
  return serialiseWithLibrary(certificate);
}

function buildTbs(request: CertificateRequest, issuer: CertificateIssuer): TBSCertificate {
  const { serialNumber, publicKey } = request;
  const first = serialNumber[0] ?? 0;
  if (serialNumber.length !== 16 || first < 1 || first > 0x7f) {
    throw new CodecError('serialNumber', 0, 'need 16 bytes, the first from 01 to 7f');
  }
  checkPublicKeyShape(publicKey);
  return new TBSCertificate({
    version: Version.v3,
    serialNumber: toArrayBuffer(serialNumber),
    signature: ecdsaWithSha256(),
    issuer: toLibraryName(issuer.name),
    validity: Object.assign(new Validity(), {
      notBefore: new Time(request.notBeforeMs),
      notAfter: new Time(request.notAfterMs),
    }),
    subject: toLibraryName(request.profile === 'device' ? [] : request.subject),
    subjectPublicKeyInfo: new SubjectPublicKeyInfo({
      algorithm: new AlgorithmIdentifier({
        algorithm: oid.ecPublicKey,
        parameters: prime256v1Parameters,
      }),
      subjectPublicKey: toArrayBuffer(publicKey),
    }),
    extensions: new Extensions(profiles[request.profile].map((make) => make(request, issuer))),
  });
}

function ecdsaWithSha256(): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: oid.ecdsaWithSha256 });
}

/** OBJECT IDENTIFIER prime256v1. */
const prime256v1Parameters = Uint8Array.of(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7).buffer;

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
