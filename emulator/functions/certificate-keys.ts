import { parseCertificate } from '../../protocols/smki/certificate.js';

/** The public key (65 bytes) in a DER certificate. @throws CodecError when it is none. */
export function publicKeyOfCertificate(der: Uint8Array): Uint8Array {
  return parseCertificate(der).publicKey;
}
