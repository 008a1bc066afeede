import { createPublicKey, X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import { describe, expect, it } from 'vitest';
import type { Asn1Value } from '../../../protocols/asn1/schema.js';
import { decodeAsn1 } from '../../../protocols/asn1/structures.js';
import { TlvReader, TlvWriter } from '../../../protocols/asn1/tlv.js';
import {
  type CertificateValue,
  certificationRequest,
  decodeCertificateValue,
  encodeCertificateValue,
} from '../../../protocols/asn1/x509.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { asn1Sample, bytes } from '../../support/asn1-payloads.js';
import { loadRtdsKeys, rtdsAvailable } from '../../support/rtds.js';

function extensionOf(certificate: CertificateValue, extnID: string): Asn1Value | undefined {
  return certificate.tbsCertificate.extensions?.find((found) => found.extnID === extnID)?.extnValue;
}

function sequenceOf(...parts: string[]): string {
  const content = parts.join('').replace(/\s/g, '');
  const writer = new TlvWriter();
  const mark = writer.begin(0x30);
  writer.bytes(bytes(content));
  writer.end(mark);
  return toHex(writer.finish());
}

const rsa = '300d 06092a864886f70d01010b 0500';

/** Legal, but outside the SMKI profile: RSA, a TeletexString, an unknown extension. */
const foreign = sequenceOf(
  sequenceOf(
    'a003020102 020100',
    rsa,
    // countryName, and a TeletexString
    '301d 310b 3009 0603550406 13024742 310e 300c 060355040a 14054c e96f6e73',
    '301e 170d3136303430363030303030305a 170d3439313233313233353935395a',
    '3000',
    '3017 300d 06092a864886f70d010101 0500 0306 00 3003020103',
    'a34c 304a',
    '300f 0603551d11 0408 3006 8204 74657374',
    '3014 0603551d23 040d 300b 8003 010203 82040 0ffffff',
    '300f 0603551d20 0408 3006 3004 0602 2a03',
    '3010 06032a0304 0101ff 0406 010203040506',
  ).replace(/\s/g, ''),
  rsa,
  '0303 00 abcd',
);

describe('a certificate outside the profile', () => {
  const der = bytes(foreign);

  it('is kept, with what is not modelled marked', () => {
    const decoded = decodeCertificateValue(der);
    const { issuer, subjectPublicKeyInfo } = decoded.tbsCertificate;
    expect(decoded.tbsCertificate.signature).toEqual({
      algorithm: '1.2.840.113549.1.1.11',
      parameters: null,
    });
    expect(issuer).toEqual([
      [{ type: 'countryName', value: { printableString: 'GB' } }],
      [{ type: 'organizationName', value: { unparsed: '14054ce96f6e73' } }],
    ]);
    expect(subjectPublicKeyInfo.subjectPublicKey).toBe('3003020103');
    expect(extensionOf(decoded, 'subjectAltName')).toEqual([{ dNSName: 'test' }]);
    expect(extensionOf(decoded, 'authorityKeyIdentifier')).toEqual({
      keyIdentifier: '010203',
      authorityCertSerialNumber: 'ffffff',
    });
    expect(extensionOf(decoded, '1.2.3.4')).toEqual({ unparsed: '010203040506' });
    expect(decoded.signatureValue).toEqual({ unparsed: 'abcd' });
  });

  it('encodes to the same bytes, through JSON', () => {
    const again = JSON.parse(JSON.stringify(decodeCertificateValue(der))) as CertificateValue;
    expect(toHex(encodeCertificateValue(again))).toBe(foreign);
  });

  it('names the place of an error', () => {
    expect(() => decodeCertificateValue(der.subarray(0, 60))).toThrow(/^certificate @1: length/);
    const later = bytes(foreign.replace('0603551d11', '0603551d0f'));
    expect(() => decodeCertificateValue(later)).toThrow(
      /^certificate\.tbsCertificate\.extensions\[0\]\.extnValue @\d+: tag 0x30 where 0x03/,
    );
  });
});

describe.skipIf(!rtdsAvailable)('published certificates', () => {
  const keys = rtdsAvailable ? loadRtdsKeys() : [];

  it('agree with OpenSSL in serial number, validity, public key and names', () => {
    for (const { certificate, eui } of keys) {
      const der = Buffer.from(certificate, 'base64');
      const { tbsCertificate: ours } = decodeCertificateValue(der);
      const theirs = new X509Certificate(der);
      expect(ours.version).toBe('v3');
      expect(ours.serialNumber, eui).toBe(theirs.serialNumber.toLowerCase());
      expect(millisecondsOf(ours.validity.notBefore), eui).toBe(Date.parse(theirs.validFrom));
      expect(millisecondsOf(ours.validity.notAfter), eui).toBe(Date.parse(theirs.validTo));
      const spki = theirs.publicKey.export({ format: 'der', type: 'spki' });
      expect(ours.subjectPublicKeyInfo.subjectPublicKey, eui).toBe(
        spki.subarray(-65).toString('hex'),
      );
      const names = ours.issuer.flat().map(({ value }) => Object.values(value)[0]);
      expect(
        theirs.issuer.split('\n').map((line) => line.split('=')[1]),
        eui,
      ).toEqual(names);
    }
    expect(keys.length).toBeGreaterThan(20);
  });

  it('name their holder and usage, and encode to the same bytes', () => {
    for (const { certificate, eui, usage } of keys) {
      const der = Buffer.from(certificate, 'base64');
      const decoded = decodeCertificateValue(der);
      const text = JSON.stringify(decoded);
      expect(text, eui).not.toContain('unparsed');
      expect(text, eui).toContain(usage);
      expect(extensionOf(decoded, 'keyUsage'), eui).toBe(usage);
      // Known defect of the data: this party's key agreement certificate is another party's.
      if (eui !== '90b3d51f30000007') expect(text, eui).toContain(`"${eui}"`);
      const again = JSON.parse(text) as CertificateValue;
      expect(Buffer.from(encodeCertificateValue(again)).toString('base64'), eui).toBe(certificate);
    }
  });

  it('have the object identifiers that asn1js reads', () => {
    for (const { certificate, eui } of keys) {
      const der = new Uint8Array(Buffer.from(certificate, 'base64'));
      const san = extensionOf(decodeCertificateValue(der), 'subjectAltName');
      const parsed = asn1js.fromBER(der).result;
      const tbs = children(children(parsed)[0]);
      const extensions = children(children(tbs.at(-1))[0]).map((extension) => children(extension));
      const theirs = extensions.find(([id]) => id?.valueBlock.toString() === '2.5.29.17');
      expect(theirs === undefined, eui).toBe(san === undefined);
      if (theirs === undefined) continue;
      const octets = theirs.at(-1) as asn1js.OctetString;
      const names = asn1js.fromBER(octets.valueBlock.valueHexView.slice()).result;
      const module = children(children(children(children(names)[0])[1])[0]);
      expect(san, eui).toEqual([
        {
          otherName: {
            typeId: 'hardwareModuleName',
            value: {
              hwType: module[0]?.valueBlock.toString(),
              hwSerialNum: toHex((module[1] as asn1js.OctetString).valueBlock.valueHexView),
            },
          },
        },
      ]);
    }
  });

  it('give only CodecError when cut or bent', () => {
    const der = new Uint8Array(Buffer.from(keys[0]?.certificate ?? '', 'base64'));
    for (let at = 0; at < der.length; at++) {
      expect(() => decodeCertificateValue(der.subarray(0, at))).toThrow(CodecError);
      for (let bit = 0; bit < 8; bit++) {
        const bent = der.slice();
        bent[at] = (bent[at] as number) ^ (1 << bit);
        try {
          expect(toHex(encodeCertificateValue(decodeCertificateValue(bent)))).toBe(toHex(bent));
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
        }
      }
    }
  });

  it('include a certification request with the profile of a device', () => {
    const sample = asn1Sample('CS02c_6.17_SUCCESS_RESPONSE');
    const decoded = decodeAsn1(sample.payload, sample.messageCode, sample.craFlag);
    expect(decoded.value).toMatchObject({
      certificationRequest: {
        certificationRequestInfo: {
          version: 'v1',
          subject: [],
          attributes: [{ type: 'extensionRequest' }],
        },
      },
    });
    const { certificationRequestInfo: info } = certificationRequest.decode(
      new TlvReader(sample.payload),
    );
    const point = Buffer.from(info.subjectPKInfo.subjectPublicKey, 'hex');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) =>
      part.toString('base64url'),
    );
    // Importing refuses a point that is not on the curve.
    expect(
      createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
        .asymmetricKeyType,
    ).toBe('ec');
  });
});

function children(block: asn1js.AsnType | undefined): asn1js.AsnType[] {
  return (block?.valueBlock as { value?: asn1js.AsnType[] } | undefined)?.value ?? [];
}

/** A certificate's time as milliseconds since 1970. */
function millisecondsOf(text: string): number {
  const long = text.length === 15 ? text : `20${text}`;
  return Date.parse(long.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
