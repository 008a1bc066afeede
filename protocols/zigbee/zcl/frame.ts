import { Reader } from '../../codec/reader.js';
import { Writer } from '../../codec/writer.js';

/**
 * A ZCL frame: header and payload. What the payload means depends on the cluster, which the APS
 * header (or, in GBZ, the component header) carries.
 */
export interface ZclFrame {
  readonly frameControl: number;
  /** Present exactly when the frame control has its manufacturer-specific bit set. */
  readonly manufacturerCode?: number;
  readonly sequenceNumber: number;
  readonly commandId: number;
  readonly payload: Uint8Array;
}

/** Bits 0 and 1 of the frame control. */
export const zclFrameTypes = { general: 0, cluster: 1 } as const;

export const zclFrameControlBits = {
  frameType: 0x03,
  manufacturerSpecific: 0x04,
  /** Set from server to client. */
  serverToClient: 0x08,
  disableDefaultResponse: 0x10,
} as const;

/** The frame controls that GB smart metering uses (gbz.md 1.1). */
export const zclFrameControls = {
  generalToServer: 0x00,
  clusterToServer: 0x01,
  generalToClient: 0x08,
  clusterToClient: 0x09,
  generalToClientWithoutDefaultResponse: 0x18,
  clusterToClientWithoutDefaultResponse: 0x19,
} as const;

export function isGeneralCommand(frameControl: number): boolean {
  return (frameControl & zclFrameControlBits.frameType) === zclFrameTypes.general;
}

export function isClusterCommand(frameControl: number): boolean {
  return (frameControl & zclFrameControlBits.frameType) === zclFrameTypes.cluster;
}

export function isManufacturerSpecific(frameControl: number): boolean {
  return (frameControl & zclFrameControlBits.manufacturerSpecific) !== 0;
}

export function isServerToClient(frameControl: number): boolean {
  return (frameControl & zclFrameControlBits.serverToClient) !== 0;
}

export function disablesDefaultResponse(frameControl: number): boolean {
  return (frameControl & zclFrameControlBits.disableDefaultResponse) !== 0;
}

/**
 * Splits header from payload; `payload` is a view of `bytes`. Reserved frame control bits are kept.
 */
export function decodeZclFrame(bytes: Uint8Array): ZclFrame {
  const reader = new Reader(bytes);
  const frameControl = reader.u8();
  const manufacturerCode = isManufacturerSpecific(frameControl) ? reader.u16Le() : undefined;
  const sequenceNumber = reader.u8();
  const commandId = reader.u8();
  const payload = reader.rest();
  return manufacturerCode === undefined
    ? { frameControl, sequenceNumber, commandId, payload }
    : { frameControl, manufacturerCode, sequenceNumber, commandId, payload };
}

export function encodeZclFrame(frame: ZclFrame): Uint8Array {
  const writer: Writer = new Writer(5 + frame.payload.length);
  writer.u8(frame.frameControl);
  if (isManufacturerSpecific(frame.frameControl)) {
    if (frame.manufacturerCode === undefined) writer.fail('manufacturer code is missing');
    writer.u16Le(frame.manufacturerCode);
  } else if (frame.manufacturerCode !== undefined) {
    writer.fail('manufacturer code without its frame control bit');
  }
  writer.u8(frame.sequenceNumber);
  writer.u8(frame.commandId);
  writer.bytes(frame.payload);
  return writer.finish();
}
