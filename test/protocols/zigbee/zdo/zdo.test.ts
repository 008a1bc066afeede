import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../protocols/codec/hex.js';
import { zdoMessages } from '../../../../protocols/zigbee/zdo/messages.js';
import {
  decodeZdo,
  encodeZdo,
  type ZdoMessage,
  zdoClusterId,
  zdoName,
  zdoResponseBit,
} from '../../../../protocols/zigbee/zdo/zdo.js';
import { bytesOf, endsInCodecError } from '../../../support/codec-table.js';
import { zdoRows } from '../../../support/zdo-messages.js';
import { meterWire } from '../../../support/zigbee-commands.js';

const names = Object.keys(zdoMessages);

describe('ZDO message', () => {
  it('of every declared name has an example', () => {
    expect([...new Set(zdoRows.map(({ value }) => value.name))].sort()).toEqual(names.sort());
  });

  it.each(zdoRows)('$name decodes and encodes', ({ clusterId, wire, value }) => {
    expect(decodeZdo(clusterId, bytesOf(wire))).toEqual(value);
    expect(toHex(encodeZdo(value))).toBe(wire.replace(/ /g, ''));
    expect(zdoClusterId(value.name)).toBe(clusterId);
    expect(zdoName(clusterId)).toBe(value.name);
  });

  it.each(zdoRows)('$name survives JSON', ({ wire, value }) => {
    const fromJson = JSON.parse(JSON.stringify(value)) as ZdoMessage;
    expect(toHex(encodeZdo(fromJson))).toBe(wire.replace(/ /g, ''));
  });

  it.each(zdoRows)('$name: truncated and flipped input ends in CodecError or re-encodes', (row) => {
    const wire = bytesOf(row.wire);
    for (let length = 0; length < wire.length; length++) {
      const refused = endsInCodecError(() => decodeZdo(row.clusterId, wire.slice(0, length)));
      expect([length, refused]).toEqual([length, !row.wholeAt.includes(length)]);
    }
    for (let bit = 0; bit < wire.length * 8; bit++) {
      const flipped = wire.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      endsInCodecError(() => {
        expect(toHex(encodeZdo(decodeZdo(row.clusterId, flipped)))).toBe(toHex(flipped));
      });
    }
  });

  it('of noise ends in CodecError or in what re-encodes to the same octets', () => {
    let decoded = 0;
    const clusterId = fc.constantFrom(...zdoRows.map((row) => row.clusterId));
    // Small octets make plausible counts and statuses.
    const octet = fc.oneof(fc.nat(0xff), fc.nat(4));
    const property = fc.property(
      clusterId,
      fc.array(octet, { maxLength: 60 }),
      (cluster, noise) => {
        const octets = Uint8Array.from(noise);
        const refused = endsInCodecError(() => {
          expect(toHex(encodeZdo(decodeZdo(cluster, octets)))).toBe(toHex(octets));
        });
        if (!refused) decoded++;
      },
    );
    fc.assert(property, { seed: 20261122, numRuns: 10_000 });
    expect(decoded).toBeGreaterThan(200);
  });
});

describe('ZDO refusals', () => {
  it.each([
    ['an undeclared cluster', 0x0010, '2a', 'message @0: ZDO cluster 16 is not known'],
    ['trailing bytes', 0x0002, '2a 214f 00', 'Node_Desc_req @3: 1 trailing byte'],
    ['a success without its descriptor', 0x8002, '2a 00 214f', 'nodeDescriptor.type @4: need'],
    ['reserved descriptor bits', 0x8002, '2a 00 214f 20c0', 'nodeDescriptor.type @4: reserved'],
    ['a reserved capability', 0x0013, `2a 214f ${meterWire} 9e`, 'capability @11: reserved bits'],
    ['a binding to mode 2', 0x0021, `2a ${meterWire} 01 0207 02 00`, 'binding address mode 2'],
    [
      'a simple descriptor longer than it says',
      0x8004,
      '2a 00 214f 07 01 0901 0005 01 01 0000 00',
      'simpleDescriptor.inputClusters[0] @12: need 2 bytes',
    ],
    [
      'a simple descriptor shorter than it says',
      0x8004,
      '2a 00 214f 09 01 0901 0005 01 00 00 ff',
      'simpleDescriptor @13: 1 trailing byte',
    ],
    [
      'a matched endpoint missing',
      0x8006,
      '2a 00 0000 02 03',
      'Match_Desc_rsp.endpoints[1] @6: need 1 byte',
    ],
  ])('%s', (_name, clusterId, wire, reason) => {
    const body = () => decodeZdo(clusterId, bytesOf(wire));
    expect(endsInCodecError(body)).toBe(true);
    expect(body).toThrow(reason);
  });

  it.each([
    ['an unknown name', { name: 'Complex_Desc_req', transactionSequence: 1, fields: {} }],
    ['no fields', { name: 'Node_Desc_req', transactionSequence: 1 }],
    [
      'a scan without its count',
      {
        name: 'Mgmt_NWK_Update_req',
        transactionSequence: 1,
        fields: { scanChannels: { channels: 1, page: 0 }, scanDuration: 3 },
      },
    ],
    [
      'a manager in a channel change',
      {
        name: 'Mgmt_NWK_Update_req',
        transactionSequence: 1,
        fields: {
          scanChannels: { channels: 1, page: 0 },
          scanDuration: 0xfe,
          nwkUpdateId: 1,
          nwkManagerAddress: 0,
        },
      },
    ],
    [
      'channel 27',
      {
        name: 'Mgmt_NWK_Update_req',
        transactionSequence: 1,
        fields: { scanChannels: { channels: 1 << 27, page: 0 }, scanDuration: 3, scanCount: 1 },
      },
    ],
    [
      'a success without its descriptor',
      {
        name: 'Node_Desc_rsp',
        transactionSequence: 1,
        fields: { status: 0, nwkAddressOfInterest: 0 },
      },
    ],
    [
      'endpoints that are no list',
      {
        name: 'Active_EP_rsp',
        transactionSequence: 1,
        fields: { status: 0, nwkAddressOfInterest: 0, endpoints: '12' },
      },
    ],
    [
      'associated devices that are none',
      {
        name: 'NWK_addr_rsp',
        transactionSequence: 1,
        fields: {
          status: 0,
          ieeeAddress: '00db1234567890a1',
          nwkAddress: 0,
          associatedDevices: null,
        },
      },
    ],
  ])('%s is not encoded', (_name, message) => {
    expect(endsInCodecError(() => encodeZdo(message as never))).toBe(true);
  });

  it('know no name for what a node must answer with not supported', () => {
    expect(zdoName(0x0010)).toBeUndefined();
    expect(zdoClusterId('Node_Desc_rsp')).toBe(zdoClusterId('Node_Desc_req') | zdoResponseBit);
  });
});
