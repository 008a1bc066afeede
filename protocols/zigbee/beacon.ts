import type { Codec } from '../codec/codec.js';
import type { Eui64 } from '../codec/eui64.js';
import { readIeeeAddress, writeIeeeAddress } from './ieee-address.js';

/**
 * What follows the header of a beacon frame: the superframe of a network that keeps none, and
 * ZigBee's own part, by which a device finds its home's network (the extended PAN id is the hub's
 * EUI-64).
 *
 * @see zigbee.md 2
 */
export interface Beacon {
  /** Orders (15, 15: no superframe), then the bits PAN coordinator and association permit. */
  readonly superframe: number;
  /** 0 is ZigBee. */
  readonly protocolId: number;
  readonly stackProfile: number;
  readonly protocolVersion: number;
  readonly routerCapacity: boolean;
  readonly deviceDepth: number;
  readonly endDeviceCapacity: boolean;
  readonly extendedPanId: Eui64;
  /** Time between beacons; FFFFFF where there is no superframe. */
  readonly transmitOffset: number;
  readonly updateId: number;
}

export const Beacon: Codec<Beacon> = {
  decode(reader) {
    const superframe = reader.u16Le();
    if (reader.u8() !== 0) reader.fail('guaranteed time slots are not used', reader.offset - 1);
    if (reader.u8() !== 0) reader.fail('pending addresses are not used', reader.offset - 1);
    const protocolId = reader.u8();
    const capability = reader.u16Le();
    if (capability & 0x0300) reader.fail('reserved beacon bits are set', reader.offset - 2);
    return {
      superframe,
      protocolId,
      stackProfile: capability & 15,
      protocolVersion: (capability >> 4) & 15,
      routerCapacity: (capability & 0x0400) !== 0,
      deviceDepth: (capability >> 11) & 15,
      endDeviceCapacity: (capability & 0x8000) !== 0,
      extendedPanId: readIeeeAddress(reader),
      transmitOffset: reader.uintLe(3),
      updateId: reader.u8(),
    };
  },
  encode(writer, value) {
    const { stackProfile, protocolVersion, deviceDepth } = value;
    if ((stackProfile | protocolVersion | deviceDepth) >>> 4) {
      writer.fail('stack profile, protocol version and device depth have four bits each');
    }
    writer.u16Le(value.superframe);
    writer.u16Le(0);
    writer.u8(value.protocolId);
    writer.u16Le(
      stackProfile |
        (protocolVersion << 4) |
        (value.routerCapacity ? 0x0400 : 0) |
        (deviceDepth << 11) |
        (value.endDeviceCapacity ? 0x8000 : 0),
    );
    writeIeeeAddress(writer, value.extendedPanId);
    writer.uintLe(value.transmitOffset, 3);
    writer.u8(value.updateId);
  },
};
