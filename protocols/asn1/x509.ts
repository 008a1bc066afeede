import { under } from '../codec/codec-error.js';
import { bitString, namedBits } from './bit-strings.js';
import { objectIdentifier, objectIdentifierName } from './object-identifiers.js';
import {
  boolean,
  entityIdentifier,
  integer,
  magnitude,
  namedInteger,
  nullType,
  octetString,
} from './primitives.js';
import {
  type Asn1Type,
  type Asn1Value,
  bitStringContaining,
  choice,
  explicit,
  governed,
  implicit,
  octetStringContaining,
  optional,
  optionallyGoverned,
  sequence,
  sequenceOf,
  setOf,
  type ValueOf,
  withDefault,
} from './schema.js';
import { ia5String, printableString, time, utf8String } from './texts.js';
import { TlvReader, TlvWriter } from './tlv.js';
import { anyElement, orUnparsed, unparsedElement, unparsedOctets } from './unparsed.js';

/**
 * X.509 certificates and PKCS#10 requests down to their leaves, in the names of RFC 5280 and RFC
 * 2986. The SMKI profile (asn1.md 5, smki.md) is modelled whole; other legal content is a leaf
 * marked `unparsed`.
 */

type Before = { readonly [name: string]: unknown };

/**
 * Picks the type of an open component by the object identifier in the component `key` before it.
 */
function byIdentifier<T>(
  key: string,
  types: { readonly [identifier: string]: Asn1Type<T> },
  otherwise: Asn1Type<T>,
): (before: Before) => Asn1Type<T> {
  const table = new Map<unknown, Asn1Type<T>>(Object.entries(types));
  return (before) => table.get(objectIdentifierName(before[key])) ?? otherwise;
}

const algorithmIdentifier = sequence({
  algorithm: objectIdentifier,
  parameters: optionallyGoverned<Asn1Value>(
    byIdentifier<Asn1Value>(
      'algorithm',
      { 'id-ecPublicKey': orUnparsed(objectIdentifier) },
      orUnparsed(nullType),
    ),
  ),
});

const ecdsaSignature = bitStringContaining(sequence({ r: magnitude(32), s: magnitude(32) }));
const otherSignature = choice({ unparsed: bitString });
type SignatureValue = ValueOf<typeof ecdsaSignature> | ValueOf<typeof otherSignature>;

/** r and s of ECDSA as 64 hex digits each, by the algorithm in the component before. */
const signatureValue = governed<SignatureValue>((before) => {
  const identifier = before.signatureAlgorithm as ValueOf<typeof algorithmIdentifier>;
  const ecdsa = objectIdentifierName(identifier.algorithm) === 'ecdsa-with-SHA256';
  return (ecdsa ? ecdsaSignature : otherSignature) as Asn1Type<SignatureValue>;
});

const subjectPublicKeyInfo = sequence({
  algorithm: algorithmIdentifier,
  subjectPublicKey: bitString,
});

const name = sequenceOf(
  setOf(
    sequence({
      type: objectIdentifier,
      value: choice({ printableString, utf8String, ia5String, bitString, unparsed: anyElement }),
    }),
  ),
);

/** RFC 4108: in SMKI the serial number of the hardware module is the EUI-64 of the device. */
const hardwareModuleName = explicit(
  0,
  sequence({
    hwType: objectIdentifier,
    hwSerialNum: entityIdentifier,
  }),
);

const otherName = sequence({
  typeId: objectIdentifier,
  value: governed<Asn1Value>(
    byIdentifier<Asn1Value>(
      'typeId',
      { hardwareModuleName: hardwareModuleName as Asn1Type<Asn1Value> },
      explicit(0, unparsedElement),
    ),
  ),
});

const generalNames = sequenceOf(
  choice({
    otherName: implicit(0, otherName),
    rfc822Name: implicit(1, ia5String),
    dNSName: implicit(2, ia5String),
    directoryName: explicit(4, name),
    uniformResourceIdentifier: implicit(6, ia5String),
    iPAddress: implicit(7, octetString()),
    registeredID: implicit(8, objectIdentifier),
    unparsed: anyElement,
  }),
);

export const certificateKeyUsage = namedBits({
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
});

