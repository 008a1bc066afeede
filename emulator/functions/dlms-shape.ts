import { CodecError } from '../../protocols/codec/codec-error.js';
import type { AccessRequestItem, AccessRequestKind } from '../../protocols/dlms/apdu-types.js';
import {
  type CosemAccess,
  keyOfInstance,
  lookup,
  type MemberKind,
} from '../../protocols/dlms/cosem/dictionary.js';
import type { ProtectedObject } from '../../protocols/dlms/protected-attributes.js';

const accesses: Readonly<Record<AccessRequestKind, CosemAccess>> = {
  get: 'get',
  'get-with-selection': 'get-range',
  set: 'set',
  'set-with-selection': 'set',
  action: 'action',
};

function belongs(
  useCase: string,
  access: CosemAccess,
  classId: number,
  instanceId: string,
  memberId: number,
  kind: MemberKind,
): boolean {
  const obis = keyOfInstance(instanceId);
  const member = obis === undefined ? undefined : lookup(classId, obis, memberId, kind);
  return member?.useCases[access]?.includes(useCase) === true;
}

/**
 * A message code grants what its use case contains and nothing else: without this check a supply could be switched off by
 * a command that needs no signature, under the code of a harmless read.
 */
export function requireDlmsItems(useCase: string, items: readonly AccessRequestItem[]): void {
  items.forEach(({ request, classId, instanceId, memberId }, index) => {
    const kind = request === 'action' ? 'method' : 'attribute';
    if (belongs(useCase, accesses[request], classId, instanceId, memberId, kind)) return;
    throw new CodecError(`items[${index}]`, 0, `is no part of ${useCase}`);
  });
}

/** The same for the attributes that a class 30 object is asked to protect. */
export function requireProtectedObjects(
  useCase: string,
  objects: readonly ProtectedObject[],
): void {
  objects.forEach(({ classId, instanceId, attribute }, index) => {
    if (belongs(useCase, 'get-protected', classId, instanceId, attribute, 'attribute')) return;
    throw new CodecError(`[0][${index}]`, 0, `is no part of ${useCase}`);
  });
}
