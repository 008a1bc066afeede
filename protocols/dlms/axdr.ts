import type { Codec } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { readCompactArray, writeCompactArray } from './compact-array.js';
import type { DlmsData } from './data.js';
import { readItemCount, writeItemCount } from './item-count.js';
import { readSimple, writeSimple } from './simple.js';
import { dataDepthMax, tagOf, tags } from './tags.js';

function readItems(reader: Reader, depth: number): DlmsData[] {
  if (depth >= dataDepthMax) reader.fail(`nested deeper than ${dataDepthMax}`);
  const count = readItemCount(reader, 1);
  const items: DlmsData[] = [];
  try {
    while (items.length < count) items.push(readItem(reader, depth + 1, items.length));
  } catch (error) {
    throw under(`[${items.length}]`, error);
  }
  return items;
}

function readItem(reader: Reader, depth: number, index: number): DlmsData {
  if (reader.trace === undefined) return readData(reader, depth);
  return reader.trace.field(reader, `[${index}]`, () => readData(reader, depth));
}

/** Reads a tag and its value. @see dlms.md 2 */
export function readData(reader: Reader, depth = 0): DlmsData {
  const tag = reader.u8();
  switch (tag) {
    case tags.array:
      return { type: 'array', value: readItems(reader, depth) };
    case tags.structure:
      return { type: 'structure', value: readItems(reader, depth) };
    case tags['compact-array']:
      return readCompactArray(reader, depth);
    default:
      return readSimple(reader, tag);
  }
}

function writeItems(writer: Writer, items: readonly DlmsData[], depth: number): void {
  if (depth >= dataDepthMax) writer.fail(`nested deeper than ${dataDepthMax}`);
  writeItemCount(writer, items);
  let index = 0;
  try {
    for (; index < items.length; index++) writeData(writer, items[index] as DlmsData, depth + 1);
  } catch (error) {
    throw under(`[${index}]`, error);
  }
}

/** Writes tag and value; a value of the wrong shape (untrusted JSON) throws CodecError. */
export function writeData(writer: Writer, data: DlmsData, depth = 0): void {
  if (typeof data !== 'object' || data === null) writer.fail('not a DLMS value');
  switch (data.type) {
    case 'array':
      writer.u8(tags.array);
      writeItems(writer, data.value, depth);
      break;
    case 'structure':
      writer.u8(tags.structure);
      writeItems(writer, data.value, depth);
      break;
    case 'compact-array':
      writer.u8(tags['compact-array']);
      writeCompactArray(writer, data, depth);
      break;
    default: {
      const tag = tagOf.get(data.type);
      if (tag === undefined) writer.fail('type is not the name of a DLMS data type');
      writer.u8(tag);
      writeSimple(writer, data);
      break;
    }
  }
}

/** One A-XDR value with its tag. @see dlms.md 2 */
export const dlmsData: Codec<DlmsData> = {
  decode: (reader) => readData(reader),
  encode: (writer, value) => writeData(writer, value),
};
