import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import { deriveBytes, derivePrivateKey } from '../../../protocols/crypto/derive-key.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import {
  buildCertificate,
  type CertificateIssuer,
  type CertificateRequest,
  endOfTimeMs,
} from '../../../protocols/smki/build-certificate.js';
import {
  parseCertificate,
  type SmkiCertificate,
  verifyCertificate,
} from '../../../protocols/smki/certificate.js';
import {
  authorityName,
  type DistinguishedName,
  nameText,
  organisationName,
} from '../../../protocols/smki/distinguished-name.js';
import { subjectKeyIdentifier } from '../../../protocols/smki/key-identifier.js';
import { endsInCodecError } from '../../support/codec-table.js';
import { loadRtdsIndex, loadRtdsKeys, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { flipBit, utf8 } from '../crypto/crypto-suite.js';

const seed = utf8('certificate.test');
const node = new NodeCrypto();

function issuer(name: DistinguishedName, label: string): CertificateIssuer & { key: Uint8Array } {
  const privateKey = derivePrivateKey(nobleCrypto, seed, label);
  const key = nobleCrypto.publicKey(privateKey);
  return {
    name,
    key,
    subjectKeyIdentifier: subjectKeyIdentifier(key),
    sign: (data) => nobleCrypto.sign(privateKey, data),
  };
}

const authority = issuer(authorityName('Z1', 7), 'authority');
const common = {
  serialNumber: concatBytes(Uint8Array.of(1), deriveBytes(nobleCrypto, seed, 'serial')).slice(
    0,
    16,
  ),
  publicKey: nobleCrypto.publicKey(derivePrivateKey(nobleCrypto, seed, 'subject')),
  notBeforeMs: Date.UTC(2016, 3, 6),
} as const;
const device: CertificateRequest = {
  ...common,
  profile: 'device',
  entity: eui64('00db1234567890a0'),
  keyUsage: 'keyAgreement',
  notAfterMs: endOfTimeMs,
};
const organisation: CertificateRequest = {
  ...common,
  profile: 'organisation',
  subject: organisationName(2, eui64('90b3d51f30010000'), 'SUPPLIER'),
  keyUsage: 'digitalSignature',
  notAfterMs: Date.UTC(2025, 9, 29, 23, 59, 59),
};
const issuing: CertificateRequest = {
  ...common,
  profile: 'issuing',
  subject: authorityName('Z1', 7),
  notAfterMs: Date.UTC(2040, 9, 28, 23, 59, 59),
};

describe('certificates made and read', () => {
  it('device: empty subject, EUI-64 in the hardware module name, end of time (smki.md 2)', () => {
    const certificate = parseCertificate(buildCertificate(device, authority));
    expect(certificate).toMatchObject({
      kind: 'device',
      subjectEui: '00db1234567890a0',
      role: undefined,
      keyUsage: 'keyAgreement',
      subject: [],
      publicKey: common.publicKey,
      serialNumber: common.serialNumber,
      notBeforeMs: common.notBeforeMs,
      notAfterMs: endOfTimeMs,
      subjectKeyIdentifier: subjectKeyIdentifier(common.publicKey),
      authorityKeyIdentifier: authority.subjectKeyIdentifier,
    });
    expect(nameText(certificate.issuer)).toBe('OU=07, CN=Z1');
    expect(new Date(certificate.notAfterMs).toISOString()).toBe('9999-12-31T23:59:59.000Z');
  });

  it('organisation: role and EUI-64 in the subject (smki.md 3)', () => {
    const certificate = parseCertificate(buildCertificate(organisation, authority));
    expect(certificate).toMatchObject({
      kind: 'organisation',
      subjectEui: '90b3d51f30010000',
      role: 2,
      keyUsage: 'digitalSignature',
    });
    expect(nameText(certificate.subject)).toBe(
      'CN=SUPPLIER, OU=02, x500UniqueIdentifier=90b3d51f30010000',
    );
  });

  it('issuing authority: signs certificates, has no EUI-64 (smki.md 4)', () => {
    const certificate = parseCertificate(buildCertificate(issuing, authority));
    expect(certificate).toMatchObject({
      kind: 'authority',
      subjectEui: undefined,
      role: 7,
      keyUsage: 'keyCertSign',
    });
  });

  it('verifies under the issuer’s key and under no other', () => {
    const certificate = parseCertificate(buildCertificate(device, authority));
    for (const crypto of [nobleCrypto, node]) {
      expect(verifyCertificate(crypto, certificate, authority.key)).toBe(true);
      expect(verifyCertificate(crypto, certificate, common.publicKey)).toBe(false);
    }
  });

  it('does not alias what it read', () => {
    const der = buildCertificate(device, authority);
    const certificate = parseCertificate(der);
    der.fill(0);
    expect(certificate.publicKey).toEqual(common.publicKey);
    expect(verifyCertificate(node, certificate, authority.key)).toBe(true);
  });

  it('refuses to make what would not be one', () => {
    const bad = [
      { ...device, serialNumber: new Uint8Array(16) },
      { ...device, serialNumber: new Uint8Array(15).fill(1) },
      { ...device, serialNumber: new Uint8Array(16).fill(0x80) },
      { ...device, publicKey: new Uint8Array(64) },
    ];
    for (const request of bad) {
      expect(() => buildCertificate(request, authority)).toThrow(CodecError);
    }
  });
});

describe('parseCertificate is strict', () => {
  const der = buildCertificate(device, authority);

  it('refuses truncation at every length and a trailing byte', () => {
    for (let length = 0; length < der.length; length++) {
      expect(endsInCodecError(() => parseCertificate(der.slice(0, length)))).toBe(true);
    }
    expect(() => parseCertificate(concatBytes(der, Uint8Array.of(0)))).toThrow(/trailing/);
  });

  it('ends in CodecError, or in a certificate that no longer verifies, for flipped bits', () => {
    let read = 0;
    for (let bit = 3; bit < der.length * 8; bit += 7) {
      let certificate: SmkiCertificate | undefined;
      endsInCodecError(() => {
        certificate = parseCertificate(flipBit(der, bit));
      });
      if (certificate === undefined) continue;
      read++;
      expect(verifyCertificate(node, certificate, authority.key)).toBe(false);
    }
    expect(read).toBeGreaterThan(50);
  });

  it('ends in CodecError for garbage and for spliced certificates', () => {
    const garbage = fc.uint8Array({ maxLength: 500 });
    const spliced = fc
      .tuple(fc.nat(der.length), fc.nat(20), fc.uint8Array({ maxLength: 8 }))
      .map(([at, cut, put]) => concatBytes(der.slice(0, at), put, der.slice(at + cut)));
    fc.assert(
      fc.property(fc.oneof(garbage, spliced), (bytes) => {
        endsInCodecError(() => parseCertificate(bytes));
      }),
      { seed: 20261122, numRuns: 1500 },
    );
  });

  it('refuses nesting without end', () => {
    const depth = 20000;
    const nested = new Uint8Array(2 * depth).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80));
    expect(() => parseCertificate(nested)).toThrow(CodecError);
    let deep = fromHex('0500');
    for (let i = 0; i < 40; i++) deep = concatBytes(Uint8Array.of(0x30, deep.length), deep);
    expect(() => parseCertificate(deep)).toThrow(/nested deeper/);
  });

  it.each([
    ['a second key usage', /extensions\[2\.5\.29\.15\].*twice/, '551d0e', '551d0f'],
    ['an unknown critical extension', /critical and unknown/, '551d11', '551d1e'],
    ['another curve', /prime256v1/, '2a8648ce3d030107', '2a8648ce3d030106'],
    ['another signature algorithm', /ecdsa-with-SHA256/, '2a8648ce3d040302', '2a8648ce3d040303'],
    ['version 2', /version 3/, 'a003020102', 'a003020101'],
    ['another key usage', /not a key usage of SMKI/, '03020308', '03020318'],
    ['unused bits that are set', /certificate/, '03020308', '0302040f'],
    ['a time that is none', /certificate/, '3136303430363030', '3136313430363030'],
    ['a point without its tag', /uncompressed/, '03420004', '03420006'],
  ] as const)('refuses %s', (_, reason, from, to) => {
    const hex = toHex(der);
    expect(hex.includes(from)).toBe(true);
    expect(() => parseCertificate(fromHex(hex.replaceAll(from, to)))).toThrow(reason);
  });

  it('takes a signature algorithm with a NULL parameter, which two published certificates have', () => {
    const hex = toHex(der);
    const [plain, withNull] = ['300a06082a8648ce3d040302', '300c06082a8648ce3d0403020500'];
    const parts = hex.split(plain);
    expect(parts.length).toBe(3);
    const tbsLength = Number.parseInt(hex.slice(12, 16), 16) + 2;
    const length = der.length - 4 + 4;
    const both = parts.join(withNull).slice(16);
    const patched = `3082${hex16(length)}3082${hex16(tbsLength)}${both}`;
    expect(parseCertificate(fromHex(patched)).subjectEui).toBe('00db1234567890a0');
  });
});

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** All certificates inside the official messages, told by a parser of others. */
function embeddedCertificates(): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const entry of loadRtdsIndex()) {
    const message = readRtdsMessage(entry);
    for (let at = 0; at + 300 < message.length; at++) {
      if (message[at] !== 0x30 || message[at + 1] !== 0x82) continue;
      const length = 4 + 256 * (message[at + 2] as number) + (message[at + 3] as number);
      if (length < 350 || length > 500 || at + length > message.length) continue;
      const der = message.slice(at, at + length);
      if (found.has(toHex(der)) || !isX509(der)) continue;
      found.set(toHex(der), der);
    }
  }
  return found;
}

