import { CodecError } from '../codec/codec-error.js';
import { toHex } from '../codec/hex.js';
import { sizeOfLength } from '../codec/length.js';
import { Trace } from '../codec/trace.js';
import { msToIso } from '../codec/utc.js';
import { parseDateTime } from '../dlms/time.js';
import { explainPayload } from './explain-payload.js';
import { explainProtection } from './explain-protection.js';
import { type Explanation, field, group, type LocatedMessage } from './explanation.js';
import { groupingHeaderOffsets as at, craFlags } from './grouping-header.js';
import type { VerificationKeys } from './key-ring.js';
import { decodeGbcsMessage, type GbcsMessage, macLength, signatureLength } from './message.js';
import { payloadNotes } from './notes/annotate.js';
import { decodePayload, type Payload } from './payload.js';
import { formatMessageCode, messageCodeOf } from './use-cases/use-case.js';

/**
 * A message as a tree for people: each field with its offset, its bytes' length and its meaning, down to the leaves of
 * the payload. With keys also how it is protected: parties, other-info, derived keys, IV, additional data, and where a
 * MAC does not match, the tag it should have and the first byte that differs. Shared secrets themselves are not shown:
 * they outlive the message.
 *
 * A payload that does not decode is shown as far as it was read, with the error.
 *
 * @throws CodecError where the envelope is not that of a message.
 */
export function explainMessage(bytes: Uint8Array, keys?: VerificationKeys): Explanation {
  const message = decodeGbcsMessage(bytes);
  const located: LocatedMessage = {
    bytes,
    message,
    innerAt: message.inner.byteOffset - bytes.byteOffset,
    contentAt: message.content.byteOffset - bytes.byteOffset,
  };
  const { messageCode } = message.header.otherInformation;
  const trace = new Trace();
  let payload: Payload | undefined;
  let problem: string | undefined;
  try {
    payload = decodePayload(message.content, messageCode, message.header.craFlag, trace);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    problem = new CodecError(error.path, located.contentAt + error.offset, error.reason).message;
  }
  const notes = payload === undefined ? undefined : payloadNotes(payload, messageCode);
  const children = [
    ...(message.mac === undefined ? [] : [macHeader(located)]),
    groupingHeader(located),
    {
      ...field('content', located.contentAt, message.content.length, problem),
      children: explainPayload(message.content, located.contentAt, payload, trace.spans, notes),
    },
    ...trailer(located),
    ...(keys === undefined ? [] : [explainProtection(located, payload, keys)]),
  ];
  const code = messageCodeOf(messageCode);
  const title = `${code?.useCase ?? 'unknown use case'} ${message.header.craFlag}`;
  return {
    ...field('message', 0, bytes.length, `${title}${code === undefined ? '' : `, ${code.title}`}`),
    children,
  };
}

function macHeader({ innerAt }: LocatedMessage): Explanation {
  const lengthSize = innerAt - 12;
  return group('macHeader', 0, innerAt, [
    field('tag', 0, 1, 'dd general-ciphering'),
    field('emptyFields', 1, 6, 'transaction id to key info: all empty'),
    field('length', 7, lengthSize, 'of all that follows'),
    field('securityControl', 7 + lengthSize, 1, '11 suite 1, authentication only'),
    field('invocationCounter', 8 + lengthSize, 4, '0'),
  ]);
}

function groupingHeader({ message, innerAt, contentAt }: LocatedMessage): Explanation {
  const { header, inner, content } = message;
  const from = (offset: number): number => innerAt + offset;
  const dateTimeAt = from(at.dateTimeLength);
  const dateTimeLength = header.dateTime?.length ?? 0;
  const otherAt = dateTimeAt + 1 + dateTimeLength;
  const lengthAt = contentAt - sizeOfLength(content.length);
  const cra = craFlags[header.craFlag];
  return group('groupingHeader', innerAt, lengthAt - innerAt, [
    field('tag', innerAt, 1, 'df general-signing'),
    field('craFlag', from(at.craFlag), 1, `0${cra} ${header.craFlag}`),
    field('originatorCounter', from(at.originatorCounter), 8, `${header.originatorCounter}`),
    field('originator', from(at.originator), 8, header.originator),
    field('recipient', from(at.recipient), 8, header.recipient),
    field(
      'dateTime',
      dateTimeAt,
      1 + dateTimeLength,
      header.dateTime === undefined ? 'none' : dateTimeText(header.dateTime),
    ),
    {
      ...field('otherInformation', otherAt, lengthAt - otherAt),
      children: otherInformation(message, innerAt, otherAt - innerAt, inner),
    },
  ]);
}

function dateTimeText(octets: Uint8Array): string {
  try {
    const { utcMs, clockStatus } = parseDateTime(octets);
    const status = clockStatus.toString(16).padStart(2, '0');
    return `${msToIso(utcMs)}, clock status ${status}`;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return toHex(octets);
  }
}

function otherInformation(
  { header }: GbcsMessage,
  innerAt: number,
  lengthAt: number,
  inner: Uint8Array,
): readonly Explanation[] {
  const other = header.otherInformation;
  const first = inner[lengthAt] ?? 0;
  let offset = innerAt + lengthAt + (first < 0x80 ? 1 : 1 + (first & 0x7f));
  const children: Explanation[] = [];
  const push = (name: string, length: number, text: string | undefined): void => {
    if (text === undefined) return;
    children.push(field(name, offset, length, text));
    offset += length;
  };
  const certificate = other.supplementaryRemotePartyKeyAgreementCertificate;
  const useCase = messageCodeOf(other.messageCode)?.useCase ?? 'unknown';
  push('messageCode', 2, `${formatMessageCode(other.messageCode)} ${useCase}`);
  push('supplementaryRemotePartyId', 8, other.supplementaryRemotePartyId);
  push('supplementaryRemotePartyCounter', 8, other.supplementaryRemotePartyCounter?.toString());
  push('supplementaryOriginatorCounter', 8, other.supplementaryOriginatorCounter?.toString());
  push(
    'supplementaryRemotePartyKeyAgreementCertificate',
    certificate?.length ?? 0,
    certificate === undefined ? undefined : 'X.509 in DER',
  );
  return children;
}

/** What comes behind the content. */
function trailer({ bytes, message, contentAt }: LocatedMessage): readonly Explanation[] {
  const { content, signature, mac } = message;
  if (signature === undefined) return [];
  const nodes: Explanation[] = [];
  const signatureAt = contentAt + content.length;
  if (signature === 'none') nodes.push(field('signature', signatureAt, 1, 'none'));
  else nodes.push(field('signature', signatureAt, 1 + signatureLength, toHex(signature)));
  if (mac !== undefined) {
    nodes.push(field('mac', bytes.length - macLength, macLength, toHex(mac)));
  }
  return nodes;
}
