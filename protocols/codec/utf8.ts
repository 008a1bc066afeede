import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/**
 * Strict UTF-8 both ways (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. What decodes
 * encodes back to the same bytes.
 */
export function readUtf8(reader: Reader, byteLength: number): string {
  const inner = reader.sub(byteLength);
  let text = '';
  while (inner.offset < inner.end) {
    const at = inner.offset;
    const first = inner.u8();
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4) inner.fail('not UTF-8', at);
    let point = first & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = inner.u8();
      if ((next & 0xc0) !== 0x80) inner.fail('not UTF-8', at);
      point = (point << 6) | (next & 0x3f);
    }
    const smallest = more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000;
    if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      inner.fail('not UTF-8', at);
    }
    text += String.fromCodePoint(point);
  }
  return text;
}

/** Bytes that `text` takes; a lone surrogate counts 3 and is refused when written. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (point >= 0x10000) i++;
  }
  return length;
}

export function writeUtf8(writer: Writer, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point >= 0xd800 && point <= 0xdfff) writer.fail('lone surrogate in text');
    if (point < 0x80) {
      writer.u8(point);
    } else if (point < 0x800) {
      writer.u8(0xc0 | (point >> 6));
      writer.u8(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      writer.u8(0xe0 | (point >> 12));
      writer.u8(0x80 | ((point >> 6) & 0x3f));
      writer.u8(0x80 | (point & 0x3f));
    } else {
      writer.u8(0xf0 | (point >> 18));
      writer.u8(0x80 | ((point >> 12) & 0x3f));
      writer.u8(0x80 | ((point >> 6) & 0x3f));
      writer.u8(0x80 | (point & 0x3f));
      i++;
    }
  }
}
