import { under } from '../codec/codec-error.js';
import { Reader } from '../codec/reader.js';
import type { Trace } from '../codec/trace.js';
import { type Writer, written } from '../codec/writer.js';
import { integerOf, recordOf } from '../zigbee/zcl/value.js';
import { alertTitle } from './alert-titles.js';
import {
  billingDataLogMessageCode,
  gbzAlertForm,
  readGbzAlertDetail,
  writeGbzAlertDetail,
} from './gbz-alert.js';
import { readGbzComponent, writeGbzComponent } from './gbz-component.js';
import type { GbzAlert, GbzComponent, GbzMessage, GbzPayload } from './gbz-types.js';
import type { CraFlag } from './grouping-header.js';

/**
 * GBZ: ZigBee Cluster Library frames as the payload of a GBCS message (gbz.md). A profile number
 * and a count come first; then the components of a command or response, or an alert code, its time
 * and what the alert tells.
 */
export const smartEnergyProfileId = 0x0109;

function readProfile(reader: Reader): number {
  const profileId = reader.u16();
  if (profileId !== smartEnergyProfileId) {
    reader.fail('profile is not 0x0109 (Smart Energy)', reader.offset - 2);
  }
  return profileId;
}

function readComponent(reader: Reader, number: number, count: number): GbzComponent {
  const isLast = number === count;
  if (reader.trace === undefined) return readGbzComponent(reader, isLast);
  const name = `components[${number - 1}]`;
  return reader.trace.field(reader, name, () => readGbzComponent(reader, isLast));
}

function readComponents(reader: Reader, count: number): GbzComponent[] {
  const components: GbzComponent[] = [];
  try {
    for (let i = 1; i <= count; i++) components.push(readComponent(reader, i, count));
  } catch (error) {
    throw under(`components[${components.length}]`, error);
  }
  return components;
}

function decodeMessage(reader: Reader): GbzMessage {
  const profileId = readProfile(reader);
  return { kind: 'gbz', profileId, components: readComponents(reader, reader.u8()) };
}

function decodeAlert(reader: Reader, messageCode: number): GbzAlert {
  const profileId = readProfile(reader);
  const count = reader.u8();
  const alertCode = reader.u16();
  const timestamp = reader.u32();
  const alert = alertTitle(alertCode);
  const kind = 'gbz-alert';
  if (messageCode === billingDataLogMessageCode) {
    const components = readComponents(reader, count);
    return { kind, profileId, alertCode, alert, timestamp, components };
  }
  const detail = readGbzAlertDetail(reader, messageCode, count);
  if (detail === undefined) return { kind, profileId, alertCode, alert, timestamp };
  return { kind, profileId, alertCode, alert, timestamp, detail };
}

/**
 * Decodes a whole GBZ payload. Alerts take their form from the message code, commands and responses
 * are alike. Strict; throws only CodecError, with offsets in `bytes`.
 */
export function decodeGbz(
  bytes: Uint8Array,
  messageCode: number,
  craFlag: CraFlag,
  trace?: Trace,
): GbzPayload {
  const reader = new Reader(bytes);
  reader.trace = trace;
  const payload = craFlag === 'alert' ? decodeAlert(reader, messageCode) : decodeMessage(reader);
  reader.done();
  return payload;
}

function componentsOf(writer: Writer, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) writer.fail(value === undefined ? 'missing' : 'not a list');
  if (value.length > 0xff) writer.fail('more than 255 components');
  return value;
}

function writeComponents(writer: Writer, components: readonly unknown[]): void {
  let index = 0;
  try {
    for (; index < components.length; index++) {
      writeGbzComponent(writer, components[index], index === components.length - 1);
    }
  } catch (error) {
    throw under(`components[${index}]`, error);
  }
}

function writeAlert(writer: Writer, payload: Record<string, unknown>, messageCode: number): void {
  const { alertCode, timestamp, detail } = payload;
  const components =
    messageCode === billingDataLogMessageCode
      ? componentsOf(writer, payload.components)
      : undefined;
  writer.u8(components?.length ?? gbzAlertForm(messageCode).count(writer, detail));
  writer.u16(integerOf(writer, alertCode, 0, 0xffff));
  writer.u32(integerOf(writer, timestamp, 0, 0xffffffff));
  if (components !== undefined) writeComponents(writer, components);
  else writeGbzAlertDetail(writer, messageCode, detail);
}

/** The inverse of `decodeGbz`, from JSON that nobody has checked. Throws only CodecError. */
export function encodeGbz(payload: GbzPayload, messageCode: number, craFlag: CraFlag): Uint8Array {
  return written((writer) => writeGbz(writer, payload, messageCode, craFlag));
}

function writeGbz(
  writer: Writer,
  payload: GbzPayload,
  messageCode: number,
  craFlag: CraFlag,
): void {
  const record = recordOf(writer, payload);
  const kind = craFlag === 'alert' ? 'gbz-alert' : 'gbz';
  if (record.kind !== kind) writer.fail(`payload of this ${craFlag} is not of kind ${kind}`);
  writer.u16(integerOf(writer, record.profileId, smartEnergyProfileId, smartEnergyProfileId));
  if (craFlag === 'alert') {
    writeAlert(writer, record, messageCode);
  } else {
    const components = componentsOf(writer, record.components);
    writer.u8(components.length);
    writeComponents(writer, components);
  }
}
