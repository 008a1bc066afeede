import { obisText, parseObis } from '../obis.js';
import { cosemClasses } from './classes.js';
import { type CosemRow, cosemRows } from './objects.js';
import { shapes } from './shapes.js';

export type MemberKind = 'attribute' | 'method';

/**
 * How a use case reaches a member: `get-range` is get-with-selection, `get-protected` goes through a class 30 object,
 * `future-dated` is named in the alert on a future-dated outcome, `table` is named in the use case's table only.
 */
export type CosemAccess =
  | 'get'
  | 'get-range'
  | 'get-protected'
  | 'set'
  | 'action'
  | 'future-dated'
  | 'table';

export type CosemDevice = 'esme' | 'chf' | 'sapc';

/** One attribute or method of one object, as the use cases name it. @see dlms.md 5 */
export interface CosemMember {
  readonly classId: number;
  readonly className: string;
  readonly obisKey: number;
  /** `0-0:94.44.0.11` */
  readonly instanceId: string;
  readonly kind: MemberKind;
  readonly memberId: number;
  /** The interface class's name of the member: `value`, `scaler_unit`. */
  readonly memberName: string;
  /** The name the use case tables give it: `RandomisedOffset: value`; undefined in 6 objects of old use cases. */
  readonly name: string | undefined;
  /** Shape of the value, of a method its parameter, as `checkShape` reads it; '' where unknown. */
  readonly shape: string;
  readonly devices: readonly CosemDevice[];
  readonly useCases: { readonly [access in CosemAccess]?: readonly string[] };
}

export interface CosemClass {
  readonly classId: number;
  readonly name: string;
  readonly attributes: ReadonlyMap<number, string>;
  readonly methods: ReadonlyMap<number, string>;
}

function classOf([classId, name, members]: (typeof cosemClasses)[number]): CosemClass {
  const attributes = new Map<number, string>();
  const methods = new Map<number, string>();
  for (const member of members) {
    const [id = '', memberName = ''] = member.split(' ');
    (id.startsWith('a') ? attributes : methods).set(Number(id.slice(1)), memberName);
  }
  return { classId, name, attributes, methods };
}

const classes: ReadonlyMap<number, CosemClass> = new Map(
  cosemClasses.map((row) => [row[0], classOf(row)]),
);

export function cosemClass(classId: number): CosemClass | undefined {
  return classes.get(classId);
}

function useCasesOf(text: string): CosemMember['useCases'] {
  const useCases: { [access in CosemAccess]?: readonly string[] } = {};
  for (const part of text.split(' ')) {
    const [access = '', names = ''] = part.split(':');
    useCases[access as CosemAccess] = names.split(',');
  }
  return useCases;
}

const instanceIds = new Map<number, string>();
const keys = new Map<string, number>();

function internedId(text: string): { obisKey: number; instanceId: string } {
  const obisKey = parseObis(text) as number;
  const instanceId = instanceIds.get(obisKey) ?? text;
  instanceIds.set(obisKey, instanceId);
  keys.set(instanceId, obisKey);
  return { obisKey, instanceId };
}

function memberOf([classId, instance, member, name, shape, devices, uses]: CosemRow): CosemMember {
  const owner = classes.get(classId);
  const kind = member.startsWith('a') ? 'attribute' : 'method';
  const memberId = Number(member.slice(1));
  const memberNames = kind === 'attribute' ? owner?.attributes : owner?.methods;
  return {
    classId,
    className: owner?.name ?? '',
    ...internedId(instance),
    kind,
    memberId,
    memberName: memberNames?.get(memberId) ?? '',
    name: name === '' ? undefined : name,
    shape: shape.replace(/\$(\w+)/g, (_, key: string) => shapes[key as keyof typeof shapes]),
    devices: devices.split(' ') as CosemDevice[],
    useCases: useCasesOf(uses),
  };
}

/** Every member the dictionary holds, by class, OBIS code and member. */
export const cosemMembers: readonly CosemMember[] = cosemRows.map(memberOf);

/** By OBIS code; one code has a handful of members at most. */
const byObis = new Map<number, CosemMember[]>();
for (const member of cosemMembers) {
  const members = byObis.get(member.obisKey);
  if (members === undefined) byObis.set(member.obisKey, [member]);
  else members.push(member);
}

/** Undefined where no use case is known to reach that member. */
export function lookup(
  classId: number,
  obisKey: number,
  memberId: number,
  kind: MemberKind,
): CosemMember | undefined {
  const members = byObis.get(obisKey);
  if (members === undefined) return undefined;
  for (const member of members) {
    if (member.memberId === memberId && member.classId === classId && member.kind === kind) {
      return member;
    }
  }
  return undefined;
}

/** The OBIS text of a key, the same string each time for objects of the dictionary. */
export function instanceOfKey(obisKey: number): string {
  return instanceIds.get(obisKey) ?? obisText(obisKey);
}

/** The key of an OBIS text from outside; undefined where it is none. */
export function keyOfInstance(instanceId: unknown): number | undefined {
  return keys.get(instanceId as string) ?? parseObis(instanceId);
}
