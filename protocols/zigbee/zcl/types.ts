import type { Reader } from '../../codec/reader.js';
import type { Writer } from '../../codec/writer.js';
import { boolean, float, signed, unsigned } from './numbers.js';
import { characters, fixedOctets, ieeeAddress, octetRecord, octets, remainder } from './strings.js';
import {
  integerOf,
  invalidValue,
  isInvalidValue,
  recordOf,
  type ZclFields,
  type ZclValue,
  type ZclValueCodec,
} from './value.js';

/**
 * The ZCL data types. Integers up to 48 bits are numbers, longer ones decimal text; octets are hex;
 * UTC is seconds since 2000-01-01T00:00:00Z.
 */
export interface ZclDataType extends ZclValueCodec {
  readonly id: number;
  readonly name: string;
  /** Analogue types have a reportable change, discrete ones have none. */
  readonly analogue: boolean;
}

/** Collections inside collections: a bound so that hostile bytes cannot exhaust the stack. */
const depthMax = 8;

const byId: (ZclDataType | undefined)[] = new Array<ZclDataType | undefined>(256).fill(undefined);

export function zclDataType(id: number): ZclDataType | undefined {
  return byId[id];
}

export function readDataTypeId(reader: Reader): number {
  const id = reader.u8();
  if (byId[id] === undefined) {
    reader.fail(`0x${id.toString(16).padStart(2, '0')} is not a ZCL data type`, reader.offset - 1);
  }
  return id;
}

export function typeOf(writer: Writer, id: unknown): ZclDataType {
  const type = byId[integerOf(writer, id, 0, 0xff)];
  if (type === undefined) writer.fail(`${String(id)} is not a ZCL data type`);
  return type;
}

function enter(at: Reader | Writer, depth: number): number {
  if (depth >= depthMax) at.fail(`collections nested deeper than ${depthMax}`);
  return depth + 1;
}

function readCount(reader: Reader): number {
  const count = reader.u16Le();
  return count === 0xffff ? -1 : count;
}

function listOf(writer: Writer, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) writer.fail(value === undefined ? 'missing' : 'not a list');
  if (value.length > 0xfffe) writer.fail('a list of more than 65534');
  return value;
}

/**
 * Array, set, bag: `{ elementType, elements }`. Elements without octets are refused: they could be
 * endless.
 */
const sequence: ZclValueCodec = {
  read(reader, depth) {
    const inner = enter(reader, depth);
    const elementType = readDataTypeId(reader);
    if (elementType === 0x00 || elementType === 0xff) reader.fail('elements without a value');
    const count = readCount(reader);
    if (count < 0) return { elementType, ...invalidValue };
    const type = byId[elementType] as ZclDataType;
    const elements: ZclValue[] = [];
    for (let i = 0; i < count; i++) elements.push(type.read(reader, inner));
    return { elementType, elements };
  },
  write(writer, value, depth) {
    const inner = enter(writer, depth);
    const record = recordOf(writer, value);
    const type = typeOf(writer, record.elementType);
    if (type.id === 0x00 || type.id === 0xff) writer.fail('elements without a value');
    writer.u8(type.id);
    if (isInvalidValue(record)) return writer.u16Le(0xffff);
    const elements = listOf(writer, record.elements);
    writer.u16Le(elements.length);
    for (const element of elements) type.write(writer, element, inner);
  },
};

/** Structure: a list of `{ dataType, value }`. */
const structure: ZclValueCodec = {
  read(reader, depth) {
    const inner = enter(reader, depth);
    const count = readCount(reader);
    if (count < 0) return invalidValue;
    const members: ZclFields[] = [];
    for (let i = 0; i < count; i++) {
      const dataType = readDataTypeId(reader);
      members.push({ dataType, value: (byId[dataType] as ZclDataType).read(reader, inner) });
    }
    return members;
  },
  write(writer, value, depth) {
    const inner = enter(writer, depth);
    if (isInvalidValue(value)) return writer.u16Le(0xffff);
    const members = listOf(writer, value);
    writer.u16Le(members.length);
    for (const member of members) {
      const record = recordOf(writer, member);
      const type = typeOf(writer, record.dataType);
      writer.u8(type.id);
      type.write(writer, record.value, inner);
    }
  },
};

