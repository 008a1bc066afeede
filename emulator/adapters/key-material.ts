import { createPrivateKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { equalBytes, fromHex } from '../../protocols/codec/hex.js';
import type { EndEntityKeyUsage } from '../../protocols/gbcs/key-ring.js';
import { parseCertificate } from '../../protocols/smki/certificate.js';
import { UsageError } from '../ports/errors.js';
import { NodeCrypto } from './node-crypto.js';

/** One PEM block: `-----BEGIN CERTIFICATE-----` and so on. */
export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
const base64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

export function looksLikePem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(pemBlock)].map(([, label = '', body = '']) => ({
    label,
    der: bytesOfBase64(body),
  }));
}

function bytesOfBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Base64 of DER, or a PEM block. UsageError, naming `where`, for anything else. */
export function derOf(text: string, where: string): Uint8Array {
  if (looksLikePem(text)) {
    const [block] = pemBlocks(text).filter(({ label }) => label !== 'EC PARAMETERS');
    if (block !== undefined) return block.der;
  } else if (base64.test(text)) {
    return bytesOfBase64(text);
  }
  throw new UsageError(`${where}: neither base64 nor PEM`);
}

/** What a certificate says of an end entity's key. */
export interface CertifiedKey {
  readonly entity: Eui64;
  readonly usage: EndEntityKeyUsage;
  readonly publicKey: Uint8Array;
  readonly role: number | undefined;
}

/** A key and where it was found. */
export interface FoundKey extends CertifiedKey {
  readonly where: string;
  readonly prepayment: boolean;
  readonly privateKey: Uint8Array | undefined;
}

/** Undefined for the certificate of an authority. UsageError, naming `where`, for what is none of SMKI's. */
export function certifiedKey(der: Uint8Array, where: string): CertifiedKey | undefined {
  checkCurve(der, where);
  try {
    const { kind, keyUsage, subjectEui, publicKey, role } = parseCertificate(der);
    if (kind === 'authority' || keyUsage === 'keyCertSign' || subjectEui === undefined) {
      return undefined;
    }
    return { entity: subjectEui, usage: keyUsage, publicKey, role };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new UsageError(`${where}: not an SMKI certificate: ${error.message}`);
  }
}

/** Said first: such a certificate will fail in other ways, too. */
function checkCurve(der: Uint8Array, where: string): void {
  let curve: string | undefined;
  try {
    const { publicKey } = new X509Certificate(der);
    curve = publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType;
  } catch (error) {
    throw new UsageError(`${where}: not a certificate (${(error as Error).message})`);
  }
  if (curve !== 'prime256v1') {
    throw new UsageError(`${where}: its key is on ${curve}, not on P-256, the one curve of GBCS`);
  }
}

/** The scalar of a private key in PKCS#8 or SEC 1 DER. */
export function privateScalarOfDer(der: Uint8Array, where: string): Uint8Array {
  const key = Buffer.from(der);
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey({ key, format: 'der', type: isSec1(der) ? 'sec1' : 'pkcs8' });
  } catch (error) {
    throw new UsageError(`${where}: not a private key (${(error as Error).message})`);
  }
  if (parsed.asymmetricKeyType !== 'ec') {
    throw new UsageError(`${where}: a key of type ${parsed.asymmetricKeyType}, not of P-256`);
  }
  const { crv, d } = parsed.export({ format: 'jwk' }) as JsonWebKey;
  if (crv !== 'P-256' || d === undefined) {
    const curve = parsed.asymmetricKeyDetails?.namedCurve ?? crv;
    throw new UsageError(`${where}: a key on ${curve}, not on P-256, the one curve of GBCS`);
  }
  return new Uint8Array(Buffer.from(d, 'base64url'));
}

/** ECPrivateKey is version 1 and then an OCTET STRING; PrivateKeyInfo version 0 and then a SEQUENCE. */
function isSec1(der: Uint8Array): boolean {
  const at = (der[1] ?? 0) < 0x80 ? 2 : 2 + ((der[1] ?? 0) & 0x7f);
  return der[at] === 0x02 && der[at + 2] === 0x01;
}

/** A bare scalar in hex. */
export function privateScalarOfHex(text: string, where: string): Uint8Array {
  try {
    return fromHex(text.trim());
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new UsageError(`${where}: a private scalar is 64 hex digits (${error.reason})`);
  }
}

const crypto = new NodeCrypto();

export function publicKeyOf(privateKey: Uint8Array, where: string): Uint8Array {
  try {
    return crypto.publicKey(privateKey);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new UsageError(`${where}: ${error.reason}`);
  }
}

export function checkFits(privateKey: Uint8Array, publicKey: Uint8Array, where: string): void {
  if (!equalBytes(publicKeyOf(privateKey, where), publicKey)) {
    throw new UsageError(`${where}: the private key does not fit the certificate`);
  }
}
