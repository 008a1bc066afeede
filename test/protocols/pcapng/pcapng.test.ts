import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { concatBytes, fromHex, toHex } from '../../../protocols/codec/hex.js';
import {
  decodePcapng,
  encodePcapngBlock,
  linkTypes,
  type PcapngBlock,
} from '../../../protocols/pcapng/blocks.js';
import { decodeExportedPdu, encodeExportedPdu } from '../../../protocols/pcapng/exported-pdu.js';
import { decodeTapFrame, encodeTapFrame } from '../../../protocols/pcapng/tap.js';
import { encodeZepFrame, frameCheckSequence } from '../../../protocols/pcapng/zep.js';
import { bytesOf } from '../../support/codec-table.js';
import { exportedPdu } from '../../support/exported-pdu.js';

const runs = { seed: 20261122, numRuns: 300 };
const hex = (text: string): string => text.replace(/\s/g, '');

const text = fc.string({ unit: 'binary', maxLength: 12 });
const option = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Absent and undefined are the same here. */
const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

const header = fc
  .record({ hardware: option(text), operatingSystem: option(text), application: option(text) })
  .map((options): PcapngBlock => ({ block: 'sectionHeader', options: given(options) }));
const description = fc
  .record({
    linkType: fc.constantFrom(...Object.values(linkTypes)),
    snapLength: fc.nat(),
    options: fc
      .record({ name: option(text), description: option(text), timeResolution: option(fc.nat(9)) })
      .map(given),
  })
  .map((fields): PcapngBlock => ({ block: 'interfaceDescription', ...fields }));
const packet = fc
  .record({
    interfaceId: fc.constant(0),
    timestamp: fc.maxSafeNat(),
    octets: fc.uint8Array({ maxLength: 40 }),
    options: fc.record({ packetFlags: option(fc.nat(3)) }).map(given),
  })
  .map((fields): PcapngBlock => ({ block: 'enhancedPacket', ...fields }));
const file = fc
  .tuple(header, description, fc.array(fc.oneof(packet, description), { maxLength: 5 }))
  .map(([first, second, rest]) => [first, second, ...rest]);

const octetsOf = (blocks: readonly PcapngBlock[]) =>
  concatBytes(...blocks.map((block) => encodePcapngBlock(block)));

function onlyCodecErrors(body: () => unknown): boolean {
  try {
    body();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    return false;
  }
}

const sample: readonly PcapngBlock[] = [
  { block: 'sectionHeader', options: { application: 'hubfleet' } },
  {
    block: 'interfaceDescription',
    linkType: linkTypes.ieee802154Tap,
    snapLength: 0,
    options: { name: 'home-1/2g4', timeResolution: 3 },
  },
  {
    block: 'enhancedPacket',
    interfaceId: 0,
    timestamp: 0x01a2_008d_7400,
    octets: bytesOf('01 02 03'),
    options: { packetFlags: 2 },
  },
];

describe('blocks', () => {
  it('has the layout of the pcapng draft, counted out by hand', () => {
    expect(sample.map((block) => toHex(encodePcapngBlock(block)))).toEqual([
      hex(`0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff
           0400 0800 687562666c656574 0000 0000 2c000000`),
      hex(`01000000 30000000 1b01 0000 00000000
           0200 0a00 686f6d652d312f326734 0000 0900 0100 03 000000 0000 0000 30000000`),
      hex(`06000000 30000000 00000000 a2010000 00748d00 03000000 03000000 010203 00
           0200 0400 02000000 0000 0000 30000000`),
    ]);
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(file, (blocks) => {
        expect(decodePcapng(octetsOf(blocks))).toEqual(blocks);
      }),
      runs,
    );
  });

  it('accepts no file that is cut, but between two blocks', () => {
    const octets = octetsOf(sample);
    const ends = new Set([44, 44 + 48, octets.length]);
    for (let length = 0; length <= octets.length; length++) {
      const whole = onlyCodecErrors(() => decodePcapng(octets.slice(0, length)));
      expect(whole, `${length} octets`).toBe(ends.has(length));
    }
  });

  it('throws only CodecError for a flipped bit, or reads what encodes to the same octets', () => {
    const octets = octetsOf(sample);
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const flipped = octets.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      onlyCodecErrors(() => expect(octetsOf(decodePcapng(flipped))).toEqual(flipped));
    }
  });

  it('wants a section first and interfaces before their packets', () => {
    const [first, second, third] = sample as [PcapngBlock, PcapngBlock, PcapngBlock];
    expect(() => decodePcapng(octetsOf([second, first]))).toThrow(/one section header/);
    expect(() => decodePcapng(octetsOf([first, second, first]))).toThrow(/one section header/);
    expect(() => decodePcapng(octetsOf([first, third]))).toThrow(/interface 0 is not described/);
    expect(() => decodePcapng(new Uint8Array(0))).toThrow(CodecError);
  });
});

