import type { OctetString } from '@peculiar/asn1-schema';
import {
  type AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicies,
  type Extension,
  KeyUsage,
  SubjectKeyIdentifier,
  type SubjectPublicKeyInfo,
  type Time,
  Version,
} from '@peculiar/asn1-x509';
import { CodecError, within } from '../codec/codec-error.js';
import { type Eui64, eui64, isEui64 } from '../codec/eui64.js';
import { equalBytes } from '../codec/hex.js';
import type { Crypto } from '../crypto/crypto.js';
import { checkPublicKeyShape } from '../crypto/key-shapes.js';
import { checkDerShape } from './der-shape.js';
import { attributeValue, type DistinguishedName, fromLibraryName } from './distinguished-name.js';
import { decodeEcdsaSignature } from './ecdsa-signature.js';
import { decodeDeviceName } from './hardware-module-name.js';
import { parseWithLibrary, serialiseWithLibrary } from './library-codec.js';
import { oid } from './object-identifiers.js';

/** What the key is for; an authority's may sign revocation lists too. */
export type CertificateKeyUsage = 'digitalSignature' | 'keyAgreement' | 'keyCertSign';

/** An SMKI certificate as plain values (smki.md 1 to 4). Its byte arrays belong to it. */
export interface SmkiCertificate {
  readonly kind: 'device' | 'organisation' | 'authority';
  /** Who holds the key; undefined for an authority. */
  readonly subjectEui: Eui64 | undefined;
  /**
   * Role number in the subject's OU: that of a remote party (`gbcs/roles.ts`) or above 127 (XML signing).
   * Undefined for a device and its issuer. smki.md 5.
   */
  readonly role: number | undefined;
  readonly keyUsage: CertificateKeyUsage;
  /** 65 bytes. Not yet known to be on the curve: the first use of it will tell. */
  readonly publicKey: Uint8Array;
  readonly subjectKeyIdentifier: Uint8Array;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly serialNumber: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Object identifiers. */
  readonly policies: readonly string[];
  /** Milliseconds since 1970, UTC. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly der: Uint8Array;
  /** The part of `der` that is signed. */
  readonly tbs: Uint8Array;
  /** 64 bytes r ‖ s. */
  readonly signature: Uint8Array;
}

/** What the extensions say. */
interface ExtensionValues {
  keyUsage?: CertificateKeyUsage;
  subjectKeyIdentifier?: Uint8Array;
  authorityKeyIdentifier?: Uint8Array;
  deviceEui?: Eui64;
  isAuthority?: boolean;
  policies?: readonly string[];
}

const keyUsageOfBits = new Map<number, CertificateKeyUsage>([
  [0x80, 'digitalSignature'],
  [0x08, 'keyAgreement'],
  [0x04, 'keyCertSign'],
  [0x06, 'keyCertSign'],
]);

/** Readers of the extensions that the profiles use; an unknown extension is ignored unless it is critical. */
const extensionReaders = new Map<string, (value: ArrayBuffer) => ExtensionValues>([
  [
    oid.keyUsage,
    (value) => {
      const octets = new Uint8Array(parseWithLibrary(value, KeyUsage).value);
      const keyUsage = octets.length === 1 ? keyUsageOfBits.get(octets[0] as number) : undefined;
      if (keyUsage === undefined) throw new CodecError('', 0, 'not a key usage of SMKI');
      return { keyUsage };
    },
  ],
  [
    oid.subjectKeyIdentifier,
    (value) => ({ subjectKeyIdentifier: octets(parseWithLibrary(value, SubjectKeyIdentifier)) }),
  ],
  [
    oid.authorityKeyIdentifier,
    (value) => {
      const identifier = parseWithLibrary(value, AuthorityKeyIdentifier).keyIdentifier;
      return identifier === undefined ? {} : { authorityKeyIdentifier: octets(identifier) };
    },
  ],
  [oid.subjectAlternativeName, (value) => ({ deviceEui: decodeDeviceName(value) })],
  [
    oid.basicConstraints,
    (value) => ({ isAuthority: parseWithLibrary(value, BasicConstraints).cA }),
  ],
  [
    oid.certificatePolicies,
    (value) => ({
      policies: parseWithLibrary(value, CertificatePolicies).map((p) => p.policyIdentifier),
    }),
  ],
]);

/**
 * Reads a certificate in DER. Strict: nothing may follow, and what was read must encode to the same bytes again.
 * CodecError, and nothing else, for whatever is not an SMKI certificate. Says nothing of its signature.
 */
export function parseCertificate(der: Uint8Array): SmkiCertificate {
  return within('certificate', () => {
    checkDerShape(der);
    return readCertificate(der.slice());
  });
}

/** Whether the certificate's signature was made with the key of `issuerPublicKey`. CodecError for a bad key. */
export function verifyCertificate(
  crypto: Pick<Crypto, 'verify'>,
  certificate: Pick<SmkiCertificate, 'tbs' | 'signature'>,
  issuerPublicKey: Uint8Array,
): boolean {
  return crypto.verify(issuerPublicKey, certificate.tbs, certificate.signature);
}

