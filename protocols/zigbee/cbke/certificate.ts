import {
  type Codec,
  constant,
  type Decoded,
  decodeWith,
  encodeWith,
  struct,
} from '../../codec/codec.js';
import { CodecError, within } from '../../codec/codec-error.js';
import { type Eui64, readEui64, writeEui64 } from '../../codec/eui64.js';
import { show } from '../../codec/show.js';
import { type BlockCipher, mmoHash } from '../security/mmo.js';
import type { CurvePoint, KoblitzCurve } from './koblitz-curve.js';
import { type CryptographicSuite, suites } from './suite.js';

const entity = { decode: readEui64, encode: writeEui64 };

function unsigned(octets: number): Codec<number> {
  const half = 2 ** (8 * Math.min(octets, 4));
  return {
    decode(reader) {
      let value = 0;
      for (const octet of reader.bytes(octets)) value = value * 256 + octet;
      return value;
    },
    encode(writer, value) {
      if (!Number.isInteger(value) || value < 0 || value >= 256 ** octets) {
        writer.fail(`${show(value)} is not an integer of ${octets} bytes`);
      }
      if (octets > 4) writer.u8(Math.floor(value / half));
      if (octets >= 4) writer.u32(value % half);
      else writer.u8(value);
    },
  };
}

function octetString(count: number): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.bytes(count).slice(),
    encode(writer, value) {
      if (!(value instanceof Uint8Array) || value.length !== count) {
        writer.fail(`not ${count} bytes`);
      }
      writer.bytes(value);
    },
  };
}

/** Looked at no further than its form: whether it lies on the curve is known when it is used. */
function compressedPoint(curve: KoblitzCurve): Codec<Uint8Array> {
  const inner = octetString(curve.pointOctets);
  return {
    decode(reader) {
      const prefix = reader.peek();
      if (prefix !== -1 && prefix !== 2 && prefix !== 3) {
        reader.fail('a compressed point starts with 02 or 03');
      }
      return inner.decode(reader);
    },
    encode(writer, value) {
      if (value?.[0] !== 2 && value?.[0] !== 3) {
        writer.fail('a compressed point starts with 02 or 03');
      }
      inner.encode(writer, value);
    },
  };
}

/**
 * An implicit certificate of suite 1, 48 octets: it holds no signature, and no public key but the
 * point that gives it together with the authority's.
 *
 * @see zigbee.md 5
 */
export const Suite1Certificate = struct({
  publicKeyReconstruction: compressedPoint(suites[1].curve),
  subject: entity,
  issuer: entity,
  /** Begins with the application profile; the rest is the issuer's. */
  profileAttributeData: octetString(10),
});
export type Suite1Certificate = Decoded<typeof Suite1Certificate>;

/**
 * An implicit certificate of suite 2, 74 octets.
 *
 * @see zigbee.md 5
 */
export const Suite2Certificate = struct({
  type: constant(Uint8Array.of(0), 'certificate type 0'),
  serialNumber: octetString(8),
  curve: constant(Uint8Array.of(0x0d), 'curve 13, sect283k1'),
  hash: constant(Uint8Array.of(0x08), 'hash 8, AES-MMO'),
  issuer: entity,
  /** Seconds since 1970-01-01T00:00:00Z, 40 bits. */
  validFromSeconds: unsigned(5),
  /** All published certificates have FFFFFFFF, which sets no end. */
  validTo: unsigned(4),
  subject: entity,
  /** 88 in the standard's examples. */
  keyUsage: unsigned(1),
  publicKeyReconstruction: compressedPoint(suites[2].curve),
});
export type Suite2Certificate = Decoded<typeof Suite2Certificate>;

export type ImplicitCertificate =
  | ({ readonly suite: 1 } & Suite1Certificate)
  | ({ readonly suite: 2 } & Suite2Certificate);

/** Strict: the length is the suite's. Throws only CodecError. */
export function decodeCertificate(
  suite: CryptographicSuite,
  bytes: Uint8Array,
): ImplicitCertificate {
  return suite === 1
    ? { suite, ...decodeWith(Suite1Certificate, bytes, 'certificate') }
    : { suite, ...decodeWith(Suite2Certificate, bytes, 'certificate') };
}

export function encodeCertificate(certificate: ImplicitCertificate): Uint8Array {
  return certificate.suite === 1
    ? encodeWith(Suite1Certificate, certificate, 'certificate').slice()
    : encodeWith(Suite2Certificate, certificate, 'certificate').slice();
}

/** All that a device needs to prove who it is in one suite. */
export interface KeyEstablishmentIdentity {
  readonly suite: CryptographicSuite;
  readonly certificate: Uint8Array;
  readonly privateKey: bigint;
  readonly publicKey: CurvePoint;
  /** The authority it trusts, by name and key. */
  readonly issuer: Eui64;
  readonly authorityPublicKey: CurvePoint;
}

/** The hash of a whole certificate as a number. */
export function certificateHash(cipher: BlockCipher, bytes: Uint8Array): bigint {
  let value = 0n;
  for (const octet of mmoHash(cipher, bytes)) value = (value << 8n) | BigInt(octet);
  return value;
}

/**
 * The public key a certificate stands for: its hash times its reconstruction point, plus the
 * authority's key. Any well-formed certificate gives one; that the holder knows the private key to
 * it, and so that the authority issued it, shows only when the key is used. Throws CodecError.
 *
 * @see SEC 4: Elliptic Curve Qu-Vanstone Implicit Certificate Scheme
 */
export function reconstructPublicKey(
  cipher: BlockCipher,
  suite: CryptographicSuite,
  certificate: Uint8Array,
  authorityPublicKey: CurvePoint,
): CurvePoint {
  const { curve } = suites[suite];
  const { publicKeyReconstruction } = decodeCertificate(suite, certificate);
  const point = within('certificate.publicKeyReconstruction', () =>
    curve.decompress(publicKeyReconstruction),
  );
  const hashed = curve.multiply(certificateHash(cipher, certificate), point);
  const publicKey = curve.add(hashed, authorityPublicKey);
  if (publicKey === undefined) {
    throw new CodecError('certificate', 0, 'its public key is the point at infinity');
  }
  return publicKey;
}
