import { toHex } from '../../protocols/codec/hex.js';
import { writeUtf8 } from '../../protocols/codec/utf8.js';
import { written } from '../../protocols/codec/writer.js';

/** UTF-8 of a text as hex: the value of a ZCL octet string that carries one. */
export function octetsOfText(text: string): string {
  return toHex(written((writer) => writeUtf8(writer, text)));
}
