import { CodecError } from '../../codec/codec-error.js';
import type { Crypto } from '../../crypto/crypto.js';

/** What this part of ZigBee asks of a `Crypto`. */
export type BlockCipher = Pick<Crypto, 'aesEncryptBlock'>;

const blockLength = 16;
export const mmoHashLength = blockLength;

/** From this many octets on the length in bits no longer fits the short form's two octets. */
const longFormOctets = 0x1_0000 / 8;
const octetsMax = 0x1_0000_0000 / 8 - 1;

/**
 * The hash of ZigBee: Matyas-Meyer-Oseas over AES-128, starting from zero. The message gets a bit 1, bits 0, and its
 * length in bits: in the last two octets, or, from 8,192 octets on, in four octets and two of zero after them.
 *
 * @see zigbee.md 2
 */
export function mmoHash(cipher: BlockCipher, message: Uint8Array): Uint8Array {
  const blocks = padded(message);
  let hash: Uint8Array = new Uint8Array(blockLength);
  for (let at = 0; at < blocks.length; at += blockLength) {
    const block = blocks.subarray(at, at + blockLength);
    const next = cipher.aesEncryptBlock(hash, block);
    for (let i = 0; i < blockLength; i++) next[i] = (next[i] as number) ^ (block[i] as number);
    hash = next;
  }
  return hash;
}

function padded(message: Uint8Array): Uint8Array {
  const { length } = message;
  if (length > octetsMax) throw new CodecError('message', octetsMax, 'too long to be hashed');
  const isLong = length >= longFormOctets;
  const tail = isLong ? 7 : 3;
  const blocks = new Uint8Array(Math.ceil((length + tail) / blockLength) * blockLength);
  blocks.set(message);
  blocks[length] = 0x80;
  const view = new DataView(blocks.buffer);
  if (isLong) view.setUint32(blocks.length - 6, 8 * length);
  else view.setUint16(blocks.length - 2, 8 * length);
  return blocks;
}

const innerPad = 0x36;
const outerPad = 0x5c;

/**
 * HMAC over that hash, with its block of 16 octets; a longer key is hashed first.
 *
 * @see zigbee.md 2, RFC 2104
 */
export function hmacMmo(cipher: BlockCipher, key: Uint8Array, message: Uint8Array): Uint8Array {
  const shortKey = key.length > blockLength ? mmoHash(cipher, key) : key;
  const inner = mmoHash(cipher, prefixed(shortKey, innerPad, message));
  return mmoHash(cipher, prefixed(shortKey, outerPad, inner));
}

function prefixed(key: Uint8Array, pad: number, message: Uint8Array): Uint8Array {
  const whole = new Uint8Array(blockLength + message.length);
  for (let i = 0; i < blockLength; i++) whole[i] = (key[i] ?? 0) ^ pad;
  whole.set(message, blockLength);
  return whole;
}
