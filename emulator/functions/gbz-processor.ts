import { CodecError } from '../../protocols/codec/codec-error.js';
import { toHex } from '../../protocols/codec/hex.js';
import { decodeGbz, encodeGbz } from '../../protocols/gbcs/gbz.js';
import type { GbzComponent, GbzEncrypted } from '../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { isGeneralCommand } from '../../protocols/zigbee/zcl/frame.js';
import { encodeZclPayload } from '../../protocols/zigbee/zcl/payload.js';
import { requireGbzShape } from './gbz-shape.js';
import type { CommandContext, PayloadProcessor, ResponseContent } from './payload-processor.js';
import {
  defaultResponse,
  executeZcl,
  generalCommandIds,
  type ZclDevice,
  type ZclReply,
  type ZclRequest,
} from './zcl-interpreter.js';
import type { ZclModel } from './zcl-model.js';

/** How one use case's responses deviate from the plain rules; there is no uniform rule (gbz.md 1.1). */
export interface GbzUseCase {
  /** What it answers with, default responses aside, says "no default response". */
  readonly disableDefaultResponse?: boolean;
  /** Indices of command components whose successful answers are encrypted for the reader. */
  readonly encryptedComponents?: 'all' | readonly number[];
}

export interface GbzParts<S> {
  readonly model: ZclModel<S>;
  readonly device: S;
  readonly useCases: ReadonlyMap<string, GbzUseCase>;
  /** Clock status octet of the header's date-time, for use cases that carry one. */
  readonly clockStatus: (device: S) => number;
  /** That date-time, where it may be another device's; undefined for the device's own. */
  readonly dateTimeMs?: (device: S) => number | undefined;
}

/** "Not executed": what every component after a failed one is answered. */
const notExecuted = { commandId: 0xff, status: zclStatuses.failure } as const;
const disableDefaultResponse = 0x10;
const profileId = 0x0109;
const securityHeaderLength = 5;
const tagLength = 12;

/** Executes GBZ commands over a ZCL model, component by component (gbz.md 1.3, 1.4). */
export class GbzProcessor<S extends ZclDevice> implements PayloadProcessor {
  constructor(private readonly parts: GbzParts<S>) {}

  supports(useCase: string): boolean {
    return this.parts.useCases.has(useCase);
  }

  execute(content: Uint8Array, context: CommandContext): ResponseContent {
    const { code } = context.command;
    const command = decodeGbz(content, code.code, 'command');
    if (command.kind !== 'gbz') throw new CodecError('payload', 0, 'a command cannot be an alert');
    requireGbzShape(code.useCase, command.components);
    const useCase = this.parts.useCases.get(code.useCase) ?? {};
    const components: GbzComponent[] = [];
    const results: string[] = [];
    let encrypted = 0;
    let broken = false;
    command.components.forEach((component, index) => {
      const request: ZclRequest = { ...component, fields: component.fields ?? {} };
      if (broken) {
        const reply = defaultResponse(request, notExecuted.commandId, notExecuted.status);
        components.push(plainComponent(component, reply));
        results.push('not-executed');
        return;
      }
      const call = { device: this.parts.device, nowMs: context.nowMs };
      const { replies, status } = executeZcl(this.parts.model, call, request);
      results.push(status === zclStatuses.success ? 'success' : `0x${status.toString(16)}`);
      if (status !== zclStatuses.success && status !== zclStatuses.notFound) broken = true;
      for (const reply of replies) {
        const shaped = shapeReply(reply, useCase);
        components.push(
          encrypts(useCase, index, reply)
            ? encryptedComponent(component, shaped, encrypted++, context)
            : plainComponent(component, shaped),
        );
      }
    });
    const { device, clockStatus } = this.parts;
    const dateTimeMs = this.parts.dateTimeMs?.(device);
    return {
      content: encodeGbz({ kind: 'gbz', profileId, components }, code.code, 'response'),
      clockStatus: clockStatus(device),
      ...(dateTimeMs === undefined ? {} : { dateTimeMs }),
      results,
    };
  }
}

function shapeReply(reply: ZclReply, useCase: GbzUseCase): ZclReply {
  if (isDefaultResponse(reply) || useCase.disableDefaultResponse !== true) return reply;
  return { ...reply, frameControl: reply.frameControl | disableDefaultResponse };
}

function isDefaultResponse({ frameControl, commandId }: ZclReply): boolean {
  return isGeneralCommand(frameControl) && commandId === generalCommandIds.defaultResponse;
}

function encrypts(useCase: GbzUseCase, index: number, reply: ZclReply): boolean {
  const list = useCase.encryptedComponents;
  if (list === undefined || isDefaultResponse(reply)) return false;
  return list === 'all' || list.includes(index);
}

function plainComponent(command: GbzComponent, reply: ZclReply): GbzComponent {
  return {
    clusterId: command.clusterId,
    cluster: command.cluster,
    frameControl: reply.frameControl,
    sequenceNumber: command.sequenceNumber,
    commandId: reply.commandId,
    command: '',
    fields: reply.fields,
  };
}

function encryptedComponent(
  command: GbzComponent,
  reply: ZclReply,
  additionalHeaderFrameCounter: number,
  context: CommandContext,
): GbzComponent {
  const { fields, ...rest } = plainComponent(command, reply);
  const payload = encodeZclPayload(command.clusterId, reply.frameControl, reply.commandId, fields);
  const { blob } = context.protect(payload);
  const encrypted: GbzEncrypted = {
    additionalHeaderControl: 0,
    additionalHeaderFrameCounter,
    securityHeader: toHex(blob, 0, securityHeaderLength),
    ciphertext: toHex(blob, securityHeaderLength, blob.length - tagLength),
    tag: toHex(blob, blob.length - tagLength),
  };
  return { ...rest, encrypted };
}
