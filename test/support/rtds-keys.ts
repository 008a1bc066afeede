import { createPublicKey, X509Certificate } from 'node:crypto';
import { fromHex } from '../../protocols/codec/hex.js';
import { loadRtdsKeys } from './rtds.js';

/** Published key material of the official test data, read with node:crypto and not with the code under test. */
export interface RtdsKeyRing {
  /** 65-byte point. */
  publicKey(eui: string, usage: 'digitalSignature' | 'keyAgreement'): Uint8Array | undefined;
  privateKey(eui: string, usage: 'digitalSignature' | 'keyAgreement'): Uint8Array | undefined;
}

function pointOf(der: Uint8Array): Uint8Array {
  const certificate = new X509Certificate(Buffer.from(der));
  const jwk = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' })).export(
    { format: 'jwk' },
  );
  return Uint8Array.from([
    4,
    ...Buffer.from(jwk.x as string, 'base64url'),
    ...Buffer.from(jwk.y as string, 'base64url'),
  ]);
}

export function rtdsKeyRing(): RtdsKeyRing {
  const publicKeys = new Map<string, Uint8Array>();
  const privateKeys = new Map<string, Uint8Array>();
  for (const key of loadRtdsKeys()) {
    if (key.prepayment) continue;
    const id = `${key.eui}/${key.usage}`;
    publicKeys.set(id, pointOf(Buffer.from(key.certificate, 'base64')));
    if (key.privateScalar !== undefined) privateKeys.set(id, fromHex(key.privateScalar));
  }
  return {
    publicKey: (eui, usage) => publicKeys.get(`${eui}/${usage}`),
    privateKey: (eui, usage) => privateKeys.get(`${eui}/${usage}`),
  };
}
