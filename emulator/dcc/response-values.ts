import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import type { ProtectedParts } from '../../protocols/gbcs/verify-message.js';
import { asn1Values } from './asn1-values.js';
import { dlmsAlertValues, dlmsResponseValues } from './dlms-values.js';
import { gbzAlertValues, gbzValues } from './gbz-values.js';
import type { ResponseValue } from './response-value.js';

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
