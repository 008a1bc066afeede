import { CodecError, under } from '../codec/codec-error.js';
import { type Eui64, readEui64, writeEui64 } from '../codec/eui64.js';
import { readLength, sizeOfLength, writeLength } from '../codec/length.js';
import { Reader } from '../codec/reader.js';
import { show } from '../codec/show.js';
import { Writer } from '../codec/writer.js';
import { type CraFlag, craFlags } from './grouping-header.js';
import { blockTransactionIdLength, decodeGbcsMessage, generalCipheringTag } from './message.js';

/**
 * General block transfer: a finished message that is too long for one transfer on the home network travels as numbered
 * blocks (gbcs-message.md 7). Protection is of the whole message; a block has none of its own.
 *
 *     routing header : DD 09 CRA(1) counter(8) 08 originator(8) 08 recipient(8) 00 02 messageCode(2) 00
 *                      length securityControl(1) 00000000
 *     GBT header     : E0 control(1) blockNumber(2) blockNumberAcknowledged(2) length
 *     data
 *
 * The official data has no block: the layout is that of two independent programs, one of them Wireshark.
 */
export interface GbtBlock {
  /** Header values of the message that is being transferred. */
  readonly craFlag: CraFlag;
  readonly originatorCounter: bigint;
  readonly originator: Eui64;
  readonly recipient: Eui64;
  readonly messageCode: number;
  readonly securityControl: number;
  readonly last: boolean;
  readonly streaming: boolean;
  /** Blocks that the other side may send before it waits, 0 to 63. */
  readonly window: number;
  /** From 1. */
  readonly blockNumber: number;
  readonly blockNumberAcknowledged: number;
  /** Empty in a mere acknowledgement. A decoded block's is a view of the bytes it was decoded from. */
  readonly data: Uint8Array;
}

const titleLength = 8;
const messageCodeLength = 2;
const invocationCounterLength = 4;
const gbtTag = 0xe0;
const lastBit = 0x80;
const streamingBit = 0x40;
const windowMax = 0x3f;
/** Tag, control and the two block numbers. */
const gbtHeaderLength = 6;
const routingHeaderLength = 34;

/** How a message is cut. */
export interface GbtSplitOptions {
  /** Message bytes in one block; 1,200 is what other programs keep to. */
  readonly blockDataMax?: number;
  readonly blocksMax?: number;
  /**
   * Security control octet of the routing header. No source states it; 01 (suite 1, neither authenticated nor encrypted)
   * is the one that fits a block without a MAC.
   */
  readonly securityControl?: number;
  /** Unconfirmed, like the window: whether blocks follow each other without acknowledgements. */
  readonly streaming?: boolean;
  readonly window?: number;
}

export const gbtDefaults = {
  blockDataMax: 1200,
  blocksMax: 255,
  securityControl: 0x01,
  streaming: true,
  window: 1,
} as const satisfies Required<GbtSplitOptions>;

/** Messages above this are sent in blocks on the home network; from memory of GBCS, as two programs have it. */
export const gbtThreshold = 1200;

/** Tells a block from a whole message, which never starts so. */
export function isGbtBlock(bytes: Uint8Array): boolean {
  return bytes[0] === generalCipheringTag && bytes[1] === blockTransactionIdLength;
}

const craFlagNames = new Map<number, string>(
  Object.entries(craFlags).map(([name, number]) => [number, name]),
);

function expect(reader: Reader, expected: number, meaning: string): void {
  const at = reader.offset;
  const found = reader.u8();
  if (found !== expected) reader.fail(`${meaning} is ${found}, not ${expected}`, at);
}

function readRoutingHeader(reader: Reader) {
  expect(reader, generalCipheringTag, 'general-ciphering tag');
  expect(reader, blockTransactionIdLength, 'transaction id length');
  const craFlag = craFlagNames.get(reader.u8()) as CraFlag | undefined;
  if (craFlag === undefined) reader.fail('CRA flag is not 1, 2 or 3', reader.offset - 1);
  const originatorCounter = reader.u64();
  expect(reader, titleLength, 'originator length');
  const originator = readEui64(reader);
  expect(reader, titleLength, 'recipient length');
  const recipient = readEui64(reader);
  expect(reader, 0, 'date-time length');
  expect(reader, messageCodeLength, 'other-information length');
  const messageCode = reader.u16();
  expect(reader, 0, 'key-info');
  const at = reader.offset;
  const length = readLength(reader);
  if (length !== reader.remaining) {
    reader.fail(`length ${length}, but ${reader.remaining} bytes follow`, at);
  }
  const securityControl = reader.u8();
  if (reader.u32() !== 0) reader.fail('invocation counter is not 0', reader.offset - 4);
  return { craFlag, originatorCounter, originator, recipient, messageCode, securityControl };
}