function isX509(der: Uint8Array): boolean {
  try {
    new X509Certificate(Buffer.from(der));
    return true;
  } catch {
    return false; // Not a certificate: what this function is asked.
  }
}

describe.skipIf(!rtdsAvailable)('official certificates', () => {
  const keys = rtdsAvailable ? loadRtdsKeys() : [];
  const roles: Readonly<Record<string, number>> = {
    '90b3d51f30000001': 1,
    '90b3d51f30000002': 4,
    '90b3d51f30000004': 5,
    '90b3d51f30000007': 6,
    '90b3d51f30010000': 2,
    '90b3d51f30010008': 8,
    '90b3d51f30020000': 3,
    '90b3d51f30030000': 2,
  };

  it.each(keys)('$eui $usage: identity, usage, role, key', (key) => {
    const der = Uint8Array.from(Buffer.from(key.certificate, 'base64'));
    const certificate = parseCertificate(der);
    // A known defect: this file is supplier 2's certificate under the WAN provider's name.
    const defect = key.eui === '90b3d51f30000007' && key.usage === 'keyAgreement';
    const eui = defect ? '90b3d51f30030000' : key.eui;
    expect(certificate.subjectEui).toBe(eui);
    expect(certificate.keyUsage).toBe(key.usage);
    expect(certificate.kind).toBe(eui.startsWith('00db') ? 'device' : 'organisation');
    expect(certificate.role).toBe(roles[eui]);
    expect(certificate.subjectKeyIdentifier).toEqual(subjectKeyIdentifier(certificate.publicKey));
    const other = new X509Certificate(Buffer.from(der));
    expect(other.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)).toEqual(
      Buffer.from(certificate.publicKey),
    );
    expect(toHex(certificate.serialNumber).toUpperCase()).toBe(other.serialNumber);
    expect(certificate.notBeforeMs).toBe(Date.parse(other.validFrom));
    expect(certificate.notAfterMs).toBe(Date.parse(other.validTo));
    if (key.privateScalar !== undefined) {
      expect(node.publicKey(fromHex(key.privateScalar))).toEqual(certificate.publicKey);
    }
  });

  it.each(keys)('$eui $usage: our builder makes the same fields byte by byte', (key) => {
    const certificate = parseCertificate(Uint8Array.from(Buffer.from(key.certificate, 'base64')));
    // The load controller's two certificates do not follow the profile: no AKI, another order.
    if (certificate.authorityKeyIdentifier === undefined) {
      expect(certificate.subjectEui).toBe('90b3d51f30010008');
      return;
    }
    expect(toHex(parseCertificate(rebuilt(certificate)).tbs)).toBe(toHex(certificate.tbs));
  });

  it('embedded in messages: all are read, and those of Z1 verify under Z1’s key', () => {
    const certificates = [...embeddedCertificates().values()].map(parseCertificate);
    expect(certificates.length).toBe(24);
    const authorities = certificates.filter(({ kind }) => kind === 'authority');
    // Z1, and Z1 with its last signature byte changed.
    expect(authorities.map(({ subject }) => nameText(subject))).toEqual(
      Array.from({ length: 2 }, () => 'OU=07, CN=Z1'),
    );
    const z1 = authorities[0] as SmkiCertificate;
    expect(toHex(parseCertificate(rebuilt(z1)).tbs)).toBe(toHex(z1.tbs));
    const issued = certificates.filter(
      ({ kind, issuer: name }) => kind === 'organisation' && nameText(name) === 'OU=07, CN=Z1',
    );
    expect(issued.length).toBeGreaterThan(10);
    for (const certificate of issued) {
      expect(verifyCertificate(node, certificate, z1.publicKey)).toBe(true);
    }
  });

  function rebuilt(certificate: SmkiCertificate): Uint8Array {
    const { kind, keyUsage, subject, subjectEui, authorityKeyIdentifier } = certificate;
    const fields = {
      serialNumber: certificate.serialNumber,
      publicKey: certificate.publicKey,
      notBeforeMs: certificate.notBeforeMs,
      notAfterMs: certificate.notAfterMs,
    };
    const request: CertificateRequest =
      keyUsage === 'keyCertSign'
        ? { profile: 'issuing', subject, ...fields }
        : kind === 'device'
          ? { profile: 'device', entity: eui64(subjectEui as string), keyUsage, ...fields }
          : { profile: 'organisation', subject, keyUsage, ...fields };
    return buildCertificate(request, {
      ...authority,
      name: certificate.issuer,
      subjectKeyIdentifier: authorityKeyIdentifier as Uint8Array,
    });
  }
});
