import { encodeWith } from '../../protocols/codec/codec.js';
import { CodecError, within } from '../../protocols/codec/codec-error.js';
import { decodeDlmsApdu, encodeDlmsApdu } from '../../protocols/dlms/apdu.js';
import type {
  AccessRequest,
  AccessRequestItem,
  AccessResponseItem,
} from '../../protocols/dlms/apdu-types.js';
import { dlmsData } from '../../protocols/dlms/axdr.js';
import { data } from '../../protocols/dlms/construct.js';
import { keyOfInstance, lookup } from '../../protocols/dlms/cosem/dictionary.js';
import type { DlmsData } from '../../protocols/dlms/data.js';
import {
  parseProtectedRequest,
  protectedResponse,
} from '../../protocols/dlms/protected-attributes.js';
import { resultCodes, resultName } from '../../protocols/dlms/result-codes.js';
import { checkShape } from '../../protocols/dlms/shape.js';
import { type CosemMember, type CosemModel, cosemKey } from './cosem-model.js';
import { requireDlmsItems, requireProtectedObjects } from './dlms-shape.js';
import type { Overrides } from './overrides.js';
import type { CommandContext, PayloadProcessor, ResponseContent } from './payload-processor.js';
import { ProtocolError } from './protocol-error.js';

/** Class 30, data protection: method 1 reads attributes and returns them encrypted. */
const dataProtectionClass = 30;
const getProtectedAttributes = 1;

export interface AccessRequestParts<S> {
  readonly model: CosemModel<S>;
  readonly device: S;
  readonly useCases: ReadonlySet<string>;
}

type Outcome = { readonly result: number; readonly data: DlmsData };

/**
 * Executes DLMS access-requests over a COSEM model: items in order, break on error, so that the first failure is
 * answered with its own code and every later item with 250 (dlms.md 1).
 */
export class AccessRequestProcessor<S extends { readonly cosem: Overrides<DlmsData> }>
  implements PayloadProcessor
{
  constructor(private readonly parts: AccessRequestParts<S>) {}

  supports(useCase: string): boolean {
    return this.parts.useCases.has(useCase);
  }

  execute(content: Uint8Array, context: CommandContext): ResponseContent {
    const request = decodeDlmsApdu(content);
    if (request.kind !== 'access-request') {
      throw new CodecError('payload', 0, `a command cannot be a DLMS ${request.kind}`);
    }
    this.requireUseCase(context.command.code.useCase, request.items);
    const items: AccessResponseItem[] = [];
    const results: string[] = [];
    let broken = false;
    for (const item of request.items) {
      const outcome = broken
        ? { result: resultCodes['other-reason'], data: data.nullData }
        : this.attempt(item, context);
      if (outcome.result !== resultCodes.success) broken = true;
      const response = responseOf(item);
      const name = resultName(response, outcome.result) ?? 'other-reason';
      items.push({ response, result: outcome.result, resultName: name, data: outcome.data });
      results.push(name);
    }
    return { content: encodeDlmsApdu(responseTo(request, items)), results };
  }

  /** All of it before anything is executed: a payload that is refused must leave no trace. */
  private requireUseCase(useCase: string, items: readonly AccessRequestItem[]): void {
    requireDlmsItems(useCase, items);
    items.forEach((item, index) => {
      if (!isProtectedRead(item)) return;
      within(`items[${index}].data`, () =>
        requireProtectedObjects(useCase, parseProtectedRequest(item.data).objects),
      );
    });
  }

  private attempt(item: AccessRequestItem, context: CommandContext): Outcome {
    try {
      return { result: resultCodes.success, data: this.perform(item, context) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { result: error.code, data: data.nullData };
    }
  }

  private perform(item: AccessRequestItem, context: CommandContext): DlmsData {
    const { request, classId, instanceId, memberId } = item;
    if (request === 'action') {
      if (isProtectedRead(item)) return this.readProtected(item, context);
      const key = cosemKey(classId, instanceId, 'method', memberId);
      const { invoke } = this.member(key);
      if (invoke === undefined) throw denied(key, 'is not a method');
      return invoke({ device: this.parts.device, context }, item.data) ?? data.nullData;
    }
    const key = cosemKey(classId, instanceId, 'attribute', memberId);
    if (request === 'get' || request === 'get-with-selection') {
      return this.read(key, context, item.selection);
    }
    const { set } = this.member(key);
    if (set === undefined) throw denied(key, 'cannot be written');
    const shape = shapeOfAttribute(classId, instanceId, memberId);
    if (shape !== '' && checkShape(item.data, shape) !== undefined) {
      throw new ProtocolError(resultCodes['type-unmatched'], `${key} is ${shape}`);
    }
    set({ device: this.parts.device, context }, item.data);
    return data.nullData;
  }

  private member(key: string): CosemMember<S> {
    const fault = this.parts.device.cosem.faultOf(key);
    if (fault !== undefined) throw new ProtocolError(fault, `${key} fails by request of a tester`);
    const member = this.parts.model.get(key);
    if (member === undefined) {
      throw new ProtocolError(resultCodes['object-undefined'], `${key} is not in this device`);
    }
    return member;
  }

  private read(key: string, context: CommandContext, selection?: DlmsData): DlmsData {
    const { get } = this.member(key);
    if (get === undefined) throw denied(key, 'cannot be read');
    const pinned = this.parts.device.cosem.valueOf(key);
    return pinned ?? get({ device: this.parts.device, context }, selection);
  }

  /** Values of all objects as one structure, encrypted for the reader (gbcs-message.md 5.1). */
  private readProtected(item: AccessRequestItem, context: CommandContext): DlmsData {
    const key = cosemKey(item.classId, item.instanceId, 'method', item.memberId);
    this.member(key);
    const values = parseProtectedRequest(item.data).objects.map((object) =>
      this.read(
        cosemKey(object.classId, object.instanceId, 'attribute', object.attribute),
        context,
      ),
    );
    const plaintext = encodeWith(dlmsData, data.structure(...values));
    return protectedResponse(context.protect(plaintext));
  }
}

function isProtectedRead({ request, classId, memberId }: AccessRequestItem): boolean {
  const isMethod = request === 'action' && memberId === getProtectedAttributes;
  return isMethod && classId === dataProtectionClass;
}

function responseOf(item: AccessRequestItem): AccessResponseItem['response'] {
  if (item.request === 'action') return 'action';
  return item.request === 'get' || item.request === 'get-with-selection' ? 'get' : 'set';
}

function responseTo(request: AccessRequest, items: readonly AccessResponseItem[]) {
  return {
    kind: 'access-response',
    longInvokeIdAndPriority: request.longInvokeIdAndPriority,
    dateTime: '',
    items,
  } as const;
}

function denied(key: string, why: string): ProtocolError {
  return new ProtocolError(resultCodes['read-write-denied'], `${key} ${why}`);
}

/** The dictionary's shape of an attribute's value; '' where it knows none. */
function shapeOfAttribute(classId: number, instanceId: string, memberId: number): string {
  const obis = keyOfInstance(instanceId);
  if (obis === undefined) return '';
  return lookup(classId, obis, memberId, 'attribute')?.shape ?? '';
}
