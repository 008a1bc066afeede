import * as asn1js from 'asn1js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  credentialsReplacementMode,
  remotePartyRole,
} from '../../../protocols/asn1/common-types.js';
import type { Asn1Value } from '../../../protocols/asn1/schema.js';
import {
  type Asn1Payload,
  asn1MessageCodes,
  asn1StructureOf,
  type CraFlag,
  decodeAsn1,
  encodeAsn1,
} from '../../../protocols/asn1/structures.js';
import { TlvReader, TlvWriter } from '../../../protocols/asn1/tlv.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { remotePartyRoles } from '../../../protocols/gbcs/roles.js';
import {
  type Asn1Sample,
  asn1Sample,
  bytes,
  distinctAsn1Samples,
  loadAsn1Samples,
} from '../../support/asn1-payloads.js';
import { rtdsAvailable } from '../../support/rtds.js';

const runs = { seed: 20261122, numRuns: 400 };

function decodeSample({ payload, messageCode, craFlag }: Asn1Sample): Asn1Payload {
  return decodeAsn1(payload, messageCode, craFlag);
}

/** Runs `body`; anything but a result or a CodecError is a failure of the test. */
function onlyCodecError(body: () => void): 'done' | 'refused' {
  try {
    body();
    return 'done';
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return 'refused';
  }
}

describe('structures without official data', () => {
  it.each<[number, CraFlag, string, Asn1Value]>([
    [0x0013, 'command', '0500', null],
    [0x000b, 'response', '020104', 'noCorrespondingKeyPairGenerated'],
    [0x000f, 'command', '04080011223344556677', '0011223344556677'],
    [0x0012, 'response', '0500', { commandAccepted: null }],
    [
      0x0012,
      'response',
      '3009 020102 0404 01020304',
      { executionOutcome: { responseCode: 'hashMismatch', firmwareVersion: '01020304' } },
    ],
    [0x000c, 'response', '020102', { responseCode: 'noCertificateHeld' }],
    [
      0x0125,
      'command',
      // One replacement-less command, with every optional part of the control.
      `304c 3046 02010a 8010 000102030405060708090a0b0c0d0e0f 810101 a20a 020102 03020308 020101
       830900ffffffffffffffff 840105 a508 3006 020100 020107 a608 3006 020163 020101 3000 3000`,
      {
        authorisingRemotePartyControl: {
          credentialsReplacementMode: 'loadControllerByLoadController',
          plaintextSymmetricKey: '000102030405060708090a0b0c0d0e0f',
          applyTimeBasedCPVChecks: 'disapply',
          authorisingRemotePartyTACellIdentifier: {
            trustAnchorCellRemotePartyRole: 'supplier',
            trustAnchorCellKeyUsage: 'keyAgreement',
            trustAnchorCellUsage: 'prePaymentTopUp',
          },
          authorisingRemotePartySeqNumber: '18446744073709551615',
          newRemotePartyFloorSeqNumber: '5',
          newRemotePartySpecialistFloorSeqNumber: [
            { seqNumberUsage: 'prepaymentTopUp', seqNumber: '7' },
          ],
          otherRemotePartySeqNumberChanges: [
            { otherRemotePartyRole: 99, otherRemotePartyFloorSeqNumber: '1' },
          ],
        },
        replacements: [],
        certificationPathCertificates: [],
      },
    ],
  ])('%i %s', (messageCode, craFlag, hex, value) => {
    const payload = bytes(hex);
    const decoded = decodeAsn1(payload, messageCode, craFlag);
    expect(decoded.value).toStrictEqual(value);
    expect(toHex(encodeAsn1(decoded, messageCode, craFlag))).toBe(toHex(payload));
  });

  it('knows 34 message codes and no others', () => {
    const codes = asn1MessageCodes();
    expect(new Set(codes.map(([code]) => code)).size).toBe(34);
    expect(codes).toHaveLength(62);
    expect(asn1StructureOf(0x0104, 'response')?.name).toBe('CS02b response');
    expect(asn1StructureOf(0x0104, 'alert')).toBeUndefined();
    expect(asn1StructureOf(0x0027, 'command')).toBeUndefined();
    expect(() => decodeAsn1(bytes('0500'), 0x0027, 'command')).toThrow(
      'no ASN.1 command has message code 0x0027',
    );
  });

  it('counts offsets in the whole buffer', () => {
    const buffer = bytes('ffff 300602010202 0101 ff');
    expect(() => decodeAsn1(buffer, 0x0129, 'response', 2, 10)).toThrow(
      'CS08 response.firmwareVersion @4: tag 0x02 where 0x04 is due',
    );
  });

  it('refuses a payload under another structure, kind or length form', () => {
    const payload = decodeAsn1(bytes('0500'), 0x0013, 'command');
    const wrong: unknown[] = [
      null,
      { ...payload, kind: 'gbz' },
      { ...payload, structure: 'CS08 command' },
      { ...payload, lengths: 'shortest' },
      { ...payload, value: 0 },
    ];
    for (const candidate of wrong) {
      expect(() => encodeAsn1(candidate as Asn1Payload, 0x0013, 'command')).toThrow(CodecError);
    }
  });

  it('numbers the remote party roles as the rest of GBCS does', () => {
    for (const [name, number] of Object.entries(remotePartyRoles)) {
      const writer = new TlvWriter();
      writer.u8(0x02);
      writer.u8(1);
      writer.u8(number);
      expect(remotePartyRole.decode(new TlvReader(writer.finish()))).toBe(name);
    }
    expect(credentialsReplacementMode.decode(new TlvReader(bytes('020107')))).toBe(
      'supplierByTransCoS',
    );
  });
});

