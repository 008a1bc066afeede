import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  decodeGbcsMessage,
  encodeGbcsMessage,
  peekRecipient,
} from '../../../protocols/gbcs/message.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';

// Worked examples E4 and E6 of gbcs-message.md 10: published test data.
const criticalCommand =
  'dd00000000000081891100000000df090100000000000003e80890b3d51f300100000800db1234567890a00002004f15d9200003e8000103000900000a006aff0101120033' +
  '40a76d84f6e53d8d1b7b58b8b4a69c06a1c449c48b2742ae7d9c96d24ba8e4e7c9d7fbf0595f1dfce16f42ae59167191d02b8e5c67a50ec442a30a0a5b701d0e58efd36e695298259fadf662fa';
const unknownRemotePartyCommand =
  'dd0000000000005c1100000000df090100000000000005140890b3d51f300000020800db1234567890a00012005890b3d51f3001000000000000000003e818d92000051400010200010003600d01ff02010904313233340082f6b5f2e0a5ef791fbd483b';

describe('GBCS message', () => {
  it('reads every field of a critical command', () => {
    const message = decodeGbcsMessage(fromHex(criticalCommand));
    expect(message.header).toEqual({
      craFlag: 'command',
      originatorCounter: 1000n,
      originator: '90b3d51f30010000',
      recipient: '00db1234567890a0',
      dateTime: undefined,
      otherInformation: { messageCode: 0x004f },
    });
    expect(toHex(message.content)).toBe('d9200003e8000103000900000a006aff0101120033');
    expect(toHex(message.signature as Uint8Array)).toMatch(/^a76d84f6.*5b701d0e58$/);
    expect(toHex(message.mac as Uint8Array)).toBe('efd36e695298259fadf662fa');
    expect(toHex(message.signedBytes)).toMatch(/^0901000000.*120033$/);
    expect(toHex(encodeGbcsMessage(message))).toBe(criticalCommand);
  });

  it('reads the supplementary party of an unknown remote party command', () => {
    const message = decodeGbcsMessage(fromHex(unknownRemotePartyCommand));
    expect(message.header.otherInformation).toEqual({
      messageCode: 0x0058,
      supplementaryRemotePartyId: '90b3d51f30010000',
      supplementaryRemotePartyCounter: 1000n,
    });
    expect(message.signature).toBe('none');
  });

  it('names path and offset of what is wrong', () => {
    const at = (hex: string, offset: number, value: string): string =>
      hex.slice(0, 2 * offset) + value + hex.slice(2 * offset + 2);
    const cases: [string, RegExp][] = [
      ['', /groupingHeader.tag @0: need 1 byte, have 0/],
      [at(criticalCommand, 3, '01'), /macHeader @3: general-ciphering field is not empty/],
      [at(criticalCommand, 1, '09'), /general block transfer/],
      [at(criticalCommand, 8, '88'), /macHeader @7: length 136, but 137 bytes follow/],
      [at(criticalCommand, 16, '04'), /groupingHeader.craFlag @16: 0x04 is not 1, 2 or 3/],
      [at(criticalCommand, 44, '03'), /otherInformation @44: length 3 is none of/],
      [criticalCommand.replace('81891100000000df', '8200891100000000df'), /not in its shortest/],
      [`${criticalCommand.slice(28, -24)}00`, /@120: 1 trailing byte/],
    ];
    for (const [hex, message] of cases) {
      expect(() => decodeGbcsMessage(fromHex(hex)), hex.slice(0, 40)).toThrow(message);
    }
  });

  it('is refused when cut anywhere, and gives nothing but CodecError for any flipped bit', () => {
    const bytes = fromHex(criticalCommand);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeGbcsMessage(bytes.subarray(0, length))).toThrow(CodecError);
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        expect(toHex(encodeGbcsMessage(decodeGbcsMessage(flipped)))).toBe(toHex(flipped));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
      }
    }
  });

  it('round-trips any header (property)', () => {
    const eui = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((b) => toHex(b) as never);
    const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const other = fc.oneof(
      fc.record({ messageCode: fc.nat(0xffff) }),
      fc.record({ messageCode: fc.nat(0xffff), supplementaryRemotePartyId: eui }),
      fc.record({
        messageCode: fc.nat(0xffff),
        supplementaryRemotePartyId: eui,
        supplementaryRemotePartyCounter: u64,
      }),
      fc.record({
        messageCode: fc.nat(0xffff),
        supplementaryRemotePartyId: eui,
        supplementaryRemotePartyCounter: u64,
        supplementaryOriginatorCounter: u64,
      }),
      fc.record({
        messageCode: fc.nat(0xffff),
        supplementaryRemotePartyId: eui,
        supplementaryRemotePartyCounter: u64,
        supplementaryRemotePartyKeyAgreementCertificate: fc.uint8Array({
          minLength: 9,
          maxLength: 430,
        }),
      }),
    );
    const message = fc.record({
      header: fc.record({
        craFlag: fc.constantFrom('command' as const, 'response' as const, 'alert' as const),
        originatorCounter: u64,
        originator: eui,
        recipient: eui,
        dateTime: fc.option(fc.uint8Array({ minLength: 12, maxLength: 12 }), { nil: undefined }),
        otherInformation: other,
      }),
      content: fc.uint8Array({ maxLength: 2000 }),
      signature: fc.oneof(
        fc.constant('none' as const),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
      ),
      mac: fc.option(fc.uint8Array({ minLength: 12, maxLength: 12 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(message, (value) => {
        const bytes = encodeGbcsMessage(value);
        const decoded = decodeGbcsMessage(bytes);
        expect(decoded.header).toEqual(value.header);
        expect(toHex(encodeGbcsMessage(decoded))).toBe(toHex(bytes));
        expect(toHex(peekRecipient(bytes) as Uint8Array)).toBe(value.header.recipient);
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });

  it.skipIf(!rtdsAvailable)('reads and rewrites all official messages byte for byte', () => {
    const entries = loadRtdsIndex();
    expect(entries).toHaveLength(939);
    for (const entry of entries) {
      const bytes = readRtdsMessage(entry);
      const message = decodeGbcsMessage(bytes);
      expect(toHex(encodeGbcsMessage(message)), entry.file).toBe(toHex(bytes));
      expect(message.header.craFlag).toBe(entry.cra);
      expect(message.header.originator).toBe(entry.originator);
      expect(message.header.recipient).toBe(entry.recipient);
      expect(message.header.originatorCounter).toBe(BigInt(entry.counter));
      expect(message.mac !== undefined).toBe(entry.mac);
      expect(message.signature instanceof Uint8Array).toBe(entry.signed);
      expect(message.signature === undefined).toBe(entry.role === 'pre-command');
    }
  });
});
