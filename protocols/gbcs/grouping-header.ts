import { under } from '../codec/codec-error.js';
import { type Eui64, readEui64, writeEui64 } from '../codec/eui64.js';
import { readLength, sizeOfLength, writeLength } from '../codec/length.js';
import type { Reader } from '../codec/reader.js';
import { show } from '../codec/show.js';
import type { Writer } from '../codec/writer.js';

export const craFlags = { command: 1, response: 2, alert: 3 } as const;
export type CraFlag = keyof typeof craFlags;
const craFlagNames: readonly (CraFlag | undefined)[] = [undefined, 'command', 'response', 'alert'];

/** Who says what to whom under which counter (gbcs-message.md 1.2). */
export interface GroupingHeader {
  readonly craFlag: CraFlag;
  /** 64-bit, one sequence per originator. */
  readonly originatorCounter: bigint;
  readonly originator: Eui64;
  readonly recipient: Eui64;
  /** DLMS date-time, 12 bytes; in responses of some use cases only. */
  readonly dateTime?: Uint8Array | undefined;
  readonly otherInformation: OtherInformation;
}

/**
 * The message code, and who else is concerned where the access control broker speaks for a party that the device
 * does not know. The five forms differ by length: 2, 10, 18, 26 bytes, or 18 followed by a certificate.
 * @see gbcs-message.md 1.3
 */
export interface OtherInformation {
  readonly messageCode: number;
  readonly supplementaryRemotePartyId?: Eui64 | undefined;
  readonly supplementaryRemotePartyCounter?: bigint | undefined;
  /** The counter a device chose for the key that protects data for the supplementary party. */
  readonly supplementaryOriginatorCounter?: bigint | undefined;
  /** Key agreement certificate of the supplementary party, DER. */
  readonly supplementaryRemotePartyKeyAgreementCertificate?: Uint8Array | undefined;
}

/** Octet offsets from the 0xDF tag; everything up to the date-time length is fixed (29 octets). */
export const groupingHeaderOffsets = {
  tag: 0,
  craFlag: 2,
  originatorCounter: 3,
  originator: 12,
  recipient: 21,
  dateTimeLength: 29,
} as const;

export const generalSigningTag = 0xdf;
const titleLength = 8;
const transactionIdLength = 9;
const dateTimeLength = 12;