const nothing: ZclValueCodec = {
  read: () => '',
  write(writer, value) {
    if (value !== '') writer.fail('this data type has no value: only empty text stands for it');
  },
};

const time = octetRecord('hours', 'minutes', 'seconds', 'hundredths');
const date = octetRecord('yearSince1900', 'month', 'dayOfMonth', 'dayOfWeek');

/** The ZCL table of types by short name: number on the wire, codec, whether analogue. */
const table = {
  nodata: [0x00, nothing],
  data8: [0x08, unsigned(1)],
  data16: [0x09, unsigned(2)],
  data24: [0x0a, unsigned(3)],
  data32: [0x0b, unsigned(4)],
  data40: [0x0c, unsigned(5)],
  data48: [0x0d, unsigned(6)],
  data56: [0x0e, unsigned(7)],
  data64: [0x0f, unsigned(8)],
  bool: [0x10, boolean],
  map8: [0x18, unsigned(1)],
  map16: [0x19, unsigned(2)],
  map24: [0x1a, unsigned(3)],
  map32: [0x1b, unsigned(4)],
  map40: [0x1c, unsigned(5)],
  map48: [0x1d, unsigned(6)],
  map56: [0x1e, unsigned(7)],
  map64: [0x1f, unsigned(8)],
  uint8: [0x20, unsigned(1), 'analogue'],
  uint16: [0x21, unsigned(2), 'analogue'],
  uint24: [0x22, unsigned(3), 'analogue'],
  uint32: [0x23, unsigned(4), 'analogue'],
  uint40: [0x24, unsigned(5), 'analogue'],
  uint48: [0x25, unsigned(6), 'analogue'],
  uint56: [0x26, unsigned(7), 'analogue'],
  uint64: [0x27, unsigned(8), 'analogue'],
  int8: [0x28, signed(1), 'analogue'],
  int16: [0x29, signed(2), 'analogue'],
  int24: [0x2a, signed(3), 'analogue'],
  int32: [0x2b, signed(4), 'analogue'],
  int40: [0x2c, signed(5), 'analogue'],
  int48: [0x2d, signed(6), 'analogue'],
  int56: [0x2e, signed(7), 'analogue'],
  int64: [0x2f, signed(8), 'analogue'],
  enum8: [0x30, unsigned(1)],
  enum16: [0x31, unsigned(2)],
  semi: [0x38, float(2), 'analogue'],
  single: [0x39, float(4), 'analogue'],
  double: [0x3a, float(8), 'analogue'],
  octstr: [0x41, octets(1)],
  string: [0x42, characters(1)],
  octstr16: [0x43, octets(2)],
  string16: [0x44, characters(2)],
  array: [0x48, sequence],
  struct: [0x4c, structure],
  set: [0x50, sequence],
  bag: [0x51, sequence],
  time: [0xe0, time, 'analogue'],
  date: [0xe1, date, 'analogue'],
  utc: [0xe2, unsigned(4), 'analogue'],
  clusterId: [0xe8, unsigned(2)],
  attributeId: [0xe9, unsigned(2)],
  bacnetOid: [0xea, unsigned(4)],
  eui64: [0xf0, ieeeAddress],
  key128: [0xf1, fixedOctets(16)],
  unknown: [0xff, nothing],
} as const;

export type ZclDataTypeName = keyof typeof table;

/**
 * Types that only command layouts use: octet string that carries text, and everything up to the
 * end.
 */
const layoutOnly = { text: characters(1), bytes: remainder } as const;

export type ZclTypeName = ZclDataTypeName | keyof typeof layoutOnly;

for (const [name, [id, codec, analogue]] of Object.entries(table)) {
  byId[id] = { id, name, analogue: analogue !== undefined, read: codec.read, write: codec.write };
}

export function zclTypeCodec(name: ZclTypeName): ZclValueCodec {
  return name === 'text' || name === 'bytes' ? layoutOnly[name] : table[name][1];
}

/** The number of a type on the wire. */
export function zclDataTypeId(name: ZclDataTypeName): number {
  return table[name][0];
}
