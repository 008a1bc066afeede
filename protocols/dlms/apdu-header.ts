import { CodecError, under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { readOctetString, writeOctetString } from './values.js';

interface ApduHeader {
  readonly longInvokeIdAndPriority: number;
  readonly dateTime: string;
}

const dateTimeHexLength = 24;

/**
 * The long-invoke-id-and-priority that GBCS derives from the originator counter: break-on-error, low 24 bits.
 * @see dlms.md 1
 */
export function longInvokeIdAndPriority(originatorCounter: bigint): number {
  return 0x2000_0000 + Number(originatorCounter & 0xff_ffffn);
}

/** The date-time of an APDU is empty (always in GBCS) or one DLMS date-time. */
export function readDateTime(reader: Reader): string {
  const at = reader.offset;
  try {
    const hex = readOctetString(reader);
    if (hex !== '' && hex.length !== dateTimeHexLength) reader.fail('not 0 or 12 octets', at);
    return hex;
  } catch (error) {
    throw under('dateTime', error);
  }
}

/** What follows the tag in all three APDUs. */
export function writeApduHeader(writer: Writer, { longInvokeIdAndPriority, dateTime }: ApduHeader) {
  if (typeof longInvokeIdAndPriority !== 'number') {
    throw new CodecError('longInvokeIdAndPriority', writer.offset, 'not a number');
  }
  try {
    writer.u32(longInvokeIdAndPriority);
  } catch (error) {
    throw under('longInvokeIdAndPriority', error);
  }
  try {
    if (dateTime !== '' && dateTime?.length !== dateTimeHexLength) {
      writer.fail('not the hex of 0 or 12 octets');
    }
    writeOctetString(writer, dateTime);
  } catch (error) {
    throw under('dateTime', error);
  }
}
