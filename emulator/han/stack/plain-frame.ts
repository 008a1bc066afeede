import type { Codec } from '../../../protocols/codec/codec.js';
import { transientOctets } from '../../../protocols/codec/transient-octets.js';
import { Writer } from '../../../protocols/codec/writer.js';
import { psduOctetsMax } from '../../../protocols/zigbee/ieee802154.js';

const scratch = new Writer(psduOctetsMax);

/** A NWK or APS frame in the clear. The result is for sending on: copy it to keep it. */
export function plainFrame<Header>(
  codec: Codec<Header>,
  header: Header,
  payload: Uint8Array,
): Uint8Array {
  const writer = scratch.reset();
  codec.encode(writer, header);
  const { offset } = writer;
  const octets = transientOctets(offset + payload.length);
  writer.copyTo(octets);
  octets.set(payload, offset);
  return octets;
}
