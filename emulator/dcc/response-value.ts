import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { asn1Values } from './asn1-values.js';
import { dlmsAlertValues, dlmsResponseValues } from './dlms-values.js';
import { gbzAlertValues, gbzValues } from './gbz-values.js';
import type { ProtectedParts } from './message-checks.js';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** One thing that a device answered: what it is of, what it is, and whether it went well. For people, and for JSON. */
export interface ResponseValue {
  /** The standard's name of the object, attribute or command. */
  readonly name: string;
  readonly classId?: number;
  readonly instanceId?: string;
  readonly memberId?: number;
  readonly clusterId?: number;
  readonly cluster?: string;
  readonly attributeId?: number;
  /** null where there is none. */
  readonly value: JsonValue;
  /** `success`, or the standard's name of what went wrong; `not-decrypted` where an encrypted part does not open. */
  readonly result: string;
  /** It came encrypted for the reader. */
  readonly encrypted?: true;
}

export const notDecrypted = 'not-decrypted';

/** Results that are no failure: a clock's status, and an empty answer of a gas meter's log. */
const successes: ReadonlySet<string> = new Set(['success', 'reliable', 'notFound']);

export function isSuccess(value: ResponseValue): boolean {
  return successes.has(value.result);
}

/**
 * The values of a decoded response, paired with the request where the response does not name them itself.
 * @throws CodecError when the response does not fit the request, or what was encrypted does not parse.
 */
export function responseValues(
  request: Payload | undefined,
  response: Payload,
  parts: ProtectedParts,
): readonly ResponseValue[] {
  switch (response.kind) {
    case 'access-response':
      return dlmsResponseValues(
        request?.kind === 'access-request' ? request : undefined,
        response,
        parts,
      );
    case 'data-notification':
      return dlmsAlertValues(response, parts);
    case 'gbz':
      return gbzValues(response.components, parts);
    case 'gbz-alert':
      return gbzAlertValues(response, parts);
    case 'asn1':
      return asn1Values(response);
    default:
      throw new CodecError('kind', 0, `a response cannot be a ${response.kind}`);
  }
}
