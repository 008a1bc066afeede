import { CodecError } from '../../codec/codec-error.js';
import { fromHex } from '../../codec/hex.js';
import { Reader } from '../../codec/reader.js';
import { msOfSecondsSince2000, msToIso } from '../../codec/utc.js';
import type { AccessRequest, AccessResponse, DataNotification } from '../../dlms/apdu-types.js';
import { instanceOfKey } from '../../dlms/cosem/dictionary.js';
import { memberName } from '../../dlms/cosem/member-name.js';
import type { DlmsData } from '../../dlms/data.js';
import { parseActivation } from '../../dlms/time.js';
import { alertTitle } from '../alert-titles.js';
import { type AnsweredItem, answeredItems } from '../use-cases/response-items.js';
import { formatMessageCode, messageCodeOf } from '../use-cases/use-case.js';
import type { Notes } from './notes.js';
import { cosemUnit, scaled } from './units.js';

/** Interface classes and members whose values need more than their types say. */
const registerClasses: ReadonlySet<number> = new Set([3, 4]);
const scalerUnit = 3;
const registerValue = 2;
const profileClass = 7;
const chargeClass = 113;
const unitCharges: ReadonlySet<number> = new Set([5, 6]);
const dataProtectionClass = 30;
const dateTimeDigits = 24;
const futureDatedOutcomeDigits = 38;
const alertMembers = ['alertCode', 'timestamp'] as const;

type NumberData = Extract<DlmsData, { readonly value: number }>;

function isNumber(data: DlmsData | undefined): data is NumberData {
  return typeof (data as { readonly value?: unknown } | undefined)?.value === 'number';
}

function isInteger(data: DlmsData | undefined): data is NumberData {
  return isNumber(data) && data.type === 'integer';
}

/** The two numbers of a scaler_unit. */
function scalerUnitOf(
  data: DlmsData | undefined,
): readonly [scaler: number, unit: number] | undefined {
  if (data?.type !== 'structure' || data.value.length !== 2) return undefined;
  const [scaler, unit] = data.value;
  return isInteger(scaler) && isNumber(unit) && unit.type === 'enum'
    ? [scaler.value, unit.value]
    : undefined;
}

