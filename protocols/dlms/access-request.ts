import type { Codec } from '../codec/codec.js';
import { CodecError, under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { readTraced } from '../codec/trace.js';
import type { Writer } from '../codec/writer.js';
import { readDateTime, writeApduHeader } from './apdu-header.js';
import type { AccessRequest, AccessRequestItem, AccessRequestKind } from './apdu-types.js';
import { readData, writeData } from './axdr.js';
import { keyOfInstance, lookup } from './cosem/dictionary.js';
import type { DlmsData } from './data.js';
import { readItemCount, writeItemCount } from './item-count.js';
import { obisText } from './obis.js';

export const accessRequestTag = 0xd9;

const requestKinds: readonly (AccessRequestKind | undefined)[] = [
  undefined,
  'get',
  'set',
  'action',
  'get-with-selection',
  'set-with-selection',
];
const actionTag = 3;
const getWithSelectionTag = 4;
/** Choice, class, OBIS code, member. */
const specificationSize = 10;

interface Specification {
  readonly request: AccessRequestKind;
  readonly classId: number;
  readonly instanceId: string;
  readonly memberId: number;
  readonly name: string | undefined;
  readonly selector: number;
  readonly selection: DlmsData | undefined;
}

function readSpecification(reader: Reader): Specification {
  const at = reader.offset;
  const choice = reader.u8();
  const request = requestKinds[choice];
  if (request === undefined) {
    return reader.fail(`0x${choice.toString(16).padStart(2, '0')} is no access request`, at);
  }
  const classId = reader.u16();
  const key = reader.u48();
  const memberId = reader.u8();
  const known = lookup(classId, key, memberId, choice === actionTag ? 'method' : 'attribute');
  const instanceId = known === undefined ? obisText(key) : known.instanceId;
  const name = known?.name;
  if (choice < getWithSelectionTag) {
    return { request, classId, instanceId, memberId, name, selector: 0, selection: undefined };
  }
  const selector = reader.u8();
  try {
    const selection = readData(reader);
    return { request, classId, instanceId, memberId, name, selector, selection };
  } catch (error) {
    throw under('selection', error);
  }
}

function readOne(reader: Reader): DlmsData {
  return readData(reader);
}

/** Literals apart, so that each kind of item keeps one object shape and JSON holds no empty members. */
function itemOf(specification: Specification, data: DlmsData): AccessRequestItem {
  const { request, classId, instanceId, memberId, name, selector, selection } = specification;
  if (selection !== undefined) {
    return name === undefined
      ? { request, classId, instanceId, memberId, selector, selection, data }
      : { request, classId, instanceId, memberId, name, selector, selection, data };
  }
  return name === undefined
    ? { request, classId, instanceId, memberId, data }
    : { request, classId, instanceId, memberId, name, data };
}

function readItems(reader: Reader): AccessRequestItem[] {
  const count = readItemCount(reader, specificationSize + 1);
  const specifications: Specification[] = [];
  try {
    while (specifications.length < count) {
      specifications.push(readTraced(reader, readSpecification, 'items', specifications.length));
    }
  } catch (error) {
    throw under(`items[${specifications.length}]`, error);
  }
  const at = reader.offset;
  const values = readItemCount(reader, 1);
  if (values !== count) reader.fail(`${values} values for ${count} specifications`, at);
  const items: AccessRequestItem[] = [];
  try {
    for (const specification of specifications) {
      const data = readTraced(reader, readOne, 'items', items.length, '.data');
      items.push(itemOf(specification, data));
    }
  } catch (error) {
    throw under(`items[${items.length}].data`, error);
  }
  return items;
}

function failure(writer: Writer, path: string, reason: string): CodecError {
  return new CodecError(path, writer.offset, reason);
}

function writeSpecification(writer: Writer, item: AccessRequestItem): void {
  if (typeof item !== 'object' || item === null) writer.fail('not a request item');
  const { request, classId, instanceId, memberId, selector, selection } = item;
  const choice = request === undefined ? -1 : requestKinds.indexOf(request);
  if (choice < 0) throw failure(writer, 'request', 'not the name of an access request');
  const key = keyOfInstance(instanceId);
  if (key === undefined) throw failure(writer, 'instanceId', 'not an OBIS code A-B:C.D.E.F');
  if (!isUint(classId, 0xffff)) throw failure(writer, 'classId', 'not an integer from 0 to 65535');
  if (!isUint(memberId, 0xff)) throw failure(writer, 'memberId', 'not an integer from 0 to 255');
  writer.u8(choice);
  writer.u16(classId);
  writer.u16(Math.floor(key / 0x1_0000_0000));
  writer.u32(key % 0x1_0000_0000);
  writer.u8(memberId);
  if (choice < getWithSelectionTag) {
    if (selection !== undefined) throw failure(writer, 'selection', `not allowed with ${request}`);
    return;
  }
  if (!isUint(selector, 0xff)) throw failure(writer, 'selector', 'not an integer from 0 to 255');
  writer.u8(selector);
  try {
    writeData(writer, selection as DlmsData);
  } catch (error) {
    throw under('selection', error);
  }
}

function isUint(value: unknown, highest: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= highest;
}

function writeItems(writer: Writer, items: readonly AccessRequestItem[]): void {
  try {
    writeItemCount(writer, items);
  } catch (error) {
    throw under('items', error);
  }
  let index = 0;
  try {
    for (; index < items.length; index++) {
      writeSpecification(writer, items[index] as AccessRequestItem);
    }
  } catch (error) {
    throw under(`items[${index}]`, error);
  }
  writeItemCount(writer, items);
  try {
    for (index = 0; index < items.length; index++) {
      writeData(writer, (items[index] as AccessRequestItem).data);
    }
  } catch (error) {
    throw under(`items[${index}].data`, error);
  }
}

/** 0xD9: specifications, then as many values. @see dlms.md 1 */
export const accessRequest: Codec<AccessRequest> = {
  decode(reader) {
    const at = reader.offset;
    if (reader.u8() !== accessRequestTag) reader.fail('not an access-request', at);
    const longInvokeIdAndPriority = reader.u32();
    const dateTime = readDateTime(reader);
    const items = readItems(reader);
    return { kind: 'access-request', longInvokeIdAndPriority, dateTime, items };
  },
  encode(writer, apdu) {
    writer.u8(accessRequestTag);
    writeApduHeader(writer, apdu);
    writeItems(writer, apdu.items);
  },
};
