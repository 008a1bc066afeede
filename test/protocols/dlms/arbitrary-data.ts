import fc from 'fast-check';
import type { DlmsData, DlmsTypeDescription } from '../../../protocols/dlms/data.js';

function hex(octets: { minLength?: number; maxLength?: number }): fc.Arbitrary<string> {
  return fc.uint8Array(octets).map((bytes) => Buffer.from(bytes).toString('hex'));
}

function octets(length: number): fc.Arbitrary<string> {
  return hex({ minLength: length, maxLength: length });
}

function of(type: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<DlmsData> {
  return value.map((inner) => ({ type, value: inner }) as unknown as DlmsData);
}

const unpaired = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const byType: { readonly [type: string]: fc.Arbitrary<DlmsData> } = {
  'null-data': fc.constant({ type: 'null-data' }),
  boolean: fc.oneof<fc.Arbitrary<DlmsData>[]>(
    of('boolean', fc.boolean()),
    fc
      .integer({ min: 1, max: 254 })
      .map((octet): DlmsData => ({ type: 'boolean', value: true, octet })),
  ),
  'bit-string': of(
    'bit-string',
    fc.array(fc.constantFrom('0', '1'), { maxLength: 300 }).map((bits) => bits.join('')),
  ),
  'double-long': of('double-long', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  'double-long-unsigned': of('double-long-unsigned', fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  integer: of('integer', fc.integer({ min: -128, max: 127 })),
  long: of('long', fc.integer({ min: -32768, max: 32767 })),
  unsigned: of('unsigned', fc.integer({ min: 0, max: 255 })),
  'long-unsigned': of('long-unsigned', fc.integer({ min: 0, max: 65535 })),
  enum: of('enum', fc.integer({ min: 0, max: 255 })),
  long64: of('long64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  'long64-unsigned': of('long64-unsigned', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
  'octet-string': of('octet-string', hex({ maxLength: 300 })),
  'visible-string': of(
    'visible-string',
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  ),
  'utf8-string': of(
    'utf8-string',
    fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !unpaired.test(text)),
  ),
  bcd: of('bcd', octets(1)),
  float32: of('float32', octets(4)),
  float64: of('float64', octets(8)),
  'date-time': of('date-time', octets(12)),
  date: of('date', octets(5)),
  time: of('time', octets(4)),
};

const description: fc.Arbitrary<DlmsTypeDescription> = fc.letrec<{ type: DlmsTypeDescription }>(
  (tie) => ({
    type: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(...Object.keys(byType)).map((type) => ({ type }) as DlmsTypeDescription),
      fc.record({
        type: fc.constant('structure' as const),
        elements: fc.array(tie('type'), { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        type: fc.constant('array' as const),
        count: fc.integer({ min: 1, max: 3 }),
        element: tie('type'),
      }),
    ),
  }),
).type;

function described(type: DlmsTypeDescription): fc.Arbitrary<DlmsData> {
  if (type.type === 'structure') {
    return of('structure', fc.tuple(...type.elements.map(described)));
  }
  if (type.type === 'array') {
    const items = Array.from({ length: type.count }, () => described(type.element));
    return of('array', fc.tuple(...items));
  }
  return byType[type.type] as fc.Arbitrary<DlmsData>;
}

function takesOctets(type: DlmsTypeDescription): boolean {
  if (type.type === 'structure') return type.elements.some(takesOctets);
  return type.type === 'array' ? takesOctets(type.element) : type.type !== 'null-data';
}

const compactArray: fc.Arbitrary<DlmsData> = description.filter(takesOctets).chain((type) =>
  fc.array(described(type), { maxLength: 4 }).map((value) => ({
    type: 'compact-array',
    description: type,
    value,
  })),
);

/** Any value of the A-XDR data types, nested a few deep. */
export const anyDlmsData: fc.Arbitrary<DlmsData> = fc.letrec<{ data: DlmsData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    ...Object.values(byType),
    compactArray,
    of('array', fc.array(tie('data'), { maxLength: 5 })),
    of('structure', fc.array(tie('data'), { maxLength: 5 })),
  ),
})).data;
