import {
  DataType,
  Direction,
  Frame,
  type FrameType,
  Header,
} from 'zigbee-herdsman/dist/zspec/zcl/index.js';
import { isServerToClient } from '../../protocols/zigbee/zcl/frame.js';

/** What the library makes of a payload: names of its own, octets as Buffer, addresses as 0x text. */
export type HerdsmanPayload = Record<string, unknown> | Record<string, unknown>[];

/** A ZCL frame as zigbee-herdsman writes it. */
export function herdsmanWrites(
  clusterId: number,
  frameControl: number,
  commandId: number,
  payload: HerdsmanPayload,
): Uint8Array {
  const frame = Frame.create(
    (frameControl & 3) as FrameType,
    isServerToClient(frameControl) ? Direction.SERVER_TO_CLIENT : Direction.CLIENT_TO_SERVER,
    (frameControl & 0x10) !== 0,
    undefined,
    0x2a,
    commandId,
    clusterId,
    payload,
    {},
  );
  return new Uint8Array(frame.toBuffer());
}

/** The payload of a ZCL frame as zigbee-herdsman reads it. */
export function herdsmanReads(clusterId: number, frame: Uint8Array): HerdsmanPayload {
  const buffer = Buffer.from(frame);
  const read = Frame.fromBuffer(clusterId, Header.fromBuffer(buffer), buffer, {});
  return read.payload as HerdsmanPayload;
}

/** A value of ours in the library's own shape, by its data type. */
export function toHerdsman(type: number, value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return dateToHerdsman(type, value);
  if (type === DataType.IEEE_ADDR) return `0x${value}`;
  if (type === DataType.CHAR_STR || type === DataType.LONG_CHAR_STR) return value;
  const isInteger = type <= DataType.ENUM16;
  return isInteger ? BigInt(value) : Buffer.from(value, 'hex');
}

function dateToHerdsman(type: number, value: unknown): unknown {
  if (type !== DataType.DATE) return value;
  const { yearSince1900, ...rest } = value as { yearSince1900: number };
  return { year: 1900 + yearSince1900, ...rest };
}
