import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import {
  isClusterCommand,
  isGeneralCommand,
  isManufacturerSpecific,
  isServerToClient,
  zclFrameControlBits,
} from '../../protocols/zigbee/zcl/frame.js';
import type { Overrides } from './overrides.js';
import { ProtocolError } from './protocol-error.js';
import { type ZclAnswer, type ZclCall, type ZclModel, zclKey } from './zcl-model.js';

/** A device state whose attributes may be pinned or made to fail. */
export interface ZclDevice {
  readonly zcl: Overrides<GbzValue>;
}

/** One decoded ZCL command, from a GBZ component or a HAN frame. */
export interface ZclRequest {
  readonly clusterId: number;
  readonly frameControl: number;
  readonly commandId: number;
  readonly fields: GbzFields;
}

export interface ZclReply {
  readonly frameControl: number;
  readonly commandId: number;
  readonly fields: GbzFields;
}

export interface ZclResult {
  readonly replies: readonly ZclReply[];
  /** A failure stops the rest of a GBZ message; a status of NOT_FOUND does not (gbz.md 1.3). */
  readonly status: number;
}

export const generalCommandIds = {
  readAttributes: 0x00,
  readAttributesResponse: 0x01,
  reportAttributes: 0x0a,
  defaultResponse: 0x0b,
} as const;

const { serverToClient } = zclFrameControlBits;

/** Default responses go the other way than the command, and are general commands. */
export function defaultResponse(request: ZclRequest, commandId: number, status: number): ZclReply {
  return {
    frameControl: isServerToClient(request.frameControl) ? 0 : serverToClient,
    commandId: generalCommandIds.defaultResponse,
    fields: { commandId, status },
  };
}

/** Executes one ZCL command on a device's model; never throws for what a request contains. */
export function executeZcl<S extends ZclDevice>(
  model: ZclModel<S>,
  call: ZclCall<S>,
  request: ZclRequest,
): ZclResult {
  const { frameControl, commandId } = request;
  const standard = !isManufacturerSpecific(frameControl);
  if (isGeneralCommand(frameControl)) {
    if (standard && commandId === generalCommandIds.readAttributes) {
      return readAttributes(model, call, request);
    }
    return failed(request, zclStatuses.unsupportedGeneralCommand);
  }
  const key = zclKey(request.clusterId, commandId);
  const fault = call.device.zcl.faultOf(key);
  if (fault !== undefined) return failed(request, fault);
  // The same number means another command in the other direction, of a manufacturer, or of a reserved frame type.
  const declared = standard && isClusterCommand(frameControl) && !isServerToClient(frameControl);
  const behaviour = declared ? model.commands.get(key) : undefined;
  if (behaviour === undefined) return failed(request, zclStatuses.unsupportedClusterCommand);
  try {
    return answered(request, behaviour(call, request.fields));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return failed(request, error.code);
  }
}

function failed(request: ZclRequest, status: number): ZclResult {
  return { replies: [defaultResponse(request, request.commandId, status)], status };
}

function answered(request: ZclRequest, answers: readonly ZclAnswer[]): ZclResult {
  const { success } = zclStatuses;
  if (answers.length === 0) {
    return { replies: [defaultResponse(request, request.commandId, success)], status: success };
  }
  const frameControl = request.frameControl ^ serverToClient;
  return { replies: answers.map((answer) => ({ frameControl, ...answer })), status: success };
}

function readAttributes<S extends ZclDevice>(
  model: ZclModel<S>,
  call: ZclCall<S>,
  request: ZclRequest,
): ZclResult {
  const wanted = request.fields.attributes as
    | readonly { readonly attributeId: number }[]
    | undefined;
  // An encrypted component has no fields to read.
  if (wanted === undefined) return failed(request, zclStatuses.malformedCommand);
  let status: number = zclStatuses.success;
  const attributes = wanted.map(({ attributeId }) => {
    const record = readAttribute(model, call, zclKey(request.clusterId, attributeId));
    if (record.status !== zclStatuses.success) status = record.status;
    return { attributeId, ...record };
  });
  const reply = {
    frameControl: serverToClient,
    commandId: generalCommandIds.readAttributesResponse,
    fields: { attributes },
  };
  return { replies: [reply], status };
}

export type AttributeRecord =
  | { readonly status: number }
  | { readonly status: number; readonly dataType: number; readonly value: GbzValue };

/** Value of the attribute with this `zclKey`, or the status that says why there is none. */
export function readAttribute<S extends ZclDevice>(
  model: ZclModel<S>,
  call: ZclCall<S>,
  key: string,
): AttributeRecord {
  const fault = call.device.zcl.faultOf(key);
  if (fault !== undefined) return { status: fault };
  const attribute = model.attributes.get(key);
  if (attribute === undefined) return { status: zclStatuses.unsupportedAttribute };
  const { dataType } = attribute;
  try {
    const value = call.device.zcl.valueOf(key) ?? attribute.get(call);
    return { status: zclStatuses.success, dataType, value };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { status: error.code };
  }
}
