import { CodecError } from '../codec/codec-error.js';

/**
 * OBIS codes (logical names). As a key, the six octets are one integer below 2^48: `0-0:94.44.0.11` is 0x00005e2c000b.
 */
export function obisText(key: number): string {
  const high = Math.floor(key / 0x1_0000_0000);
  return (
    `${high >> 8}-${high & 0xff}:${(key >>> 24) & 0xff}.${(key >>> 16) & 0xff}` +
    `.${(key >>> 8) & 0xff}.${key & 0xff}`
  );
}

const pattern = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Key of `A-B:C.D.E.F`; undefined for anything else, leading zeros included (one text per code). */
export function parseObis(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  let key = 0;
  for (let i = 1; i <= 6; i++) {
    const part = parts[i] as string;
    const octet = Number(part);
    if (octet > 0xff || (part.length > 1 && part.startsWith('0'))) return undefined;
    key = key * 256 + octet;
  }
  return key;
}

/** Key of an OBIS code; throws CodecError. */
export function obisKey(text: string): number {
  const key = parseObis(text);
  if (key === undefined) throw new CodecError('', 0, 'not an OBIS code A-B:C.D.E.F');
  return key;
}

/** The twelve hex digits that an octet-string(6) logical name holds. */
export function obisHex(key: number): string {
  return key.toString(16).padStart(12, '0');
}
