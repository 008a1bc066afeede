import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isClusterCommand,
  isGeneralCommand,
  isManufacturerSpecific,
  isServerToClient,
  type ZclFrame,
  zclFrameControls,
} from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { generalCommandIds } from '../functions/zcl-interpreter.js';
import type { DeviceHost } from './device.js';

/** A cluster command to a server, and the command that answers it. */
export interface ZclQuestion {
  readonly clusterId: number;
  readonly commandId: number;
  readonly fields: GbzFields;
  readonly answerId: number;
  /** Something that is to be done rather than read: `giveUp` leaves it waiting. */
  readonly isOrder?: boolean;
}

interface Pending {
  readonly to: Eui64;
  readonly clusterId: number;
  readonly general: boolean;
  readonly commandId: number;
  readonly answerId: number;
  readonly isOrder: boolean;
  /** Without fields when there is a default response instead; its status, or success. */
  readonly take: (fields: GbzFields | undefined, status: number) => void;
}

/** Client side of a device on the home network: asks servers and matches what they answer by sequence number. */
export class ZclClient {
  /** Frames that do not parse. */
  dropped = 0;
  /** Frames that answer nothing asked: late, repeated, or no answers at all. */
  unmatched = 0;
  /** Requests given up without an answer. */
  unanswered = 0;
  private sequenceNumber = 0;
  private readonly pending = new Map<number, Pending>();

  constructor(private readonly host: DeviceHost) {}

  get waiting(): number {
    return this.pending.size;
  }

  /** `take` gets the values of those attributes that could be read, by attribute id; it may never be called. */
  readAttributes(
    to: Eui64,
    clusterId: number,
    attributeIds: readonly number[],
    take: (values: ReadonlyMap<number, GbzValue>) => void,
  ): void {
    const { readAttributes: commandId, readAttributesResponse: answerId } = generalCommandIds;
    const fields = { attributes: attributeIds.map((attributeId) => ({ attributeId })) };
    const pending = {
      to,
      clusterId,
      general: true,
      commandId,
      answerId,
      isOrder: false,
      take: (answer: GbzFields | undefined) => take(valuesOf(answer)),
    };
    this.send(pending, zclFrameControls.generalToServer, commandId, fields);
  }

  /**
   * `take` gets the answer's fields, undefined when there is a default response instead, and the status that one gives;
   * it may never be called.
   */
  ask(
    to: Eui64,
    question: ZclQuestion,
    take: (fields: GbzFields | undefined, status: number) => void,
  ): void {
    const { clusterId, commandId, fields, answerId, isOrder = false } = question;
    const pending = { to, clusterId, general: false, commandId, answerId, isOrder, take };
    this.send(pending, zclFrameControls.clusterToServer, commandId, fields);
  }

  /** Gives up the readings that `to` has not answered; its answers, should they still come, match nothing. */
  giveUp(to: Eui64): void {
    for (const [sequenceNumber, { to: asked, isOrder }] of this.pending) {
      if (asked !== to || isOrder) continue;
      this.pending.delete(sequenceNumber);
      this.unanswered++;
    }
  }

  private send(pending: Pending, frameControl: number, commandId: number, fields: GbzFields): void {
    const { to, clusterId } = pending;
    const sequenceNumber = this.sequenceNumber;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const payload = encodeZclPayload(clusterId, frameControl, commandId, fields);
    this.pending.set(sequenceNumber, pending);
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    this.host.sendZcl(to, clusterId, frame);
  }

  /** Never throws for any bytes. */
  receive(from: Eui64, clusterId: number, bytes: Uint8Array): void {
    try {
      const frame = decodeZclFrame(bytes);
      const { frameControl, sequenceNumber, commandId } = frame;
      const pending = this.pending.get(sequenceNumber);
      if (pending === undefined || !answers(frame, pending, from, clusterId)) {
        this.unmatched++;
        return;
      }
      const fields = decodeZclPayload(clusterId, frameControl, commandId, frame.payload);
      const isDefault = isDefaultResponse(frame);
      if (isDefault && fields.commandId !== pending.commandId) {
        this.unmatched++;
        return;
      }
      this.pending.delete(sequenceNumber);
      if (isDefault) pending.take(undefined, fields.status as number);
      else pending.take(fields, zclStatuses.success);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped++;
      this.host.event('frame-dropped', { from, clusterId, reason: error.message });
    }
  }
}

/** Whether the frame is this command of a standard cluster's server, asked for or not. */
export function isServerCommand(
  { frameControl, commandId }: ZclFrame,
  commandNumber: number,
): boolean {
  return (
    isServerToClient(frameControl) &&
    isClusterCommand(frameControl) &&
    !isManufacturerSpecific(frameControl) &&
    commandId === commandNumber
  );
}

function isDefaultResponse({ frameControl, commandId }: ZclFrame): boolean {
  return isGeneralCommand(frameControl) && commandId === generalCommandIds.defaultResponse;
}

function answers(frame: ZclFrame, asked: Pending, from: Eui64, clusterId: number): boolean {
  const { frameControl, commandId, manufacturerCode } = frame;
  if (from !== asked.to || clusterId !== asked.clusterId) return false;
  if (!isServerToClient(frameControl) || manufacturerCode !== undefined) return false;
  if (isDefaultResponse(frame)) return true;
  return isGeneralCommand(frameControl) === asked.general && commandId === asked.answerId;
}

function valuesOf(answer: GbzFields | undefined): ReadonlyMap<number, GbzValue> {
  const values = new Map<number, GbzValue>();
  for (const { attributeId, value } of (answer?.attributes ?? []) as readonly GbzFields[]) {
    if (value !== undefined) values.set(attributeId as number, value);
  }
  return values;
}
