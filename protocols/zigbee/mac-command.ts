import type { Codec } from '../codec/codec.js';
import type { Reader } from '../codec/reader.js';

/**
 * What follows the header of a MAC command frame. Joining uses association, sleepy nodes the data
 * request, scans the beacon request; the rest of the standard's commands (disassociation, orphan,
 * realignment) ZigBee leaves unused, and they are refused.
 *
 * @see zigbee.md 2
 */
export type MacCommand =
  | { readonly command: 'association-request'; readonly capability: number }
  | {
      readonly command: 'association-response';
      readonly shortAddress: number;
      /** 0 success, 1 PAN at capacity, 2 access denied. */
      readonly status: number;
    }
  | { readonly command: 'data-request' }
  | { readonly command: 'beacon-request' };

const identifiers = {
  'association-request': 0x01,
  'association-response': 0x02,
  'data-request': 0x04,
  'beacon-request': 0x07,
} as const;

function decodeCommand(reader: Reader): MacCommand {
  const at = reader.offset;
  const identifier = reader.u8();
  switch (identifier) {
    case identifiers['association-request']:
      return { command: 'association-request', capability: reader.u8() };
    case identifiers['association-response']:
      return {
        command: 'association-response',
        shortAddress: reader.u16Le(),
        status: reader.u8(),
      };
    case identifiers['data-request']:
      return { command: 'data-request' };
    case identifiers['beacon-request']:
      return { command: 'beacon-request' };
    default:
      return reader.fail(`MAC command ${identifier} is not known`, at);
  }
}

export const MacCommand: Codec<MacCommand> = {
  decode: decodeCommand,
  encode(writer, value) {
    const identifier = identifiers[value.command];
    if (identifier === undefined)
      writer.fail(`MAC command '${String(value.command)}' is not known`);
    writer.u8(identifier);
    if (value.command === 'association-request') {
      writer.u8(value.capability);
    } else if (value.command === 'association-response') {
      writer.u16Le(value.shortAddress);
      writer.u8(value.status);
    }
  },
};
