import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitString, namedBits } from '../../../protocols/asn1/bit-strings.js';
import { objectIdentifier } from '../../../protocols/asn1/object-identifiers.js';
import {
  boolean,
  entityIdentifier,
  enumerated,
  integer,
  magnitude,
  namedInteger,
  nullType,
  octetString,
  unsigned64,
} from '../../../protocols/asn1/primitives.js';
import {
  type Asn1Type,
  choice,
  explicit,
  implicit,
  octetStringContaining,
  optional,
  sequence,
  sequenceOf,
  withDefault,
} from '../../../protocols/asn1/schema.js';
import { generalizedTime, time, utf8String } from '../../../protocols/asn1/texts.js';
import { TlvReader, TlvWriter } from '../../../protocols/asn1/tlv.js';
import { orUnparsed } from '../../../protocols/asn1/unparsed.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { bytes } from '../../support/asn1-payloads.js';

const runs = { seed: 20261122, numRuns: 300 };

function decode<T>(type: Asn1Type<T>, hex: string): T {
  const reader = new TlvReader(bytes(hex));
  const value = type.decode(reader);
  reader.done();
  return value;
}

function encode<T>(type: Asn1Type<T>, value: unknown): string {
  const writer = new TlvWriter();
  type.encode(writer, value as T);
  return toHex(writer.finish());
}

const usage = namedBits({ digitalSignature: 0, keyAgreement: 4, keyCertSign: 5, late: 8 });
const role = namedInteger({ root: 0, supplier: 2, other: 127 });

// Encodings from X.690 and its Layman's Guide, and asn1.md 1 for the key usages.
const vectors: readonly [string, Asn1Type<unknown>, string, unknown][] = [
  ['NULL', nullType, '0500', null],
  ['BOOLEAN', boolean, '0101ff', true],
  ['BOOLEAN', boolean, '010100', false],
  ['INTEGER', integer, '020100', 0],
  ['INTEGER', integer, '02017f', 127],
  ['INTEGER', integer, '02020080', 128],
  ['INTEGER', integer, '02020100', 256],
  ['INTEGER', integer, '020180', -128],
  ['INTEGER', integer, '0202ff7f', -129],
  ['INTEGER', integer, '0203008f66', 0x8f66],
  ['INTEGER', integer, '02047fffffff', 2147483647],
  ['INTEGER', integer, '020480000000', -2147483648],
  ['named INTEGER', role, '020102', 'supplier'],
  ['named INTEGER', role, '02017f', 'other'],
  ['named INTEGER without name', role, '020109', 9],
  [
    'ENUMERATED',
    enumerated({ success: 0, trustAnchorNotFound: 25 }),
    '0a0119',
    'trustAnchorNotFound',
  ],
  ['SeqNumber', unsigned64, '020100', '0'],
  ['SeqNumber', unsigned64, '020203e8', '1000'],
  ['SeqNumber', unsigned64, '0207008000 0000 0000', '140737488355328'],
  ['SeqNumber', unsigned64, '02087fffffffffffffff', '9223372036854775807'],
  ['SeqNumber', unsigned64, '020900ffffffffffffffff', '18446744073709551615'],
  ['magnitude', magnitude(), '020200ff', 'ff'],
  ['magnitude', magnitude(), '020100', '00'],
  ['padded magnitude', magnitude(4), '020200ff', '000000ff'],
  ['OCTET STRING', octetString(), '04080123456789abcdef', '0123456789abcdef'],
  ['EUI-64', entityIdentifier, '040800db1234567890a0', '00db1234567890a0'],
  ['BIT STRING', bitString, '0304066e5dc0', '6e5dc0/6'],
  ['BIT STRING', bitString, '030200ff', 'ff'],
  ['BIT STRING', bitString, '030100', ''],
  ['named bits', usage, '03020780', 'digitalSignature'],
  ['named bits', usage, '03020308', 'keyAgreement'],
  ['named bits', usage, '03020204', 'keyCertSign'],
  ['named bits', usage, '0303078880', ['digitalSignature', 'keyAgreement', 'late']],
  ['named bits', usage, '030100', []],
  ['OID', objectIdentifier, '06062a864886f70d', '1.2.840.113549'],
  ['OID', objectIdentifier, '0603883703', '2.999.3'],
  ['OID', objectIdentifier, '06012a', '1.2'],
  ['OID by name', objectIdentifier, '06072a8648ce3d0201', 'id-ecPublicKey'],
  ['UTF8String', utf8String, '0c0441c3a942', 'AéB'],
  ['UTF8String', utf8String, '0c04f09f92a1', '💡'],
  ['GeneralizedTime', generalizedTime, '180f39393939313233313233353935395a', '99991231235959Z'],
  ['Time', time, '170d3136303430363030303030305a', '160406000000Z'],
];

