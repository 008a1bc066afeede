import { CodecError } from '../../protocols/codec/codec-error.js';
import { fromHex } from '../../protocols/codec/hex.js';
import { lineLengthMax } from './lines.js';

const hexStart = /^[0-9a-f]{1,4}/i;
const base64Shape = /^[A-Za-z0-9+/_-]+={0,2}$/;
const notBase64 = /[^A-Za-z0-9+/=_-]/;
const separators = /[\s:]+/g;

/** First digits of a whole message (0xDD00) and of one without its MAC header (0xDF09), in hex and base64. */
const messageStart = /^\s*(?:[dD][dD]00|[dD][fF]09|3Q|3w)/;

/** Whether a text begins as messages do. */
export function startsLikeMessage(text: string): boolean {
  return messageStart.test(text);
}

function isHex(text: string): boolean {
  const [start = ''] = hexStart.exec(text) ?? [];
  return start.length === Math.min(4, text.length);
}

/**
 * The bytes of a message as people write them: hex (blanks and colons between bytes are fine) or base64 of either
 * alphabet. A message's base64 never begins with four hex digits, so the two cannot be mixed up.
 *
 * @throws CodecError for anything else
 */
export function bytesOfText(text: string): Uint8Array {
  if (text.length > lineLengthMax) throw new CodecError('', 0, 'no message is that long');
  const plain = text.replace(separators, '').replace(/^0x/i, '');
  if (plain === '') throw new CodecError('', 0, 'empty');
  if (isHex(plain)) return fromHex(plain);
  const wrong = plain.search(notBase64);
  if (wrong >= 0) {
    throw new CodecError('', wrong, `neither hex nor base64: '${plain.slice(wrong, wrong + 1)}'`);
  }
  const digits = plain.replace(/=+$/, '');
  if (!base64Shape.test(plain) || digits.length % 4 === 1) {
    throw new CodecError('', plain.length, 'neither hex nor base64: a digit is missing');
  }
  // A copy, because the slices of a Buffer are views.
  return new Uint8Array(Buffer.from(digits, 'base64'));
}
