import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isGeneralCommand,
  zclFrameControls,
} from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { generalCommandIds } from '../functions/zcl-interpreter.js';

export interface ReportedAttribute {
  readonly attributeId: number;
  /** ZCL data type id. */
  readonly dataType: number;
  readonly value: GbzValue;
}

/** Servers report; the receiver is not to confirm it. */
const frameControl = zclFrameControls.generalToClientWithoutDefaultResponse;
const commandId = generalCommandIds.reportAttributes;

/** A ZCL frame with ReportAttributes. @throws CodecError when a value does not fit its type. */
export function encodeAttributeReport(
  clusterId: number,
  sequenceNumber: number,
  attributes: readonly ReportedAttribute[],
): Uint8Array {
  const payload = encodeZclPayload(clusterId, frameControl, commandId, { attributes });
  return encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
}

/**
 * What a frame reports of its sender's server side; undefined when it is any other command.
 * @throws CodecError when it does not parse.
 */
export function decodeAttributeReport(
  clusterId: number,
  bytes: Uint8Array,
): readonly ReportedAttribute[] | undefined {
  const frame = decodeZclFrame(bytes);
  if (!isGeneralCommand(frame.frameControl) || frame.commandId !== commandId) return undefined;
  const fields = decodeZclPayload(clusterId, frame.frameControl, commandId, frame.payload);
  const attributes = fields.attributes as readonly GbzFields[] | undefined;
  return attributes as readonly ReportedAttribute[] | undefined;
}
