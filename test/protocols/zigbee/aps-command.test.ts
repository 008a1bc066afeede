import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../protocols/codec/codec.js';
import { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import { bytesOf, codecTable, endsInCodecError } from '../../support/codec-table.js';
import { apsCommandRows, meterWire } from '../../support/zigbee-commands.js';

const [tunnels, others] = [
  apsCommandRows.filter(({ value }) => value.command === 'tunnel'),
  apsCommandRows.filter(({ value }) => value.command !== 'tunnel'),
];

codecTable('APS command', ApsCommand, others, [
  { name: 'an unknown command', wire: '01 00', reason: /APS command 1 is not known/ },
  { name: 'nothing', wire: '', reason: /need 1 byte/ },
  { name: 'an unknown key type', wire: '05 02', reason: /key type 2 is not known/ },
  { name: 'a request for a network key', wire: '08 01', reason: /key type 1 is not known/ },
  { name: 'an initiator flag of 2', wire: `05 03 ${'00'.repeat(16)} ${meterWire} 02`, reason: /2/ },
  { name: 'trailing bytes', wire: '09 08 00', reason: /trailing/ },
]);

// What is tunnelled is as long as the frame is.
codecTable('APS command with a frame in it', ApsCommand, tunnels, [], false);

describe('APS command errors', () => {
  it('name field and offset', () => {
    expect(() => decodeWith(ApsCommand, bytesOf(`06 ${meterWire} 21`), 'aps')).toThrow(
      'aps.shortAddress @9: need 2 bytes, have 1',
    );
  });

  it.each([
    ['no value', undefined],
    ['no command', {}],
    ['an unknown command', { command: 'skke-1' }],
    ['a name of every object', { command: 'toString' }],
    ['no key type', { command: 'transport-key' }],
    ['no key', { command: 'transport-key', keyType: 'network' }],
    ['a short key', { command: 'verify-key', keyType: 4, source: '00db1234567890a1', hash: [] }],
    ['no frame', { command: 'tunnel', destination: '00db1234567890a1' }],
    ['a short address too long', { command: 'remove-device', device: '0db1' }],
    ['a number out of range', { command: 'switch-key', sequenceNumber: 256 }],
  ])('refuse to encode %s', (_name, value) => {
    expect(endsInCodecError(() => encodeWith(ApsCommand, value as never))).toBe(true);
  });
});