const basicConstraints = sequence({
  cA: withDefault(boolean, false),
  pathLenConstraint: optional(integer),
});

const certificatePolicies = sequenceOf(
  sequence({
    policyIdentifier: objectIdentifier,
    policyQualifiers: optional(sequenceOf(unparsedElement)),
  }),
);

const authorityKeyIdentifier = sequence({
  keyIdentifier: optional(implicit(0, octetString())),
  authorityCertIssuer: optional(implicit(1, generalNames)),
  authorityCertSerialNumber: optional(implicit(2, magnitude())),
});

const extensionValues: { readonly [identifier: string]: Asn1Type<unknown> } = {
  keyUsage: certificateKeyUsage,
  subjectKeyIdentifier: octetString(),
  authorityKeyIdentifier,
  subjectAltName: generalNames,
  issuerAltName: generalNames,
  certificatePolicies,
  basicConstraints,
  extKeyUsage: sequenceOf(objectIdentifier),
};

const extensionTypes = Object.fromEntries(
  Object.entries(extensionValues).map(([identifier, type]) => [
    identifier,
    octetStringContaining(type as Asn1Type<Asn1Value>),
  ]),
);

const extensions = sequenceOf(
  sequence({
    extnID: objectIdentifier,
    critical: withDefault(boolean, false),
    extnValue: governed<Asn1Value>(
      byIdentifier<Asn1Value>('extnID', extensionTypes, unparsedOctets),
    ),
  }),
);

const certificateContent = sequence({
  tbsCertificate: sequence({
    version: withDefault(explicit(0, namedInteger({ v1: 0, v2: 1, v3: 2 })), 'v1'),
    serialNumber: magnitude(),
    signature: algorithmIdentifier,
    issuer: name,
    validity: sequence({ notBefore: time, notAfter: time }),
    subject: name,
    subjectPublicKeyInfo,
    issuerUniqueID: optional(implicit(1, bitString)),
    subjectUniqueID: optional(implicit(2, bitString)),
    extensions: optional(explicit(3, extensions)),
  }),
  signatureAlgorithm: algorithmIdentifier,
  signatureValue,
});

const certificationRequestContent = sequence({
  certificationRequestInfo: sequence({
    version: namedInteger({ v1: 0 }),
    subject: name,
    subjectPKInfo: subjectPublicKeyInfo,
    attributes: implicit(
      0,
      setOf(
        sequence({
          type: objectIdentifier,
          values: governed<Asn1Value>(
            byIdentifier<Asn1Value>(
              'type',
              { extensionRequest: setOf(extensions) as Asn1Type<Asn1Value> },
              setOf(unparsedElement),
            ),
          ),
        }),
      ),
    ),
  }),
  signatureAlgorithm: algorithmIdentifier,
  signatureValue,
});

/**
 * Shortest lengths inside, whatever the payload around it does: its signature is over these octets.
 */
function signedObject<T>(content: Asn1Type<T>): Asn1Type<T> {
  return {
    accepts: (tag) => content.accepts(tag),
    decode(reader) {
      const outer = reader.beginSignedObject();
      const value = content.decode(reader);
      reader.endSignedObject(outer);
      return value;
    },
    encode(writer, value) {
      const outer = writer.beginSignedObject();
      content.encode(writer, value);
      writer.endSignedObject(outer);
    },
  };
}

export const certificate = signedObject(certificateContent);
export type CertificateValue = ValueOf<typeof certificate>;

export const certificationRequest = signedObject(certificationRequestContent);
export type CertificationRequestValue = ValueOf<typeof certificationRequest>;

/** All of `der` as one certificate; throws CodecError with offsets in `der`. */
export function decodeCertificateValue(der: Uint8Array): CertificateValue {
  try {
    const reader = new TlvReader(der);
    const value = certificate.decode(reader);
    reader.done();
    return value;
  } catch (error) {
    throw under('certificate', error);
  }
}

/** The DER that `decodeCertificateValue` gives this value for; throws CodecError. */
export function encodeCertificateValue(value: CertificateValue): Uint8Array {
  try {
    const writer = new TlvWriter();
    certificate.encode(writer, value);
    return writer.finish();
  } catch (error) {
    throw under('certificate', error);
  }
}
