import { under } from '../codec/codec-error.js';
import { Reader } from '../codec/reader.js';
import { transientOctets } from '../codec/transient-octets.js';
import { Writer } from '../codec/writer.js';
import { ApsHeader } from './aps.js';
import { MacHeader, psduOctetsMax } from './ieee802154.js';
import { NwkHeader } from './nwk.js';

/**
 * A frame of the air as far as it can be read without keys: the headers that are in the clear, and
 * what follows the last of them (an ASDU, a command, a beacon, or ciphertext with its integrity
 * code).
 */
export interface ZigbeeFrame {
  readonly mac: MacHeader;
  readonly nwk: NwkHeader | undefined;
  readonly aps: ApsHeader | undefined;
  /** A view. */
  readonly payload: Uint8Array;
}

/** Throws only CodecError, under `mac`, `nwk` or `aps`. */
export function decodeZigbeeFrame(psdu: Uint8Array): ZigbeeFrame {
  const reader = new Reader(psdu);
  let layer = 'mac';
  try {
    if (psdu.length > psduOctetsMax) reader.fail(`a PSDU has at most ${psduOctetsMax} bytes`);
    const mac = MacHeader.decode(reader);
    let nwk: NwkHeader | undefined;
    let aps: ApsHeader | undefined;
    if (mac.type === 'data') {
      layer = 'nwk';
      nwk = NwkHeader.decode(reader);
      if (nwk.type === 'data' && nwk.auxiliaryHeader === undefined) {
        layer = 'aps';
        aps = ApsHeader.decode(reader);
      }
    }
    return { mac, nwk, aps, payload: reader.rest() };
  } catch (error) {
    throw under(layer, error);
  }
}

const scratch = new Writer(psduOctetsMax);

/**
 * Throws only CodecError, also for a PSDU that came out too long. The result is for sending on:
 * copy it to keep it.
 */
export function encodeZigbeeFrame(frame: ZigbeeFrame): Uint8Array {
  const writer = scratch.reset();
  let layer = 'mac';
  try {
    MacHeader.encode(writer, frame.mac);
    layer = 'nwk';
    if (frame.nwk !== undefined) NwkHeader.encode(writer, frame.nwk);
    layer = 'aps';
    if (frame.aps !== undefined) ApsHeader.encode(writer, frame.aps);
    layer = 'payload';
    if (writer.offset + frame.payload.length > psduOctetsMax) {
      writer.fail(`a PSDU has at most ${psduOctetsMax} bytes`);
    }
    writer.bytes(frame.payload);
    const psdu = transientOctets(writer.offset);
    writer.copyTo(psdu);
    return psdu;
  } catch (error) {
    throw under(layer, error);
  }
}
