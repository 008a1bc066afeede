import { type Asn1Payload, decodeAsn1, encodeAsn1 } from '../asn1/structures.js';
import { CodecError, under } from '../codec/codec-error.js';
import { show } from '../codec/show.js';
import type { Trace } from '../codec/trace.js';
import { decodeDlmsApdu, encodeDlmsApdu } from '../dlms/apdu.js';
import type { DlmsApdu } from '../dlms/apdu-types.js';
import { decodeGbz, encodeGbz } from './gbz.js';
import type { GbzPayload } from './gbz-types.js';
import type { CraFlag } from './grouping-header.js';
import { formatMessageCode, messageCodeOf, type PayloadEncoding } from './use-cases/use-case.js';

/** The content of a message, structured to its leaves and JSON-safe; `kind` tells the forms apart. */
export type Payload = DlmsApdu | GbzPayload | Asn1Payload;

function encodingOfContent(content: Uint8Array): PayloadEncoding {
  const first = content[0];
  if (first === 0xd9 || first === 0xda || first === 0x0f) return 'dlms';
  return first === 0x01 && content[1] === 0x09 ? 'gbz' : 'asn1';
}

function encodingOfPayload(payload: Payload): PayloadEncoding {
  switch (payload.kind) {
    case 'access-request':
    case 'access-response':
    case 'data-notification':
      return 'dlms';
    case 'gbz':
    case 'gbz-alert':
      return 'gbz';
    case 'asn1':
      return 'asn1';
    default:
      throw new CodecError('kind', 0, `${show((payload as Payload).kind)} is no payload kind`);
  }
}

/** Kinds of DLMS APDU by CRA flag. */
const dlmsKinds: Readonly<Record<CraFlag, DlmsApdu['kind']>> = {
  command: 'access-request',
  response: 'access-response',
  alert: 'data-notification',
};

/**
 * The encodings that a payload may have under that message code and CRA flag.
 * @throws CodecError with the path `messageCode` or `craFlag` where there is no such message.
 */
export function allowedEncodings(
  messageCode: number,
  craFlag: CraFlag,
): readonly PayloadEncoding[] {
  const code = messageCodeOf(messageCode);
  if (code === undefined) {
    throw new CodecError('messageCode', 0, `${formatMessageCode(messageCode)} is no message code`);
  }
  const allowed = code.encodings[craFlag];
  if (allowed === undefined) {
    const named = `${code.useCase} (${formatMessageCode(messageCode)})`;
    throw new CodecError('craFlag', 0, `${named} has no ${craFlag}`);
  }
  return allowed;
}

function checkFits(messageCode: number, craFlag: CraFlag, encoding: PayloadEncoding): void {
  const allowed = allowedEncodings(messageCode, craFlag);
  if (!allowed.includes(encoding)) {
    const useCase = messageCodeOf(messageCode)?.useCase;
    const want = allowed.join(' or ');
    throw new CodecError('', 0, `${useCase} ${craFlag} is ${want}, this payload is ${encoding}`);
  }
}

/** @throws CodecError when the payload does not parse or is not of a kind that the message code allows. */
export function decodePayload(
  content: Uint8Array,
  messageCode: number,
  craFlag: CraFlag,
  trace?: Trace,
): Payload {
  const encoding = encodingOfContent(content);
  if (content.length === 0) throw new CodecError('', 0, 'the payload is empty');
  checkFits(messageCode, craFlag, encoding);
  if (encoding === 'gbz') return decodeGbz(content, messageCode, craFlag, trace);
  if (encoding === 'asn1') {
    return decodeAsn1(content, messageCode, craFlag, 0, content.length, trace);
  }
  const apdu = decodeDlmsApdu(content, trace);
  if (apdu.kind !== dlmsKinds[craFlag]) {
    throw new CodecError('', 0, `a ${craFlag} cannot be a DLMS ${apdu.kind}`);
  }
  return apdu;
}

export function encodePayload(payload: Payload, messageCode: number, craFlag: CraFlag): Uint8Array {
  const encoding = encodingOfPayload(payload);
  try {
    checkFits(messageCode, craFlag, encoding);
    if (encoding === 'gbz') return encodeGbz(payload as GbzPayload, messageCode, craFlag);
    if (encoding === 'asn1') return encodeAsn1(payload as Asn1Payload, messageCode, craFlag);
    if (payload.kind !== dlmsKinds[craFlag]) {
      throw new CodecError('kind', 0, `a ${craFlag} cannot be a DLMS ${payload.kind}`);
    }
    return encodeDlmsApdu(payload as DlmsApdu);
  } catch (error) {
    throw under('', error);
  }
}
