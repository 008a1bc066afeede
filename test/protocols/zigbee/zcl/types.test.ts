import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { Reader } from '../../../../protocols/codec/reader.js';
import { Writer } from '../../../../protocols/codec/writer.js';
import {
  type ZclTypeName,
  zclDataType,
  zclDataTypeId,
  zclTypeCodec,
} from '../../../../protocols/zigbee/zcl/types.js';
import { bytesOf, endsInCodecError } from '../../../support/codec-table.js';
import { dataTypes, typeArbitrary } from '../../../support/zcl-values.js';

function decode(name: ZclTypeName, wire: string) {
  const reader = new Reader(bytesOf(wire));
  const value = zclTypeCodec(name).read(reader, 0);
  reader.done();
  return value;
}

function encode(name: ZclTypeName, value: unknown): string {
  const writer = new Writer();
  zclTypeCodec(name).write(writer, value, 0);
  return toHex(writer.finish());
}

/** Worked out by hand from the ZCL: little-endian, two's complement, IEEE 754. */
const rows: readonly (readonly [ZclTypeName, string, unknown])[] = [
  ['uint8', 'fe', 254],
  ['uint16', '3a03', 826],
  ['uint24', 'e80300', 1000],
  ['uint32', 'c1570000', 22465],
  ['uint40', '0000000001', 4294967296],
  ['uint48', '393000000000', 12345],
  ['uint48', 'ffffffffffff', 281474976710655],
  ['uint56', 'ffffffffffffff', '72057594037927935'],
  ['uint64', 'ffffffffffffffff', '18446744073709551615'],
  ['int8', '80', -128],
  ['int16', 'feff', -2],
  ['int24', 'ffffff', -1],
  ['int24', '000080', -8388608],
  ['int32', 'c0b4b3ff', -5000000],
  ['int48', '000000000080', -140737488355328],
  ['int56', '00000000000080', '-36028797018963968'],
  ['int64', '0000000000000080', '-9223372036854775808'],
  ['map16', '970c', 0x0c97],
  ['enum16', '0100', 1],
  ['data64', '0100000000000000', '1'],
  ['bool', '00', false],
  ['bool', '01', true],
  ['bool', 'ff', 255],
  ['semi', '003c', 1],
  ['semi', '00c0', -2],
  ['semi', '0100', 2 ** -24],
  ['semi', 'ff7b', 65504],
  ['semi', '007c', '007c'],
  ['single', '0000c03f', 1.5],
  ['single', '0000c07f', '0000c07f'],
  ['double', '000000000000f03f', 1],
  ['double', '0000000000000080', '0000000000000080'],
  ['octstr', '040123abcd', '0123abcd'],
  ['octstr', 'ff', { invalid: true }],
  ['string', '025ac3', { hex: '5ac3' }],
  ['string', '03e282ac', '€'],
  ['string', '00', ''],
  ['octstr16', '0200beef', 'beef'],
  ['string16', '01003f', '?'],
  ['string16', 'ffff', { invalid: true }],
  ['array', '21 0200 0100 0200', { elementType: 0x21, elements: [1, 2] }],
  ['array', '21 ffff', { elementType: 0x21, invalid: true }],
  [
    'struct',
    '0200 10 01 42 0141',
    [
      { dataType: 0x10, value: true },
      { dataType: 0x42, value: 'A' },
    ],
  ],
  ['time', '17 3b 3b 63', { hours: 23, minutes: 59, seconds: 59, hundredths: 99 }],
  ['date', '73 01 01 04', { yearSince1900: 115, month: 1, dayOfMonth: 1, dayOfWeek: 4 }],
  ['utc', '804a371c', 473385600],
  ['eui64', 'a190785634 12db00', '00db1234567890a1'],
  ['key128', '000102030405060708090a0b0c0d0e0f', '000102030405060708090a0b0c0d0e0f'],
];

describe('ZCL data types', () => {
  it.each(rows)('%s %s is %j', (name, wire, value) => {
    expect(decode(name, wire)).toEqual(value);
    expect(encode(name, value)).toBe(wire.replace(/ /g, ''));
  });

  it('has the 56 types of the ZCL table', () => {
    expect(dataTypes.map((type) => type.id)).toHaveLength(56);
    expect(zclDataType(0x40)).toBeUndefined();
    expect(zclDataTypeId('octstr')).toBe(0x41);
  });

  it.each(dataTypes.map((type) => [type.name, type] as const))('%s round trips', (name, type) => {
    fc.assert(
      fc.property(typeArbitrary(name), (value) => {
        const writer = new Writer();
        type.write(writer, JSON.parse(JSON.stringify(value)), 0);
        const bytes = writer.finish();
        const reader = new Reader(bytes);
        expect(type.read(reader, 0)).toEqual(value);
        reader.done();
        const refused = Array.from(bytes, (_, length) =>
          endsInCodecError(() => type.read(new Reader(bytes.subarray(0, length)), 0)),
        );
        expect(refused).not.toContain(false);
      }),
      { seed: 20261122, numRuns: 20, endOnFailure: true },
    );
  });

  it.each(dataTypes.map((type) => [type.name, type] as const))(
    '%s refuses what is no value of it with CodecError only',
    (_name, type) => {
      fc.assert(
        fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
          endsInCodecError(() => type.write(new Writer(), value, 0));
        }),
        { seed: 20261122, numRuns: 40 },
      );
      expect(endsInCodecError(() => type.write(new Writer(), { toString: 1 }, 0))).toBe(true);
    },
  );

  it.each<[ZclTypeName, string]>([
    ['bool', '02'],
    ['array', '00 0100'],
    ['array', '40 0000'],
    ['struct', '0100 40'],
  ])('refuses %s %s', (name, wire) => {
    expect(() => decode(name, wire)).toThrow(CodecError);
  });

  it('stops collections that nest without end', () => {
    const nested = '48 0100 '.repeat(40);
    expect(() => decode('array', nested)).toThrow(/nested deeper/);
  });
});
