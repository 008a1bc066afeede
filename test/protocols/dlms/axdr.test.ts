import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { dlmsData } from '../../../protocols/dlms/axdr.js';
import { data, types } from '../../../protocols/dlms/construct.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import { anyDlmsData } from './arbitrary-data.js';

const decode = (hex: string) => decodeWith(dlmsData, fromHex(hex));
const encode = (value: unknown) => toHex(encodeWith(dlmsData, value as DlmsData));

function refusal(action: () => unknown): { path: string; offset: number; reason: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof CodecError) return error.toJSON();
    throw error;
  }
  throw new Error('accepted');
}

describe('A-XDR values by hand (dlms.md 2)', () => {
  const logType = types.structure(
    types.simple('double-long-unsigned'),
    types.simple('long-unsigned'),
    types.simple('octet-string'),
  );
  const table: [hex: string, value: DlmsData][] = [
    ['00', data.nullData],
    ['0100', data.array()],
    ['0202110512ffff', data.structure(data.u8(5), data.u16(65535))],
    ['0300', data.bool(false)],
    ['03ff', data.bool(true)],
    ['0301', { type: 'boolean', value: true, octet: 1 }],
    ['0403e0', data.bits('111')],
    ['0400', data.bits('')],
    ['0408a5', data.bits('10100101')],
    ['0580000000', data.i32(-2147483648)],
    ['06ffffffff', data.u32(4294967295)],
    ['090431323334', data.octets('31323334')],
    ['0a0468c3a921', data.visible('h\u00c3\u00a9!')],
    ['0c0568c3a92120', data.utf8('hé! ')],
    ['0c04f09f9880', data.utf8('😀')],
    ['0d12', { type: 'bcd', value: '12' }],
    ['0ffb', data.i8(-5)],
    ['108000', data.i16(-32768)],
    ['14ffffffffffffffff', data.i64(-1n)],
    ['15ffffffffffffffff', data.u64(18446744073709551615n)],
    ['161e', data.enum(30)],
    ['173f800000', { type: 'float32', value: '3f800000' }],
    ['183ff0000000000000', { type: 'float64', value: '3ff0000000000000' }],
    ['1907df0101ff000000008000ff', { type: 'date-time', value: '07df0101ff000000008000ff' }],
    ['1a07df0101ff', { type: 'date', value: '07df0101ff' }],
    ['1b00000000', { type: 'time', value: '00000000' }],
    [
      '130203061209101c374a808f3502abcd1c374a81000100',
      data.compactArray(logType, [
        data.structure(data.u32(0x1c374a80), data.u16(0x8f35), data.octets('abcd')),
        data.structure(data.u32(0x1c374a81), data.u16(1), data.octets('')),
      ]),
    ],
    [
      '13010002110401020304',
      data.compactArray(types.array(2, types.simple('unsigned')), [
        data.array(data.u8(1), data.u8(2)),
        data.array(data.u8(3), data.u8(4)),
      ]),
    ],
    ['130600', data.compactArray(types.simple('double-long-unsigned'), [])],
  ];
  it.each(table)('%s', (hex, value) => {
    expect(decode(hex)).toEqual(value);
    expect(encode(value)).toBe(hex);
  });

  it('writes lengths in their shortest form', () => {
    expect(encode(data.octets('00'.repeat(127))).slice(0, 4)).toBe('097f');
    expect(encode(data.octets('00'.repeat(128))).slice(0, 6)).toBe('098180');
    expect(encode(data.octets('00'.repeat(256))).slice(0, 8)).toBe('09820100');
    expect(encode(data.bits('1'.repeat(512))).slice(0, 8)).toBe('04820200');
  });
});

describe('strictness of A-XDR', () => {
  it.each([
    ['unknown tag', '1c00', { path: '', offset: 0 }],
    ['tag inside a list', '0202110107', { path: '[1]', offset: 4 }],
    ['length not shortest', '09810100', { path: '', offset: 1 }],
    ['count beyond the bytes', '01820fff', { path: '', offset: 1 }],
    ['count beyond the bytes, nested', '01010283ffffff', { path: '[0]', offset: 3 }],
    ['string beyond the bytes', '090501', { path: '', offset: 2 }],
    ['unused bits set', '0403e1', { path: '', offset: 2 }],
    ['overlong UTF-8', '0c02c080', { path: '', offset: 2 }],
    ['UTF-8 surrogate', '0c03eda080', { path: '', offset: 2 }],
    ['UTF-8 cut short', '0c01c3', { path: '', offset: 3 }],
    ['trailing byte', '0000', { path: '', offset: 1 }],
    ['compact array in a compact array', '13130600', { path: 'description', offset: 1 }],
    ['compact contents not whole elements', '1306050000000100', { path: '[1]', offset: 7 }],
  ])('%s', (_, hex, where) => {
    expect(refusal(() => decode(hex))).toMatchObject(where);
  });

  it('bounds depth, in values and in type descriptions', () => {
    expect(decode(`${'0101'.repeat(32)}00`).type).toBe('array');
    expect(refusal(() => decode(`${'0101'.repeat(33)}00`)).reason).toContain('nested deeper');
    const deep = `13${'0201'.repeat(40)}1100`;
    expect(refusal(() => decode(deep)).reason).toContain('nested deeper');
    let value: DlmsData = data.nullData;
    for (let i = 0; i < 33; i++) value = data.array(value);
    expect(refusal(() => encode(value)).reason).toContain('nested deeper');
  });

  it('does not let elements of no octets multiply', () => {
    const nulls = '13010fff000101';
    expect(() => decode(nulls)).toThrow(CodecError);
    expect(() => decode('1301ffff01ffff000100')).toThrow(CodecError);
    expect(() => decode('13000100')).toThrow(CodecError);
    expect(() => decode('1302000100')).toThrow(CodecError);
    expect(() => decode('1301ffff01ffff110100')).toThrow(CodecError);
  });
});

