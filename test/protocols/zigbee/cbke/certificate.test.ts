import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import {
  decodeCertificate,
  encodeCertificate,
  type ImplicitCertificate,
  reconstructPublicKey,
} from '../../../../protocols/zigbee/cbke/certificate.js';
import { TestCertificateAuthority } from '../../../../protocols/zigbee/cbke/issue-certificate.js';
import { suites } from '../../../../protocols/zigbee/cbke/suite.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { certicomCertificates, publishedExchanges } from './published.js';

const crypto = nodeCryptoForTests();

const published = [
  ...certicomCertificates,
  ...publishedExchanges.flatMap(({ suite, authority, initiator, responder }) =>
    [initiator, responder].map(({ certificate, publicKey }) => ({
      suite,
      authority,
      certificate,
      publicKey,
    })),
  ),
];

describe('certificates', () => {
  it.each(published)('$publicKey comes out of its certificate', (vector) => {
    const { curve } = suites[vector.suite];
    const bytes = fromHex(vector.certificate);
    expect(toHex(encodeCertificate(decodeCertificate(vector.suite, bytes)))).toBe(
      vector.certificate,
    );
    const authority = curve.decompress(fromHex(vector.authority));
    const publicKey = reconstructPublicKey(crypto, vector.suite, bytes, authority);
    expect(toHex(curve.compress(publicKey))).toBe(vector.publicKey);
  });

  it('have fields', () => {
    const [certicom1, certicom2] = certicomCertificates;
    expect(decodeCertificate(1, fromHex(certicom1.certificate))).toEqual({
      suite: 1,
      publicKeyReconstruction: fromHex('02020882b1d7df05538f37cdd09a4f6b15368998642b'),
      subject: '0022080000000001',
      issuer: '5445535453454341',
      profileAttributeData: fromHex('0109108301234567890a'),
    });
    expect(decodeCertificate(2, fromHex(certicom2.certificate))).toEqual({
      suite: 2,
      type: undefined,
      serialNumber: fromHex('0b3ad5a312ab75d6'),
      curve: undefined,
      hash: undefined,
      issuer: '1112131415161718',
      validFromSeconds: 0x5b7ed230,
      validTo: 0xffffffff,
      subject: '0022080000000001',
      keyUsage: 0x08,
      publicKeyReconstruction: fromHex(certicom2.certificate.slice(74)),
    });
  });

  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const entity = octets(8).map((bytes) => toHex(bytes) as Eui64);
  const point = (length: number) =>
    fc.tuple(fc.constantFrom(2, 3), octets(length - 1)).map((p) => Uint8Array.of(p[0], ...p[1]));
  const any: fc.Arbitrary<ImplicitCertificate> = fc.oneof(
    fc.record({
      suite: fc.constant(1 as const),
      publicKeyReconstruction: point(22),
      subject: entity,
      issuer: entity,
      profileAttributeData: octets(10),
    }),
    fc.record({
      suite: fc.constant(2 as const),
      type: fc.constant(undefined),
      serialNumber: octets(8),
      curve: fc.constant(undefined),
      hash: fc.constant(undefined),
      issuer: entity,
      validFromSeconds: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
      validTo: fc.integer({ min: 0, max: 0xffffffff }),
      subject: entity,
      keyUsage: fc.integer({ min: 0, max: 0xff }),
      publicKeyReconstruction: point(37),
    }),
  );

  it('go there and back, and not when cut or stretched', () => {
    fc.assert(
      fc.property(any, (certificate) => {
        const bytes = encodeCertificate(certificate);
        const { suite } = certificate;
        expect(bytes.length).toBe(suites[suite].certificateOctets);
        expect(decodeCertificate(suite, bytes)).toEqual(certificate);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decodeCertificate(suite, bytes.subarray(0, length))).toThrow(CodecError);
        }
        expect(() => decodeCertificate(suite, Uint8Array.of(...bytes, 0))).toThrow('trailing');
      }),
      { seed: 20261122, numRuns: 60 },
    );
  });

  it.each(published)(
    'with any bit changed give another key or CodecError: $publicKey',
    (vector) => {
      const { curve } = suites[vector.suite];
      const authority = curve.decompress(fromHex(vector.authority));
      let refused = 0;
      for (let octet = 0; octet < vector.certificate.length / 2; octet++) {
        const bytes = fromHex(vector.certificate);
        bytes[octet] = (bytes[octet] as number) ^ (1 << (octet & 7));
        try {
          const key = reconstructPublicKey(crypto, vector.suite, bytes, authority);
          expect(toHex(curve.compress(key))).not.toBe(vector.publicKey);
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(5);
    },
  );

  it('refuse fields that do not fit', () => {
    const good = decodeCertificate(2, fromHex(certicomCertificates[1].certificate));
    const wrong: readonly Record<string, unknown>[] = [
      { serialNumber: new Uint8Array(7) },
      { serialNumber: 'text' },
      { issuer: 'TESTSECA' },
      { validFromSeconds: 2 ** 40 },
      { validFromSeconds: -1 },
      { validTo: 0.5 },
      { keyUsage: 256 },
      { keyUsage: undefined },
      { publicKeyReconstruction: new Uint8Array(37) },
      { publicKeyReconstruction: undefined },
    ];
    for (const change of wrong) {
      const certificate = { ...good, ...change } as ImplicitCertificate;
      expect(() => encodeCertificate(certificate)).toThrow(CodecError);
    }
  });
});

describe.each([1, 2] as const)('our own authority, suite %i', (suite) => {
  const { curve } = suites[suite];
  const seed = fromHex('00112233');
  const authority = new TestCertificateAuthority(crypto, suite, seed);
  const subject = '00db1234567890a0' as Eui64;

  it('issues certificates whose key is the one it hands out', () => {
    const issued = authority.issue(subject);
    expect(decodeCertificate(suite, issued.certificate)).toMatchObject({
      subject,
      issuer: authority.issuer,
    });
    const trusted = curve.decompress(authority.publicKeyBytes);
    const publicKey = reconstructPublicKey(crypto, suite, issued.certificate, trusted);
    expect(curve.equal(publicKey, issued.publicKey)).toBe(true);
    expect(curve.equal(publicKey, curve.multiplyGenerator(issued.privateKey))).toBe(true);
  });

  it('is its seed and nothing else', () => {
    const again = new TestCertificateAuthority(crypto, suite, seed);
    expect(again.issue(subject)).toEqual(authority.issue(subject));
    const other = new TestCertificateAuthority(crypto, suite, fromHex('00112234'));
    expect(other.publicKeyBytes).not.toEqual(authority.publicKeyBytes);
    expect(other.issue(subject).privateKey).not.toBe(authority.issue(subject).privateKey);
    const neighbour = authority.issue('00db1234567890a1' as Eui64);
    expect(neighbour.privateKey).not.toBe(authority.issue(subject).privateKey);
  });
});
