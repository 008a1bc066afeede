import { CodecError, under } from '../codec/codec-error.js';
import { written } from '../codec/writer.js';

/** One frame for a ZigBee Encapsulation Protocol listener, such as Wireshark. */
export interface ZepFrame {
  readonly channel: number;
  /** Whoever captured it, 0 to 65,535. */
  readonly deviceId: number;
  /** UTC, milliseconds since 1970. */
  readonly timeMs: number;
  /** Counts the frames, modulo 2^32. */
  readonly sequence: number;
  /** At most `zepPsduOctetsMax` octets, without its frame check sequence. */
  readonly psdu: Uint8Array;
}

/** The UDP port where Wireshark looks for it. */
export const zepPort = 17_754;

const preamble = 0x4558;
const version = 2;
const dataType = 1;
/** The two octets behind the frame are its FCS, not the radio chip's idea of its quality. */
const crcMode = 1;
const reservedOctets = 10;
const fcsOctets = 2;
/** What fits into a frame of 127 octets with its FCS. */
export const zepPsduOctetsMax = 125;
const secondsFrom1900To1970 = 2_208_988_800;
const twoTo32 = 0x1_0000_0000;

/** CRC-16 of ITU-T (reflected, start 0), little-endian on the wire. */
export function frameCheckSequence(octets: Uint8Array): number {
  let crc = 0;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}

/** A datagram of ZEP version 2, big-endian; it has no room for channel pages. */
export function encodeZepFrame(frame: ZepFrame): Uint8Array {
  const { channel, deviceId, timeMs, sequence, psdu } = frame;
  if (psdu.length > zepPsduOctetsMax) {
    throw new CodecError('zep.psdu', 0, `${psdu.length} octets are too long for a frame`);
  }
  try {
    return written((writer) => {
      writer.u16(preamble);
      writer.u8(version);
      writer.u8(dataType);
      writer.u8(channel);
      writer.u16(deviceId);
      writer.u8(crcMode);
      // Where a chip's link quality would be.
      writer.u8(0);
      // NTP: seconds since 1900, which start anew in 2036, and 2^32nds of a second.
      writer.u32((Math.floor(timeMs / 1_000) + secondsFrom1900To1970) % twoTo32);
      // Rounded up, lest whoever cuts off what is left of a nanosecond ends a millisecond earlier.
      writer.u32(Math.ceil(((timeMs % 1_000) / 1_000) * twoTo32));
      writer.u32(sequence % twoTo32);
      writer.bytes(new Uint8Array(reservedOctets));
      writer.u8(psdu.length + fcsOctets);
      writer.bytes(psdu);
      writer.u16Le(frameCheckSequence(psdu));
    });
  } catch (error) {
    throw under('zep', error);
  }
}
