import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { conversions } from '../../../../protocols/gbcs/use-cases/conversions.js';
import { matchTemplate } from '../../../../protocols/gbcs/use-cases/match-template.js';
import {
  bitSet,
  choice,
  fillTemplate,
  forEach,
  forEachOf,
  type HeaderValues,
  packed,
  place,
  when,
} from '../../../../protocols/gbcs/use-cases/template.js';

const header: HeaderValues = {
  originator: '90b3d51f30010000' as Eui64,
  recipient: '00db1234567890a0' as Eui64,
  originatorCounter: 1000n,
  nowMs: 946_684_801_000,
};
const seeded = { seed: 20261122, numRuns: 300 };

function fill(template: unknown, parameters: Readonly<Record<string, unknown>>): unknown {
  return fillTemplate(template, parameters, header);
}

/** One of everything that a template may hold. */
const template = {
  fixed: [1, null, 'x'],
  who: place('$originator'),
  time: place('at', 'dlmsDateTime'),
  nested: place('phase1.period'),
  list: [
    when('twin', true, { kind: 'twin', text: place('text', 'octets') }),
    when('mode', 'a', { kind: 'a' }),
    when('mode', 'b', { kind: 'b' }),
    {
      kind: 'always',
      mode: choice('mode', [
        ['a', 1],
        ['b', 2],
      ]),
    },
    forEach(
      'entries',
      {
        position: place('$position'),
        script: packed([4, place('high')], [1, 1], [7, place('low')]),
        days: bitSet('days', ['Mon', 'Tue', 'Wed']),
        special: bitSet('special', { countOf: 'specialDays' }),
      },
      { follows: place('low') },
    ),
  ],
  text: place('text', 'octets'),
  padded: [forEachOf('prices', { count: 4, element: 0 }, [place('$value')])],
  rows: [forEach('rows', [forEach('$value', place('$value'))])],
  specialDays: [forEach('specialDays', place('$value', 'dlmsDate'))],
};

const entry = fc.record({
  high: fc.nat(15),
  low: fc.nat(127),
  days: fc.subarray(['Mon', 'Tue', 'Wed']),
  special: fc.subarray([1, 2]),
});
const parameters = fc.record({
  at: fc.constantFrom('now', 'never', '2026-11-22T12:34:56Z'),
  phase1: fc.record({ period: fc.nat() }),
  twin: fc.boolean(),
  mode: fc.constantFrom('a', 'b'),
  text: fc.string({ unit: 'grapheme' }),
  entries: fc.array(entry, { maxLength: 4 }),
  prices: fc
    .array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 })
    .map((prices) => prices as readonly number[]),
  rows: fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 3 }),
  specialDays: fc.constant(['*-12-25', '2026-*-last Fri']),
});

describe('matchTemplate', () => {
  it('gives back what was filled in', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        expect(matchTemplate(template, fill(template, given))).toEqual(given);
      }),
      seeded,
    );
  });

  it('what it finds in a changed payload fills to that payload, or it finds nothing', () => {
    const change = fc.tuple(parameters, fc.nat(), fc.constantFrom(0, 1, 2, 3, 'x', null));
    let found = 0;
    fc.assert(
      fc.property(change, ([given, at, value]) => {
        const changed = replaceLeaf(fill(template, given), at, value);
        const matched = matchTemplate(template, changed);
        if (matched === undefined) return;
        found++;
        // The header is not a parameter: it is taken from elsewhere.
        expect(fill({ ...template, who: 0 }, matched)).toEqual({ ...(changed as object), who: 0 });
      }),
      seeded,
    );
    expect(found).toBeGreaterThan(10);
  });

  it('wants the same of a parameter in all its places', () => {
    const twice = [place('x'), place('x')];
    expect(matchTemplate(twice, [1, 1])).toEqual({ x: 1 });
    expect(matchTemplate(twice, [1, 2])).toBeUndefined();
  });

  it('allows members that the template does not name, and no more list elements', () => {
    expect(matchTemplate({ a: place('a') }, { a: 1, name: 'tariff' })).toEqual({ a: 1 });
    expect(matchTemplate([place('a')], [1, 2])).toBeUndefined();
    expect(matchTemplate({ a: place('a') }, {})).toBeUndefined();
  });

  it('takes anything at all without an error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(matchTemplate(template, value)).toBeUndefined();
      }),
      seeded,
    );
  });
});

