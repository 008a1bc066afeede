import { CodecError } from './codec-error.js';
import { fromHex, toHex } from './hex.js';
import type { Reader } from './reader.js';
import { show } from './show.js';
import type { Writer } from './writer.js';

/** An EUI-64 (entity identifier, system title) as 16 lower-case hex digits. */
export type Eui64 = string & { readonly __brand: 'Eui64' };

const pattern = /^[0-9a-f]{16}$/;

/** Digit by digit: every message names two entities, and the pattern showed in its profile. */
export function isEui64(text: unknown): text is Eui64 {
  if (typeof text !== 'string' || text.length !== 16) return false;
  for (let i = 0; i < 16; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
  }
  return true;
}

/** Accepts `00DB1234567890A0`, `00-db-12-…` and `00:db:…`; throws CodecError otherwise. */
export function eui64(text: string): Eui64 {
  const plain = text.replace(/[-:]/g, '').toLowerCase();
  if (!pattern.test(plain))
    throw new CodecError('', 0, `'${text}' is not an EUI-64 of 16 hex digits`);
  return plain as Eui64;
}

export function eui64FromBytes(bytes: Uint8Array, start = 0): Eui64 {
  return toHex(bytes, start, start + 8) as Eui64;
}

export function eui64ToBytes(eui: Eui64): Uint8Array {
  return fromHex(eui);
}

export function readEui64(reader: Reader): Eui64 {
  const at = reader.offset;
  reader.skip(8);
  return toHex(reader.source, at, at + 8) as Eui64;
}

export function writeEui64(writer: Writer, eui: Eui64): void {
  if (!isEui64(eui)) writer.fail(`${show(eui)} is not an EUI-64 of 16 lower-case hex digits`);
  writer.hex(eui);
}
