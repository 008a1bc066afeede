import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../protocols/codec/codec.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { MacHeader } from '../../../protocols/zigbee/ieee802154.js';
import { codecTable } from '../../support/codec-table.js';

const device = eui64('00db1234567890a0');
const hub = eui64('00db1234567890a1');

const plain = {
  framePending: false,
  acknowledgmentRequest: false,
  panIdCompression: false,
  version: 0,
  sequenceNumber: 0x2a,
  destinationPanId: undefined,
  destination: undefined,
  sourcePanId: undefined,
  source: undefined,
} as const;

const data: MacHeader = {
  ...plain,
  type: 'data',
  panIdCompression: true,
  destinationPanId: 0x1a62,
  destination: 0x0000,
  sourcePanId: 0x1a62,
  source: 0x4f21,
};

// Frame controls and field order: zigbee.md 2.
codecTable(
  'IEEE 802.15.4 header',
  MacHeader,
  [
    { name: 'data, no acknowledgment', wire: '4188 2a 621a 0000 214f', value: data },
    {
      name: 'data, acknowledgment asked',
      wire: '6188 2a 621a 0000 214f',
      value: { ...data, acknowledgmentRequest: true },
    },
    { name: 'acknowledgment', wire: '0200 2a', value: { ...plain, type: 'acknowledgment' } },
    {
      name: 'acknowledgment, more pending',
      wire: '1200 2a',
      value: { ...plain, type: 'acknowledgment', framePending: true },
    },
    {
      name: 'beacon request',
      wire: '0308 2a ffff ffff',
      value: { ...plain, type: 'command', destinationPanId: 0xffff, destination: 0xffff },
    },
    {
      name: 'beacon',
      wire: '0080 2a 621a 0000',
      value: { ...plain, type: 'beacon', sourcePanId: 0x1a62, source: 0 },
    },
    {
      name: 'association request',
      wire: '23c8 2a 621a 0000 ffff a090785634 12db00',
      value: {
        ...plain,
        type: 'command',
        acknowledgmentRequest: true,
        destinationPanId: 0x1a62,
        destination: 0,
        sourcePanId: 0xffff,
        source: device,
      },
    },
    {
      name: 'data request',
      wire: '63c8 2a 621a 0000 a090785634 12db00',
      value: {
        ...data,
        type: 'command',
        acknowledgmentRequest: true,
        source: device,
      },
    },
    {
      name: 'association response',
      wire: '63cc 2a 621a a090785634 12db00 a190785634 12db00',
      value: {
        ...data,
        type: 'command',
        acknowledgmentRequest: true,
        destination: device,
        source: hub,
      },
    },
    {
      name: 'edition of 2006',
      wire: '4198 2a 621a 0000 214f',
      value: { ...data, version: 1 },
    },
  ],
  [
    { name: 'an unknown type', wire: '4788 2a 621a 0000 214f', reason: /frame type 7/ },
    { name: 'MAC security', wire: '4988 2a 621a 0000 214f', reason: /MAC security/ },
    { name: 'reserved bits', wire: 'c188 2a 621a 0000 214f', reason: /reserved frame control/ },
    { name: 'a later edition', wire: '41a8 2a 621a 0000 214f', reason: /version 2/ },
    { name: 'a reserved addressing mode', wire: '4184 2a 621a 00 214f', reason: /mode 1/ },
    { name: 'compression of one address', wire: '4180 2a 621a 214f', reason: /both addresses/ },
  ],
);

describe('encoding an IEEE 802.15.4 header refuses', () => {
  it.each<[string, MacHeader, RegExp]>([
    [
      'an address without PAN id',
      { ...data, panIdCompression: false, sourcePanId: undefined },
      /PAN id/,
    ],
    ['compression of two PAN ids', { ...data, sourcePanId: 1 }, /one PAN id/],
    ['compression without source', { ...data, source: undefined }, /both addresses/],
    ['a short address of three octets', { ...data, source: 0x10000 }, /from 0 to 65535/],
    ['version 2', { ...data, version: 2 }, /version 2/],
  ])('%s', (_name, value, reason) => {
    expect(() => encodeWith(MacHeader, value)).toThrow(reason);
  });
});
