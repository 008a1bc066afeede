import { describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import { defaultParties } from '../../../emulator/functions/default-parties.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { remotePartyRoles } from '../../../protocols/gbcs/roles.js';
import { parseCertificate, verifyCertificate } from '../../../protocols/smki/certificate.js';

const node = new NodeCrypto();
const supplier = eui64('90b3d51f30010000');
const recovery = eui64('90b3d51f30000001');
const esme = eui64('00db1234567890a0');
const pkiOf = (seed: string, crypto: Crypto = node) => new TestPki({ seed, crypto });

/** Every call fails: shows that nothing is computed. */
const forbidden = new Proxy(node, {
  get: () => {
    throw new Error('used too early');
  },
});

describe('TestPki', () => {
  it('computes nothing at construction', () => {
    expect(new TestPki({ seed: 'x', crypto: forbidden }).keysOf(esme).entity).toBe(esme);
  });

  it('gives equal bytes for equal seeds, whatever the making of Crypto', () => {
    const [a, b, c] = [pkiOf('one'), pkiOf('one', nobleCrypto), pkiOf('two')];
    for (const [eui, usage] of [
      [esme, 'digitalSignature'],
      [esme, 'keyAgreement'],
      [supplier, 'keyAgreement'],
    ] as const) {
      const certificate = toHex(a.certificateOf(eui, usage));
      expect(toHex(b.certificateOf(eui, usage))).toBe(certificate);
      expect(toHex(c.certificateOf(eui, usage))).not.toBe(certificate);
    }
    expect(toHex(b.authorityCertificate('root'))).toBe(toHex(a.authorityCertificate('root')));
  });

  it('takes a seed as text or as its bytes', () => {
    const bytes = new TestPki({ seed: new TextEncoder().encode('one'), crypto: node });
    expect(bytes.publicKeyOf(esme, 'keyAgreement')).toEqual(
      pkiOf('one').publicKeyOf(esme, 'keyAgreement'),
    );
  });

  it('certifies every key of every party under the organisations’ authority', () => {
    const pki = pkiOf('parties');
    const authority = parseCertificate(pki.authorityCertificate('organisations'));
    const keys = new Set<string>();
    for (const { eui, role, holds } of pki.parties) {
      for (const purpose of holds) {
        const prepayment = purpose === 'prePaymentTopUp';
        const usage = prepayment ? 'keyAgreement' : purpose;
        const certificate = parseCertificate(pki.certificateOf(eui, usage, prepayment));
        expect(certificate).toMatchObject({
          kind: 'organisation',
          subjectEui: eui,
          role: remotePartyRoles[role],
          keyUsage: usage,
          publicKey: pki.publicKeyOf(eui, usage, prepayment),
        });
        expect(certificate.issuer).toEqual(authority.subject);
        expect(verifyCertificate(node, certificate, authority.publicKey)).toBe(true);
        keys.add(toHex(certificate.publicKey));
      }
    }
    expect(keys.size).toBe(defaultParties.flatMap(({ holds }) => holds).length);
  });

  it('certifies a device under the devices’ authority, and both authorities under the root', () => {
    const pki = pkiOf('devices');
    const root = parseCertificate(pki.authorityCertificate('root'));
    const authority = parseCertificate(pki.authorityCertificate('devices'));
    for (const usage of ['digitalSignature', 'keyAgreement'] as const) {
      const certificate = parseCertificate(pki.certificateOf(esme, usage));
      expect(certificate).toMatchObject({ kind: 'device', subjectEui: esme, keyUsage: usage });
      expect(verifyCertificate(node, certificate, authority.publicKey)).toBe(true);
    }
    for (const id of ['root', 'organisations', 'devices'] as const) {
      const certificate = parseCertificate(pki.authorityCertificate(id));
      expect(certificate.kind).toBe('authority');
      expect(verifyCertificate(node, certificate, root.publicKey)).toBe(true);
    }
  });

  it('signs and agrees with the keys that it certifies', () => {
    const pki = pkiOf('keys');
    const [device, party] = [pki.keysOf(esme), pki.keysOf(supplier)];
    const data = new Uint8Array(20).fill(1);
    expect(node.verify(pki.publicKeyOf(esme, 'digitalSignature'), data, device.sign(data))).toBe(
      true,
    );
    const z = device.sharedSecret(pki.publicKeyOf(supplier, 'keyAgreement'));
    expect(party.sharedSecret(device.agreementPublicKey())).toEqual(z);
    expect(
      node.sharedSecret(pki.privateKeyOf(esme, 'keyAgreement'), party.agreementPublicKey()),
    ).toEqual(z);
    expect(pki.sharedSecrets.size).toBe(1);
  });

  it('has a second key agreement key for suppliers’ top-up tokens only', () => {
    const pki = pkiOf('prepayment');
    const keys = pki.prepaymentKeysOf(supplier);
    const point = pki.publicKeyOf(supplier, 'keyAgreement', true);
    expect(keys?.agreementPublicKey()).toEqual(point);
    expect(point).not.toEqual(pki.publicKeyOf(supplier, 'keyAgreement'));
    expect(keys?.sharedSecret(pki.publicKeyOf(esme, 'keyAgreement'))).toEqual(
      pki.keysOf(esme).sharedSecret(point),
    );
    expect(pki.prepaymentKeysOf(esme)).toBeUndefined();
    expect(pki.prepaymentKeysOf(recovery)).toBeUndefined();
  });

  it('says so when a party has no such certificate', () => {
    const pki = pkiOf('none');
    expect(() => pki.certificateOf(recovery, 'keyAgreement')).toThrow(
      /RECOVERY has no keyAgreement/,
    );
    expect(() => pki.publicKeyOf(esme, 'keyAgreement', true)).toThrow(RangeError);
  });

  it('gives devices one shared list of trust anchors: a cell per role and use (smki.md 7)', () => {
    const pki = pkiOf('anchors');
    const anchors = pki.trustAnchors();
    expect(pki.trustAnchors()).toBe(anchors);
    expect(
      anchors.map((cell) => `${cell.role} ${cell.keyUsage} ${cell.cellUsage} ${cell.entity}`),
    ).toEqual([
      'root keyCertSign management 0000000000000000',
      'recovery digitalSignature management 90b3d51f30000001',
      'accessControlBroker digitalSignature management 90b3d51f30000002',
      'accessControlBroker keyAgreement management 90b3d51f30000002',
      'transitionalCoS digitalSignature management 90b3d51f30000004',
      'wanProvider digitalSignature management 90b3d51f30000007',
      'wanProvider keyAgreement management 90b3d51f30000007',
      'supplier digitalSignature management 90b3d51f30010000',
      'supplier keyAgreement management 90b3d51f30010000',
      'supplier keyAgreement prePaymentTopUp 90b3d51f30010000',
      'networkOperator digitalSignature management 90b3d51f30020000',
      'networkOperator keyAgreement management 90b3d51f30020000',
      'loadController digitalSignature management 90b3d51f30010008',
      'loadController keyAgreement management 90b3d51f30010008',
    ]);
    for (const cell of anchors.slice(1)) {
      const prepayment = cell.cellUsage === 'prePaymentTopUp';
      const usage = cell.keyUsage as 'digitalSignature' | 'keyAgreement';
      const certificate = parseCertificate(pki.certificateOf(cell.entity, usage, prepayment));
      expect(cell.publicKey).toEqual(certificate.publicKey);
      expect(cell.subjectKeyIdentifier).toBe(toHex(certificate.subjectKeyIdentifier));
    }
  });

  it('answers the same when its caches hold almost nothing', () => {
    const small = new TestPki({ seed: 'cache', crypto: node, entitiesMax: 1 });
    const large = pkiOf('cache');
    const devices = Array.from({ length: 8 }, (_, i) => `00db00000000000${i}` as Eui64);
    for (let round = 0; round < 2; round++) {
      for (const eui of devices) {
        for (const usage of ['digitalSignature', 'keyAgreement'] as const) {
          expect(small.publicKeyOf(eui, usage)).toEqual(large.publicKeyOf(eui, usage));
        }
      }
    }
  });
});
