import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eui64FromBytes } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import type { ApsHeader } from '../../../protocols/zigbee/aps.js';
import {
  decodeZigbeeFrame,
  encodeZigbeeFrame,
  type ZigbeeFrame,
} from '../../../protocols/zigbee/frame.js';
import { type MacHeader, psduOctetsMax } from '../../../protocols/zigbee/ieee802154.js';
import type { NwkHeader } from '../../../protocols/zigbee/nwk.js';
import { bytesOf, endsInCodecError } from '../../support/codec-table.js';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const eui = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((octets) => eui64FromBytes(octets));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const mac: fc.Arbitrary<MacHeader> = fc
  .record({
    framePending: fc.boolean(),
    acknowledgmentRequest: fc.boolean(),
    version: fc.constantFrom(0, 1),
    sequenceNumber: u8,
    panId: u16,
    destination: fc.oneof(u16, eui),
    source: fc.oneof(u16, eui),
  })
  .map(({ panId, ...rest }) => ({
    type: 'data',
    panIdCompression: true,
    destinationPanId: panId,
    sourcePanId: panId,
    ...rest,
  }));

const nwk: fc.Arbitrary<NwkHeader> = fc.record({
  type: fc.constant('data'),
  discoverRoute: fc.constantFrom(0, 1),
  endDeviceInitiator: fc.boolean(),
  destination: u16,
  source: u16,
  radius: u8,
  sequenceNumber: u8,
  destinationEui: maybe(eui),
  sourceEui: maybe(eui),
  sourceRoute: maybe(fc.record({ relayIndex: u8, relays: fc.array(u16, { maxLength: 4 }) })),
  auxiliaryHeader: fc.constant(undefined),
});

const delivery = fc.constantFrom('unicast' as const, 'broadcast' as const);
const addressing = { destinationEndpoint: u8, clusterId: u16, profileId: u16, sourceEndpoint: u8 };
const fragment = { first: fc.boolean(), blockNumber: u8 };
const auxiliaryHeader = maybe(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((counter) => Uint8Array.of(0, ...counter)),
);

const aps: fc.Arbitrary<ApsHeader> = fc.oneof(
  fc.record({
    type: fc.constant('data' as const),
    delivery,
    acknowledgmentRequest: fc.boolean(),
    ...addressing,
    counter: u8,
    fragment: maybe(fc.record(fragment)),
    auxiliaryHeader,
  }),
  fc.record({
    type: fc.constant('command' as const),
    delivery,
    acknowledgmentRequest: fc.boolean(),
    counter: u8,
    auxiliaryHeader,
  }),
  fc.record({
    type: fc.constant('acknowledgment' as const),
    delivery,
    addressing: maybe(fc.record(addressing)),
    counter: u8,
    fragment: maybe(fc.record({ ...fragment, bitmap: u8 })),
    auxiliaryHeader,
  }),
);

const frame: fc.Arbitrary<ZigbeeFrame> = fc.record({
  mac,
  nwk,
  aps,
  payload: fc.uint8Array({ maxLength: 30 }),
});

const options = { seed: 20261122, numRuns: 1000 };

describe('a ZigBee frame', () => {
  it('survives the round trip', () => {
    const property = fc.property(frame, (value) => {
      expect(decodeZigbeeFrame(encodeZigbeeFrame(value))).toEqual(value);
    });
    fc.assert(property, options);
  });

  it('cut or flipped, ends in CodecError or in what re-encodes to the same octets', () => {
    const property = fc.property(frame, fc.nat(), fc.nat(), (value, cut, flip) => {
      const psdu = encodeZigbeeFrame(value);
      const changed = psdu.slice(0, cut % 2 === 0 ? psdu.length : cut % psdu.length);
      const bit = flip % (psdu.length * 8);
      const at = bit >> 3;
      if (at < changed.length) changed[at] = (changed[at] as number) ^ (1 << (bit & 7));
      endsInCodecError(() => {
        expect(toHex(encodeZigbeeFrame(decodeZigbeeFrame(changed)))).toBe(toHex(changed));
      });
    });
    fc.assert(property, options);
  });

  it('of noise ends in CodecError or in what re-encodes to the same octets', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 140 }), (noise) => {
      endsInCodecError(() => {
        expect(toHex(encodeZigbeeFrame(decodeZigbeeFrame(noise)))).toBe(toHex(noise));
      });
    });
    fc.assert(property, { ...options, numRuns: 5000 });
  });

  it('reads as far as it is in the clear', () => {
    const secured = decodeZigbeeFrame(
      bytesOf(`41882a621a0000214f 08020000214f1e07 2801000000a09078563412db0000 ${'c5'.repeat(9)}`),
    );
    expect(secured.aps).toBeUndefined();
    expect(secured.payload).toEqual(new Uint8Array(9).fill(0xc5));
    const beaconRequest = decodeZigbeeFrame(bytesOf('03082affffffff07'));
    expect(beaconRequest.nwk).toBeUndefined();
    expect(beaconRequest.payload).toEqual(Uint8Array.of(7));
  });

  it('names layer, offset and reason of what is wrong', () => {
    expect(() => decodeZigbeeFrame(bytesOf('41882a621a0000214f 0c00'))).toThrow(
      'nwk @9: protocol version 3 is not 2',
    );
    expect(() => decodeZigbeeFrame(bytesOf('41882a621a0000214f 08000000214f1e07 03'))).toThrow(
      'aps @17: inter-PAN frames are not supported',
    );
  });

  it('is never longer than a PSDU without its check sequence', () => {
    expect(() => decodeZigbeeFrame(new Uint8Array(psduOctetsMax + 1))).toThrow(
      'mac @0: a PSDU has',
    );
    const long = decodeZigbeeFrame(bytesOf('41882a621a0000214f 08000000214f1e07 0001040709010355'));
    const payload = new Uint8Array(100);
    expect(encodeZigbeeFrame({ ...long, payload })).toHaveLength(psduOctetsMax);
    expect(() => encodeZigbeeFrame({ ...long, payload: new Uint8Array(101) })).toThrow(
      'payload @25: a PSDU has at most 125 bytes',
    );
  });

  it('header values out of range are refused under the name of their layer', () => {
    const good = decodeZigbeeFrame(bytesOf('41882a621a0000214f 08000000214f1e07 0001040709010355'));
    const nwkWrong = { ...good, nwk: { ...(good.nwk as NwkHeader), radius: 256 } };
    expect(() => encodeZigbeeFrame(nwkWrong)).toThrow(/^nwk @/);
    expect(() => encodeZigbeeFrame({ ...good, mac: { ...good.mac, sequenceNumber: -1 } })).toThrow(
      /^mac @/,
    );
  });
});
