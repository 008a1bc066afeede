import {
  type CertificateValue,
  decodeCertificateValue,
  encodeCertificateValue,
} from '../asn1/x509.js';
import { CodecError, under, within } from '../codec/codec-error.js';
import { type Eui64, isEui64 } from '../codec/eui64.js';
import { fromHex, toHex } from '../codec/hex.js';
import { show } from '../codec/show.js';
import { isoToMs, msToIso, msToUtc, utcToMs } from '../codec/utc.js';
import { type CraFlag, craFlags, type OtherInformation } from './grouping-header.js';
import { decodeGbcsMessage, encodeGbcsMessage, type GbcsMessage } from './message.js';
import { decodePayload, encodePayload, type Payload } from './payload.js';
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

function decodeDateTime(octets: Uint8Array): DecodedDateTime {
  const at = (index: number): number => octets[index] as number;
  const fields = {
    year: (at(0) << 8) | at(1),
    month: at(2),
    day: at(3),
    hour: at(5),
    minute: at(6),
    second: at(7),
  };
  const value = { utc: msToIso(utcToMs(fields)), clockStatus: at(11) };
  return toHex(encodeDateTime(value)) === toHex(octets) ? value : toHex(octets);
}

function encodeDateTime(value: DecodedDateTime): Uint8Array {
  if (typeof value === 'string') {
    if (!dateTimeText.test(value)) throw new CodecError('', 0, 'not 24 hex digits');
    return fromHex(value);
  }
  const ms = typeof value?.utc === 'string' ? isoToMs(value.utc) : undefined;
  if (ms === undefined) throw new CodecError('utc', 0, `${show(value?.utc)} is not a UTC time`);
  const status = value.clockStatus;
  if (!Number.isInteger(status) || status < 0 || status > 0xff) {
    throw new CodecError('clockStatus', 0, `${show(status)} is not an octet`);
  }
  const t = msToUtc(ms);
  const date = [t.year >> 8, t.year & 0xff, t.month, t.day, 0xff];
  return Uint8Array.from([...date, t.hour, t.minute, t.second, 0, 0x80, 0, status]);
}

/** Decodes one whole message. @throws CodecError with path and byte offset for anything else. */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const message = decodeGbcsMessage(bytes);
  return describeMessage(message, message.content.byteOffset - bytes.byteOffset);
}

/** The JSON-safe form of a message that is already taken apart. */
export function describeMessage(message: GbcsMessage, contentOffset = 0): DecodedMessage {
  const { header } = message;
  const other = header.otherInformation;
  const useCase = messageCodeOf(other.messageCode)?.useCase;
  let payload: Payload;
  try {
    payload = decodePayload(message.content, other.messageCode, header.craFlag);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const path = error.path === '' ? 'payload' : `payload.${error.path}`;
    throw new CodecError(path, contentOffset + error.offset, error.reason);
  }
  return {
    messageCode: formatMessageCode(other.messageCode),
    ...(useCase === undefined ? {} : { useCase }),
    craFlag: header.craFlag,
    originator: header.originator,
    recipient: header.recipient,
    originatorCounter: header.originatorCounter.toString(),
    ...(header.dateTime === undefined ? {} : { dateTime: decodeDateTime(header.dateTime) }),
    ...describeSupplementary(other),
    payload,
    ...(message.signature === undefined
      ? {}
      : { signature: message.signature === 'none' ? null : toHex(message.signature) }),
    ...(message.mac === undefined ? {} : { mac: toHex(message.mac) }),
  };
}

function describeSupplementary(other: OtherInformation): Partial<DecodedMessage> {
  if (other.supplementaryRemotePartyId === undefined) return {};
  const counter = other.supplementaryRemotePartyCounter;
  const own = other.supplementaryOriginatorCounter;
  const certificate = other.supplementaryRemotePartyKeyAgreementCertificate;
  return {
    supplementaryRemotePartyId: other.supplementaryRemotePartyId,
    ...(counter === undefined ? {} : { supplementaryRemotePartyCounter: counter.toString() }),
    ...(own === undefined ? {} : { supplementaryOriginatorCounter: own.toString() }),
    ...(certificate === undefined
      ? {}
      : {
          supplementaryRemotePartyKeyAgreementCertificate: within(
            'supplementaryRemotePartyKeyAgreementCertificate',
            () => decodeCertificateValue(certificate),
          ),
        }),
  };
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
  return fromHex(value.toLowerCase());
}

function euiOf(value: unknown): Eui64 {
  if (isEui64(value)) return value;
  throw new CodecError('', 0, `${show(value)} is not an EUI-64 of 16 lower-case hex digits`);
}

function optional<T>(name: string, value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : within(name, () => read(value));
}

/**
 * The inverse of `decodeMessage`, from parsed JSON that nobody has checked.
 * @throws CodecError naming the path of what is wrong.
 */
export function encodeMessage(message: DecodedMessage): Uint8Array {
  if (typeof message !== 'object' || message === null)
    throw new CodecError('', 0, 'want an object');
  const messageCode = within('messageCode', () => {
    if (typeof message.messageCode !== 'string' || !code.test(message.messageCode)) {
      throw new CodecError('', 0, `${show(message.messageCode)} is not a code such as 0x0027`);
    }
    return Number.parseInt(message.messageCode.slice(2), 16);
  });
  if (!Object.hasOwn(craFlags, message.craFlag)) {
    throw new CodecError('craFlag', 0, 'want command, response or alert');
  }
  const content = within('payload', () => {
    if (typeof message.payload !== 'object' || message.payload === null) {
      throw new CodecError('', 0, 'want an object');
    }
    return encodePayload(message.payload, messageCode, message.craFlag);
  });
  const certificate = message.supplementaryRemotePartyKeyAgreementCertificate;
  try {
    return encodeGbcsMessage({
      header: {
        craFlag: message.craFlag,
        originatorCounter: within('originatorCounter', () => counterOf(message.originatorCounter)),
        originator: within('originator', () => euiOf(message.originator)),
        recipient: within('recipient', () => euiOf(message.recipient)),
        dateTime: optional('dateTime', message.dateTime, (v) =>
          encodeDateTime(v as DecodedDateTime),
        ),
        otherInformation: {
          messageCode,
          ...supplementaryOf(message),
          supplementaryRemotePartyKeyAgreementCertificate: optional(
            'supplementaryRemotePartyKeyAgreementCertificate',
            certificate,
            (value) => encodeCertificateValue(value as CertificateValue),
          ),
        },
      },
      content,
      signature:
        message.signature === null ? 'none' : optional('signature', message.signature, hexOf),
      mac: optional('mac', message.mac, hexOf),
    });
  } catch (error) {
    throw under('', error);
  }
}

function supplementaryOf(message: DecodedMessage): Partial<OtherInformation> {
  return {
    supplementaryRemotePartyId: optional(
      'supplementaryRemotePartyId',
      message.supplementaryRemotePartyId,
      euiOf,
    ),
    supplementaryRemotePartyCounter: optional(
      'supplementaryRemotePartyCounter',
      message.supplementaryRemotePartyCounter,
      counterOf,
    ),
    supplementaryOriginatorCounter: optional(
      'supplementaryOriginatorCounter',
      message.supplementaryOriginatorCounter,
      counterOf,
    ),
  };
}
