import {
  type CertificateValue,
  decodeCertificateValue,
  encodeCertificateValue,
} from '../asn1/x509.js';
import { CodecError, under } from '../codec/codec-error.js';
import { type Eui64, isEui64 } from '../codec/eui64.js';
import { fromHex, toHex } from '../codec/hex.js';
import { show } from '../codec/show.js';
import { isoToUtc, utcToIso } from '../codec/utc.js';
import {
  type CraFlag,
  craFlags,
  groupingHeaderOffsets,
  messageCodeOffset,
  type OtherInformation,
} from './grouping-header.js';
import { decodeGbcsMessage, encodeGbcsMessage, type GbcsMessage } from './message.js';
import { allowedEncodings, decodePayload, encodePayload, type Payload } from './payload.js';
import { formatMessageCode, messageCodeOf } from './use-cases/use-case.js';

/**
 * A whole message as JSON-safe data: what `hubfleet decode` prints and `hubfleet encode` takes back to the same bytes.
 * Names (`useCase`, names inside the payload) are for people: encoding goes by the numbers and ignores them.
 */
export interface DecodedMessage {
  /** `0x0027`. */
  readonly messageCode: string;
  readonly useCase?: string;
  readonly craFlag: CraFlag;
  /** 16 lower-case hex digits. */
  readonly originator: string;
  readonly recipient: string;
  /** Decimal. */
  readonly originatorCounter: string;
  readonly dateTime?: DecodedDateTime;
  readonly supplementaryRemotePartyId?: string;
  readonly supplementaryRemotePartyCounter?: string;
  readonly supplementaryOriginatorCounter?: string;
  readonly supplementaryRemotePartyKeyAgreementCertificate?: CertificateValue;
  readonly payload: Payload;
  /** 128 hex digits; null where the message says it carries none; absent in a pre-command. */
  readonly signature?: string | null;
  /** 24 hex digits; absent where the message is not MACed. */
  readonly mac?: string;
}

/** The header's date-time: a UTC time with its clock status octet, or all 12 octets in hex where it is no plain time. */
export type DecodedDateTime = { readonly utc: string; readonly clockStatus: number } | string;

const dateTimeText = /^[0-9a-f]{24}$/;

const anyDayOfWeek = 0xff;

function decodeDateTime(octets: Uint8Array): DecodedDateTime {
  const at = (index: number): number => octets[index] as number;
  if (at(4) !== anyDayOfWeek || at(8) !== 0 || at(9) !== 0x80 || at(10) !== 0) {
    return toHex(octets);
  }
  const utc = utcToIso({
    year: (at(0) << 8) | at(1),
    month: at(2),
    day: at(3),
    hour: at(5),
    minute: at(6),
    second: at(7),
  });
  return utc === undefined ? toHex(octets) : { utc, clockStatus: at(11) };
}

function encodeDateTime(value: DecodedDateTime): Uint8Array {
  if (typeof value === 'string') {
    if (!dateTimeText.test(value)) throw new CodecError('', 0, 'not 24 hex digits');
    return fromHex(value);
  }
  const t = typeof value?.utc === 'string' ? isoToUtc(value.utc) : undefined;
  if (t === undefined) throw new CodecError('utc', 0, `${show(value?.utc)} is not a UTC time`);
  const status = value.clockStatus;
  if (!Number.isInteger(status) || status < 0 || status > 0xff) {
    throw new CodecError('clockStatus', 0, `${show(status)} is not an octet`);
  }
  const date = [t.year >> 8, t.year & 0xff, t.month, t.day, anyDayOfWeek];
  return Uint8Array.from([...date, t.hour, t.minute, t.second, 0, 0x80, 0, status]);
}

/** Decodes one whole message. @throws CodecError with path and byte offset for anything else. */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const message = decodeGbcsMessage(bytes);
  return describeMessage(message, message.content.byteOffset - bytes.byteOffset);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The JSON-safe form of a message that is already taken apart. */
export function describeMessage(message: GbcsMessage, contentOffset = 0): DecodedMessage {
  const { header, content, signature, mac } = message;
  const { craFlag, otherInformation } = header;
  const { messageCode } = otherInformation;
  checkHeader(message, contentOffset);
  const payload = part('payload', contentOffset, () =>
    decodePayload(content, messageCode, craFlag),
  );
  // Member by member: spreading an object for each that may be absent takes longer than decoding many a payload.
  const decoded: Mutable<Omit<DecodedMessage, 'payload'> & Partial<DecodedMessage>> = {
    messageCode: formatMessageCode(messageCode),
    useCase: messageCodeOf(messageCode)?.useCase as string,
    craFlag,
    originator: header.originator,
    recipient: header.recipient,
    originatorCounter: header.originatorCounter.toString(),
  };
  if (header.dateTime !== undefined) decoded.dateTime = decodeDateTime(header.dateTime);
  describeSupplementary(otherInformation, decoded, (der) =>
    der.buffer === content.buffer ? contentOffset + der.byteOffset - content.byteOffset : 0,
  );
  decoded.payload = payload;
  if (signature !== undefined) decoded.signature = signature === 'none' ? null : toHex(signature);
  if (mac !== undefined) decoded.mac = toHex(mac);
  return decoded as DecodedMessage;
}

