import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

const extendedNonceBit = 0x20;
const reservedBits = 0xc0;

/**
 * The auxiliary security header of a NWK or APS frame, octet by octet as it arrived: control, frame
 * counter (4), source EUI-64 (8) with the extended nonce bit, key sequence number (1) with the
 * network key. The layer's frame carries it raw, because the message integrity code is computed
 * over these very octets.
 *
 * @see zigbee.md 2
 */
export type AuxiliaryHeader = Uint8Array;

const networkKeyIdentifier = 1;

function lengthFor(control: number): number {
  const extended = control & extendedNonceBit ? 8 : 0;
  return 5 + extended + (((control >> 3) & 3) === networkKeyIdentifier ? 1 : 0);
}

/** A view, as long as its control octet says. */
export function readAuxiliaryHeader(reader: Reader): AuxiliaryHeader {
  const control = reader.peek();
  if (control >= 0 && control & reservedBits) reader.fail('reserved security control bits are set');
  return reader.bytes(lengthFor(Math.max(control, 0)));
}

export function writeAuxiliaryHeader(writer: Writer, header: AuxiliaryHeader): void {
  const control = header[0] ?? 0;
  if (header.length !== lengthFor(control) || control & reservedBits) {
    writer.fail(`an auxiliary header with control ${control} has ${lengthFor(control)} bytes`);
  }
  writer.bytes(header);
}