describe.skipIf(!rtdsAvailable)('official payloads', () => {
  it('decode to the last leaf and encode byte for byte, through JSON', () => {
    const samples = loadAsn1Samples();
    let twoOctet = 0;
    for (const sample of samples) {
      const text = JSON.stringify(decodeSample(sample));
      expect(text, sample.file).not.toContain('unparsed');
      const again = JSON.parse(text) as Asn1Payload;
      const written = encodeAsn1(again, sample.messageCode, sample.craFlag);
      expect(toHex(written), sample.file).toBe(toHex(sample.payload));
      if (again.lengths === 'two-octet') {
        twoOctet++;
        expect(sample.craFlag, sample.file).not.toBe('command');
      }
    }
    expect(samples.length).toBeGreaterThan(140);
    expect(twoOctet).toBeGreaterThanOrEqual(16);
  });

  it('have the same tags and lengths for asn1js', () => {
    for (const { file, payload } of loadAsn1Samples()) {
      const parsed = asn1js.fromBER(payload as Uint8Array<ArrayBuffer>);
      expect(parsed.offset, file).toBe(payload.length);
      expect(outlineOf(payload), file).toEqual(outlineByAsn1js(parsed.result));
    }
  });

  it('are refused at every truncation', () => {
    for (const sample of distinctAsn1Samples()) {
      // Every length up to 400; past that, every length that is a multiple of 7, for time.
      const { payload } = sample;
      for (let length = 0; length < payload.length; length += length < 400 ? 1 : 7) {
        const cut = { ...sample, payload: payload.subarray(0, length) };
        expect(onlyCodecError(() => decodeSample(cut))).toBe('refused');
      }
    }
  });

  it('with flipped bits end in a CodecError or in a value that encodes to what was read', () => {
    const samples = distinctAsn1Samples();
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (pick, flips) => {
        const sample = samples[pick % samples.length] as Asn1Sample;
        const payload = sample.payload.slice();
        for (const flip of flips) {
          const at = (flip >> 3) % payload.length;
          payload[at] = (payload[at] as number) ^ (1 << (flip & 7));
        }
        onlyCodecError(() => {
          const decoded = decodeSample({ ...sample, payload });
          const written = encodeAsn1(decoded, sample.messageCode, sample.craFlag);
          expect(toHex(written)).toBe(toHex(payload));
        });
      }),
      { ...runs, numRuns: 4000 },
    );
  });

  it('with anything put anywhere in their JSON end in bytes or a CodecError', () => {
    const payloads = distinctAsn1Samples().map((sample) => ({
      sample,
      payload: decodeSample(sample),
    }));
    fc.assert(
      fc.property(fc.nat(), fc.infiniteStream(fc.nat()), fc.anything(), (pick, turns, any) => {
        const { sample, payload } = payloads[pick % payloads.length] ?? payloads[0]!;
        const changed = structuredClone(payload) as unknown as Record<string, unknown>;
        spoil(changed, () => turns.next().value, any);
        onlyCodecError(() =>
          encodeAsn1(changed as unknown as Asn1Payload, sample.messageCode, sample.craFlag),
        );
      }),
      { ...runs, numRuns: 2000 },
    );
  });
});