function readGbtHeader(reader: Reader) {
  expect(reader, gbtTag, 'general-block-transfer tag');
  const control = reader.u8();
  const blockNumber = reader.u16();
  const blockNumberAcknowledged = reader.u16();
  const length = readLength(reader);
  if (length > 0 && blockNumber === 0) reader.fail('block numbers start from 1');
  return {
    last: (control & lastBit) !== 0,
    streaming: (control & streamingBit) !== 0,
    window: control & windowMax,
    blockNumber,
    blockNumberAcknowledged,
    data: reader.bytes(length),
  };
}

/** Strict. @throws CodecError for anything but one whole block. */
export function decodeGbtBlock(bytes: Uint8Array): GbtBlock {
  const reader = new Reader(bytes);
  let field = 'routingHeader';
  try {
    const routing = readRoutingHeader(reader);
    field = 'gbtHeader';
    const block = readGbtHeader(reader);
    field = '';
    reader.done();
    return { ...routing, ...block };
  } catch (error) {
    throw under(field, error);
  }
}

/** The exact inverse of `decodeGbtBlock`. @throws CodecError for values that do not fit. */
export function encodeGbtBlock(block: GbtBlock): Uint8Array {
  const { data } = block;
  const length =
    1 + invocationCounterLength + gbtHeaderLength + sizeOfLength(data.length) + data.length;
  const writer = new Writer(routingHeaderLength + sizeOfLength(length) + length);
  writer.u8(generalCipheringTag);
  writer.u8(blockTransactionIdLength);
  const cra = craFlags[block.craFlag];
  if (cra === undefined) writer.fail(`${show(block.craFlag)} is not a CRA flag`);
  writer.u8(cra);
  writer.u64(block.originatorCounter);
  writer.u8(titleLength);
  writeEui64(writer, block.originator);
  writer.u8(titleLength);
  writeEui64(writer, block.recipient);
  writer.u8(0);
  writer.u8(messageCodeLength);
  writer.u16(block.messageCode);
  writer.u8(0);
  writeLength(writer, length);
  writer.u8(block.securityControl);
  writer.u32(0);
  if (block.window < 0 || block.window > windowMax) writer.fail('window is not 0 to 63');
  if (data.length > 0 && block.blockNumber === 0) writer.fail('block numbers start from 1');
  writer.u8(gbtTag);
  writer.u8((block.last ? lastBit : 0) | (block.streaming ? streamingBit : 0) | block.window);
  writer.u16(block.blockNumber);
  writer.u16(block.blockNumberAcknowledged);
  writeLength(writer, data.length);
  writer.bytes(data);
  return writer.finish();
}

/**
 * The blocks of a whole message, in order; header values are copied from the message.
 * @throws CodecError when the message is not well formed or needs more than `blocksMax` blocks.
 */
export function splitMessage(message: Uint8Array, options: GbtSplitOptions = {}): Uint8Array[] {
  const { blockDataMax, blocksMax, securityControl, streaming, window } = {
    ...gbtDefaults,
    ...options,
  };
  const { header } = decodeGbcsMessage(message);
  const { craFlag, originatorCounter, originator, recipient } = header;
  const { messageCode } = header.otherInformation;
  const count = Math.ceil(message.length / blockDataMax);
  if (!(count <= blocksMax)) {
    throw new CodecError('', 0, `${message.length} bytes do not fit ${blocksMax} blocks`);
  }
  return Array.from({ length: count }, (_, index) =>
    encodeGbtBlock({
      craFlag,
      originatorCounter,
      originator,
      recipient,
      messageCode,
      securityControl,
      last: index === count - 1,
      streaming,
      window,
      blockNumber: index + 1,
      blockNumberAcknowledged: 0,
      data: message.subarray(index * blockDataMax, (index + 1) * blockDataMax),
    }),
  );
}

/**
 * The block without data by which a receiver says that it has all blocks up to `blockNumberAcknowledged`, and that some
 * of the others are lost. It goes back where the blocks came from, so that its titles are theirs swapped. GBCS has a
 * retry of lost blocks since version 0.8.1; how it looks is our reading of the fields [mem].
 */
export function acknowledgementOf(block: GbtBlock, blockNumberAcknowledged: number): GbtBlock {
  return {
    ...block,
    originator: block.recipient,
    recipient: block.originator,
    last: false,
    streaming: false,
    blockNumber: 1,
    blockNumberAcknowledged,
    data: new Uint8Array(0),
  };
}
