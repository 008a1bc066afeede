import { CodecError, under } from '../codec/codec-error.js';
import { fromHex, toHex } from '../codec/hex.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { decodeZclPayload, encodeZclPayload, zclCommand } from '../zigbee/zcl/payload.js';
import { integerOf, recordOf } from '../zigbee/zcl/value.js';
import type { GbzComponent, GbzEncrypted, GbzFields } from './gbz-types.js';

/**
 * One component of a GBZ payload: a ZCL frame behind a header of its own (gbz.md 1). Lengths and
 * numbers of the wrapper are big-endian, the ZCL payload is little-endian.
 *
 *     control(1) cluster(2) length(2) ‖ [time(4)] frameControl(1) sequence(1) command(1) payload
 *     encrypted: … ‖ 00 frameCounter(1) frameControl(1) sequence(1) command(1)
 *                    length(2) securityHeader(5) ciphertext tag(12)
 */
const lastComponentBit = 0x01;
const encryptedBit = 0x02;
const fromDateTimeBit = 0x10;
const knownBits = lastComponentBit | encryptedBit | fromDateTimeBit;

const securityHeaderLength = 5;
const tagLength = 12;

function readEncrypted(body: Reader, control: number, frameCounter: number): GbzEncrypted {
  const at = body.offset;
  const length = body.u16();
  if (length !== body.remaining) body.fail(`length ${length}, but ${body.remaining} follow`, at);
  const start = body.offset;
  const ciphertextAt = start + securityHeaderLength;
  const tagAt = body.end - tagLength;
  if (tagAt < ciphertextAt) body.fail('too short for a security header and a tag', at);
  body.skip(length);
  return {
    additionalHeaderControl: control,
    additionalHeaderFrameCounter: frameCounter,
    securityHeader: toHex(body.source, start, ciphertextAt),
    ciphertext: toHex(body.source, ciphertextAt, tagAt),
    tag: toHex(body.source, tagAt, body.end),
  };
}

function readControl(reader: Reader, isLast: boolean): number {
  const control = reader.u8();
  const at = reader.offset - 1;
  if ((control & ~knownBits) !== 0) reader.fail('unknown component control bits', at);
  if (((control & lastComponentBit) !== 0) !== isLast) {
    reader.fail(isLast ? 'the last component is not marked' : 'marked as last, more follow', at);
  }
  return control;
}

/** Puts the rare header time where its place is, behind the cluster. */
function timed(component: GbzComponent, fromDateTime: number | undefined): GbzComponent {
  if (fromDateTime === undefined) return component;
  const { clusterId, cluster, ...rest } = component;
  return { clusterId, cluster, fromDateTime, ...rest };
}

/** Plain literals: spreading an object for every component made decoding ten times slower. */
export function readGbzComponent(reader: Reader, isLast: boolean): GbzComponent {
  const control = readControl(reader, isLast);
  const clusterId = reader.u16();
  const body = reader.sub(reader.u16());
  const isEncrypted = (control & encryptedBit) !== 0;
  const headerControl = isEncrypted ? body.u8() : 0;
  const frameCounter = isEncrypted ? body.u8() : 0;
  // No official component is both encrypted and timed: the order of the two is unconfirmed.
  const fromDateTime = (control & fromDateTimeBit) !== 0 ? body.u32() : undefined;
  const frameControl = body.u8();
  const sequenceNumber = body.u8();
  const commandId = body.u8();
  const zcl = zclCommand(clusterId, frameControl, commandId);
  const { cluster, name: command } = zcl;
  let component: GbzComponent;
  try {
    if (isEncrypted) {
      const encrypted = readEncrypted(body, headerControl, frameCounter);
      component = {
        clusterId,
        cluster,
        frameControl,
        sequenceNumber,
        commandId,
        command,
        encrypted,
      };
    } else {
      const fields = zcl.read(body);
      component = { clusterId, cluster, frameControl, sequenceNumber, commandId, command, fields };
    }
  } catch (error) {
    throw under(isEncrypted ? 'encrypted' : 'fields', error);
  }
  return timed(component, fromDateTime);
}

function hexTextOf(writer: Writer, value: unknown, name: string): string {
  if (typeof value !== 'string') writer.fail(`${name} is not hex text`);
  return value;
}

function writeEncrypted(writer: Writer, encrypted: Record<string, unknown>): void {
  const header = hexTextOf(writer, encrypted.securityHeader, 'securityHeader');
  const ciphertext = hexTextOf(writer, encrypted.ciphertext, 'ciphertext');
  const tag = hexTextOf(writer, encrypted.tag, 'tag');
  if (header.length !== 2 * securityHeaderLength) writer.fail('securityHeader is not 5 bytes');
  if (tag.length !== 2 * tagLength) writer.fail('tag is not 12 bytes');
  writer.u16(securityHeaderLength + (ciphertext.length >> 1) + tagLength);
  writer.hex(header);
  writer.hex(ciphertext);
  writer.hex(tag);
}