describe('leaf types', () => {
  it.each(vectors)('%s %#', (_, type, hex, value) => {
    const plain = hex.replace(/ /g, '');
    expect(decode(type, hex)).toStrictEqual(value);
    expect(encode(type, value)).toBe(plain);
  });

  it('takes names and bare numbers, names and dotted identifiers alike', () => {
    expect(encode(role, 2)).toBe(encode(role, 'supplier'));
    expect(encode(objectIdentifier, '1.2.840.10045.2.1')).toBe('06072a8648ce3d0201');
    expect(encode(usage, ['digitalSignature'])).toBe('03020780');
  });

  it.each<[string, Asn1Type<unknown>, string, number]>([
    ['NULL with content', nullType, '050100', 2],
    ['BOOLEAN 01', boolean, '010101', 2],
    ['empty INTEGER', integer, '0200', 2],
    ['INTEGER with a needless 00', integer, '0202007f', 2],
    ['INTEGER with a needless ff', integer, '0202ff80', 2],
    ['INTEGER of five octets', integer, '02050100000000', 2],
    ['negative SeqNumber', unsigned64, '0201ff', 2],
    ['SeqNumber of 2^64', unsigned64, '0209010000000000000000', 2],
    ['EUI-64 of seven octets', entityIdentifier, '040700db1234567890', 2],
    ['BIT STRING without count', bitString, '0300', 2],
    ['BIT STRING with 8 unused bits', bitString, '03020800', 2],
    ['BIT STRING with unused bits set', bitString, '03020701', 3],
    ['empty BIT STRING with unused bits', bitString, '030101', 2],
    ['named bits with trailing zeros', usage, '03020080', 2],
    ['a bit without name', usage, '03020640', 4],
    ['OID arc with a leading 80', objectIdentifier, '06032a8001', 3],
    ['OID that ends in mid-arc', objectIdentifier, '06022a86', 4],
    ['empty OID', objectIdentifier, '0600', 2],
    ['overlong UTF-8', utf8String, '0c02c080', 2],
    ['month 13', generalizedTime, '180f32303330313330313030303030305a', 2],
    ['time with an offset', generalizedTime, '181132303330303130313030303030302b3030', 2],
    ['trailing bytes', integer, '02010000', 3],
  ])('refuses %s', (_, type, hex, offset) => {
    let thrown: unknown;
    try {
      decode(type, hex);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CodecError);
    expect((thrown as CodecError).offset).toBe(offset);
  });

  it('refuses values that are not of the type, with CodecError only', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const wrong = [
      undefined,
      null,
      true,
      1.5,
      NaN,
      2 ** 40,
      '',
      'zz',
      '0',
      '1/9',
      'ff/1',
      '-1',
      [],
      [1],
      {},
    ];
    const wrongToo = [
      '18446744073709551616',
      '01',
      '3.1',
      '1.40',
      '\ud800',
      10n,
      Symbol('x'),
      cyclic,
    ];
    for (const [, type, hex, value] of vectors) {
      for (const candidate of [...wrong, ...wrongToo]) {
        try {
          const written = encode(type, candidate);
          expect(decode(type, written), `${hex} as ${String(value)}`).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }
    }
  });
});

