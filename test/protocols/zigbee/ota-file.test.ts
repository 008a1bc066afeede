import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOtaImage } from 'zigbee-herdsman/dist/controller/helpers/ota.js';
import { eui64, eui64FromBytes } from '../../../protocols/codec/eui64.js';
import { concatBytes, toHex } from '../../../protocols/codec/hex.js';
import {
  decodeOtaElements,
  decodeOtaFile,
  encodeOtaElements,
  encodeOtaFile,
  OtaFileHeader,
  otaElementTags,
} from '../../../protocols/zigbee/ota-file.js';
import { bytesOf, codecTable, endsInCodecError } from '../../support/codec-table.js';

/** Identifier, version 1.0, header length and field control as given. */
const begin = (length: string, control: string) => `1ef1ee0b 0001 ${length} ${control}`;
/** Manufacturer 0x1049, image type 0x0084, file version, stack ZigBee PRO, text "Meter". */
const image =
  '4910 8400 dcaccdab 0200 4d65746572 000000000000000000000000000000000000000000000000000000';
const without = {
  manufacturerCode: 0x1049,
  imageType: 0x0084,
  fileVersion: 0xabcdacdc,
  zigBeeStackVersion: 2,
  headerString: 'Meter',
  securityCredentialVersion: undefined,
  upgradeFileDestination: undefined,
  hardwareVersions: undefined,
};
const hardwareVersions = { minimum: 0x1111, maximum: 0x1211 };

codecTable(
  'OTA file header',
  OtaFileHeader,
  [
    {
      name: 'the shortest',
      wire: `${begin('3800', '0000')} ${image} 38000000`,
      value: { ...without, totalImageSize: 56 },
    },
    {
      name: 'hardware versions',
      wire: `${begin('3c00', '0400')} ${image} 69010000 1111 1112`,
      value: { ...without, totalImageSize: 361, hardwareVersions },
    },
    {
      name: 'every field',
      wire: `${begin('4500', '0700')} ${image} 45000000 02 0807060504030201 1111 1112`,
      value: {
        ...without,
        totalImageSize: 69,
        securityCredentialVersion: 2,
        upgradeFileDestination: eui64('0102030405060708'),
        hardwareVersions,
      },
    },
  ],
  [
    {
      name: 'another file',
      wire: `1ef1ee0c 0001 3800 0000 ${image} 38000000`,
      reason: /file identifier is 0x0ceef11e, not 0x0beef11e/,
    },
    {
      name: 'another header version',
      wire: `1ef1ee0b 0002 3800 0000 ${image} 38000000`,
      reason: /header version is 0x0200/,
    },
    {
      name: 'a length that does not fit the fields',
      wire: `${begin('3900', '0000')} ${image} 38000000`,
      reason: /header length is 57, but the fields take 56/,
    },
    {
      name: 'reserved bits',
      wire: `${begin('3800', '0800')} ${image} 38000000`,
      reason: /reserved bits/,
    },
  ],
);

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const headers = fc.record({
  manufacturerCode: u16,
  imageType: u16,
  fileVersion: fc.integer({ min: 0, max: 0xffffffff }),
  zigBeeStackVersion: u16,
  headerString: fc.string({ unit: 'grapheme-ascii', maxLength: 32 }),
  securityCredentialVersion: maybe(u8),
  upgradeFileDestination: maybe(
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((octets) => eui64FromBytes(octets)),
  ),
  hardwareVersions: maybe(fc.record({ minimum: u16, maximum: u16 })),
});
const elements = fc.array(
  fc.record({
    // 0xF000 is left out: zigbee-herdsman reads two more octets there, for one maker.
    tag: fc.oneof(fc.constantFrom(...Object.values(otaElementTags)), fc.constant(0xf001)),
    data: fc.uint8Array({ maxLength: 60 }),
  }),
  { maxLength: 5 },
);

describe('OTA file', () => {
  it('comes back as it was written, and zigbee-herdsman reads the same', () => {
    fc.assert(
      fc.property(headers, elements, (header, parts) => {
        const file = encodeOtaFile(header, encodeOtaElements(parts));
        const decoded = decodeOtaFile(file);
        expect(decoded.header).toEqual({ ...header, totalImageSize: file.length });
        expect(decodeOtaElements(decoded.content)).toEqual(parts);
        const judged = parseOtaImage(Buffer.from(file));
        expect(judged.header).toMatchObject({
          otaHeaderVersion: 0x0100,
          otaHeaderLength: file.length - decoded.content.length,
          manufacturerCode: header.manufacturerCode,
          imageType: header.imageType,
          fileVersion: header.fileVersion,
          zigbeeStackVersion: header.zigBeeStackVersion,
          otaHeaderString: header.headerString.padEnd(32, '\0'),
          totalImageSize: file.length,
        });
        expect(judged.header.securityCredentialVersion).toBe(header.securityCredentialVersion);
        expect(judged.header.minimumHardwareVersion).toBe(header.hardwareVersions?.minimum);
        expect(judged.header.maximumHardwareVersion).toBe(header.hardwareVersions?.maximum);
        expect(
          judged.elements.map(({ tagId, data }) => ({ tag: tagId, data: Uint8Array.from(data) })),
        ).toEqual(parts);
      }),
      { seed: 20261122, numRuns: 200, endOnFailure: true },
    );
  });

  it("keeps a maker's image without elements as it is", () => {
    const content = bytesOf('de ad be ef 00');
    const file = encodeOtaFile({ ...without, hardwareVersions }, content);
    expect(file).toHaveLength(65);
    expect(toHex(decodeOtaFile(file).content)).toBe('deadbeef00');
    expect(() => decodeOtaElements(content)).toThrow(/otaElements\.data/);
  });

  it('refuses a file that is longer or shorter than its header tells', () => {
    const file = encodeOtaFile(without, bytesOf('0000 01000000 aa'));
    expect(() => decodeOtaFile(concatBytes(file, Uint8Array.of(0)))).toThrow(
      /total image size is 63, the file has 64/,
    );
    for (let length = 0; length < file.length; length++) {
      expect(endsInCodecError(() => decodeOtaFile(file.slice(0, length)))).toBe(true);
    }
  });

  it.each(['x'.repeat(33), 'ends in NUL\0', 'not one octet: \u{1f600}'])(
    'refuses the text %j',
    (text) => {
      expect(
        endsInCodecError(() =>
          encodeOtaFile({ ...without, headerString: text }, new Uint8Array(0)),
        ),
      ).toBe(true);
    },
  );

  it('ends in a value or CodecError whatever the content is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (content) => {
        endsInCodecError(() => {
          expect(toHex(encodeOtaElements(decodeOtaElements(content)))).toBe(toHex(content));
        });
      }),
      { seed: 20261122, numRuns: 300, endOnFailure: true },
    );
  });
});
