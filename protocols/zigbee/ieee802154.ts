import type { Codec } from '../codec/codec.js';
import type { Eui64 } from '../codec/eui64.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { readIeeeAddress, writeIeeeAddress } from './ieee-address.js';

/**
 * The longest frame on our air. A radio carries 127 octets of PSDU of which the last two are the
 * frame check sequence; the bus carries the PSDU without it, because no bus flips bits.
 */
export const psduOctetsMax = 125;

export const broadcastPanId = 0xffff;
export const broadcastMacAddress = 0xffff;

/** A short address (0 to FFFF) or an extended one. */
export type MacAddress = number | Eui64;

export const macFrameTypes = ['beacon', 'data', 'acknowledgment', 'command'] as const;
export type MacFrameType = (typeof macFrameTypes)[number];

/**
 * The header of every IEEE 802.15.4 frame of 2003 and 2006, all that ZigBee uses; what follows it
 * is the NWK frame, the beacon (`beacon.ts`), the MAC command (`mac-command.ts`) or, in an
 * acknowledgment, nothing. MAC security is never used under ZigBee and is refused.
 *
 * @see zigbee.md 2
 */
export interface MacHeader {
  readonly type: MacFrameType;
  /** More is waiting for the receiver, which should poll again. */
  readonly framePending: boolean;
  readonly acknowledgmentRequest: boolean;
  /** One PAN id stands for both; only where both addresses are present. */
  readonly panIdCompression: boolean;
  /** 0 is the edition of 2003 (what ZigBee sends), 1 that of 2006. */
  readonly version: number;
  readonly sequenceNumber: number;
  /** PAN ids go with their addresses; under compression the source's equals the destination's. */
  readonly destinationPanId: number | undefined;
  readonly destination: MacAddress | undefined;
  readonly sourcePanId: number | undefined;
  readonly source: MacAddress | undefined;
}

const securityBit = 0x0008;
const pendingBit = 0x0010;
const acknowledgmentBit = 0x0020;
const compressionBit = 0x0040;
const reservedBits = 0x0380;

export const noAddressMode = 0;
export const shortAddressMode = 2;
export const extendedAddressMode = 3;

function readAddress(reader: Reader, mode: number): MacAddress | undefined {
  if (mode === shortAddressMode) return reader.u16Le();
  return mode === extendedAddressMode ? readIeeeAddress(reader) : undefined;
}

function modeOf(address: MacAddress | undefined): number {
  if (address === undefined) return noAddressMode;
  return typeof address === 'number' ? shortAddressMode : extendedAddressMode;
}

function writeAddress(writer: Writer, address: MacAddress): void {
  if (typeof address === 'number') writer.u16Le(address);
  else writeIeeeAddress(writer, address);
}

function writePanId(writer: Writer, panId: number | undefined, whose: string): void {
  if (panId === undefined) writer.fail(`a ${whose} address needs its PAN id`);
  writer.u16Le(panId);
}

/** Type of a frame from its control field, after refusing what this edition cannot carry. */
function checkControl(reader: Reader, control: number, at: number): MacFrameType {
  const type = macFrameTypes[control & 7];
  if (type === undefined) reader.fail(`frame type ${control & 7} is not known`, at);
  if (control & securityBit) reader.fail('MAC security is not used under ZigBee', at);
  if (control & reservedBits) reader.fail('reserved frame control bits are set', at);
  const version = (control >> 12) & 3;
  if (version > 1) reader.fail(`frame version ${version} is not supported`, at + 1);
  const destinationMode = (control >> 10) & 3;
  const sourceMode = control >> 14;
  if (destinationMode === 1 || sourceMode === 1) reader.fail('addressing mode 1 is reserved', at);
  if (control & compressionBit && (destinationMode === 0 || sourceMode === 0)) {
    reader.fail('PAN id compression needs both addresses', at);
  }
  return type;
}

export const MacHeader: Codec<MacHeader> = {
  decode(reader) {
    const at = reader.offset;
    const control = reader.u16Le();
    const type = checkControl(reader, control, at);
    const sequenceNumber = reader.u8();
    const destinationMode = (control >> 10) & 3;
    const sourceMode = control >> 14;
    const panIdCompression = (control & compressionBit) !== 0;
    const destinationPanId = destinationMode === noAddressMode ? undefined : reader.u16Le();
    const destination = readAddress(reader, destinationMode);
    let sourcePanId: number | undefined;
    if (panIdCompression) sourcePanId = destinationPanId;
    else if (sourceMode !== noAddressMode) sourcePanId = reader.u16Le();
    return {
      type,
      framePending: (control & pendingBit) !== 0,
      acknowledgmentRequest: (control & acknowledgmentBit) !== 0,
      panIdCompression,
      version: (control >> 12) & 3,
      sequenceNumber,
      destinationPanId,
      destination,
      sourcePanId,
      source: readAddress(reader, sourceMode),
    };
  },
  encode(writer, header) {
    const { destination, source, version, panIdCompression } = header;
    const type = macFrameTypes.indexOf(header.type);
    if (type < 0) writer.fail(`frame type '${String(header.type)}' is not known`);
    if (version !== 0 && version !== 1) writer.fail(`frame version ${version} is not supported`);
    if (panIdCompression && (destination === undefined || source === undefined)) {
      writer.fail('PAN id compression needs both addresses');
    }
    if (panIdCompression && header.sourcePanId !== header.destinationPanId) {
      writer.fail('PAN id compression needs one PAN id for both addresses');
    }
    writer.u16Le(
      type |
        (header.framePending ? pendingBit : 0) |
        (header.acknowledgmentRequest ? acknowledgmentBit : 0) |
        (panIdCompression ? compressionBit : 0) |
        (modeOf(destination) << 10) |
        (version << 12) |
        (modeOf(source) << 14),
    );
    writer.u8(header.sequenceNumber);
    if (destination !== undefined) {
      writePanId(writer, header.destinationPanId, 'destination');
      writeAddress(writer, destination);
    }
    if (source !== undefined) {
      if (!panIdCompression) writePanId(writer, header.sourcePanId, 'source');
      writeAddress(writer, source);
    }
  },
};
