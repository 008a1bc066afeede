import { eui64 } from '../../../protocols/codec/eui64.js';
import { NwkHeader } from '../../../protocols/zigbee/nwk.js';
import { bytesOf, codecTable } from '../../support/codec-table.js';

const plain: NwkHeader = {
  type: 'data',
  discoverRoute: 0,
  endDeviceInitiator: false,
  destination: 0x0000,
  source: 0x4f21,
  radius: 30,
  sequenceNumber: 0x07,
  destinationEui: undefined,
  sourceEui: undefined,
  sourceRoute: undefined,
  auxiliaryHeader: undefined,
};

// Frame control 0008, +0200 secured; auxiliary header with network key: zigbee.md 2.
codecTable(
  'ZigBee NWK header',
  NwkHeader,
  [
    { name: 'data', wire: '0800 0000 214f 1e 07', value: plain },
    {
      name: 'secured data',
      wire: '0802 0000 214f 1e 07 28 01000000 a090785634 12db00 00',
      value: { ...plain, auxiliaryHeader: bytesOf('2801000000a09078563412db0000') },
    },
    {
      name: 'command to an extended address, route wanted',
      wire: '4938 fcff 214f 01 07 a190785634 12db00 a090785634 12db00',
      value: {
        ...plain,
        type: 'command',
        discoverRoute: 1,
        endDeviceInitiator: true,
        destination: 0xfffc,
        radius: 1,
        destinationEui: eui64('00db1234567890a1'),
        sourceEui: eui64('00db1234567890a0'),
      },
    },
    {
      name: 'source route over two relays',
      wire: '0804 0000 214f 1e 07 02 01 1122 3344',
      value: { ...plain, sourceRoute: { relayIndex: 1, relays: [0x2211, 0x4433] } },
    },
  ],
  [
    { name: 'inter-PAN', wire: '0b00 0000 214f 1e 07', reason: /frame type 3/ },
    { name: 'protocol version 3', wire: '0c00 0000 214f 1e 07', reason: /version 3/ },
    { name: 'reserved route discovery', wire: 'c800 0000 214f 1e 07', reason: /discover route/ },
    { name: 'multicast', wire: '0801 0000 214f 1e 07', reason: /multicast/ },
    { name: 'reserved bits', wire: '0880 0000 214f 1e 07', reason: /reserved/ },
    {
      name: 'reserved security control bits',
      wire: '0802 0000 214f 1e 07 80 01000000',
      reason: /security control/,
    },
  ],
);
