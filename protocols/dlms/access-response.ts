import type { Codec } from '../codec/codec.js';
import { CodecError, under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { readTraced } from '../codec/trace.js';
import type { Writer } from '../codec/writer.js';
import { readDateTime, writeApduHeader } from './apdu-header.js';
import type { AccessResponse, AccessResponseItem } from './apdu-types.js';
import { readData, writeData } from './axdr.js';
import type { DlmsData } from './data.js';
import { readItemCount, writeItemCount } from './item-count.js';
import { resultName } from './result-codes.js';

export const accessResponseTag = 0xda;

/** Stands where the request's specifications could be repeated; GBCS responses never do. */
const specificationsNotEchoed = 0x00;
const responseKinds = [undefined, 'get', 'set', 'action'] as const;
/** A result: choice and code. */
const resultSize = 2;

function readResult(reader: Reader, data: DlmsData): AccessResponseItem {
  const at = reader.offset;
  const response = responseKinds[reader.u8()];
  if (response === undefined) return reader.fail('not a get, set or action response', at);
  const result = reader.u8();
  const name = resultName(response, result);
  if (name === undefined) return reader.fail(`${result} is no result of a ${response}`, at + 1);
  return { response, result, resultName: name, data };
}

function readTracedResult(reader: Reader, data: DlmsData, index: number): AccessResponseItem {
  if (reader.trace === undefined) return readResult(reader, data);
  return reader.trace.field(reader, `items[${index}].result`, () => readResult(reader, data));
}

function writeItemData(writer: Writer, item: AccessResponseItem): void {
  if (typeof item !== 'object' || item === null) writer.fail('not a response item');
  try {
    writeData(writer, item.data);
  } catch (error) {
    throw under('data', error);
  }
}

function writeResult(writer: Writer, { response, result }: AccessResponseItem): void {
  const choice = response === undefined ? -1 : responseKinds.indexOf(response);
  if (choice < 0) throw new CodecError('response', writer.offset, 'not get, set or action');
  if (typeof result !== 'number' || resultName(response, result) === undefined) {
    throw new CodecError('result', writer.offset, `not a result of a ${response}`);
  }
  writer.u8(choice);
  writer.u8(result);
}

function writeItems(writer: Writer, items: readonly AccessResponseItem[]): void {
  let index = 0;
  try {
    writeItemCount(writer, items);
  } catch (error) {
    throw under('items', error);
  }
  try {
    for (; index < items.length; index++) writeItemData(writer, items[index] as AccessResponseItem);
    writeItemCount(writer, items);
    for (index = 0; index < items.length; index++) {
      writeResult(writer, items[index] as AccessResponseItem);
    }
  } catch (error) {
    throw under(`items[${index}]`, error);
  }
}

function readOne(reader: Reader): DlmsData {
  return readData(reader);
}

function readValues(reader: Reader): DlmsData[] {
  const values: DlmsData[] = [];
  const count = readItemCount(reader, 1 + resultSize);
  try {
    while (values.length < count) {
      values.push(readTraced(reader, readOne, 'items', values.length, '.data'));
    }
  } catch (error) {
    throw under(`items[${values.length}].data`, error);
  }
  return values;
}

function readItems(reader: Reader): AccessResponseItem[] {
  const values = readValues(reader);
  const at = reader.offset;
  const count = readItemCount(reader, resultSize);
  if (count !== values.length) reader.fail(`${count} results for ${values.length} values`, at);
  const items: AccessResponseItem[] = [];
  try {
    for (const value of values) items.push(readTracedResult(reader, value, items.length));
  } catch (error) {
    throw under(`items[${items.length}].result`, error);
  }
  return items;
}

/** 0xDA: values, then as many results. @see dlms.md 1 */
export const accessResponse: Codec<AccessResponse> = {
  decode(reader) {
    const at = reader.offset;
    if (reader.u8() !== accessResponseTag) reader.fail('not an access-response', at);
    const longInvokeIdAndPriority = reader.u32();
    const dateTime = readDateTime(reader);
    if (reader.u8() !== specificationsNotEchoed) {
      reader.fail('specifications are echoed, which GBCS does not use', reader.offset - 1);
    }
    const items = readItems(reader);
    return { kind: 'access-response', longInvokeIdAndPriority, dateTime, items };
  },
  encode(writer, apdu) {
    writer.u8(accessResponseTag);
    writeApduHeader(writer, apdu);
    writer.u8(specificationsNotEchoed);
    writeItems(writer, apdu.items);
  },
};
