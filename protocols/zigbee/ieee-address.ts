import type { Eui64 } from '../codec/eui64.js';
import { isEui64 } from '../codec/eui64.js';
import { fromHex, toHex } from '../codec/hex.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

/**
 * ZigBee puts an EUI-64 on the wire with its last octet first; GBCS and our `Eui64` text have it in
 * print order.
 */
export function readIeeeAddress(reader: Reader): Eui64 {
  const octets = reader.bytes(8);
  return toHex(Uint8Array.from(octets).reverse()) as Eui64;
}

export function writeIeeeAddress(writer: Writer, eui: Eui64): void {
  if (!isEui64(eui)) writer.fail(`'${String(eui)}' is not an EUI-64 of 16 lower-case hex digits`);
  writer.bytes(fromHex(eui).reverse());
}
