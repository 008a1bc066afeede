import { readLength } from '../codec/length.js';
import { Reader } from '../codec/reader.js';

const constructedBit = 0x20;
/** A certificate nests 8 deep; what goes far beyond that is meant to hurt. */
const depthMax = 16;

/** The next value, header included, as a view; `body` is its content. Any tag of one byte, shortest length only. */
export function readValue(reader: Reader): { tag: number; body: Reader } {
  const at = reader.offset;
  const tag = reader.u8();
  if ((tag & 0x1f) === 0x1f) reader.fail('tag numbers above 30 are not used', at);
  return { tag, body: reader.sub(readLength(reader)) };
}

/** The content of the next value, which must have this tag. */
export function readTagged(reader: Reader, tag: number): Reader {
  const at = reader.offset;
  const value = readValue(reader);
  if (value.tag !== tag) {
    reader.fail(`need tag 0x${tag.toString(16)}, have 0x${value.tag.toString(16)}`, at);
  }
  return value.body;
}

/**
 * Throws CodecError unless `bytes` is exactly one value made of well-formed values: definite lengths in their shortest
 * form that fit their container. The library that reads the content is lenient about all of this.
 */
export function checkDerShape(bytes: Uint8Array): void {
  const reader = new Reader(bytes);
  checkValue(reader, 0);
  reader.done();
}

function checkValue(reader: Reader, depth: number): void {
  if (depth > depthMax) reader.fail(`nested deeper than ${depthMax}`);
  const { tag, body } = readValue(reader);
  if ((tag & constructedBit) === 0) return;
  while (body.remaining > 0) checkValue(body, depth + 1);
}
