import type { Codec } from '../codec/codec.js';

/**
 * What a GSME and its hub put in front of a GBCS message in their tunnel, because the meter's radio
 * sleeps: it asks for what waits (`get`), is given one message and told how many more there are
 * (`get-response`, without message when there is none), and hands in its own (`put`). `message` is
 * a view.
 *
 * @see zigbee.md 6
 */
export type GasTunnelData =
  | { readonly kind: 'get' }
  | { readonly kind: 'get-response'; readonly remaining: number; readonly message: Uint8Array }
  | { readonly kind: 'put'; readonly message: Uint8Array };

const getOctet = 0x01;
const getResponseOctet = 0x02;
const putOctet = 0x03;

/** The header octets alone, to be put before a message. */
export const gasTunnelGet = Uint8Array.of(getOctet);
export const gasTunnelPut = Uint8Array.of(putOctet);

export function gasTunnelGetResponse(remaining: number): Uint8Array {
  return Uint8Array.of(getResponseOctet, Math.min(remaining, 0xff));
}

export const GasTunnelData: Codec<GasTunnelData> = {
  decode(reader) {
    const kind = reader.u8();
    if (kind === getOctet) return { kind: 'get' };
    if (kind === getResponseOctet) {
      return { kind: 'get-response', remaining: reader.u8(), message: reader.rest() };
    }
    if (kind === putOctet) return { kind: 'put', message: reader.rest() };
    return reader.fail(`tunnel header ${kind} is not GET, GET-RESPONSE or PUT`, reader.offset - 1);
  },
  encode(writer, value) {
    if (value.kind === 'get') {
      writer.u8(getOctet);
    } else if (value.kind === 'get-response') {
      writer.u8(getResponseOctet);
      writer.u8(value.remaining);
      writer.bytes(value.message);
    } else {
      writer.u8(putOctet);
      writer.bytes(value.message);
    }
  },
};