describe('TAP frames', () => {
  const psdu = bytesOf('4188 01');

  it('has the layout of the TAP specification', () => {
    const radio = { page: 28, channel: 3, lqi: 200, rssiDbm: -71 };
    expect(toHex(encodeTapFrame({ radio, psdu }))).toBe(
      hex(`00 00 2400  0000 0100 00 000000  0100 0400 00008ec2  0300 0300 0300 1c 00
           0a00 0100 c8 000000  418801`),
    );
    expect(toHex(encodeTapFrame({ radio: { page: 0, channel: 20 }, psdu }))).toBe(
      hex('00 00 1400  0000 0100 00 000000  0300 0300 1400 00 00  418801'),
    );
  });

  it('reads back what it wrote, of any length and with any bit flipped', () => {
    const radio = fc.record({
      page: fc.nat(31),
      channel: fc.nat(255),
      lqi: option(fc.nat(255)),
      rssiDbm: option(fc.integer({ min: -128, max: 127 })),
    });
    const frame = fc.record({ radio, psdu: fc.uint8Array({ maxLength: 127 }) });
    fc.assert(
      fc.property(frame, fc.nat(), (value, bit) => {
        const octets = encodeTapFrame(value);
        expect(decodeTapFrame(octets)).toEqual(value);
        const at = bit % (octets.length * 8);
        octets[at >> 3] = (octets[at >> 3] as number) ^ (1 << (at & 7));
        onlyCodecErrors(() => expect(encodeTapFrame(decodeTapFrame(octets))).toEqual(octets));
        onlyCodecErrors(() => decodeTapFrame(octets.subarray(0, at >> 3)));
      }),
      runs,
    );
  });
});

describe('exported PDUs', () => {
  it.each(['gbcs_message', 'wpan_nofcs', 'zbee', 'x'])('of %s, as written by hand', (dissector) => {
    const octets = bytesOf('dd 00 00');
    const encoded = encodeExportedPdu({ dissector, octets });
    expect(encoded).toEqual(exportedPdu(dissector, octets));
    expect(decodeExportedPdu(encoded)).toEqual({ dissector, octets });
    for (let length = 0; length < encoded.length; length++) {
      onlyCodecErrors(() => decodeExportedPdu(encoded.subarray(0, length)));
    }
  });

  it('throws only CodecError, or reads what encodes to the same octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (tail) => {
        const octets = concatBytes(fromHex('000c'), tail);
        onlyCodecErrors(() => expect(encodeExportedPdu(decodeExportedPdu(octets))).toEqual(octets));
      }),
      runs,
    );
  });
});

describe('ZEP', () => {
  it('has the check value of CRC-16/KERMIT', () => {
    expect(frameCheckSequence(new TextEncoder().encode('123456789'))).toBe(0x2189);
  });

  it('has the layout of version 2', () => {
    const psdu = bytesOf('020001');
    const frame = { channel: 20, deviceId: 7, timeMs: 1_500, sequence: 9, psdu };
    const [low, high] = [frameCheckSequence(psdu) & 0xff, frameCheckSequence(psdu) >> 8];
    const fcs = toHex(Uint8Array.of(low, high));
    expect(toHex(encodeZepFrame(frame))).toBe(
      hex(
        `4558 02 01 14 0007 01 00 83aa7e81 80000000 00000009 00000000000000000000 05 020001 ${fcs}`,
      ),
    );
    expect(() => encodeZepFrame({ ...frame, psdu: new Uint8Array(126) })).toThrow(CodecError);
    expect(() => encodeZepFrame({ ...frame, channel: 256 })).toThrow(CodecError);
  });
});
