import { under } from '../codec/codec-error.js';
import { toHex } from '../codec/hex.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { zclCommand } from '../zigbee/zcl/payload.js';
import { integerOf, recordOf } from '../zigbee/zcl/value.js';
import type { GbzFields } from './gbz-types.js';

/**
 * What follows code and timestamp in an alert whose detail is not a list of components, by message
 * code (gbz.md 2). `count` is the octet in front of the alert code.
 */
export interface GbzAlertForm {
  read(reader: Reader, count: number): GbzFields | undefined;
  /** Returns the count. */
  count(writer: Writer, detail: unknown): number;
  write(writer: Writer, detail: unknown): void;
}

function expectCount(reader: Reader, count: number, expected: number): void {
  if (count !== expected) reader.fail(`count ${count} where this alert has ${expected}`);
}

/** Nothing follows. */
const bare: GbzAlertForm = {
  read(reader, count) {
    expectCount(reader, count, 0);
    return undefined;
  },
  count: () => 0,
  write(writer: Writer, detail: unknown) {
    if (detail !== undefined) writer.fail('this alert has no detail');
  },
};

/** Why a meter doubts its integrity. */
const integrityReasons: readonly string[] = [
  'other',
  'non-volatile memory',
  'program execution',
  'program storage',
  'RAM',
  'unexpected hardware reset',
  'watchdog',
  'metrology firmware verification',
  'measurement fault',
  'unspecified',
];

const integrityWarning: GbzAlertForm = {
  read(reader, count) {
    expectCount(reader, count, 1);
    const reason = reader.u16();
    return { reason, reasonName: integrityReasons[reason] ?? 'unknown' };
  },
  count: () => 1,
  write: (writer, detail) =>
    writer.u16(integerOf(writer, recordOf(writer, detail).reason, 0, 0xffff)),
};

/** DLMS octet string of 32 octets. */
const octetStringTag = 0x09;
const imageHashLength = 32;

const firmwareReceipt: GbzAlertForm = {
  read(reader, count) {
    expectCount(reader, count, 1);
    if (reader.u8() !== octetStringTag) reader.fail('not an octet string', reader.offset - 1);
    if (reader.u8() !== imageHashLength) reader.fail('not 32 octets', reader.offset - 1);
    return { imageHash: toHex(reader.bytes(imageHashLength)) };
  },
  count: () => 1,
  write(writer: Writer, detail: unknown) {
    const { imageHash } = recordOf(writer, detail);
    if (typeof imageHash !== 'string' || imageHash.length !== 2 * imageHashLength) {
      writer.fail('imageHash is not 32 bytes in hex');
    }
    writer.u8(octetStringTag);
    writer.u8(imageHashLength);
    writer.hex(imageHash);
  },
};

/** Names the command and the component that came due. */
const futureDatedLength = 14;
const decimal = /^(0|[1-9][0-9]{0,19})$/;

function counterOf(writer: Writer, value: unknown): bigint {
  if (typeof value !== 'string' || !decimal.test(value)) {
    writer.fail('originatorCounter is not decimal text');
  }
  return BigInt(value);
}

const futureDatedOutcome: GbzAlertForm = {
  read(reader, count) {
    expectCount(reader, count, 1);
    if (reader.u8() !== futureDatedLength) reader.fail('length is not 14', reader.offset - 1);
    const messageCode = reader.u16();
    const originatorCounter = reader.u64().toString();
    const clusterId = reader.u16();
    const frameControl = reader.u8();
    const commandId = reader.u8();
    const { cluster, name } = zclCommand(clusterId, frameControl, commandId);
    return {
      messageCode,
      originatorCounter,
      clusterId,
      cluster,
      frameControl,
      commandId,
      command: name,
    };
  },
  count: () => 1,
  write(writer, detail) {
    const outcome = recordOf(writer, detail);
    writer.u8(futureDatedLength);
    writer.u16(integerOf(writer, outcome.messageCode, 0, 0xffff));
    writer.u64(counterOf(writer, outcome.originatorCounter));
    writer.u16(integerOf(writer, outcome.clusterId, 0, 0xffff));
    writer.u8(integerOf(writer, outcome.frameControl, 0, 0xff));
    writer.u8(integerOf(writer, outcome.commandId, 0, 0xff));
  },
};

/** Message codes without a declared form: bare, or kept in hex. */
const undeclared: GbzAlertForm = {
  read(reader, count) {
    if (count === 0 && reader.remaining === 0) return undefined;
    return { count, unparsed: toHex(reader.rest()) };
  },
  count: (writer, detail) =>
    detail === undefined ? 0 : integerOf(writer, recordOf(writer, detail).count, 0, 0xff),
  write(writer: Writer, detail: unknown) {
    if (detail === undefined) return;
    const { unparsed } = recordOf(writer, detail);
    if (typeof unparsed !== 'string') writer.fail('unparsed is not hex text');
    writer.hex(unparsed);
  },
};

const forms: ReadonlyMap<number, GbzAlertForm> = new Map([
  [0x1000, bare],
  [0x1001, bare],
  [0x00cd, futureDatedOutcome],
  [0x00cf, firmwareReceipt],
  [0x00f2, integrityWarning],
]);

/** The billing data log (GCS53) carries ordinary components instead of a detail. */
export const billingDataLogMessageCode = 0x008b;

export function gbzAlertForm(messageCode: number): GbzAlertForm {
  return forms.get(messageCode) ?? undeclared;
}

export function readGbzAlertDetail(
  reader: Reader,
  messageCode: number,
  count: number,
): GbzFields | undefined {
  try {
    return gbzAlertForm(messageCode).read(reader, count);
  } catch (error) {
    throw under('detail', error);
  }
}

export function writeGbzAlertDetail(writer: Writer, messageCode: number, detail: unknown): void {
  try {
    gbzAlertForm(messageCode).write(writer, detail);
  } catch (error) {
    throw under('detail', error);
  }
}
