import { Encoder } from 'cbor-x/encode';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { type Envelope, envelopeLengthMax } from '../../../protocols/bus/envelope-types.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { type Eui64, eui64ToBytes } from '../../../protocols/codec/eui64.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import { referenceCbor } from './reference-cbor.js';

const sender = '00db1234567890a0' as Eui64;
const timeMs = 1_795_305_600_000;
const replyTo = 'hubfleet/1/demo/control/reply/tool-1';

/** Written out by hand from RFC 8949 and the table in docs/bus.md. */
const byHand: readonly (readonly [string, Envelope, string])[] = [
  [
    'gbcs',
    { kind: 'gbcs', timeMs, sequence: 300, sender, body: fromHex('df09') },
    'a6 00 01 01 01 02 1b 000001a2008d7400 03 19 012c 04 48 00db1234567890a0 05 42 df09',
  ],
  [
    'frame',
    {
      kind: 'frame',
      timeMs: 5,
      sequence: 0,
      sender,
      body: fromHex('418801'),
      radio: { page: 28, channel: 3, lqi: 255, rssiDbm: -40 },
    },
    'aa 00 01 01 02 02 05 03 00 04 48 00db1234567890a0 05 43 418801 06 18 1c 07 03 08 18 ff 09 38 27',
  ],
  [
    'query without a sender',
    {
      kind: 'query',
      timeMs: 0,
      sequence: 1,
      correlation: 'q1',
      replyTo,
      body: { query: 'devices' },
    },
    `a7 00 01 01 05 02 00 03 01 05 a1 65 7175657279 67 64657669636573 0a 62 7131 0b 78 24 ${toHex(
      new TextEncoder().encode(replyTo),
    )}`,
  ],
];

const header = { timeMs: fc.maxSafeInteger().map(Math.abs), sequence: fc.nat() };
const from = fc.option(
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => toHex(bytes) as Eui64),
  { nil: undefined },
);
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const bytes = fc.uint8Array({ maxLength: 400 });
const map = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(fc.nat(), fc.string(), fc.boolean(), fc.uint8Array({ maxLength: 8 }), fc.constant(null)),
  { noNullPrototype: true },
);
const small = fc.option(fc.nat(255), { nil: undefined });
const radio = fc.record({
  page: fc.nat(31),
  channel: fc.nat(255),
  lqi: small,
  rssiDbm: fc.option(fc.integer({ min: -128, max: 127 }), { nil: undefined }),
});
const request = {
  ...header,
  sender: from,
  correlation: fc.string({ minLength: 1, maxLength: 60 }),
  replyTo: fc.tuple(name, name).map(([a, b]) => `hubfleet/1/${a}/control/reply/${b}`),
  body: map,
};
const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({ kind: fc.constant('gbcs' as const), ...header, sender: from, body: bytes }),
  fc.record({ kind: fc.constant('frame' as const), ...header, sender: from, body: bytes, radio }),
  fc.record({ kind: fc.constant('event' as const), ...header, sender: from, body: map }),
  fc.record({ kind: fc.constant('presence' as const), ...header, sender: from, body: map }),
  fc.record({ kind: fc.constant('query' as const), ...request }),
  fc.record({ kind: fc.constant('fault' as const), ...request }),
  fc.record({
    kind: fc.constant('reply' as const),
    ...header,
    sender: from,
    correlation: request.correlation,
    body: map,
  }),
);

const kindNumbers = { gbcs: 1, frame: 2, event: 3, presence: 4, query: 5, reply: 6, fault: 7 };

/** The wire's view of an envelope, from the documentation's table and not from the code under test. */
function asMap(plain: Envelope): Map<number, unknown> {
  const entries: [number, unknown][] = [
    [0, 1],
    [1, kindNumbers[plain.kind]],
    [2, plain.timeMs],
    [3, plain.sequence],
    [4, plain.sender === undefined ? undefined : eui64ToBytes(plain.sender)],
    [5, plain.body],
  ];
  if (plain.kind === 'frame') {
    const { page, channel, lqi, rssiDbm } = plain.radio;
    entries.push([6, page], [7, channel], [8, lqi], [9, rssiDbm]);
  }
  if ('correlation' in plain) entries.push([10, plain.correlation]);
  if ('replyTo' in plain) entries.push([11, plain.replyTo]);
  return new Map(entries.filter(([, value]) => value !== undefined));
}

