import { under } from '../codec/codec-error.js';
import { readLength, writeLength } from '../codec/length.js';
import { Reader } from '../codec/reader.js';
import { transientOctets } from '../codec/transient-octets.js';
import { Writer, written } from '../codec/writer.js';
import {
  type GroupingHeader,
  generalSigningTag,
  readGroupingHeader,
  writeGroupingHeader,
} from './grouping-header.js';

/**
 * A GBCS message as it travels (gbcs-message.md 1):
 *
 *     pre-command :             grouping header ‖ content
 *     unMACed     :             grouping header ‖ content ‖ 40 ‖ signature
 *     MACed       : MAC header ‖ grouping header ‖ content ‖ 00 or 40 ‖ signature ‖ MAC
 *
 * The byte views (`inner`, `signedBytes`) are of the buffer that was decoded: signatures and MACs are judged over what
 * arrived, never over a re-encoding.
 */
export interface GbcsMessage {
  readonly header: GroupingHeader;
  readonly content: Uint8Array;
  /** 64 bytes r ‖ s; 'none' where the message says it carries none; undefined in a pre-command. */
  readonly signature: Uint8Array | 'none' | undefined;
  /** 12 bytes; undefined where the message is not MACed. */
  readonly mac: Uint8Array | undefined;
  /** From the 0xDF tag to the end of the signature: what the MAC covers, behind its own header. */
  readonly inner: Uint8Array;
  /** What a signature covers: behind the 0xDF tag up to the last content byte. */
  readonly signedBytes: Uint8Array;
}

export const generalCipheringTag = 0xdd;
/** Behind the tag in a block of general block transfer; a whole message has 0 there. */
export const blockTransactionIdLength = 0x09;
export const macLength = 12;
export const signatureLength = 64;
/** Far above the longest official message (3,986 bytes); what a bus peer may send is bounded by it. */
export const messageLengthMax = 65_535;

/** Tag and six empty general-ciphering fields. */
const macHeaderStart = Uint8Array.of(generalCipheringTag, 0, 0, 0, 0, 0, 0);
/** Security control (suite 1, authentication only) and invocation counter 0. */
const securityHeader = Uint8Array.of(0x11, 0, 0, 0, 0);

function readMacHeader(reader: Reader): void {
  for (let i = 0; i < macHeaderStart.length; i++) {
    const at = reader.offset;
    const found = reader.u8();
    if (i === 1 && found === blockTransactionIdLength) {
      reader.fail('this is a general block transfer block, not a whole message', at);
    }
    if (found !== macHeaderStart[i]) reader.fail('general-ciphering field is not empty', at);
  }
  const at = reader.offset;
  const length = readLength(reader);
  if (length !== reader.remaining) {
    reader.fail(`length ${length}, but ${reader.remaining} bytes follow`, at);
  }
  for (let i = 0; i < securityHeader.length; i++) {
    const fieldAt = reader.offset;
    if (reader.u8() !== securityHeader[i]) {
      reader.fail('security header is not 11 00000000 (suite 1, authentication only)', fieldAt);
    }
  }
}

/** @throws CodecError for anything but one whole, well-formed message. The payload itself is not looked into. */
export function decodeGbcsMessage(bytes: Uint8Array): GbcsMessage {
  const reader = new Reader(bytes);
  let field = '';
  try {
    if (bytes.length > messageLengthMax) {
      reader.fail(`${bytes.length} bytes, more than ${messageLengthMax}`);
    }
    const maced = reader.peek() === generalCipheringTag;
    field = 'macHeader';
    if (maced) readMacHeader(reader);
    const innerStart = reader.offset;
    field = 'groupingHeader';
    const header = readGroupingHeader(reader);
    field = 'content';
    const content = reader.bytes(readLength(reader));
    const contentEnd = reader.offset;
    field = 'signature';
    const signature = readSignature(reader, maced);
    const innerEnd = reader.offset;
    field = 'mac';
    const mac = maced ? reader.bytes(macLength) : undefined;
    field = '';
    reader.done();
    return {
      header,
      content,
      signature,
      mac,
      inner: bytes.subarray(innerStart, innerEnd),
      signedBytes: bytes.subarray(innerStart + 1, contentEnd),
    };
  } catch (error) {
    throw under(field, error);
  }
}

