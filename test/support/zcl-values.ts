import fc from 'fast-check';
import type { Condition, Field, Layout } from '../../protocols/zigbee/zcl/layout.js';
import { zclDataType } from '../../protocols/zigbee/zcl/types.js';
import type { ZclFields, ZclValue } from '../../protocols/zigbee/zcl/value.js';

/** Draws one value from an arbitrary: what fast-check's `gen()` hands out. */
export type Draw = fc.GeneratorValue;

const hex = (length: { minLength: number; maxLength: number }) =>
  fc.uint8Array(length).map((bytes) => Buffer.from(bytes).toString('hex'));
const fixedHex = (size: number) => hex({ minLength: size, maxLength: size });
const unsigned = (size: number) => fc.maxSafeInteger().map((n) => Math.abs(n) % 256 ** size);
const signed = (size: number) =>
  unsigned(size).map((n) => (n < 256 ** size / 2 ? n : n - 256 ** size));
const decimal = (min: bigint, max: bigint) => fc.bigInt({ min, max }).map(String);
const octets = fc.nat({ max: 255 });
const invalid = fc.constant({ invalid: true });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
/** Numbers that a float of 16 bits holds. */
const semi = fc.integer({ min: -2048, max: 2048 }).map((n) => n / 16);

function integers(name: string): fc.Arbitrary<ZclValue> | undefined {
  const match = /^(uint|map|data|enum|int)(\d+)$/.exec(name);
  if (match === null) return undefined;
  const bits = Number(match[2]);
  const isSigned = match[1] === 'int';
  if (bits <= 48) return isSigned ? signed(bits / 8) : unsigned(bits / 8);
  const span = 1n << BigInt(bits);
  return isSigned ? decimal(-span / 2n, span / 2n - 1n) : decimal(0n, span - 1n);
}

const others: { readonly [name: string]: fc.Arbitrary<ZclValue> } = {
  nodata: fc.constant(''),
  unknown: fc.constant(''),
  bool: fc.oneof(fc.boolean(), fc.constant(255)),
  semi: fc.oneof(
    semi.filter((n) => !Object.is(n, -0)),
    fc.constantFrom('007c', '017e', '0080'),
  ),
  single: fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.constantFrom('0000807f', '0100c07f', '00000080'),
  ),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  octstr: fc.oneof(hex({ minLength: 0, maxLength: 40 }), invalid),
  octstr16: fc.oneof(hex({ minLength: 0, maxLength: 400 }), invalid),
  string: fc.oneof(text, invalid, fc.constant({ hex: 'c3' })),
  string16: fc.oneof(text, invalid),
  text: fc.oneof(text, invalid, fc.constant({ hex: '47ff' })),
  bytes: hex({ minLength: 0, maxLength: 40 }),
  time: fc.record({ hours: octets, minutes: octets, seconds: octets, hundredths: octets }),
  date: fc.record({ yearSince1900: octets, month: octets, dayOfMonth: octets, dayOfWeek: octets }),
  utc: unsigned(4),
  clusterId: unsigned(2),
  attributeId: unsigned(2),
  bacnetOid: unsigned(4),
  eui64: fixedHex(8),
  key128: fixedHex(16),
};

/** Every ZCL data type of the table. */
export const dataTypes = Array.from({ length: 256 }, (_, id) => zclDataType(id)).filter(
  (type) => type !== undefined,
);
const scalarTypes = dataTypes.filter((type) => ![0x48, 0x4c, 0x50, 0x51].includes(type.id));

function collection(name: string): fc.Arbitrary<ZclValue> {
  return fc.gen().map((draw): ZclValue => {
    const size = draw(fc.nat, { max: 4 });
    const type = () => draw(() => fc.constantFrom(...scalarTypes.slice(1, -1)));
    if (name === 'struct') {
      return Array.from({ length: size }, () => {
        const { id: dataType, name: typeName } = type();
        return { dataType, value: draw(() => typeArbitrary(typeName)) };
      });
    }
    const { id: elementType, name: typeName } = type();
    const elements = Array.from({ length: size }, () => draw(() => typeArbitrary(typeName)));
    return { elementType, elements };
  });
}

