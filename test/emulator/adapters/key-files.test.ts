import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadKeys } from '../../../emulator/adapters/key-files.js';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { type ExportedFile, exportPki } from '../../../emulator/functions/export-pki.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { UsageError } from '../../../emulator/ports/errors.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { opensslAvailable } from '../../support/mosquitto.js';
import { loadRtdsKeys, rtdsAvailable, rtdsDirectory } from '../../support/rtds.js';
import { rtdsKeyRing } from '../../support/rtds-keys.js';

const device = eui64('00db1234567890a0');
const pki = new TestPki({ seed: 'key files', crypto: new NodeCrypto() });
const exported = exportPki(pki, [device]);
const supplier = pki.parties.find(({ role }) => role === 'supplier')?.eui ?? device;
const broker = pki.parties.find(({ role }) => role === 'accessControlBroker')?.eui ?? device;
const root = mkdtempSync(join(tmpdir(), 'hubfleet-keys-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, files: readonly ExportedFile[]): string {
  for (const { path, contents } of files) {
    const full = join(root, name, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, contents);
  }
  return join(root, name);
}

function file(name: string, contents: string): string {
  const path = join(root, name);
  writeFileSync(path, contents);
  return path;
}

function contentsOf(ending: string): string {
  return exported.find(({ path }) => path.endsWith(ending))?.contents ?? '';
}

function expectWholePki(path: string): void {
  const { ring, certificates, privateKeys, notes } = loadKeys(path);
  expect(notes).toEqual([]);
  expect(privateKeys).toBe(certificates);
  expect(ring.accessControlBrokers()).toEqual([broker]);
  for (const usage of ['digitalSignature', 'keyAgreement'] as const) {
    expect(ring.publicKeys(device, usage)).toEqual([pki.publicKeyOf(device, usage)]);
    expect(ring.privateKeys(supplier, usage)).toEqual([pki.privateKeyOf(supplier, usage)]);
  }
  expect(ring.privateKeys(supplier, 'keyAgreement', true)).toEqual([
    pki.privateKeyOf(supplier, 'keyAgreement', true),
  ]);
}

describe('key files', () => {
  it('read the directory that the test PKI is exported to', () => {
    expectWholePki(write('exported', exported));
  });

  it('read its keystore alone, base64 or PEM, also by its directory', () => {
    const keystore = contentsOf('keystore.json');
    expectWholePki(file('keystore-alone.json', keystore));
    expectWholePki(write('by-directory', [{ path: 'keystore.json', contents: keystore }]));
    const pem = keystore.replace(
      /"(certificate|privateKey)": "([^"]+)"/g,
      (_, name: string, body: string) => {
        const label = name === 'certificate' ? 'CERTIFICATE' : 'PRIVATE KEY';
        const text = `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
        return `"${name}": ${JSON.stringify(text)}`;
      },
    );
    expectWholePki(file('keystore-pem.json', pem));
  });

  it('match private keys to certificates by the key, whatever the files are called', () => {
    const files = exported
      .filter(({ path }) => path.includes(device))
      .map(({ contents }, index) => ({ path: `file-${index}.pem`, contents }));
    const { ring, notes } = loadKeys(write('renamed', files));
    expect(notes).toEqual([]);
    expect(ring.privateKeys(device, 'keyAgreement')).toEqual([
      pki.privateKeyOf(device, 'keyAgreement'),
    ]);
  });

  it.skipIf(!opensslAvailable)(
    'take SEC 1 keys as openssl ec writes them, and bundles in one file',
    () => {
      const key = execFileSync('openssl', ['ec'], {
        input: contentsOf(`${device}-ds.key.pem`),
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString();
      expect(key).toContain('BEGIN EC PRIVATE KEY');
      const { ring } = loadKeys(file('bundle.pem', contentsOf(`${device}-ds.pem`) + key));
      expect(toHex(ring.privateKeys(device, 'digitalSignature')[0] as Uint8Array)).toBe(
        toHex(pki.privateKeyOf(device, 'digitalSignature')),
      );
    },
  );

  it.skipIf(!opensslAvailable)('say what is wrong with a file, and where', () => {
    const certificate = contentsOf(`${device}-ds.pem`);
    const other = contentsOf(`${device}-ka.key.pem`);
    const list = (entry: object): string =>
      JSON.stringify([{ eui: device, usage: 'digitalSignature', ...entry }]);
    const base64 = certificate.replace(/-----[^-]+-----|\s/g, '');
    const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey.export({
      format: 'pem',
      type: 'pkcs8',
    }) as string;
    const p384Certificate = execFileSync(
      'openssl',
      ['req', '-x509', '-new', '-subj', '/CN=x', '-key', file('p384.txt', p384)],
      { stdio: 'pipe' },
    ).toString();
    const cases: readonly (readonly [path: string, message: RegExp])[] = [
      [join(root, 'nowhere'), /there is no key file or directory '.*nowhere'/],
      [file('text.txt', 'dd0000'), /text\.txt' is no key file/],
      [file('bad.json', '[{'), /bad\.json' is not JSON/],
      [file('empty.json', '[]'), /holds no certificate/],
      [file('shape.json', '[{"eui":"00"}]'), /no list of .* at 0\.eui: want 16 hex digits/],
      [file('store.json', '{"00db1234567890a0":{"x":{}}}'), /is no keystore .* at 00db/],
      [file('noise.json', list({ certificate: '%%' })), /\[0\]: neither base64 nor PEM/],
      [
        file('noise.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
        /not a c/,
      ],
      [
        file('misfit.json', list({ certificate: base64, privateScalar: '11'.repeat(32) })),
        /misfit\.json\[0\]: the private key does not fit the certificate/,
      ],
      [file('scalar.json', list({ certificate: base64, privateScalar: 'zz' })), /64 hex digits/],
      [file('zero.json', list({ certificate: base64, privateScalar: '00'.repeat(32) })), /is 0/],
      [
        file(
          'usage.json',
          list({ certificate: base64 }).replace('digitalSignature', 'keyAgreement'),
        ),
        /listed for keyAgreement, the certificate is for digitalSignature/,
      ],
      [
        write('misfit', [
          { path: 'a.pem', contents: certificate },
          { path: 'a.key.pem', contents: other },
        ]),
        /a\.key\.pem: the private key does not fit the certificate .*a\.pem/,
      ],
      [file('curve-key.pem', certificate + p384), /a key on secp384r1, not on P-256/],
      [file('curve.pem', p384Certificate), /its key is on secp384r1, not on P-256/],
      [write('none', [{ path: 'readme.txt', contents: 'x' }]), /neither PEM files nor keys\.json/],
    ];
    for (const [path, message] of cases) {
      expect(() => loadKeys(path), path).toThrow(message);
      expect(() => loadKeys(path), path).toThrow(UsageError);
    }
  });

  it('note a private key without a certificate and an entry under a wrong name', () => {
    const files = [
      { path: 'one.pem', contents: contentsOf(`${device}-ds.pem`) },
      { path: 'stray.pem', contents: contentsOf(`${device}-ka.key.pem`) },
    ];
    expect(loadKeys(write('stray', files)).notes).toEqual([
      expect.stringMatching(/stray\.pem: left out, .* none of the certificates/),
    ]);
    const moved = contentsOf('keystore.json').replaceAll(device, '00db1234567890ff');
    const { ring, notes } = loadKeys(file('moved.json', moved));
    expect(notes).toHaveLength(2);
    expect(ring.publicKeys(device, 'keyAgreement')).toHaveLength(1);
    expect(ring.publicKeys(eui64('00db1234567890ff'), 'keyAgreement')).toEqual([]);
  });
});

describe.skipIf(!rtdsAvailable)('the published keys', () => {
  it('load with their one known quirk, and agree with node:crypto', () => {
    const { ring, certificates, privateKeys, notes } = loadKeys(join(rtdsDirectory, 'keys.json'));
    expect([certificates, privateKeys]).toEqual([30, 16]);
    expect(notes).toEqual([expect.stringContaining('listed for 90b3d51f30000007, taken for 90b3')]);
    expect(ring.accessControlBrokers()).toEqual(['90b3d51f30000002']);
    const expected = rtdsKeyRing();
    for (const { eui, usage, prepayment } of loadRtdsKeys()) {
      if (eui === '90b3d51f30000007' && usage === 'keyAgreement') continue;
      const found = ring.publicKeys(eui64(eui), usage, prepayment);
      expect(found.length).toBe(1);
      if (!prepayment) expect(found[0]).toEqual(expected.publicKey(eui, usage));
    }
  });
});
