import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { type ExportedFile, exportPki } from '../../../emulator/functions/export-pki.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import {
  decodeEcdsaSignature,
  encodeEcdsaSignature,
} from '../../../protocols/smki/ecdsa-signature.js';

const openssl = spawnSync('openssl', ['version']).status === 0;
if (!openssl) console.warn('openssl is not installed: its verdict on the exported PKI is skipped');

const devices = [eui64('00db1234567890a0'), eui64('00db00000000ffff')];
const crypto = new NodeCrypto();
const pki = new TestPki({ seed: 'export', crypto });
const files = exportPki(pki, devices);
const isCertificate = ({ path }: ExportedFile) => /-(ds|ka)\.pem$/.test(path);

describe('exported files', () => {
  it('are laid out as documented', () => {
    const parties = pki.parties.flatMap(({ eui, holds }) =>
      holds.map((purpose) => {
        const suffix = { digitalSignature: 'ds', keyAgreement: 'ka', prePaymentTopUp: 'pp-ka' };
        return `organisations/${eui}-${suffix[purpose]}`;
      }),
    );
    const ofDevices = devices.flatMap((eui) => [`devices/${eui}-ds`, `devices/${eui}-ka`]);
    expect(files.map(({ path }) => path).sort()).toEqual(
      [
        'root.pem',
        'issuing-organisations.pem',
        'issuing-devices.pem',
        'keystore.json',
        ...[...parties, ...ofDevices].flatMap((path) => [`${path}.pem`, `${path}.key.pem`]),
      ].sort(),
    );
  });

  it('come in pairs of a certificate and its private key', () => {
    for (const { path, contents } of files.filter(isCertificate)) {
      const key = files.find((file) => file.path === path.replace('.pem', '.key.pem'));
      const certificate = new X509Certificate(contents);
      expect(certificate.checkPrivateKey(createPrivateKey(key?.contents ?? ''))).toBe(true);
    }
  });

  it('hold the same in keystore.json: EUI-64 -> usage -> serial', () => {
    const text = files.find(({ path }) => path === 'keystore.json')?.contents ?? '';
    type Entry = { certificate: string; privateKey: string; name: string; role: number };
    const keystore = JSON.parse(text) as Record<string, Record<string, Record<string, Entry>>>;
    const pems = new Map(files.filter(isCertificate).map(({ path, contents }) => [contents, path]));
    let entries = 0;
    for (const [eui, byUsage] of Object.entries(keystore)) {
      for (const [usage, bySerial] of Object.entries(byUsage)) {
        for (const [serial, entry] of Object.entries(bySerial)) {
          entries++;
          const certificate = new X509Certificate(Buffer.from(entry.certificate, 'base64'));
          expect(certificate.serialNumber).toBe(serial.toUpperCase());
          const path = pems.get(certificate.toString());
          expect(path).toContain(`/${eui}-`);
          expect(path).toMatch(usage === 'keyAgreement' ? /ka\.pem$/ : /ds\.pem$/);
          const key = Buffer.from(entry.privateKey, 'base64');
          expect(
            certificate.checkPrivateKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })),
          ).toBe(true);
        }
      }
    }
    expect(entries).toBe(pems.size);
    const supplier = keystore['90b3d51f30010000']?.keyAgreement ?? {};
    const named = Object.values(supplier).map(({ name, role }) => `${name} ${role}`);
    expect(named).toEqual(['SUPPLIER-1-KA 2', 'SUPPLIER-1-PP-KA 2']);
  });
});