function readSignature(reader: Reader, maced: boolean): Uint8Array | 'none' | undefined {
  if (reader.remaining === 0 && !maced) return undefined;
  const at = reader.offset;
  const length = reader.u8();
  if (length === 0) return 'none';
  if (length !== signatureLength) reader.fail(`length ${length} is neither 0 nor 64`, at);
  return reader.bytes(signatureLength);
}

function writePreCommand(writer: Writer, header: GroupingHeader, content: Uint8Array): void {
  try {
    writeGroupingHeader(writer, header);
  } catch (error) {
    throw under('groupingHeader', error);
  }
  writeLength(writer, content.length);
  writer.bytes(content);
}

/** Grouping header and content: what a user is given to sign, and the first part of every other form. */
export function encodePreCommand(header: GroupingHeader, content: Uint8Array): Uint8Array {
  return written((writer) => writePreCommand(writer, header, content));
}

function checkSignature(signature: Uint8Array): void {
  if (signature.length !== signatureLength) {
    new Writer().fail(`a signature has 64 bytes, not ${signature.length}`);
  }
}

function checkMac(mac: Uint8Array): void {
  if (mac.length !== macLength) new Writer().fail(`a MAC has 12 bytes, not ${mac.length}`);
}

/** Appends the signature (or the octet that says there is none) to a pre-command. */
export function withSignature(preCommand: Uint8Array, signature?: Uint8Array): Uint8Array {
  if (signature === undefined) {
    const message = transientOctets(preCommand.length + 1);
    message.set(preCommand);
    return message;
  }
  checkSignature(signature);
  const message = transientOctets(preCommand.length + 1 + signatureLength);
  message.set(preCommand);
  message[preCommand.length] = signatureLength;
  message.set(signature, preCommand.length + 1);
  return message;
}

/** What stands in front of an unMACed message of `innerLength` bytes once it is MACed. */
function macHeader(innerLength: number): Uint8Array {
  return written((writer) => {
    writer.bytes(macHeaderStart);
    writeLength(writer, securityHeader.length + innerLength + macLength);
    writer.bytes(securityHeader);
  });
}

/** Puts the MAC header in front of an unMACed message and the MAC behind it. */
export function withMac(inner: Uint8Array, mac: Uint8Array): Uint8Array {
  checkMac(mac);
  if (inner[0] !== generalSigningTag) new Writer().fail('not a general-signing message');
  return written((writer) => {
    writer.bytes(macHeader(inner.length));
    writer.bytes(inner);
    writer.bytes(mac);
  });
}

/** The exact inverse of `decodeGbcsMessage` from its fields alone. */
export function encodeGbcsMessage(
  message: Pick<GbcsMessage, 'header' | 'content' | 'signature' | 'mac'>,
): Uint8Array {
  return written((writer) => writeMessage(writer, message));
}

function writeMessage(
  writer: Writer,
  { header, content, signature, mac }: Parameters<typeof encodeGbcsMessage>[0],
): void {
  writePreCommand(writer, header, content);
  if (signature === undefined) {
    if (mac !== undefined) writer.fail('a pre-command carries no MAC');
  } else if (signature === 'none') {
    writer.u8(0);
  } else {
    checkSignature(signature);
    writer.u8(signatureLength);
    writer.bytes(signature);
  }
  if (mac !== undefined) {
    checkMac(mac);
    writer.insert(0, macHeader(writer.offset));
    writer.bytes(mac);
  }
  if (writer.offset > messageLengthMax) writer.fail(`more than ${messageLengthMax} bytes`);
}

/**
 * The recipient of a message, or of a block of one, without decoding it: what a communications hub needs for routing, and
 * all that it may rely on. Undefined where the fixed part of the header is not there.
 */
export function peekRecipient(bytes: Uint8Array): Uint8Array | undefined {
  let start = 0;
  let tag = generalSigningTag;
  if (bytes[0] === generalCipheringTag) {
    if (bytes[1] === blockTransactionIdLength) {
      // The routing header of a block has both titles where a grouping header has them.
      tag = generalCipheringTag;
    } else {
      const first = bytes[7] ?? 0;
      start = 7 + (first < 0x80 ? 1 : 1 + (first & 0x7f)) + securityHeader.length;
    }
  }
  if (bytes[start] !== tag || bytes[start + 20] !== 8) return undefined;
  if (bytes.length < start + 29) return undefined;
  return bytes.subarray(start + 21, start + 29);
}