const record = sequence({
  role: withDefault(implicit(1, role), 'supplier'),
  counter: unsigned64,
  list: optional(sequenceOf(choice({ flag: boolean, text: utf8String, none: nullType }))),
  inner: explicit(0, sequence({ id: entityIdentifier, at: optional(generalizedTime) })),
  usage: octetStringContaining(usage),
  extra: optional(orUnparsed(integer)),
});

describe('constructed types', () => {
  it('fills in a DEFAULT, leaves out an OPTIONAL', () => {
    const hex = '3016 020103 a00c 300a 04080011223344556677 0403 030100'.replace('3016', '3016');
    expect(decode(record, hex)).toStrictEqual({
      role: 'supplier',
      counter: '3',
      inner: { id: '0011223344556677' },
      usage: [],
    });
  });

  it('refuses a DEFAULT that is written out', () => {
    const hex = '3019 810102 020103 a00c 300a 04080011223344556677 0403 030100';
    expect(() => decode(record, hex)).toThrow('role @2: a DEFAULT value must be left out');
  });

  it('leaves a DEFAULT out however it is given', () => {
    const value = { counter: '3', inner: { id: '0011223344556677' }, usage: [] };
    const plain = encode(record, value);
    expect(encode(record, { ...value, role: 'supplier' })).toBe(plain);
    expect(encode(record, { ...value, role: 2 })).toBe(plain);
    expect(encode(record, { ...value, role: 9 })).not.toBe(plain);
  });

  it('names the place of an error', () => {
    const value = { counter: '3', inner: { id: '0011223344556677' }, usage: [] };
    expect(() => encode(record, { ...value, list: [{ flag: true }, { text: 1 }] })).toThrow(
      'list[1].text',
    );
    expect(() => encode(record, { ...value, lits: [] })).toThrow('lits @24: no such component');
    expect(() => encode(record, { ...value, inner: undefined })).toThrow('inner @5: missing');
    expect(() => encode(record, { ...value, list: [{ flag: true, none: null }] })).toThrow(
      'only key',
    );
    expect(() => decode(record, '3003 0201')).toThrow(CodecError);
  });

  const eui = fc.stringMatching(/^[0-9a-f]{16}$/);
  const values = fc.record(
    {
      role: fc.oneof(
        fc.constantFrom('root', 'supplier', 'other'),
        fc.integer({ min: 128, max: 999 }),
      ),
      counter: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map(String),
      list: fc.array(
        fc.oneof(
          fc.record({ flag: fc.boolean() }),
          fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 90 }) }),
          fc.constant({ none: null }),
        ),
      ),
      inner: fc.record({ id: eui, at: fc.constant('20300115000000Z') }, { requiredKeys: ['id'] }),
      usage: fc.constantFrom('digitalSignature', ['digitalSignature', 'late'], []),
      extra: fc.oneof(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.constant({ unparsed: '0403616263' }),
      ),
    },
    { requiredKeys: ['role', 'counter', 'inner', 'usage'] },
  );

  it('round trips any value, through JSON', () => {
    fc.assert(
      fc.property(values, (value) => {
        const hex = encode(record, value);
        const decoded = decode(record, hex);
        expect(decoded).toEqual(value);
        expect(encode(record, JSON.parse(JSON.stringify(decoded)))).toBe(hex);
      }),
      runs,
    );
  });

  it('meets any bytes and any JSON with a value or a CodecError', () => {
    fc.assert(
      fc.property(
        values,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.anything(),
        (value, at, octet, any) => {
          const content = bytes(encode(record, value));
          content[at % content.length] = octet;
          const names = Object.keys(value);
          const changed = { ...value, [names[at % names.length] ?? '']: any };
          for (const run of [
            () => encode(record, decode(record, toHex(content))) === toHex(content),
            () => encode(record, changed) !== '',
            () => encode(record, any) !== '',
          ]) {
            try {
              expect(run()).toBe(true);
            } catch (error) {
              if (!(error instanceof CodecError)) throw error;
            }
          }
        },
      ),
      { ...runs, numRuns: 1000 },
    );
  });
});