function expectByte(reader: Reader, expected: number, meaning: string): void {
  const at = reader.offset;
  const found = reader.u8();
  if (found !== expected) {
    reader.fail(`${meaning}: found 0x${hex2(found)}, want 0x${hex2(expected)}`, at);
  }
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function readOtherInformation(reader: Reader): OtherInformation {
  const at = reader.offset;
  const length = readLength(reader);
  const inner = reader.sub(length);
  if (length !== 2 && length !== 10 && length !== 18 && length !== 26 && length <= 26) {
    reader.fail(`length ${length} is none of 2, 10, 18, 26 or 18 and a certificate`, at);
  }
  const messageCode = inner.u16();
  if (length === 2) return { messageCode };
  const supplementaryRemotePartyId = readEui64(inner);
  if (length === 10) return { messageCode, supplementaryRemotePartyId };
  const supplementaryRemotePartyCounter = inner.u64();
  const known = { messageCode, supplementaryRemotePartyId, supplementaryRemotePartyCounter };
  if (length === 18) return known;
  if (length === 26) return { ...known, supplementaryOriginatorCounter: inner.u64() };
  return { ...known, supplementaryRemotePartyKeyAgreementCertificate: inner.rest() };
}

function otherInformationLength(value: OtherInformation): number {
  const counter = value.supplementaryRemotePartyCounter;
  const base = value.supplementaryRemotePartyId === undefined ? 2 : counter === undefined ? 10 : 18;
  const own = value.supplementaryOriginatorCounter === undefined ? 0 : 8;
  return base + own + (value.supplementaryRemotePartyKeyAgreementCertificate?.length ?? 0);
}

/** Where the message code is, counted from the 0xDF tag. */
export function messageCodeOffset({ dateTime, otherInformation }: GroupingHeader): number {
  const lengthAt = groupingHeaderOffsets.dateTimeLength + 1 + (dateTime?.length ?? 0);
  return lengthAt + sizeOfLength(otherInformationLength(otherInformation));
}

function writeOtherInformation(writer: Writer, value: OtherInformation): void {
  const party = value.supplementaryRemotePartyId;
  const counter = value.supplementaryRemotePartyCounter;
  const own = value.supplementaryOriginatorCounter;
  const certificate = value.supplementaryRemotePartyKeyAgreementCertificate;
  if (party === undefined && (counter ?? own ?? certificate) !== undefined) {
    writer.fail('supplementary fields need a supplementaryRemotePartyId');
  }
  if (counter === undefined && (own ?? certificate) !== undefined) {
    writer.fail('these supplementary fields need a supplementaryRemotePartyCounter');
  }
  if (own !== undefined && certificate !== undefined) {
    writer.fail('supplementaryOriginatorCounter and a certificate exclude each other');
  }
  if (certificate !== undefined && certificate.length <= 8) {
    writer.fail('a certificate of 8 bytes or less cannot be told from a counter');
  }
  writeLength(writer, otherInformationLength(value));
  writer.u16(value.messageCode);
  if (party !== undefined) writeEui64(writer, party);
  if (counter !== undefined) writer.u64(counter);
  if (own !== undefined) writer.u64(own);
  if (certificate !== undefined) writer.bytes(certificate);
}

/** Reads the header from its 0xDF tag up to, not including, the content length. */
export function readGroupingHeader(reader: Reader): GroupingHeader {
  let field = 'tag';
  try {
    expectByte(reader, generalSigningTag, 'general-signing tag');
    field = 'transactionId';
    expectByte(reader, transactionIdLength, 'length');
    field = 'craFlag';
    const craAt = reader.offset;
    const cra = reader.u8();
    const craFlag = craFlagNames[cra];
    if (craFlag === undefined) reader.fail(`0x${hex2(cra)} is not 1, 2 or 3`, craAt);
    field = 'originatorCounter';
    const originatorCounter = reader.u64();
    field = 'originator';
    expectByte(reader, titleLength, 'length');
    const originator = readEui64(reader);
    field = 'recipient';
    expectByte(reader, titleLength, 'length');
    const recipient = readEui64(reader);
    field = 'dateTime';
    const dateTimeAt = reader.offset;
    const timeLength = reader.u8();
    if (timeLength !== 0 && timeLength !== dateTimeLength) {
      reader.fail(`length ${timeLength} is neither 0 nor 12`, dateTimeAt);
    }
    const dateTime = timeLength === 0 ? undefined : reader.bytes(dateTimeLength);
    field = 'otherInformation';
    const otherInformation = readOtherInformation(reader);
    return {
      craFlag: craFlag as CraFlag,
      originatorCounter,
      originator,
      recipient,
      dateTime,
      otherInformation,
    };
  } catch (error) {
    throw under(field, error);
  }
}

export function writeGroupingHeader(writer: Writer, header: GroupingHeader): void {
  let field = 'craFlag';
  try {
    writer.u8(generalSigningTag);
    writer.u8(transactionIdLength);
    const cra = craFlags[header.craFlag];
    if (cra === undefined) writer.fail(`${show(header.craFlag)} is not a CRA flag`);
    writer.u8(cra);
    field = 'originatorCounter';
    writer.u64(header.originatorCounter);
    field = 'originator';
    writer.u8(titleLength);
    writeEui64(writer, header.originator);
    field = 'recipient';
    writer.u8(titleLength);
    writeEui64(writer, header.recipient);
    field = 'dateTime';
    if (header.dateTime === undefined) {
      writer.u8(0);
    } else {
      if (header.dateTime.length !== dateTimeLength) writer.fail('a DLMS date-time has 12 bytes');
      writer.u8(dateTimeLength);
      writer.bytes(header.dateTime);
    }
    field = 'otherInformation';
    writeOtherInformation(writer, header.otherInformation);
  } catch (error) {
    throw under(field, error);
  }
}