/** Replaces one value somewhere below `value`. */
function spoil(value: Record<string, unknown>, turn: () => number, any: unknown): void {
  const names = Object.keys(value);
  const name = names[turn() % names.length] ?? 'value';
  const below = value[name];
  if (typeof below === 'object' && below !== null && turn() % 6 !== 0) {
    spoil(below as Record<string, unknown>, turn, any);
  } else {
    value[name] = any;
  }
}

type Outline = readonly [number, number, ...Outline[]];

/** Tag and content length of every element, by our TLV layer. */
function outlineOf(content: Uint8Array): Outline {
  const reader = new TlvReader(content);
  const element = (): Outline => {
    const tag = reader.peek();
    const outer = reader.enterAny();
    const length = reader.remaining;
    const below: Outline[] = [];
    if ((tag & 0x20) !== 0) while (reader.remaining > 0) below.push(element());
    else reader.skip(length);
    reader.leave(outer);
    return [tag, length, ...below];
  };
  return element();
}

function outlineByAsn1js(block: asn1js.AsnType): Outline {
  const { tagClass, tagNumber, isConstructed } = block.idBlock;
  const tag = ((tagClass - 1) << 6) | (isConstructed ? 0x20 : 0) | tagNumber;
  const value: unknown = (block.valueBlock as { value?: unknown }).value;
  const below = isConstructed && Array.isArray(value) ? (value as asn1js.AsnType[]) : [];
  return [tag, block.lenBlock.length, ...below.map(outlineByAsn1js)];
}

