import { decodeWith } from '../../protocols/codec/codec.js';
import { CodecError, within } from '../../protocols/codec/codec-error.js';
import { fromHex } from '../../protocols/codec/hex.js';
import { msToIso } from '../../protocols/codec/utc.js';
import type {
  AccessRequest,
  AccessRequestItem,
  AccessResponse,
  AccessResponseItem,
  DataNotification,
} from '../../protocols/dlms/apdu-types.js';
import { dlmsData } from '../../protocols/dlms/axdr.js';
import { memberName } from '../../protocols/dlms/cosem/member-name.js';
import type { DlmsData } from '../../protocols/dlms/data.js';
import { membersOf } from '../../protocols/dlms/inspect.js';
import {
  parseProtectedRequest,
  parseProtectedResponse,
} from '../../protocols/dlms/protected-attributes.js';
import { parseDateTime } from '../../protocols/dlms/time.js';
import type { ProtectedParts } from '../../protocols/gbcs/verify-message.js';
import { type JsonValue, notDecrypted, type ResponseValue } from './response-value.js';

/** Class 30, data protection: its method 1 reads attributes and returns them encrypted. */
const dataProtectionClass = 30;
const getProtectedAttributes = 1;
const dateTimeHexLength = 24;
/** Octets; identifiers and versions, which are binary, are shorter or hold octets that do not print. */
const printableLengthMin = 9;
const printablePattern = /^(?:[2-6][0-9a-f]|7[0-9a-e])+$/;

/**
 * A DLMS value as plain data: numbers, texts, lists. Octets are hex, but a date-time is its ISO text, and a longer run
 * of printable ASCII (an MPAN, a contact name) is that text: the response keeps the octets.
 */
export function plainDlmsValue(data: DlmsData): JsonValue {
  switch (data.type) {
    case 'null-data':
      return null;
    case 'array':
    case 'structure':
    case 'compact-array':
      return data.value.map(plainDlmsValue);
    case 'octet-string':
    case 'date-time':
      return isoOf(data.value) ?? printableOf(data.value) ?? data.value;
    default:
      return data.value;
  }
}

/** Undefined for octets that only happen to be twelve. */
function isoOf(hex: string): string | undefined {
  if (hex.length !== dateTimeHexLength) return undefined;
  try {
    return msToIso(parseDateTime(hex).utcMs);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

function printableOf(hex: string): string | undefined {
  if (hex.length < 2 * printableLengthMin || !printablePattern.test(hex)) return undefined;
  return String.fromCharCode(...fromHex(hex));
}

function isProtected(item: AccessRequestItem): boolean {
  return (
    item.classId === dataProtectionClass &&
    item.request === 'action' &&
    item.memberId === getProtectedAttributes
  );
}

/** Results come without names, in the order of the request's items. */
export function dlmsResponseValues(
  request: AccessRequest | undefined,
  response: AccessResponse,
  parts: ProtectedParts,
): readonly ResponseValue[] {
  if (request === undefined) {
    return response.items.map((item, index) => ({
      name: `${item.response} ${index}`,
      value: plainDlmsValue(item.data),
      result: item.resultName,
    }));
  }
  const { items } = request;
  if (items.length !== response.items.length) {
    const count = `${response.items.length} results for ${items.length} items of the request`;
    throw new CodecError('items', 0, count);
  }
  const values: ResponseValue[] = [];
  for (let i = 0; i < items.length; i++) {
    const asked = items[i] as AccessRequestItem;
    const answered = response.items[i] as AccessResponseItem;
    if (isProtected(asked)) pushProtected(values, asked, answered, parts, i);
    else values.push(plainValue(asked, answered));
  }
  return values;
}

function plainValue(asked: AccessRequestItem, answered: AccessResponseItem): ResponseValue {
  const { classId, instanceId, memberId } = asked;
  const kind = asked.request === 'action' ? 'method' : 'attribute';
  return {
    name: memberName(classId, instanceId, kind, memberId),
    classId,
    instanceId,
    memberId,
    value: plainDlmsValue(answered.data),
    result: answered.resultName,
  };
}

/** One value for each attribute that the request names. */
function pushProtected(
  values: ResponseValue[],
  asked: AccessRequestItem,
  answered: AccessResponseItem,
  parts: ProtectedParts,
  index: number,
): void {
  const { objects } = within(`items[${index}].data`, () => parseProtectedRequest(asked.data));
  let plaintext: readonly DlmsData[] | undefined;
  let { resultName } = answered;
  if (answered.result === 0) {
    plaintext = within(`items[${index}].data`, () =>
      openStructure(answered.data, objects.length, parts),
    );
    if (plaintext === undefined) resultName = notDecrypted;
  }
  for (let i = 0; i < objects.length; i++) {
    const { classId, instanceId, attribute } = objects[i] as (typeof objects)[number];
    const data = plaintext?.[i];
    values.push({
      name: memberName(classId, instanceId, 'attribute', attribute),
      classId,
      instanceId,
      memberId: attribute,
      value: data === undefined ? null : plainDlmsValue(data),
      result: resultName,
      encrypted: true,
    });
  }
}

function openStructure(
  data: DlmsData,
  count: number,
  parts: ProtectedParts,
): readonly DlmsData[] | undefined {
  const plaintext = parts.open(parseProtectedResponse(data).blob);
  if (plaintext === undefined) return undefined;
  return within('plaintext', () => membersOf(decodeWith(dlmsData, plaintext), count));
}

/**
 * Alert code, time and whatever else the notification holds; a protection block with the data that it protects (the
 * billing data log of ECS68) becomes the plaintext.
 */
export function dlmsAlertValues(
  alert: DataNotification,
  parts: ProtectedParts,
): readonly ResponseValue[] {
  const members = alert.body.type === 'structure' ? alert.body.value : [alert.body];
  const values: ResponseValue[] = [];
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as DlmsData;
    const following = members[i + 1];
    const isBlock = member.type === 'array' && following?.type === 'octet-string';
    if (isBlock && following.value.startsWith('31')) {
      values.push(protectedValue(member, following, parts));
      i++;
    } else {
      const name = ['alertCode', 'timestamp'][i] ?? `member ${i}`;
      values.push({ name, value: plainDlmsValue(member), result: 'success' });
    }
  }
  return values;
}

function protectedValue(block: DlmsData, blob: DlmsData, parts: ProtectedParts): ResponseValue {
  const { blob: sealed } = parseProtectedResponse({ type: 'structure', value: [block, blob] });
  const plaintext = parts.open(sealed);
  const data = plaintext === undefined ? undefined : decodeWith(dlmsData, plaintext, 'plaintext');
  return {
    name: 'protectedData',
    value: data === undefined ? null : plainDlmsValue(data),
    result: data === undefined ? notDecrypted : 'success',
    encrypted: true,
  };
}