/** Refuses message codes that do not exist, in the direction that the CRA flag says, where they stand. */
function checkHeader({ header, inner, content }: GbcsMessage, contentOffset: number): void {
  const { craFlag, otherInformation } = header;
  try {
    allowedEncodings(otherInformation.messageCode, craFlag);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const isFlag = error.path === 'craFlag';
    const at = isFlag ? groupingHeaderOffsets.craFlag : messageCodeOffset(header);
    const start = contentOffset + inner.byteOffset - content.byteOffset;
    const path = isFlag ? error.path : `otherInformation.${error.path}`;
    throw new CodecError(`groupingHeader.${path}`, start + at, error.reason);
  }
}

/** Runs `read` on a part of the message: its errors come to lie where the part lies. */
function part<T>(name: keyof DecodedMessage, start: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const { path, offset, reason } = under(name, error) as CodecError;
    throw new CodecError(path, start + offset, reason);
  }
}

function describeSupplementary(
  other: OtherInformation,
  decoded: Mutable<Partial<DecodedMessage>>,
  certificateOffset: (der: Uint8Array) => number,
): void {
  if (other.supplementaryRemotePartyId === undefined) return;
  decoded.supplementaryRemotePartyId = other.supplementaryRemotePartyId;
  const counter = other.supplementaryRemotePartyCounter;
  if (counter !== undefined) decoded.supplementaryRemotePartyCounter = counter.toString();
  const own = other.supplementaryOriginatorCounter;
  if (own !== undefined) decoded.supplementaryOriginatorCounter = own.toString();
  const der = other.supplementaryRemotePartyKeyAgreementCertificate;
  if (der !== undefined) {
    const name = 'supplementaryRemotePartyKeyAgreementCertificate';
    decoded[name] = part(name, certificateOffset(der), () => decodeCertificateValue(der));
  }
}

const decimal = /^\d{1,20}$/;
const code = /^0x[0-9a-fA-F]{1,4}$/;

function counterOf(value: unknown): bigint {
  const text = typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !decimal.test(text)) {
    throw new CodecError('', 0, `${show(value)} is not a decimal counter`);
  }
  return BigInt(text);
}

function hexOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new CodecError('', 0, 'want hex text');
  return fromHex(value);
}

function euiOf(value: unknown): Eui64 {
  if (isEui64(value)) return value;
  throw new CodecError('', 0, `${show(value)} is not an EUI-64 of 16 lower-case hex digits`);
}

function codeOf(value: unknown): number {
  if (typeof value !== 'string' || !code.test(value)) {
    throw new CodecError('', 0, `${show(value)} is not a code such as 0x0027`);
  }
  return Number.parseInt(value.slice(2), 16);
}

function contentOf(message: DecodedMessage, messageCode: number): Uint8Array {
  if (typeof message.payload !== 'object' || message.payload === null) {
    throw new CodecError('', 0, 'want an object');
  }
  return encodePayload(message.payload, messageCode, message.craFlag);
}

/** Reads one member where it is there; `within` would take a closure for each. */
function member<T>(
  message: DecodedMessage,
  name: keyof DecodedMessage,
  read: (value: never) => T,
): T | undefined {
  const value = message[name];
  return value === undefined ? undefined : required(message, name, read);
}

function required<T>(
  message: DecodedMessage,
  name: keyof DecodedMessage,
  read: (value: never) => T,
): T {
  try {
    return read(message[name] as never);
  } catch (error) {
    throw under(name, error);
  }
}

/**
 * The inverse of `decodeMessage`, from parsed JSON that nobody has checked.
 * @throws CodecError naming the path of what is wrong.
 */
export function encodeMessage(message: DecodedMessage): Uint8Array {
  if (typeof message !== 'object' || message === null)
    throw new CodecError('', 0, 'want an object');
  const messageCode = required(message, 'messageCode', codeOf);
  const { craFlag } = message;
  if (!Object.hasOwn(craFlags, craFlag)) {
    throw new CodecError('craFlag', 0, 'want command, response or alert');
  }
  allowedEncodings(messageCode, craFlag);
  let content: Uint8Array;
  try {
    content = contentOf(message, messageCode);
  } catch (error) {
    throw under('payload', error);
  }
  return encodeGbcsMessage({
    header: {
      craFlag,
      originatorCounter: required(message, 'originatorCounter', counterOf),
      originator: required(message, 'originator', euiOf),
      recipient: required(message, 'recipient', euiOf),
      dateTime: member(message, 'dateTime', encodeDateTime),
      otherInformation: otherInformationOf(message, messageCode),
    },
    content,
    signature: message.signature === null ? 'none' : member(message, 'signature', hexOf),
    mac: member(message, 'mac', hexOf),
  });
}

function otherInformationOf(message: DecodedMessage, messageCode: number): OtherInformation {
  return {
    messageCode,
    supplementaryRemotePartyId: member(message, 'supplementaryRemotePartyId', euiOf),
    supplementaryRemotePartyCounter: member(message, 'supplementaryRemotePartyCounter', counterOf),
    supplementaryOriginatorCounter: member(message, 'supplementaryOriginatorCounter', counterOf),
    supplementaryRemotePartyKeyAgreementCertificate: member(
      message,
      'supplementaryRemotePartyKeyAgreementCertificate',
      encodeCertificateValue,
    ),
  };
}
