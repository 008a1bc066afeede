/** Data-access-result and action-result codes. RTDS uses 0, 1 and 250 only. @see dlms.md 1 */
export const resultCodes = {
  success: 0,
  'hardware-fault': 1,
  'temporary-failure': 2,
  'read-write-denied': 3,
  'object-undefined': 4,
  'object-class-inconsistent': 9,
  'object-unavailable': 11,
  'type-unmatched': 12,
  'scope-of-access-violated': 13,
  'data-block-unavailable': 14,
  'long-get-aborted': 15,
  'no-long-get-in-progress': 16,
  'long-set-aborted': 17,
  'no-long-set-in-progress': 18,
  'data-block-number-invalid': 19,
  'other-reason': 250,
} as const;

export type ResultName =
  | keyof typeof resultCodes
  | 'long-action-aborted'
  | 'no-long-action-in-progress';

const accessResultNames: (ResultName | undefined)[] = [];
for (const [name, code] of Object.entries(resultCodes)) {
  accessResultNames[code] = name as ResultName;
}

/** Actions share the numbers up to 16 and 250; two of them mean the action instead of the get. */
const actionResultNames: (ResultName | undefined)[] = accessResultNames.slice();
actionResultNames[15] = 'long-action-aborted';
actionResultNames[16] = 'no-long-action-in-progress';
actionResultNames.fill(undefined, 17, 20);

/** Undefined where the standard has no such code. */
export function resultName(
  response: 'get' | 'set' | 'action',
  result: number,
): ResultName | undefined {
  return response === 'action' ? actionResultNames[result] : accessResultNames[result];
}