/** The value comes from JSON, unchecked: it is an object at best. */
export function writeGbzComponent(writer: Writer, value: unknown, isLast: boolean): void {
  const component = recordOf(writer, value);
  const sealed =
    component.encrypted === undefined ? undefined : recordOf(writer, component.encrypted);
  const { fromDateTime } = component;
  const clusterId = integerOf(writer, component.clusterId, 0, 0xffff);
  const frameControl = integerOf(writer, component.frameControl, 0, 0xff);
  const commandId = integerOf(writer, component.commandId, 0, 0xff);
  writer.u8(
    (isLast ? lastComponentBit : 0) |
      (sealed === undefined ? 0 : encryptedBit) |
      (fromDateTime === undefined ? 0 : fromDateTimeBit),
  );
  writer.u16(clusterId);
  const lengthAt = writer.offset;
  writer.u16(0);
  if (sealed !== undefined) {
    writer.u8(integerOf(writer, sealed.additionalHeaderControl, 0, 0xff));
    writer.u8(integerOf(writer, sealed.additionalHeaderFrameCounter, 0, 0xff));
  }
  if (fromDateTime !== undefined) writer.u32(integerOf(writer, fromDateTime, 0, 0xffffffff));
  writer.u8(frameControl);
  writer.u8(integerOf(writer, component.sequenceNumber, 0, 0xff));
  writer.u8(commandId);
  try {
    if (sealed !== undefined) writeEncrypted(writer, sealed);
    else zclCommand(clusterId, frameControl, commandId).write(writer, component.fields);
  } catch (error) {
    throw under(sealed === undefined ? 'fields' : 'encrypted', error);
  }
  const length = integerOf(writer, writer.offset - lengthAt - 2, 0, 0xffff);
  writer.patchU8(lengthAt, length >> 8);
  writer.patchU8(lengthAt + 1, length & 0xff);
}

/** The fields of a component body that is in plain, decrypted or never encrypted. */
export function decodeComponentFields(
  clusterId: number,
  frameControl: number,
  commandId: number,
  plaintext: Uint8Array,
): GbzFields {
  return decodeZclPayload(clusterId, frameControl, commandId, plaintext);
}

/** The inverse: the ZCL payload, which is what gets encrypted. */
export function encodeComponentFields(
  clusterId: number,
  frameControl: number,
  commandId: number,
  fields: unknown,
): Uint8Array {
  return encodeZclPayload(clusterId, frameControl, commandId, fields);
}

/** Security header ‖ ciphertext ‖ tag: the blob that protection code opens. */
export function encryptedBlob(encrypted: GbzEncrypted): Uint8Array {
  return fromHex(encrypted.securityHeader + encrypted.ciphertext + encrypted.tag);
}

/** The component with its decrypted ZCL payload decoded: `fields` in place of `encrypted`. */
export function openGbzComponent(component: GbzComponent, plaintext: Uint8Array): GbzComponent {
  const { encrypted: _sealed, ...rest } = component;
  const { clusterId, frameControl, commandId } = component;
  return {
    ...rest,
    fields: decodeComponentFields(clusterId, frameControl, commandId, plaintext),
  };
}

/** What a component's encryption covers. */
export function gbzComponentPlaintext(component: GbzComponent): Uint8Array {
  const { clusterId, frameControl, commandId, fields } = component;
  return encodeComponentFields(clusterId, frameControl, commandId, fields);
}

/**
 * With `encrypted` in place of `fields`. `blob` is security header ‖ ciphertext ‖ tag;
 * `frameCounter` counts the encrypted components of the message from 0 and does not enter the
 * cipher.
 */
export function sealGbzComponent(
  component: GbzComponent,
  blob: Uint8Array,
  frameCounter: number,
): GbzComponent {
  const tagAt = blob.length - tagLength;
  if (tagAt < securityHeaderLength) {
    throw new CodecError('encrypted', 0, 'too short for a security header and a tag');
  }
  const { fields: _plain, ...rest } = component;
  const encrypted = {
    additionalHeaderControl: 0,
    additionalHeaderFrameCounter: frameCounter,
    securityHeader: toHex(blob, 0, securityHeaderLength),
    ciphertext: toHex(blob, securityHeaderLength, tagAt),
    tag: toHex(blob, tagAt),
  };
  return { ...rest, encrypted };
}