function readCertificate(der: Uint8Array): SmkiCertificate {
  const read = parseWithLibrary(der, Certificate);
  const { tbsCertificate: fields, tbsCertificateRaw: raw } = read;
  if (raw === undefined || !equalBytes(serialiseWithLibrary(read), der)) {
    throw new CodecError('', 0, 'not DER: what it says has another encoding');
  }
  if (fields.version !== Version.v3) throw new CodecError('version', 0, 'not version 3');
  checkSignatureAlgorithm(fields.signature);
  checkSignatureAlgorithm(read.signatureAlgorithm);
  const subject = within('subject', () => fromLibraryName(fields.subject));
  const extensions = readExtensions(fields.extensions ?? []);
  const { keyUsage, subjectKeyIdentifier, authorityKeyIdentifier, policies } = extensions;
  if (keyUsage === undefined || subjectKeyIdentifier === undefined) {
    throw new CodecError('extensions', 0, 'key usage and subject key identifier are needed');
  }
  return {
    ...readHolder(subject, extensions),
    role: readRole(subject),
    keyUsage,
    publicKey: within('subjectPublicKeyInfo', () => readKey(fields.subjectPublicKeyInfo)),
    subjectKeyIdentifier,
    authorityKeyIdentifier,
    serialNumber: new Uint8Array(fields.serialNumber),
    issuer: within('issuer', () => fromLibraryName(fields.issuer)),
    subject,
    policies: policies ?? [],
    notBeforeMs: within('notBefore', () => readTime(fields.validity.notBefore)),
    notAfterMs: within('notAfter', () => readTime(fields.validity.notAfter)),
    der,
    tbs: new Uint8Array(raw),
    signature: within('signature', () => decodeEcdsaSignature(new Uint8Array(read.signatureValue))),
  };
}

/** Parameters must be absent; two published test certificates have NULL, which does no harm. */
function checkSignatureAlgorithm({ algorithm }: AlgorithmIdentifier): void {
  if (algorithm !== oid.ecdsaWithSha256) {
    throw new CodecError('signatureAlgorithm', 0, `${algorithm} is not ecdsa-with-SHA256`);
  }
}

function readExtensions(extensions: readonly Extension[]): ExtensionValues {
  const values: ExtensionValues = {};
  const seen = new Set<string>();
  for (const { extnID, critical, extnValue } of extensions) {
    within(`extensions[${extnID}]`, () => {
      if (seen.has(extnID)) throw new CodecError('', 0, 'twice');
      seen.add(extnID);
      const reader = extensionReaders.get(extnID);
      if (reader !== undefined) {
        checkDerShape(new Uint8Array(extnValue.buffer));
        Object.assign(values, reader(extnValue.buffer));
      } else if (critical) {
        throw new CodecError('', 0, 'critical and unknown');
      }
    });
  }
  return values;
}

function readHolder(
  subject: DistinguishedName,
  { deviceEui, isAuthority }: ExtensionValues,
): Pick<SmkiCertificate, 'kind' | 'subjectEui'> {
  if (isAuthority === true) return { kind: 'authority', subjectEui: undefined };
  if (deviceEui !== undefined) return { kind: 'device', subjectEui: deviceEui };
  const identifier = attributeValue(subject, oid.x500UniqueIdentifier);
  if (!isEui64(identifier)) {
    throw new CodecError('subject', 0, 'names neither a device nor an organisation by EUI-64');
  }
  return { kind: 'organisation', subjectEui: eui64(identifier) };
}

function readRole(subject: DistinguishedName): number | undefined {
  const text = attributeValue(subject, oid.organizationalUnitName);
  if (text === undefined) return undefined;
  if (!/^[0-9A-Fa-f]{2}$/.test(text)) {
    throw new CodecError('subject', 0, `OU '${text}' is not a role of two hex digits`);
  }
  return Number.parseInt(text, 16);
}

function readKey({ algorithm, subjectPublicKey }: SubjectPublicKeyInfo): Uint8Array {
  const parameters = new Uint8Array(algorithm.parameters ?? new ArrayBuffer(0));
  if (algorithm.algorithm !== oid.ecPublicKey || !equalBytes(parameters, prime256v1)) {
    throw new CodecError('', 0, 'not a key on prime256v1');
  }
  const key = new Uint8Array(subjectPublicKey);
  checkPublicKeyShape(key);
  return key;
}

/** OBJECT IDENTIFIER prime256v1 in DER. */
const prime256v1 = Uint8Array.of(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7);

function readTime({ utcTime, generalTime }: Time): number {
  const timeMs = (utcTime ?? generalTime)?.getTime();
  if (timeMs === undefined || Number.isNaN(timeMs)) throw new CodecError('', 0, 'not a time');
  return timeMs;
}

function octets(value: OctetString): Uint8Array {
  return new Uint8Array(value.buffer);
}