describe.skipIf(!rtdsAvailable)('official values', () => {
  const officialValue = (name: string): Asn1Value => decodeSample(asn1Sample(name)).value;

  it('CS02f response with a role that the device does not hold', () => {
    const cell = {
      trustAnchorCellUsage: 'management',
      existingSubjectUniqueID: '90b3d51f30020000',
    };
    expect(officialValue('CS02fSignature_NA_ERROR_RESPONSE')).toEqual([
      {
        remotePartyRole: 'networkOperator',
        statusCode: 'success',
        currentSeqNumber: '0',
        trustAnchorCellsDetails: [
          {
            ...cell,
            trustAnchorCellKeyUsage: 'digitalSignature',
            existingSubjectKeyIdentifier: '48cf97fa9f827fb5',
          },
          {
            ...cell,
            trustAnchorCellKeyUsage: 'keyAgreement',
            existingSubjectKeyIdentifier: '4bc9d38d1cb49f2a',
          },
        ],
      },
      { remotePartyRole: 'transitionalCoS', statusCode: 'other' },
    ]);
  });

  it('CS02b command by the transitional CoS', () => {
    const name = 'CS02bSupplierByTransCoS_6.23_FUTURE_DATED_SUCCESS_COMMAND';
    expect(officialValue(name)).toMatchObject({
      authorisingRemotePartyControl: {
        credentialsReplacementMode: 'supplierByTransCoS',
        applyTimeBasedCPVChecks: 'apply',
        authorisingRemotePartyTACellIdentifier: {
          trustAnchorCellRemotePartyRole: 'transitionalCoS',
          trustAnchorCellKeyUsage: 'digitalSignature',
          trustAnchorCellUsage: 'management',
        },
        authorisingRemotePartySeqNumber: '6002',
        otherRemotePartySeqNumberChanges: [
          {
            otherRemotePartyRole: 'supplier',
            otherRemotePartyFloorSeqNumber: '0',
            newRemotePartySpecialistFloorSeqNumber: [
              { seqNumberUsage: 'prepaymentTopUp', seqNumber: '0' },
            ],
          },
        ],
      },
      replacements: [
        { targetTrustAnchorCell: { trustAnchorCellKeyUsage: 'digitalSignature' } },
        { targetTrustAnchorCell: { trustAnchorCellUsage: 'management' } },
        { targetTrustAnchorCell: { trustAnchorCellUsage: 'prePaymentTopUp' } },
      ],
      executionDateTime: '20300102000000Z',
    });
  });

  it('CS02g alert of a failed replacement, with two-octet lengths', () => {
    const cell = { trustAnchorCellRemotePartyRole: 'loadController' };
    const name = 'CS02gLoadControllerBySupplier_6.15.1_8F67_FUTURE_DATED_ERROR_ALERT';
    expect(decodeSample(asn1Sample(name))).toMatchObject({
      kind: 'asn1',
      structure: 'CS02g alert',
      lengths: 'two-octet',
      value: {
        alertCode: 0x8f67,
        executionDateTime: '20300115000000Z',
        executionOutcome: {
          authorisingRemotePartySeqNumber: '1004',
          credentialsReplacementMode: 'loadControllerBySupplier',
          remotePartySeqNumberChanges: [
            { otherRemotePartyRole: 'loadController', otherRemotePartyFloorSeqNumber: '0' },
          ],
          replacementOutcomes: [
            {
              affectedTrustAnchorCell: { ...cell, trustAnchorCellKeyUsage: 'digitalSignature' },
              statusCode: 'noTrustAnchor',
              existingSubjectUniqueID: '90b3d51f30010008',
              existingSubjectKeyIdentifier: '4694fe8205dc1acd',
              replacingSubjectUniqueID: '90b3d51f30010008',
              replacingSubjectKeyIdentifier: '4694fe8205dc1acd',
            },
            {
              affectedTrustAnchorCell: { ...cell, trustAnchorCellKeyUsage: 'keyAgreement' },
              statusCode: 'noTrustAnchor',
              existingSubjectKeyIdentifier: '4c42629afa881f7a',
            },
          ],
        },
      },
    });
  });

  it('CS02b response without sequence number changes', () => {
    expect(officialValue('CS02bTransCoSByTransCoS_NA_SUCCESS_RESPONSE')).toMatchObject({
      commandAccepted: null,
      executionOutcome: {
        authorisingRemotePartySeqNumber: '6000',
        credentialsReplacementMode: 'transCoSByTransCoS',
        remotePartySeqNumberChanges: [],
      },
    });
  });

  it('CS03B command', () => {
    expect(officialValue('CS03B_8.7.2_SUCCESS_COMMAND')).toEqual({
      joinMethodAndRole: 'methodB',
      otherDeviceEntityIdentifier: '00db12345678909c',
      otherDeviceType: 'GPF',
    });
  });

  it('CS06 alert', () => {
    expect(officialValue('CS06_11.3_8F67_FUTURE_DATED_ERROR_ALERT')).toEqual({
      alertCode: 0x8f67,
      executionDateTime: '20300101000000Z',
      originatorCounter: '1004',
      executionOutcome: { responseCode: 'hashMismatch', firmwareVersion: '0123abcf' },
    });
  });

  it('CS07 response', () => {
    expect(officialValue('CS07_8.9_SUCCESS_RESPONSE')).toEqual({
      responseCode: 'success',
      deviceLogEntries: [
        { deviceId: '0102030405060708', deviceType: 'GPF' },
        { deviceId: '00db123456789099', deviceType: 'GPF' },
        { deviceId: '00db123456789097', deviceType: 'pPMID' },
      ],
    });
  });

  it('GCS28 command and response', () => {
    expect(officialValue('GCS28_6.11_SUCCESS_COMMAND')).toEqual({
      validityIntervalStart: '20141231233000Z',
      validityIntervalEnd: '20150101003000Z',
    });
    expect(officialValue('GCS28_6.11_SUCCESS_RESPONSE')).toEqual({
      deviceTime: '20141231233000Z',
      deviceTimeStatus: 'reliable',
    });
  });

  it('CCS08 and CS09 alerts', () => {
    expect(officialValue('CCS08_NA_NA_ALERT')).toEqual({
      alertCode: 0x8f8a,
      timestamp: '20150101000000Z',
      entityId: '00db1234567890a4',
      firmwareVersion: '0123abcd',
      responseCode: 'success',
    });
    expect(officialValue('CS09_NA_8F8B_ALERT')).toEqual({
      alertCode: 0x8f8b,
      timestamp: '20150101000000Z',
      firmwareVersion: '1234abcd',
      activateImageResponseCode: 'success',
    });
  });

  it('GCS59 response', () => {
    expect(officialValue('GCS59_8.12.2_SUCCESS_RESPONSE')).toEqual({
      restoreOutcomes: [
        {
          deviceLogEntry: { deviceId: '0011223344556677', deviceType: 'pPMID' },
          joinResponseCode: 'success',
        },
        {
          deviceLogEntry: { deviceId: '8899aabbccddeeff', deviceType: 'type2' },
          joinResponseCode: 'success',
        },
      ],
    });
  });
});
