import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { remotePartyRoles } from '../../protocols/gbcs/roles.js';
import { parseCertificate } from '../../protocols/smki/certificate.js';
import { encodePrivateKey } from '../../protocols/smki/private-key.js';
import type { KeyPurpose } from './default-parties.js';
import type { EndEntityKeyUsage, TestPki } from './test-pki.js';

export interface ExportedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly contents: string;
}

/** One certificate of `keystore.json`; certificate is DER, privateKey PKCS#8 DER, both base64. */
interface KeystoreEntry {
  readonly certificate: string;
  readonly privateKey: string;
  readonly name: string;
  readonly role: number;
}

/** EUI-64 -> key usage -> serial number in hex -> entry. */
type Keystore = Record<string, Record<string, Record<string, KeystoreEntry>>>;

interface ExportedKey {
  readonly entity: Eui64;
  readonly purpose: KeyPurpose;
  readonly name: string;
  readonly role: number;
  readonly certificate: Uint8Array;
  readonly privateKey: Uint8Array;
}

const suffixes: Record<KeyPurpose, string> = {
  digitalSignature: 'ds',
  keyAgreement: 'ka',
  prePaymentTopUp: 'pp-ka',
};
const devicePurposes = ['digitalSignature', 'keyAgreement'] as const;

/**
 * The test PKI as files:
 *
 *     root.pem                                   self-signed root
 *     issuing-organisations.pem  issuing-devices.pem
 *     organisations/<EUI>-ds.pem   -ka.pem   -pp-ka.pem     certificates of the parties
 *     organisations/<EUI>-ds.key.pem   …                    their private keys, PKCS#8
 *     devices/<EUI>-ds.pem   -ka.pem   -ds.key.pem   -ka.key.pem
 *     keystore.json                              all end entities: EUI-64 -> usage -> serial -> certificate and key
 *
 * Devices have role 127 (other) in `keystore.json`; in a certificate they have none. The authorities' private keys are
 * not exported. `openssl verify -CAfile root.pem -untrusted issuing-devices.pem devices/<EUI>-ds.pem` checks a chain.
 */
export function exportPki(pki: TestPki, devices: Iterable<Eui64>): readonly ExportedFile[] {
  const files: ExportedFile[] = [
    certificateFile('root.pem', pki.authorityCertificate('root')),
    certificateFile('issuing-organisations.pem', pki.authorityCertificate('organisations')),
    certificateFile('issuing-devices.pem', pki.authorityCertificate('devices')),
  ];
  const keystore: Keystore = {};
  for (const { eui, holds, name, role } of pki.parties) {
    for (const purpose of holds) {
      const key = exportedKey(pki, eui, purpose, name, remotePartyRoles[role]);
      addKey(files, keystore, 'organisations', key);
    }
  }
  for (const eui of devices) {
    if (pki.partyOf(eui) !== undefined) continue;
    for (const purpose of devicePurposes) {
      const key = exportedKey(pki, eui, purpose, 'DEVICE', remotePartyRoles.other);
      addKey(files, keystore, 'devices', key);
    }
  }
  files.push({ path: 'keystore.json', contents: `${JSON.stringify(keystore, undefined, 1)}\n` });
  return files;
}

function exportedKey(
  pki: TestPki,
  entity: Eui64,
  purpose: KeyPurpose,
  name: string,
  role: number,
): ExportedKey {
  const prepayment = purpose === 'prePaymentTopUp';
  const usage = usageOf(purpose);
  return {
    entity,
    purpose,
    name: `${name}-${suffixes[purpose].toUpperCase()}`,
    role,
    certificate: pki.certificateOf(entity, usage, prepayment),
    privateKey: encodePrivateKey(
      pki.privateKeyOf(entity, usage, prepayment),
      pki.publicKeyOf(entity, usage, prepayment),
    ),
  };
}

function addKey(
  files: ExportedFile[],
  keystore: Keystore,
  directory: string,
  key: ExportedKey,
): void {
  const path = `${directory}/${key.entity}-${suffixes[key.purpose]}`;
  files.push(certificateFile(`${path}.pem`, key.certificate));
  files.push({ path: `${path}.key.pem`, contents: pem('PRIVATE KEY', key.privateKey) });
  keystore[key.entity] ??= {};
  const byUsage = keystore[key.entity] as Keystore[string];
  const usage = usageOf(key.purpose);
  byUsage[usage] ??= {};
  const bySerial = byUsage[usage] as Keystore[string][string];
  bySerial[toHex(parseCertificate(key.certificate).serialNumber)] = {
    certificate: base64(key.certificate),
    privateKey: base64(key.privateKey),
    name: key.name,
    role: key.role,
  };
}

function usageOf(purpose: KeyPurpose): EndEntityKeyUsage {
  return purpose === 'prePaymentTopUp' ? 'keyAgreement' : purpose;
}

function certificateFile(path: string, der: Uint8Array): ExportedFile {
  return { path, contents: pem('CERTIFICATE', der) };
}

function pem(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