function failure(wire: Map<unknown, unknown>): string {
  try {
    decodeEnvelope(referenceCbor.encode(wire));
  } catch (error) {
    if (error instanceof CodecError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('envelope', () => {
  it.each(byHand)('%s has the bytes worked out by hand', (_, plain, spaced) => {
    const hex = spaced.replaceAll(' ', '');
    expect(toHex(encodeEnvelope(plain))).toBe(hex);
    expect(decodeEnvelope(fromHex(hex))).toEqual(plain);
  });

  it('comes back as it went, and the reference reads and writes the same bytes', () => {
    fc.assert(
      fc.property(envelope, (plain) => {
        const wire = encodeEnvelope(plain);
        expect(decodeEnvelope(wire)).toEqual(plain);
        const seen = referenceCbor.map(wire) as Map<number, unknown>;
        expect([...seen.keys()]).toEqual([...asMap(plain).keys()]);
        expect(referenceCbor.plain(wire)).toMatchObject({ 5: plain.body });
        expect(toHex(referenceCbor.encodeOrdered(asMap(plain)))).toBe(toHex(wire));
      }),
      { seed: 20261122, numRuns: 1_000 },
    );
  });

  it('accepts keys in any order and integers longer than needed, and writes neither', () => {
    fc.assert(
      fc.property(envelope, fc.infiniteStream(fc.nat()), (plain, chance) => {
        const shuffled = [...asMap(plain)]
          .map((entry) => [chance.next().value as number, entry] as const)
          .sort(([a], [b]) => a - b)
          .map(([, entry]) => entry);
        const other = referenceCbor.encode(new Map(shuffled));
        expect(encodeEnvelope(decodeEnvelope(other))).toEqual(encodeEnvelope(plain));
      }),
      { seed: 20261122, numRuns: 500 },
    );
    const long = 'a5 1800 1900 01 01 1a00000001 02 1b0000000000000007 03 00 05 5800';
    const hex = long.replaceAll(' ', '');
    const plain: Envelope = { kind: 'gbcs', timeMs: 7, sequence: 0, body: new Uint8Array(0) };
    expect(decodeEnvelope(fromHex(hex))).toEqual(plain);
    expect(toHex(encodeEnvelope(plain))).toBe('a500010101020703000540');
  });

  it('refuses every way to be wrong, with the place and the reason', () => {
    const good = (kind: Envelope['kind']) => {
      const sent = { timeMs, sequence: 1, sender };
      const body = { query: 'x' };
      const asked = { ...sent, body, correlation: 'c', replyTo };
      const all: { readonly [K in Envelope['kind']]: Envelope } = {
        gbcs: { kind: 'gbcs', ...sent, body: fromHex('00') },
        frame: { kind: 'frame', ...sent, body: fromHex('00'), radio: { page: 0, channel: 11 } },
        event: { kind: 'event', ...sent, body },
        presence: { kind: 'presence', ...sent, body },
        query: { kind: 'query', ...asked },
        reply: { kind: 'reply', ...sent, body, correlation: 'c' },
        fault: { kind: 'fault', ...asked },
      };
      return asMap(all[kind]) as Map<unknown, unknown>;
    };
    const changed = (kind: Envelope['kind'], key: unknown, value: unknown) => {
      const wire = good(kind);
      if (value === undefined) wire.delete(key);
      else wire.set(key, value);
      return failure(wire);
    };
    expect(failure(good('frame'))).toBe('accepted');
    expect(changed('gbcs', 0, 2)).toMatch(/^envelope\.version @\d+: version 2 is unknown/);
    expect(changed('gbcs', 1, 0)).toMatch(/^envelope\.kind .*kind 0 is unknown/);
    expect(changed('gbcs', 1, 8)).toMatch(/^envelope\.kind .*kind 8 is unknown/);
    expect(changed('gbcs', 2, 1.5)).toMatch(/^envelope\.time .*not an unsigned integer/);
    expect(changed('gbcs', 2, -1)).toMatch(/^envelope\.time .*not an unsigned integer/);
    expect(changed('gbcs', 2, 2n ** 60n)).toMatch(/^envelope\.time .*more than 2\^53-1/);
    expect(changed('gbcs', 3, '1')).toMatch(/^envelope\.sequence .*not an unsigned integer/);
    expect(changed('gbcs', 4, 'x')).toMatch(/^envelope\.sender .*not a byte string/);
    expect(changed('gbcs', 4, fromHex('00'))).toMatch(/^envelope\.sender .*1 bytes are not an EUI/);
    expect(changed('gbcs', 5, 'x')).toMatch(/^envelope\.body .*neither a byte string nor a map/);
    expect(changed('gbcs', 5, {})).toMatch(/^envelope\.body .*kind gbcs wants a byte string/);
    expect(changed('event', 5, fromHex('00'))).toMatch(/^envelope\.body .*kind event wants a map/);
    expect(changed('frame', 6, 32)).toMatch(/^envelope\.page .*32 is not from 0 to 31/);
    expect(changed('frame', 8, 256)).toMatch(/^envelope\.lqi .*256 is not from 0 to 255/);
    expect(changed('frame', 9, -129)).toMatch(/^envelope\.rssi .*-129 is not from -128 to 127/);
    expect(changed('frame', 7, undefined)).toMatch(/^envelope\.channel .*missing in kind frame/);
    expect(changed('gbcs', 7, 1)).toMatch(/^envelope\.channel .*has no place in kind gbcs/);
    expect(changed('query', 10, '')).toMatch(/^envelope\.correlation .*not 1 to 64 characters/);
    expect(changed('query', 11, undefined)).toMatch(/^envelope\.replyTo .*missing in kind query/);
    expect(changed('reply', 11, replyTo)).toMatch(/^envelope\.replyTo .*no place in kind reply/);
    const elsewhere = `hubfleet/1/demo/wan/${sender}/down`;
    expect(changed('query', 11, elsewhere)).toMatch(/^envelope\.replyTo .*not a reply topic/);
    expect(changed('gbcs', 12, 1)).toMatch(/^envelope .*key 12 is unknown in version 1/);
    expect(changed('gbcs', 'x', 1)).toMatch(/^envelope .*not an unsigned integer/);
    for (const key of [0, 1, 2, 3, 5]) expect(changed('gbcs', key, undefined)).toMatch('missing');
    expect(() => decodeEnvelope(fromHex('a6000100'))).toThrow('the same key twice');
    expect(() => decodeEnvelope(fromHex('80'))).toThrow('envelope @0: not a map');
    expect(() => decodeEnvelope(fromHex('bf'))).toThrow('indefinite lengths');
  });

  it('keeps its limit of length both ways', () => {
    const overhead = encodeEnvelope({
      kind: 'gbcs',
      timeMs,
      sequence: 0,
      body: fromHex(''),
    }).length;
    const body = new Uint8Array(envelopeLengthMax - overhead - 2);
    const plain: Envelope = { kind: 'gbcs', timeMs, sequence: 0, body };
    const wire = encodeEnvelope(plain);
    expect(wire.length).toBe(envelopeLengthMax);
    expect(decodeEnvelope(wire)).toEqual(plain);
    const longer = { ...plain, body: new Uint8Array(body.length + 1) };
    expect(() => encodeEnvelope(longer)).toThrow(/65537 bytes are more than 65536/);
    expect(() => decodeEnvelope(concatBytes(wire, fromHex('00')))).toThrow(/are more than 65536/);
  });

  it('refuses to encode what is no envelope, with CodecError only', () => {
    const good = { kind: 'frame', timeMs, sequence: 1, body: fromHex('00') };
    const wrong: unknown[] = [
      null,
      1,
      {},
      { ...good, kind: 'x' },
      good,
      { ...good, radio: { page: 1.5, channel: 1 } },
      { ...good, radio: { page: 0 } },
      { ...good, kind: 'gbcs', timeMs: -1 },
      { ...good, kind: 'gbcs', timeMs: Number.NaN },
      { ...good, kind: 'gbcs', sequence: 2 ** 60 },
      { ...good, kind: 'gbcs', sender: '00DB1234567890A0' },
      { ...good, kind: 'gbcs', body: 'text' },
      { ...good, kind: 'event' },
      { ...good, kind: 'event', body: { x: undefined } },
      { ...good, kind: 'query', body: {}, correlation: 'x'.repeat(65), replyTo },
      { ...good, kind: 'query', body: {}, correlation: 'x', replyTo: 'elsewhere' },
      { ...good, kind: 'query', body: {} },
    ];
    for (const value of wrong) {
      expect(() => encodeEnvelope(value as Envelope)).toThrow(CodecError);
    }
    const told = (value: unknown) => {
      const envelope = { kind: 'query', timeMs, sequence: 1, body: {}, correlation: 'x', replyTo };
      return () => encodeEnvelope({ ...envelope, ...(value as object) } as Envelope);
    };
    expect(told({ sequence: 0.5 })).toThrow('envelope.sequence @0: 0.5 is not an integer');
    expect(told({ sender: 'x' })).toThrow('envelope.sender @0: not an EUI-64');
    expect(told({ correlation: '\ud800' })).toThrow('envelope.correlation @0: lone surrogate');
    expect(told({ body: { a: [undefined] } })).toThrow('envelope.body.a[0] @0: a value of type');
  });

  it('refuses every truncation and survives every bit flip', () => {
    for (const [, plain] of byHand) {
      const wire = encodeEnvelope(plain);
      for (let length = 0; length < wire.length; length++) {
        expect(() => decodeEnvelope(wire.subarray(0, length))).toThrow(CodecError);
      }
      for (let bit = 0; bit < wire.length * 8; bit++) {
        const flipped = wire.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        try {
          encodeEnvelope(decodeEnvelope(flipped));
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }
    }
  });

  it('gives byte strings as bare views of the input, whatever that is, and leaves it as it was', () => {
    const isView = (part: unknown, wire: Uint8Array) => {
      expect(Object.getPrototypeOf(part)).toBe(Uint8Array.prototype);
      expect((part as Uint8Array).buffer).toBe(wire.buffer);
    };
    const gbcs = Buffer.from(encodeEnvelope((byHand[0] as (typeof byHand)[number])[1]));
    isView(decodeEnvelope(gbcs).body, gbcs);
    const part = fromHex('c0ffee');
    const event: Envelope = { kind: 'event', timeMs, sequence: 0, body: { list: [{ part }] } };
    const wire = Buffer.from(encodeEnvelope(event));
    const decoded = decodeEnvelope(wire);
    expect(decoded).toEqual(event);
    isView((decoded.body as unknown as { list: { part: unknown }[] }).list[0]?.part, wire);
    const names = Object.getOwnPropertyNames(wire).filter((name) => !/^\d+$/.test(name));
    expect(names).toEqual([]);
  });

  it('decodes each envelope by itself: none changes with those that follow', () => {
    const decoded = byHand.map(([, plain]) => decodeEnvelope(encodeEnvelope(plain)));
    expect(decoded).toEqual(byHand.map(([, plain]) => plain));
  });

  it("writes no byte again and gives none of cbor-x's own memory", () => {
    fc.assert(
      fc.property(fc.array(envelope, { minLength: 2, maxLength: 100 }), (envelopes) => {
        const all = envelopes.map((plain) => encodeEnvelope(plain));
        const kept = all.map((bytes) => toHex(bytes));
        const again = envelopes.map((plain) => toHex(encodeEnvelope(plain)));
        expect(all.map((bytes) => toHex(bytes))).toEqual(kept);
        expect(again).toEqual(kept);
        const own = new Encoder().encode(0).buffer;
        for (const bytes of all) expect(bytes.buffer).not.toBe(own);
      }),
      { seed: 20261122, numRuns: 50 },
    );
  });

  it('encodes an envelope while it encodes another', () => {
    const inner: Envelope = { kind: 'event', timeMs: 1, sequence: 1, body: { inner: true } };
    const outer = (value: unknown): Envelope =>
      ({ kind: 'event', timeMs, sequence: 2, body: { value } }) as Envelope;
    const body = {
      get value() {
        return toHex(encodeEnvelope(inner));
      },
    };
    const nested = encodeEnvelope({ ...outer(''), body } as Envelope);
    expect(toHex(nested)).toBe(toHex(encodeEnvelope(outer(toHex(encodeEnvelope(inner))))));
  });
});