describe('A-XDR properties', () => {
  it('round trips any value, also through JSON', () => {
    fc.assert(
      fc.property(anyDlmsData, (value) => {
        const bytes = encodeWith(dlmsData, value);
        const back = decodeWith(dlmsData, bytes);
        expect(back).toEqual(value);
        expect(encodeWith(dlmsData, JSON.parse(JSON.stringify(back)))).toEqual(bytes);
      }),
      { seed: 20261122, numRuns: 1500 },
    );
  });

  it('refuses every truncation and survives any bytes', () => {
    fc.assert(
      fc.property(anyDlmsData, (value) => {
        const bytes = encodeWith(dlmsData, value);
        for (let length = 0; length < Math.min(bytes.length, 200); length++) {
          expect(() => decodeWith(dlmsData, bytes.subarray(0, length))).toThrow(CodecError);
        }
      }),
      { seed: 20261122, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let value: DlmsData;
        try {
          value = decodeWith(dlmsData, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
          return;
        }
        expect(encodeWith(dlmsData, value)).toEqual(bytes);
      }),
      { seed: 20261122, numRuns: 5000 },
    );
  });
});

describe('encoding what is not a value', () => {
  const hostile = { toString: 1, valueOf: 1 };
  it.each([
    ['null', null, ''],
    ['text', 'x', ''],
    ['a list', [], ''],
    ['no type', {}, ''],
    ['an inherited name', { type: 'constructor' }, ''],
    ['a type that is no text', { type: hostile }, ''],
    ['number as text', { type: 'unsigned', value: '5' }, ''],
    ['hostile object as number', { type: 'unsigned', value: hostile }, ''],
    ['number too large', { type: 'unsigned', value: 256 }, ''],
    ['number not whole', { type: 'double-long', value: 1.5 }, ''],
    ['number missing', { type: 'enum' }, ''],
    ['list missing', { type: 'structure' }, ''],
    ['list of length only', { type: 'array', value: { length: 3 } }, ''],
    ['wrong item', { type: 'array', value: [{ type: 'null-data' }, 7] }, '[1]'],
    ['odd hex', { type: 'octet-string', value: 'abc' }, ''],
    ['not hex', { type: 'octet-string', value: 'zz' }, ''],
    ['date of wrong size', { type: 'date', value: '00' }, ''],
    ['bits', { type: 'bit-string', value: '012' }, ''],
    ['octet of a false boolean', { type: 'boolean', value: false, octet: 3 }, ''],
    ['octet 255', { type: 'boolean', value: true, octet: 255 }, ''],
    ['64 bits exceeded', { type: 'long64', value: '9223372036854775808' }, ''],
    ['negative unsigned', { type: 'long64-unsigned', value: '-1' }, ''],
    ['number for text', { type: 'long64', value: 5 }, ''],
    ['wide character', { type: 'visible-string', value: '€' }, ''],
    ['lone surrogate', { type: 'utf8-string', value: '\ud800' }, ''],
    ['no description', { type: 'compact-array', value: [] }, 'description'],
    [
      'bad description',
      { type: 'compact-array', description: { type: 'x' }, value: [] },
      'description',
    ],
    [
      'element not as described',
      {
        type: 'compact-array',
        description: { type: 'structure', elements: [{ type: 'enum' }, { type: 'long' }] },
        value: [{ type: 'structure', value: [data.enum(1), data.enum(2)] }],
      },
      '[0][1]',
    ],
    [
      'too few elements',
      {
        type: 'compact-array',
        description: { type: 'array', count: 2, element: { type: 'enum' } },
        value: [{ type: 'array', value: [data.enum(1)] }],
      },
      '[0]',
    ],
    [
      'element of no octets',
      { type: 'compact-array', description: { type: 'null-data' }, value: [data.nullData] },
      '[0]',
    ],
  ])('%s', (_, value, path) => {
    expect(refusal(() => encode(value)).path).toBe(path);
  });
});
