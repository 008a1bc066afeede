import { readLength, writeLength } from '../codec/length.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';

/** Above this nothing can be counted: the length field of the codec kit ends at three octets. */
export const lengthMax = 0xffffff;

/** A count of items that take at least `sizeMin` bytes each: checked before anything is allocated. */
export function readItemCount(reader: Reader, sizeMin: number): number {
  const at = reader.offset;
  const count = readLength(reader);
  if (count * sizeMin > reader.remaining) {
    reader.fail(`${count} items cannot fit in ${reader.remaining} bytes`, at);
  }
  return count;
}

export function writeItemCount(writer: Writer, items: readonly unknown[]): void {
  if (!Array.isArray(items)) writer.fail('not a list');
  if (items.length > lengthMax) writer.fail(`${items.length} items are too many`);
  writeLength(writer, items.length);
}
