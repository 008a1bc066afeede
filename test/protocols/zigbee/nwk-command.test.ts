import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../protocols/codec/codec.js';
import {
  capabilityFromOctet,
  capabilityToOctet,
} from '../../../protocols/zigbee/capability-information.js';
import { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import { codecTable, endsInCodecError } from '../../support/codec-table.js';
import { hubWire, nwkCommandRows } from '../../support/zigbee-commands.js';

codecTable('NWK command', NwkCommand, nwkCommandRows, [
  { name: 'an unknown command', wire: '0e 00', reason: /NWK command 14 is not known/ },
  { name: 'nothing', wire: '', reason: /need 1 byte/ },
  { name: 'a reserved leave option', wire: '04 01', reason: /reserved bits/ },
  { name: 'a reserved capability', wire: '06 90', reason: /reserved bits/ },
  { name: 'more links than octets', wire: '08 62 214f 31', reason: /links\[1\]\.address @5/ },
  { name: 'a reserved link cost bit', wire: '08 61 214f 39', reason: /reserved bits/ },
  { name: 'an update without its identifier', wire: `0a 01 ${hubWire} 04`, reason: /need 2/ },
  { name: 'a command identifier after another status', wire: '03 0d 214f 0d', reason: /trailing/ },
  { name: 'trailing bytes', wire: '04 60 00', reason: /trailing/ },
]);

describe('NWK command encoding', () => {
  it.each([
    [
      'a flag that is a number',
      { command: 'leave', rejoin: 1, request: true, removeChildren: true },
    ],
    [
      'more links than five bits count',
      {
        command: 'link-status',
        firstFrame: true,
        lastFrame: true,
        links: new Array(32).fill({ address: 1, incomingCost: 1, outgoingCost: 1 }),
      },
    ],
    [
      'a link cost of 8',
      {
        command: 'link-status',
        firstFrame: true,
        lastFrame: true,
        links: [{ address: 1, incomingCost: 8, outgoingCost: 1 }],
      },
    ],
    ['no relays', { command: 'route-record' }],
    ['no capability', { command: 'rejoin-request' }],
    [
      'the status unknown command without it',
      { command: 'network-status', status: 0x13, destination: 0 },
    ],
    [
      'a command identifier with another status',
      { command: 'network-status', status: 0, destination: 0, unknownCommand: 1 },
    ],
  ])('refuses %s', (_name, value) => {
    expect(endsInCodecError(() => encodeWith(NwkCommand, value as never))).toBe(true);
  });
});

// 8E: router on the mains that wants an address; 80: sleepy end device (zigbee.md 2).
describe('capability information', () => {
  it('is the octet of an association request', () => {
    expect(capabilityFromOctet(0x8e)).toEqual({
      alternatePanCoordinator: false,
      fullFunctionDevice: true,
      mainsPowered: true,
      receiverOnWhenIdle: true,
      securityCapability: false,
      allocateAddress: true,
    });
  });

  it('is its own inverse for every octet, but for reserved bits', () => {
    for (let octet = 0; octet < 0x100; octet++) {
      const refused = endsInCodecError(() => {
        expect(capabilityToOctet(capabilityFromOctet(octet))).toBe(octet);
      });
      expect(refused).toBe((octet & 0x30) !== 0);
    }
  });
});