describe.skipIf(!openssl)('openssl', () => {
  let directory = '';
  const at = (path: string) => join(directory, path);
  const run = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8' });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hubfleet-pki-'));
    for (const { path, contents } of files) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), contents);
    }
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(['organisations', 'devices'])('accepts every chain of the %s', (kind) => {
    const leaves = files.filter((f) => isCertificate(f) && f.path.startsWith(kind));
    const printed = run(
      ...['verify', '-x509_strict', '-CAfile', at('root.pem')],
      ...['-untrusted', at(`issuing-${kind}.pem`)],
      ...leaves.map(({ path }) => at(path)),
    );
    expect(printed.match(/: OK$/gm)?.length).toBe(leaves.length);
  });

  it('refuses a chain under the wrong authority', () => {
    const leaf = at(`devices/${devices[0]}-ds.pem`);
    const untrusted = at('issuing-organisations.pem');
    const args = ['verify', '-CAfile', at('root.pem'), '-untrusted', untrusted, leaf];
    expect(spawnSync('openssl', args).status).not.toBe(0);
  });

  it('reads a device certificate as the profile has it (smki.md 2)', () => {
    const text = run('x509', '-noout', '-text', '-in', at(`devices/${devices[0]}-ka.pem`));
    expect(text).toMatch(/Version: 3 /);
    expect(text).toMatch(/Issuer: CN ?= ?HUBFLEET-DEVICES\n/);
    expect(text).toMatch(/Subject: ?\n/);
    expect(text).toMatch(/Not After : Dec 31 23:59:59 9999 GMT/);
    expect(text).toMatch(/Key Usage: critical\s+Key Agreement\n/);
    expect(text).toMatch(
      /Subject Alternative Name: critical\s+othername: ?1\.3\.6\.1\.5\.5\.7\.8\.4/,
    );
    expect(text).toMatch(/Policy: 1\.2\.826\.0\.1\.1800000\.1\.2\.1\.4\n/);
    const order = ['Key Usage', 'Subject Key', 'Subject Alt', 'Certificate Pol', 'Authority Key'];
    const places = order.map((name) => text.indexOf(`X509v3 ${name}`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const dump = run('asn1parse', '-in', at(`devices/${devices[0]}-ka.pem`));
    expect(dump).toMatch(/2A863A0001848FB90F010202010408 ?00DB1234567890A0/);
  });

  it('reads an organisation certificate as the profile has it (smki.md 3)', () => {
    const path = at('organisations/90b3d51f30010000-ds.pem');
    const text = run('x509', '-noout', '-text', '-in', path);
    expect(text).toMatch(/Issuer: OU ?= ?07, CN ?= ?HUBFLEET-ORGANISATIONS\n/);
    expect(text).toMatch(/Subject: CN ?= ?SUPPLIER-1, OU ?= ?02, x500UniqueIdentifier ?= ?/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Policy: 1\.2\.826\.0\.1\.8641679\.1\.2\.1\.4\n/);
    expect(text).not.toMatch(/Basic Constraints|Alternative Name/);
    expect(run('asn1parse', '-in', path)).toMatch(/x500UniqueIdentifier\s.*\s.*BIT STRING/);
  });

  it.each(['issuing-devices', 'issuing-organisations'])('reads %s (smki.md 4)', (name) => {
    const text = run('x509', '-noout', '-text', '-in', at(`${name}.pem`));
    expect(text).toMatch(/Issuer: OU ?= ?00, CN ?= ?HUBFLEET-ROOT\n/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
  });

  it.each([crypto, nobleCrypto])('verifies a signature made by $name', (signer) => {
    const supplier = pki.parties.find(({ role }) => role === 'supplier');
    const key = pki.privateKeyOf(supplier?.eui ?? devices[0]!, 'digitalSignature');
    for (let i = 0; i < 8; i++) {
      const data = Uint8Array.from({ length: 60 }, (_, j) => i + j);
      writeFileSync(at('data'), data);
      writeFileSync(at('signature'), encodeEcdsaSignature(signer.sign(key, data)));
      const certificate = at('organisations/90b3d51f30010000-ds.pem');
      writeFileSync(at('public.pem'), run('x509', '-in', certificate, '-noout', '-pubkey'));
      const verdict = ['-sha256', '-verify', at('public.pem'), '-signature', at('signature')];
      expect(run('dgst', ...verdict, at('data'))).toMatch(/Verified OK/);
    }
  });

  it('makes signatures that we verify', () => {
    const publicKey = pki.publicKeyOf(devices[0]!, 'digitalSignature');
    writeFileSync(at('data'), 'abc');
    const key = at(`devices/${devices[0]}-ds.key.pem`);
    const sign = ['-sha256', '-sign', key, '-out', at('signature')];
    run('dgst', ...sign, at('data'));
    const raw = decodeEcdsaSignature(Uint8Array.from(readFileSync(at('signature'))));
    expect(crypto.verify(publicKey, new TextEncoder().encode('abc'), raw)).toBe(true);
  });
});
