import { eui64 } from '../../../protocols/codec/eui64.js';
import { Beacon } from '../../../protocols/zigbee/beacon.js';
import { MacCommand } from '../../../protocols/zigbee/mac-command.js';
import { codecTable } from '../../support/codec-table.js';

// zigbee.md 2.
codecTable(
  'MAC command',
  MacCommand,
  [
    {
      name: 'association request',
      wire: '01 8e',
      value: { command: 'association-request', capability: 0x8e },
    },
    {
      name: 'association response',
      wire: '02 214f 00',
      value: { command: 'association-response', shortAddress: 0x4f21, status: 0 },
    },
    { name: 'data request', wire: '04', value: { command: 'data-request' } },
    { name: 'beacon request', wire: '07', value: { command: 'beacon-request' } },
  ],
  [
    { name: 'an unknown command', wire: '09', reason: /MAC command 9/ },
    { name: 'trailing bytes', wire: '07 00', reason: /trailing/ },
  ],
);

codecTable(
  'beacon',
  Beacon,
  [
    {
      name: 'of a hub that lets nobody join',
      wire: 'ffcf 00 00 00 2284 a190785634 12db00 ffffff 00',
      value: {
        superframe: 0xcfff,
        protocolId: 0,
        stackProfile: 2,
        protocolVersion: 2,
        routerCapacity: true,
        deviceDepth: 0,
        endDeviceCapacity: true,
        extendedPanId: eui64('00db1234567890a1'),
        transmitOffset: 0xffffff,
        updateId: 0,
      },
    },
  ],
  [
    {
      name: 'guaranteed time slots',
      wire: 'ffcf 01 00 00 2284 a19078563412db00 ffffff 00',
      reason: /time slots/,
    },
    {
      name: 'reserved bits',
      wire: 'ffcf 00 00 00 2285 a19078563412db00 ffffff 00',
      reason: /reserved beacon bits/,
    },
  ],
);
