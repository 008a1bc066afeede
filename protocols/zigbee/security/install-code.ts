import { CodecError, within } from '../../codec/codec-error.js';
import { concatBytes, fromHex, toHex } from '../../codec/hex.js';
import type { BlockCipher } from './mmo.js';
import { mmoHash } from './mmo.js';

/** Octets of an install code without its CRC: 48, 64, 96 or 128 bits. */
export const installCodeLengths: readonly number[] = [6, 8, 12, 16];
const crcLength = 2;

/**
 * An install code as printed on a device: the code, then its CRC with the low octet first. Made by
 * `checkInstallCode`, `installCodeFromText` or `installCodeOf` only, so that whoever has one knows it is right.
 */
export type InstallCode = Uint8Array & { readonly __brand: 'InstallCode' };

const crcTable = Uint16Array.from({ length: 256 }, (_, octet) => {
  let remainder = octet;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >> 1) ^ 0x8408 : remainder >> 1;
  }
  return remainder;
});

/** CRC-16/X-25 of a code without its CRC. */
export function installCodeCrc(code: Uint8Array): number {
  let crc = 0xffff;
  for (const octet of code) crc = (crc >> 8) ^ (crcTable[(crc ^ octet) & 0xff] as number);
  return crc ^ 0xffff;
}

/** A copy of `octets` (code and CRC); throws CodecError where length or CRC are wrong. */
export function checkInstallCode(octets: Uint8Array): InstallCode {
  const length = octets.length - crcLength;
  if (!installCodeLengths.includes(length)) {
    const reason = `with its CRC it has 8, 10, 14 or 18 bytes, not ${octets.length}`;
    throw new CodecError('installCode', 0, reason);
  }
  const found = (octets[length] as number) | ((octets[length + 1] as number) << 8);
  const expected = installCodeCrc(octets.subarray(0, length));
  if (found !== expected) {
    const reason = `the CRC is ${crcText(found)}, not ${crcText(expected)} as the code needs`;
    throw new CodecError('installCode.crc', length, reason);
  }
  return octets.slice() as InstallCode;
}

/** Reads a code with its CRC in hex, in groups or not (`83FE D340 …`, `83:FE:…`); throws CodecError. */
export function installCodeFromText(text: string): InstallCode {
  return checkInstallCode(within('installCode', () => fromHex(text.replace(/[\s:-]/g, ''))));
}

/** Puts the CRC behind a code that has none yet; throws CodecError unless it has a length that codes have. */
export function installCodeOf(code: Uint8Array): InstallCode {
  const crc = installCodeCrc(code);
  return checkInstallCode(concatBytes(code, Uint8Array.of(crc & 0xff, crc >> 8)));
}

/** The link key that a device and its hub start from: the hash of the code with its CRC. */
export function installCodeLinkKey(cipher: BlockCipher, installCode: InstallCode): Uint8Array {
  return mmoHash(cipher, installCode);
}

/** In print order, as it stands on the wire. */
function crcText(crc: number): string {
  return toHex(Uint8Array.of(crc & 0xff, crc >> 8)).toUpperCase();
}
