import { describe, expect, it } from 'vitest';
import { toHex } from '../../../protocols/codec/hex.js';
import { GasTunnelData } from '../../../protocols/zigbee/gas-tunnel-header.js';
import {
  decodeTunnelCommand,
  encodeTransferData,
  encodeTunnelCommand,
  type TunnelCommand,
  type TunnelDirection,
} from '../../../protocols/zigbee/tunnelling.js';
import { decodeZclFrame } from '../../../protocols/zigbee/zcl/frame.js';
import { bytesOf, codecTable, endsInCodecError } from '../../support/codec-table.js';

const nothing = new Uint8Array(0);

interface Row {
  readonly direction: TunnelDirection;
  readonly wire: string;
  readonly command: TunnelCommand;
}

// Command ids, protocol id 6 and manufacturer FFFF: zigbee.md 1 and 6.
const rows: readonly Row[] = [
  {
    direction: 'to-server',
    wire: '11 05 00 06 ffff 00 dc05',
    command: {
      command: 'requestTunnel',
      payload: {
        protocolId: 6,
        manufacturerCode: 0xffff,
        flowControlSupport: 0,
        maximumIncomingTransferSize: 1500,
      },
    },
  },
  {
    direction: 'to-client',
    wire: '19 05 00 0201 00 dc05',
    command: {
      command: 'requestTunnelResponse',
      payload: { tunnelId: 0x0102, tunnelStatus: 0, maximumIncomingTransferSize: 1500 },
    },
  },
  {
    direction: 'to-server',
    wire: '11 05 01 0201',
    command: { command: 'closeTunnel', payload: { tunnelId: 0x0102 } },
  },
  {
    direction: 'to-client',
    wire: '19 05 06 0201',
    command: { command: 'tunnelClosureNotification', payload: { tunnelId: 0x0102 } },
  },
  {
    direction: 'to-server',
    wire: '11 05 02 0201 dd00',
    command: { command: 'transferData', payload: { tunnelId: 0x0102, data: bytesOf('dd00') } },
  },
  {
    direction: 'to-client',
    wire: '19 05 01 0201 dd00',
    command: { command: 'transferData', payload: { tunnelId: 0x0102, data: bytesOf('dd00') } },
  },
  {
    direction: 'to-client',
    wire: '19 05 02 0201 00',
    command: {
      command: 'transferDataError',
      payload: { tunnelId: 0x0102, transferDataStatus: 0 },
    },
  },
  {
    direction: 'to-server',
    wire: '11 05 03 0201 02',
    command: {
      command: 'transferDataError',
      payload: { tunnelId: 0x0102, transferDataStatus: 2 },
    },
  },
];

describe('tunnelling commands', () => {
  it.each(rows)('$command.command $direction, both ways and cut short', (row) => {
    const { direction, command } = row;
    const wire = bytesOf(row.wire);
    const frame = decodeZclFrame(wire);
    expect(decodeTunnelCommand(direction, frame.commandId, frame.payload)).toEqual(command);
    expect(toHex(encodeTunnelCommand(direction, 5, command))).toBe(toHex(wire));
    for (let length = 0; length < frame.payload.length; length++) {
      const cut = frame.payload.slice(0, length);
      const refused = endsInCodecError(() => decodeTunnelCommand(direction, frame.commandId, cut));
      expect(refused).toBe(command.command !== 'transferData' || length < 2);
    }
  });

  it('are unknown when GBCS does not use them, and refused the wrong way round', () => {
    expect(decodeTunnelCommand('to-server', 4, nothing)).toBeUndefined();
    expect(decodeTunnelCommand('to-client', 5, nothing)).toBeUndefined();
    const command: TunnelCommand = { command: 'closeTunnel', payload: { tunnelId: 1 } };
    expect(() => encodeTunnelCommand('to-client', 0, command)).toThrow(/closeTunnel @2: is never/);
  });

  it('transfer at most 1,500 octets', () => {
    expect(encodeTransferData('to-server', 0, 0, nothing, new Uint8Array(1500))).toHaveLength(1505);
    expect(() =>
      encodeTransferData('to-server', 0, 0, bytesOf('03'), new Uint8Array(1500)),
    ).toThrow(/at most 1500/);
  });

  it('build a transfer in one piece exactly as from its parts', () => {
    for (const direction of ['to-server', 'to-client'] as const) {
      const direct = encodeTransferData(direction, 9, 0xabcd, bytesOf('0200'), bytesOf('dd01'));
      const payload = { tunnelId: 0xabcd, data: bytesOf('0200dd01') };
      const parts = encodeTunnelCommand(direction, 9, { command: 'transferData', payload });
      expect(toHex(direct)).toBe(toHex(parts));
    }
  });
});

// GET, GET-RESPONSE and PUT: zigbee.md 6.
codecTable<GasTunnelData>(
  'gas tunnel header',
  GasTunnelData,
  [
    { name: 'GET', wire: '01', value: { kind: 'get' } },
    {
      name: 'GET-RESPONSE with two more waiting',
      wire: '02 02 dd00',
      value: { kind: 'get-response', remaining: 2, message: bytesOf('dd00') },
    },
    {
      name: 'GET-RESPONSE without message',
      wire: '02 00',
      value: { kind: 'get-response', remaining: 0, message: nothing },
    },
    { name: 'PUT', wire: '03 dd00', value: { kind: 'put', message: bytesOf('dd00') } },
  ],
  [
    { name: 'any other first octet', wire: 'dd00', reason: /tunnel header 221/ },
    { name: 'octets after GET', wire: '0100', reason: /trailing/ },
  ],
  false,
);
