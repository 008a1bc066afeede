import { CodecError } from '../../protocols/codec/codec-error.js';
import { equalBytes } from '../../protocols/codec/hex.js';
import { decodeMessage, encodeMessage } from '../../protocols/gbcs/decoded-message.js';
import type { Json } from './json-edits.js';

/** What a mutant came to; `broken` says which promise was not kept. */
export type Verdict =
  | { readonly kind: 'refused' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'broken'; readonly promise: string; readonly detail: string };

const refused: Verdict = { kind: 'refused' };
const accepted: Verdict = { kind: 'accepted' };

function broken(promise: string, detail: unknown): Verdict {
  const text = detail instanceof Error ? (detail.stack ?? detail.message) : String(detail);
  return { kind: 'broken', promise, detail: text };
}

/**
 * Characters of JSON that a message may become, beside so many an octet. Official messages come to 6 to 13 an octet; a
 * list of empty values reaches some 30, and what a compact array may hold of elements without octets some 400.
 */
const jsonLengthMin = 4096;
const jsonPerOctetMax = 512;

function judgeError(error: unknown, length: number): Verdict {
  if (!(error instanceof CodecError)) return broken('refuses with CodecError only', error);
  const isPlace = Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= length;
  return isPlace ? refused : broken('an error lies within the message', error);
}

/** Decoding gives a value or a CodecError; a value encodes, from its JSON alone, to the octets that were read. */
export function judgeOctets(octets: Uint8Array): Verdict {
  let text: string;
  try {
    text = JSON.stringify(decodeMessage(octets));
  } catch (error) {
    return judgeError(error, octets.length);
  }
  if (text.length > jsonLengthMin + jsonPerOctetMax * octets.length) {
    return broken('takes memory in proportion', `${text.length} characters of JSON`);
  }
  try {
    const again = encodeMessage(JSON.parse(text));
    if (equalBytes(again, octets)) return accepted;
    return broken('encodes to what was read', `${text.slice(0, 2000)}`);
  } catch (error) {
    return broken('what decodes encodes', error);
  }
}

/** Encoding unchecked JSON gives octets or a CodecError; the octets decode, and encode to themselves. */
export function judgeJson(value: Json): Verdict {
  let octets: Uint8Array;
  try {
    octets = encodeMessage(value as never);
  } catch (error) {
    return error instanceof CodecError ? refused : broken('refuses with CodecError only', error);
  }
  const verdict = judgeOctets(octets);
  return verdict.kind === 'refused'
    ? broken('what encodes decodes', decodingError(octets))
    : verdict;
}

function decodingError(octets: Uint8Array): unknown {
  try {
    return decodeMessage(octets);
  } catch (error) {
    return error;
  }
}
