import type { Codec } from '../codec/codec.js';
import type { Eui64 } from '../codec/eui64.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import type { AuxiliaryHeader } from './auxiliary-header.js';
import { readAuxiliaryHeader, writeAuxiliaryHeader } from './auxiliary-header.js';
import { readIeeeAddress, writeIeeeAddress } from './ieee-address.js';

export const nwkFrameTypes = ['data', 'command'] as const;
export type NwkFrameType = (typeof nwkFrameTypes)[number];

/**
 * To every node (FFFF), to those whose receiver stays on (FFFD), to routers (FFFC); the rest is
 * reserved.
 */
export function isNwkBroadcast(address: number): boolean {
  return address >= 0xfff8;
}

export interface SourceRoute {
  readonly relayIndex: number;
  /** Short addresses of the relays. */
  readonly relays: readonly number[];
}

/**
 * The header of a ZigBee network frame; the APS frame (or NWK command) follows it. With an
 * auxiliary header what follows is encrypted and ends in the integrity code. Multicast and
 * inter-PAN frames are refused.
 *
 * @see zigbee.md 2
 */
export interface NwkHeader {
  readonly type: NwkFrameType;
  /** 0 suppress, 1 enable. */
  readonly discoverRoute: number;
  readonly endDeviceInitiator: boolean;
  readonly destination: number;
  readonly source: number;
  /** Hops left. */
  readonly radius: number;
  readonly sequenceNumber: number;
  readonly destinationEui: Eui64 | undefined;
  readonly sourceEui: Eui64 | undefined;
  readonly sourceRoute: SourceRoute | undefined;
  readonly auxiliaryHeader: AuxiliaryHeader | undefined;
}

const protocolVersion = 2;
const multicastBit = 0x0100;
const securityBit = 0x0200;
const sourceRouteBit = 0x0400;
const destinationEuiBit = 0x0800;
const sourceEuiBit = 0x1000;
const endDeviceInitiatorBit = 0x2000;
const reservedBits = 0xc000;

function checkControl(reader: Reader, control: number, at: number): NwkFrameType {
  const type = nwkFrameTypes[control & 3];
  if (type === undefined) reader.fail(`frame type ${control & 3} is not supported`, at);
  const version = (control >> 2) & 15;
  if (version !== protocolVersion) reader.fail(`protocol version ${version} is not 2`, at);
  if (((control >> 6) & 3) > 1) reader.fail('discover route above 1 is reserved', at);
  if (control & multicastBit) reader.fail('multicast is not supported', at);
  if (control & reservedBits) reader.fail('reserved frame control bits are set', at);
  return type;
}

function readSourceRoute(reader: Reader): SourceRoute {
  const count = reader.u8();
  const relayIndex = reader.u8();
  const relays: number[] = [];
  for (let i = 0; i < count; i++) relays.push(reader.u16Le());
  return { relayIndex, relays };
}

function writeSourceRoute(writer: Writer, route: SourceRoute): void {
  writer.u8(route.relays.length);
  writer.u8(route.relayIndex);
  for (const relay of route.relays) writer.u16Le(relay);
}

export const NwkHeader: Codec<NwkHeader> = {
  decode(reader) {
    const at = reader.offset;
    const control = reader.u16Le();
    const type = checkControl(reader, control, at);
    return {
      type,
      discoverRoute: (control >> 6) & 3,
      endDeviceInitiator: (control & endDeviceInitiatorBit) !== 0,
      destination: reader.u16Le(),
      source: reader.u16Le(),
      radius: reader.u8(),
      sequenceNumber: reader.u8(),
      destinationEui: control & destinationEuiBit ? readIeeeAddress(reader) : undefined,
      sourceEui: control & sourceEuiBit ? readIeeeAddress(reader) : undefined,
      sourceRoute: control & sourceRouteBit ? readSourceRoute(reader) : undefined,
      auxiliaryHeader: control & securityBit ? readAuxiliaryHeader(reader) : undefined,
    };
  },
  encode(writer, header) {
    const type = nwkFrameTypes.indexOf(header.type);
    if (type < 0) writer.fail(`frame type '${String(header.type)}' is not supported`);
    if (header.discoverRoute !== 0 && header.discoverRoute !== 1) {
      writer.fail('discover route is 0 or 1');
    }
    writer.u16Le(
      type |
        (protocolVersion << 2) |
        (header.discoverRoute << 6) |
        (header.auxiliaryHeader === undefined ? 0 : securityBit) |
        (header.sourceRoute === undefined ? 0 : sourceRouteBit) |
        (header.destinationEui === undefined ? 0 : destinationEuiBit) |
        (header.sourceEui === undefined ? 0 : sourceEuiBit) |
        (header.endDeviceInitiator ? endDeviceInitiatorBit : 0),
    );
    writer.u16Le(header.destination);
    writer.u16Le(header.source);
    writer.u8(header.radius);
    writer.u8(header.sequenceNumber);
    if (header.destinationEui !== undefined) writeIeeeAddress(writer, header.destinationEui);
    if (header.sourceEui !== undefined) writeIeeeAddress(writer, header.sourceEui);
    if (header.sourceRoute !== undefined) writeSourceRoute(writer, header.sourceRoute);
    if (header.auxiliaryHeader !== undefined) writeAuxiliaryHeader(writer, header.auxiliaryHeader);
  },
};