function utcOfHex(hex: string): string | undefined {
  try {
    const time = parseActivation(hex);
    return typeof time === 'number' ? msToIso(time) : time;
  } catch (error) {
    // Twelve octets that are no time.
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

function utcOfSeconds(seconds: number): string {
  return msToIso(msOfSecondsSince2000(seconds));
}

/** Times and scaled numbers that a value shows by its own form. */
function noteData(notes: Notes, data: DlmsData): void {
  switch (data.type) {
    case 'octet-string':
      if (data.value.length === dateTimeDigits) notes.add(data, { utc: utcOfHex(data.value) });
      return;
    case 'array':
    case 'structure':
    case 'compact-array':
      for (let index = 0; index < data.value.length; index++) {
        const member = data.value[index] as DlmsData;
        const pair = data.type === 'structure' ? scalerUnitOf(member) : undefined;
        const before = data.value[index - 1];
        if (pair !== undefined && isNumber(before)) noteScaled(notes, before, pair);
        noteData(notes, member);
      }
      noteScalerUnit(notes, data);
      return;
    default:
      return;
  }
}

function noteScalerUnit(notes: Notes, data: DlmsData): void {
  const pair = scalerUnitOf(data);
  if (pair !== undefined) notes.add(data, { scaler: pair[0], unit: cosemUnit(pair[1]) });
}

function noteScaled(notes: Notes, data: NumberData, pair: readonly [number, number]): void {
  notes.add(data, { scaled: scaled(data.value, pair[0]), unit: cosemUnit(pair[1]) });
}

/** Entries of a profile begin with their time. */
function noteProfile(notes: Notes, buffer: DlmsData): void {
  if (buffer.type !== 'compact-array' && buffer.type !== 'array') return;
  for (const entry of buffer.value) {
    const time = entry.type === 'structure' ? entry.value[0] : undefined;
    if (isNumber(time) && time.type === 'double-long-unsigned') {
      notes.add(time, { utc: utcOfSeconds(time.value) });
    }
  }
}

/** Charges of a tariff: { { commodity scaler, price scaler }, which register, array of { index, price } }. */
function noteCharges(notes: Notes, charge: DlmsData): void {
  if (charge.type !== 'structure') return;
  const [scalers, , table] = charge.value;
  const scaler = scalers?.type === 'structure' ? scalers.value[1] : undefined;
  if (!isInteger(scaler) || table?.type !== 'array') return;
  for (const element of table.value) {
    const price = element.type === 'structure' ? element.value[1] : undefined;
    if (isNumber(price)) notes.add(price, { scaled: scaled(price.value, scaler.value) });
  }
}

/** A value whose member is known. */
function noteMember(notes: Notes, classId: number, memberId: number, data: DlmsData): void {
  noteData(notes, data);
  if (classId === profileClass && memberId === 2) noteProfile(notes, data);
  if (classId === chargeClass && unitCharges.has(memberId)) noteCharges(notes, data);
}

export function noteRequest(notes: Notes, request: AccessRequest): void {
  for (const { classId, memberId, selection, data } of request.items) {
    noteMember(notes, classId, memberId, data);
    if (classId !== profileClass || selection?.type !== 'structure') continue;
    for (const time of selection.value.slice(1, 3)) {
      if (isNumber(time)) notes.add(time, { utc: utcOfSeconds(time.value) });
    }
  }
}

export function noteResponse(notes: Notes, response: AccessResponse, messageCode: number): void {
  const answered = answeredItems(messageCode, response.items);
  for (const [index, item] of response.items.entries()) {
    const of = answered[index];
    if (of === undefined) {
      noteData(notes, item.data);
      continue;
    }
    const { classId, instanceId, memberId } = of;
    notes.add(item, { name: nameOf(of), classId, instanceId, memberId });
    noteMember(notes, classId, memberId, item.data);
    const value = response.items[answered.findIndex((other) => isValueOf(other, of))]?.data;
    const pair = scalerUnitOf(item.data);
    if (pair !== undefined && isNumber(value)) noteScaled(notes, value, pair);
  }
}

function isValueOf(value: AnsweredItem | undefined, unit: AnsweredItem): boolean {
  return (
    value !== undefined &&
    registerClasses.has(unit.classId) &&
    unit.memberId === scalerUnit &&
    value.classId === unit.classId &&
    value.instanceId === unit.instanceId &&
    value.memberId === registerValue
  );
}

/** Where the request leaves a choice among objects of like names, `AuxiliaryController[n]: Description`. */
function nameOf({ request, classId, instanceIds, memberId }: AnsweredItem): string | undefined {
  const kind = request === 'action' ? 'method' : 'attribute';
  const names = instanceIds.map((id) => memberName(classId, id, kind, memberId).split(/(\d+)/));
  const [first, ...others] = names;
  if (first === undefined || others.some((other) => other.length !== first.length))
    return undefined;
  const words = first.map((word, at) => {
    const same = others.every((other) => other[at] === word);
    return same ? word : /^\d+$/.test(word) ? 'n' : undefined;
  });
  return words.includes(undefined) ? undefined : words.join('');
}

/** The plaintext of a read through a class 30 object: its members are the attributes that the request lists. */
export function noteProtected(
  notes: Notes,
  plaintext: DlmsData,
  item: AnsweredItem | undefined,
): void {
  const objects = protectedObjects(item);
  if (plaintext.type !== 'structure' || objects.length !== plaintext.value.length) {
    noteData(notes, plaintext);
    return;
  }
  for (const [index, data] of plaintext.value.entries()) {
    const { classId, instanceId, memberId } = objects[index] as (typeof objects)[number];
    const name = memberName(classId, instanceId, 'attribute', memberId);
    notes.add(data, { name, classId, instanceId, memberId });
    noteMember(notes, classId, memberId, data);
  }
}

interface ProtectedMember {
  readonly classId: number;
  readonly instanceId: string;
  readonly memberId: number;
}

/** Out of a template: its restriction and protection may have open places, the objects have none. */
function protectedObjects(item: AnsweredItem | undefined): readonly ProtectedMember[] {
  if (item?.classId !== dataProtectionClass) return [];
  const [list] = (item.data as { readonly value?: readonly DlmsData[] } | undefined)?.value ?? [];
  if (list?.type !== 'array' || !Array.isArray(list.value)) return [];
  return list.value.flatMap((object) => {
    if (object.type !== 'structure') return [];
    const [classId, obis, member] = object.value;
    if (!isNumber(classId) || obis?.type !== 'octet-string' || !isNumber(member)) return [];
    const instanceId = instanceOfKey(Number.parseInt(obis.value, 16));
    return [{ classId: classId.value, instanceId, memberId: member.value }];
  });
}

export function noteNotification(notes: Notes, alert: DataNotification): void {
  const members = alert.body.type === 'structure' ? alert.body.value : [];
  noteData(notes, alert.body);
  for (const [index, member] of members.entries()) {
    const name = alertMembers[index];
    if (name !== undefined) notes.add(member, { name });
    if (name === 'alertCode' && isNumber(member)) {
      notes.add(member, { code: formatMessageCode(member.value), alert: alertTitle(member.value) });
    }
    if (member.type === 'octet-string' && member.value.length === futureDatedOutcomeDigits) {
      notes.add(member, futureDatedOutcome(member.value));
    }
  }
}

/** Which command came due: code, counter, and the attribute that its time stood in (gbcs-message.md 9). */
function futureDatedOutcome(hex: string): Record<string, unknown> {
  const reader = new Reader(fromHex(hex));
  const code = reader.u16();
  const originatorCounter = reader.u64().toString();
  const classId = reader.u16();
  const instanceId = instanceOfKey(reader.u48());
  const memberId = reader.u8();
  return {
    name: 'futureDatedOutcome',
    messageCode: formatMessageCode(code),
    useCase: messageCodeOf(code)?.useCase,
    originatorCounter,
    member: memberName(classId, instanceId, 'attribute', memberId),
  };
}
