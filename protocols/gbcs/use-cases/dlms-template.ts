import type { AccessRequestItem, AccessRequestKind } from '../../dlms/apdu-types.js';
import type { DlmsData } from '../../dlms/data.js';
import type { Conversion } from './conversions.js';
import { type ForEach, place, type Template, type When } from './template.js';

/** Templates of DLMS access-request items and of the data in them, in few words. */
export type ItemTemplate = Template<AccessRequestItem>;
export type ItemNode = ItemTemplate | ForEach | When;
export type DataTemplate = Template<DlmsData>;
export type DataNode = DataTemplate | ForEach | When;
/** A fixed OBIS code, or a choice among several. */
type Instance = Template<string>;

function simple<V>(type: DlmsData['type']) {
  return (value: Template<V>): DataTemplate => ({ type, value }) as DataTemplate;
}

export const nullData: DataTemplate = { type: 'null-data' };
export const u8 = simple<number>('unsigned');
export const u16 = simple<number>('long-unsigned');
export const u32 = simple<number>('double-long-unsigned');
export const i8 = simple<number>('integer');
export const i16 = simple<number>('long');
export const i32 = simple<number>('double-long');
export const enumeration = simple<number>('enum');
export const bool = simple<boolean>('boolean');
export const bits = simple<string>('bit-string');
export const octets = simple<string>('octet-string');
export const visible = simple<string>('visible-string');

export function structure(...value: readonly DataNode[]): DataTemplate {
  return { type: 'structure', value } as DataTemplate;
}

export function array(...value: readonly DataNode[]): DataTemplate {
  return { type: 'array', value } as DataTemplate;
}

/** An octet-string whose content is a converted parameter. */
export function octetsOf(parameter: string, as: Conversion): DataTemplate {
  return octets(place(parameter, as));
}

function item(
  request: AccessRequestKind,
  classId: number,
  instanceId: Instance,
  memberId: number,
  data: DataTemplate,
): ItemTemplate {
  return { request, classId, instanceId, memberId, data } as ItemTemplate;
}

export function get(classId: number, instanceId: Instance, memberId: number): ItemTemplate {
  return item('get', classId, instanceId, memberId, nullData);
}

/** The same attributes of one object, one after the other. */
export function getAll(
  classId: number,
  instanceId: Instance,
  ...memberIds: readonly number[]
): ItemTemplate[] {
  return memberIds.map((memberId) => get(classId, instanceId, memberId));
}

export function set(
  classId: number,
  instanceId: Instance,
  memberId: number,
  data: DataTemplate,
): ItemTemplate {
  return item('set', classId, instanceId, memberId, data);
}

export function action(
  classId: number,
  instanceId: Instance,
  memberId: number,
  data: DataTemplate,
): ItemTemplate {
  return item('action', classId, instanceId, memberId, data);
}

/** A method without input: GBCS gives it the integer 0. */
export function invoke(classId: number, instanceId: Instance, memberId: number): ItemTemplate {
  return action(classId, instanceId, memberId, i8(0));
}

/** The time of an entry, by which profiles are searched. */
const entryTime = structure(u16(1), octets('00005e2c64ff'), i8(2), u16(0));

/** Log read: the buffer of a profile between two times given as parameters (dlms.md 4). */
export function getRange(instanceId: string, from = 'from', to = 'to'): ItemTemplate {
  return {
    request: 'get-with-selection',
    classId: 7,
    instanceId,
    memberId: 2,
    selector: 1,
    selection: structure(
      entryTime,
      u32(place(from, 'secondsSince2000')),
      u32(place(to, 'secondsSince2000')),
      array(),
    ),
    data: nullData,
  } as ItemTemplate;
}

/** An attribute 2 that is read through a class 30 object. */
export interface ProtectedObject {
  readonly classId: number;
  /** Hex of the OBIS code, as class 30 carries it. */
  readonly obis: string;
}

const profileClass = 7;
const unrestricted = structure(enumeration(0), nullData);
const betweenTimes = structure(
  enumeration(1),
  structure(octetsOf('from', 'dlmsDateTime'), octetsOf('to', 'dlmsDateTime')),
);
const staticStatic = structure(enumeration(2), structure(octets('02'), octets('')));
const protection = structure(
  enumeration(2),
  structure(
    octets(place('$encryptionTransactionId')),
    octets(place('$originator')),
    octets(place('$recipient')),
    octets(''),
    staticStatic,
  ),
);

/**
 * Read through a class 30 object: the device answers with the named attributes, encrypted for the reader; of profiles, the
 * entries between `from` and `to` (gbcs-message.md 5.1).
 */
export function getProtected(
  instanceId: string,
  ...objects: readonly ProtectedObject[]
): ItemTemplate {
  const list = objects.map(({ classId, obis }) =>
    structure(
      u16(classId),
      octets(obis),
      i8(2),
      u16(0),
      classId === profileClass ? betweenTimes : unrestricted,
    ),
  );
  return action(30, instanceId, 1, structure(array(...list), array(protection)));
}