/** Values of a ZCL type, by its short name. */
export function typeArbitrary(name: string): fc.Arbitrary<ZclValue> {
  return integers(name) ?? others[name] ?? collection(name);
}

function applies(condition: Condition, record: ZclFields): boolean {
  const { when = {}, whenSet = {}, whenAtLeast = {}, unless = {} } = condition;
  return (
    Object.entries(when).every(([name, value]) => record[name] === value) &&
    Object.entries(whenSet).every(([name, m]) => ((record[name] as number) & m) === m) &&
    Object.entries(whenAtLeast).every(([name, least]) => (record[name] as number) >= least) &&
    Object.entries(unless).every(([name, value]) => record[name] !== value)
  );
}

function item(draw: Draw, layout: Layout | string): ZclValue {
  return typeof layout === 'string' ? draw(() => typeArbitrary(layout)) : drawFields(draw, layout);
}

function drawField(draw: Draw, field: Field, record: ZclFields): ZclValue {
  if (typeof field === 'string') return draw(() => typeArbitrary(field));
  if ('type' in field) return draw(() => typeArbitrary(field.type));
  if ('attributeOf' in field) return draw(() => unsigned(2));
  if ('typedBy' in field) {
    const type = zclDataType(record[field.typedBy] as number);
    return draw(() => typeArbitrary(type?.name ?? 'nodata'));
  }
  if ('record' in field) return drawFields(draw, field.record);
  if ('list' in field) {
    const count =
      field.countedBy === undefined
        ? draw(fc.nat, { max: 4 })
        : (record[field.countedBy] as number) & (field.mask ?? 0xffff);
    return Array.from({ length: count }, () => item(draw, field.list));
  }
  if ('octetsCountedBy' in field) {
    return draw(() => fixedHex(record[field.octetsCountedBy] as number));
  }
  const chosen = field.cases[record[field.chosenBy] as number];
  return chosen === undefined
    ? { unparsed: draw(() => hex({ minLength: 1, maxLength: 9 })) }
    : drawField(draw, chosen, record);
}

/** Success, small numbers and sets of bits, "wait for data" of OTA Upgrade, "not found". */
const decidingValues = [0, 1, 2, 3, 0x97, 0x8b];

/** The value of a field that decides about a later one has to fit it. */
function decider(draw: Draw, layout: Layout, name: string): ZclValue | undefined {
  for (const field of Object.values(layout)) {
    if (typeof field === 'string') continue;
    if ('countedBy' in field && field.countedBy === name) return draw(fc.nat, { max: 5 });
    if ('octetsCountedBy' in field && field.octetsCountedBy === name)
      return draw(fc.nat, { max: 60 });
    if ('typedBy' in field && field.typedBy === name) {
      return draw(() => fc.constantFrom(...dataTypes)).id;
    }
    if ('chosenBy' in field && field.chosenBy === name) {
      return draw(() => fc.constantFrom(...Object.keys(field.cases).map(Number), 0x60));
    }
    const conditions = [field.when, field.whenSet, field.whenAtLeast, field.unless];
    if (conditions.some((condition) => condition !== undefined && name in condition)) {
      return draw(() => fc.constantFrom(...decidingValues));
    }
  }
  return undefined;
}

/** Legal fields of a layout, names of attributes left out. */
export function drawFields(draw: Draw, layout: Layout): ZclFields {
  const record: Record<string, ZclValue> = {};
  for (const [name, field] of Object.entries(layout)) {
    if (typeof field !== 'string') {
      if (!applies(field, record)) continue;
      if ('typedBy' in field && field.analogueOnly === true) {
        if (zclDataType(record[field.typedBy] as number)?.analogue !== true) continue;
      }
      if (field.optional === true && draw(fc.boolean)) break;
    }
    record[name] = decider(draw, layout, name) ?? drawField(draw, field, record);
  }
  return record;
}

/** The same without what is there for people only: names of attributes. */
export function withoutNames(value: ZclValue): ZclValue {
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value as ZclFields).filter(([name]) => name !== 'attribute');
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutNames(inner)]));
}