describe('fillTemplate', () => {
  it('names the place and the parameter that does not do', () => {
    expect(() => fill([{ a: place('x') }], {})).toThrow("[0] @0: parameter 'x' is missing");
    expect(() => fill(choice('x', [[1, 2]]), { x: 3 })).toThrow('x @0: 3 is none of 1');
    expect(() => fill(packed([4, place('x')]), { x: 16 })).toThrow('16 does not fit into 4 bits');
    expect(() => fill(bitSet('x', ['Mon']), { x: ['Sun'] })).toThrow("no bit for 'Sun'");
    expect(() => fill([forEach('x', 1)], { x: 'y' })).toThrow("'y', not a list");
    expect(() =>
      fill([forEachOf('x', { count: 1, element: 0 }, place('$value'))], { x: [1, 2] }),
    ).toThrow('more than 1 elements');
    expect(() => fill([forEach('x', place('at', 'dlmsTime'))], { x: [{ at: '25:00' }] })).toThrow(
      "[0].x[0].at @0: '25:00' is not a time of day",
    );
  });

  it('finds names of the element before those outside', () => {
    const list = [forEach('x', [place('a'), place('b')])];
    expect(fill(list, { a: 1, b: 2, x: [{ a: 3 }, {}] })).toEqual([
      [3, 2],
      [1, 2],
    ]);
  });
});

describe('conversions (dlms.md 3)', () => {
  const pairs = [
    ['dlmsDate', '*-12-25', 'ffff0c19ff'],
    ['dlmsDate', '2015-05-01', '07df0501ff'],
    ['dlmsDate', '*-*-* Mon', 'ffffffff01'],
    ['dlmsDate', '*-dstEnd-last Sun', 'fffffdfe07'],
    ['dlmsTime', '07:30:15', '071e0f00'],
    ['dlmsDateAtMidnight', '2014-10-27', '07de0a1bff000000008000ff'],
    ['dlmsDateTime', '2015-01-01T00:00:00Z', '07df0101ff000000008000ff'],
    ['dlmsDateTime', 'now', '0000000000000000008000ff'],
    ['dlmsDateTime', 'never', 'ffffffffffffffffff8000ff'],
    ['generalizedTime', '2014-12-31T23:30:00Z', '20141231233000Z'],
    ['generalizedTime', 'never', '99991231235959Z'],
    ['secondsSince2000', '2015-01-01T00:00:00Z', 0x1c374a80],
    ['threshold', 'none', 0xffff_ffff],
    ['octet', 7, '07'],
    ['octets', 'E-ON', '452d4f4e'],
  ] as const;

  for (const [name, value, wire] of pairs) {
    it(`${name}: ${value}`, () => {
      expect(conversions[name].write(value)).toBe(wire);
      expect(conversions[name].read(wire)).toBe(value);
    });
  }

  it('refuse what is no date or time', () => {
    const dates = ['*-13-01', '*-00-01', '2015-1-1', '2015-01-32', '*-12-25 Xmas', '', 7, null];
    for (const value of dates) {
      expect(() => conversions.dlmsDate.write(value), String(value)).toThrow(CodecError);
    }
    for (const value of ['24:00', '7:30', '07:60', '07:30:61', undefined]) {
      expect(() => conversions.dlmsTime.write(value), String(value)).toThrow(CodecError);
    }
  });
});

/** The value with its `at`th leaf (counted round) replaced. */
function replaceLeaf(value: unknown, at: number, by: unknown): unknown {
  let count = 0;
  const visit = (node: unknown, target: number): unknown => {
    if (typeof node !== 'object' || node === null) return count++ === target ? by : node;
    if (Array.isArray(node)) return node.map((inner) => visit(inner, target));
    return Object.fromEntries(
      Object.entries(node).map(([key, inner]) => [key, visit(inner, target)]),
    );
  };
  visit(value, -1);
  const target = at % count;
  count = 0;
  return visit(value, target);
}
