import type { Asn1Payload } from '../../protocols/asn1/structures.js';
import type { JsonValue, ResponseValue } from './response-value.js';

/** Members of ASN.1 responses that say how it went; a bare number or name does so by itself (asn1.md 4). */
const statusMembers: ReadonlySet<string> = new Set([
  'activateImageResponseCode',
  'deviceTimeStatus',
  'joinResponseCode',
  'responseCode',
  'statusCode',
]);
const good: ReadonlySet<JsonValue> = new Set<JsonValue>(['success', 'reliable']);

/** The first status that is not good, else the first status, else success. */
function resultOf(value: JsonValue): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const found: JsonValue[] = [];
  collectStatuses(value, found);
  return String(found.find((status) => !good.has(status)) ?? found[0] ?? 'success');
}

function collectStatuses(value: JsonValue, found: JsonValue[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value as readonly JsonValue[]) collectStatuses(element, found);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (statusMembers.has(name)) found.push(member);
    else collectStatuses(member, found);
  }
}

/** An ASN.1 response is one value, named by its structure. */
export function asn1Values(payload: Asn1Payload): readonly ResponseValue[] {
  return [{ name: payload.structure, value: payload.value, result: resultOf(payload.value) }];
}
