import { describe, expect, it } from 'vitest';
import { data, types } from '../../../protocols/dlms/construct.js';
import { checkShape, shapeOf } from '../../../protocols/dlms/shape.js';

describe('shapes', () => {
  const registers = data.structure(
    data.u32(10),
    data.structure(data.i8(0), data.enum(30)),
    data.u32(10),
    data.structure(data.i8(0), data.enum(32)),
  );

  it('are written as in gbcs-message.md 10, E10', () => {
    expect(shapeOf(registers)).toBe(
      'structure(double-long-unsigned, structure(integer, enum), double-long-unsigned, ' +
        'structure(integer, enum))',
    );
    expect(shapeOf(data.array(data.octets('0102'), data.octets('0304'), data.bits('111')))).toBe(
      'array(octet-string(2) | bit-string(3))',
    );
    const log = data.compactArray(types.simple('enum'), [data.enum(1)]);
    expect(shapeOf(log)).toBe('compact-array(enum)');
    expect(shapeOf(data.nullData)).toBe('null-data');
  });

  it.each([
    ['any', registers],
    [
      'structure(double-long-unsigned, any, double-long-unsigned, structure(integer, enum))',
      registers,
    ],
    ['octet-string', data.octets('01')],
    ['octet-string(1)', data.octets('01')],
    ['octet-string(0..2)', data.octets('')],
    ['visible-string(0..3)', data.visible('abc')],
    ['boolean | enum', data.enum(1)],
    ['array(enum)', data.array()],
    ['array(enum | boolean)', data.array(data.enum(1), data.bool(true))],
    ['array[2](enum)', data.array(data.enum(1), data.enum(2))],
    ['structure()', data.structure()],
  ])('%s is met', (shape, value) => {
    expect(checkShape(value, shape)).toBeUndefined();
  });

  it.each([
    ['octet-string(12)', data.octets('00'), '', 'octet-string(12)', 'octet-string(1)'],
    ['octet-string(0..2)', data.octets('010203'), '', 'octet-string(0..2)', 'octet-string(3)'],
    ['long-unsigned', data.u8(1), '', 'long-unsigned', 'unsigned'],
    [
      'structure(enum, enum)',
      data.structure(data.enum(1)),
      '',
      'structure(enum, enum)',
      'structure(enum)',
    ],
    [
      'array(structure(enum, long))',
      data.array(data.structure(data.enum(1), data.i32(1))),
      '[0][1]',
      'long',
      'double-long',
    ],
    ['array[2](enum)', data.array(data.enum(1)), '', 'array[2](enum)', 'array(enum)'],
    ['array(enum)', data.structure(data.enum(1)), '', 'array(enum)', 'structure(enum)'],
    ['enum | long', data.u8(1), '', 'enum | long', 'unsigned'],
  ])('%s is missed with a path', (shape, value, path, expected, found) => {
    expect(checkShape(value, shape)).toEqual({ path, expected, found });
  });
});
