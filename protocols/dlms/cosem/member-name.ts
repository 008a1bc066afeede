import { cosemClass, keyOfInstance, lookup, type MemberKind } from './dictionary.js';

/** The standard's name of a member; where it has none, that of its class and what it is there. */
export function memberName(
  classId: number,
  instanceId: string,
  kind: MemberKind,
  memberId: number,
): string {
  const key = keyOfInstance(instanceId);
  const known = key === undefined ? undefined : lookup(classId, key, memberId, kind);
  if (known?.name !== undefined) return known.name;
  const cosem = cosemClass(classId);
  const members = kind === 'attribute' ? cosem?.attributes : cosem?.methods;
  const member = members?.get(memberId) ?? `${kind} ${memberId}`;
  return `${cosem?.name ?? `class ${classId}`} ${instanceId}: ${member}`;
}
