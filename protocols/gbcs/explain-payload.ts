import type { Span } from '../codec/trace.js';
import { type Explanation, field } from './explanation.js';
import type { GbzComponent } from './gbz-types.js';
import type { Notes } from './notes/notes.js';
import type { Payload } from './payload.js';

/** Longest text of a leaf; octets beyond are in the message. */
const textMax = 200;
/** Component header up to the ZCL header: control, cluster, length. */
const componentHeaderLength = 5;
const securityHeaderLength = 5;
const tagLength = 12;

/** The fields of a payload with their offsets, in wire order. `payload` is undefined where it did not decode. */
export function explainPayload(
  content: Uint8Array,
  contentAt: number,
  payload: Payload | undefined,
  spans: readonly Span[],
  notes: Notes | undefined,
): readonly Explanation[] {
  return [
    ...prefix(content, contentAt, payload, notes),
    ...spans.map((span) => spanNode(span, contentAt, notes)),
  ];
}

/** What comes before the listed fields. */
function prefix(
  content: Uint8Array,
  contentAt: number,
  payload: Payload | undefined,
  notes: Notes | undefined,
): readonly Explanation[] {
  switch (payload?.kind) {
    case 'access-request':
    case 'access-response':
    case 'data-notification': {
      const tag = (content[0] ?? 0).toString(16).padStart(2, '0');
      const id = payload.longInvokeIdAndPriority.toString(16).padStart(8, '0');
      return [
        field('tag', contentAt, 1, `${tag} ${payload.kind}`),
        field('longInvokeIdAndPriority', contentAt + 1, 4, id),
      ];
    }
    case 'gbz':
      return [
        field('profileId', contentAt, 2, '0109 Smart Energy'),
        field('count', contentAt + 2, 1, `${payload.components.length} components`),
      ];
    case 'gbz-alert':
      return [
        field('profileId', contentAt, 2, '0109 Smart Energy'),
        field('count', contentAt + 2, 1),
        field('alertCode', contentAt + 3, 2, `${notes?.of(payload)?.code} ${payload.alert}`),
        field(
          'timestamp',
          contentAt + 5,
          4,
          `${notes?.of(payload)?.timestampUtc ?? payload.timestamp}`,
        ),
        ...(payload.detail === undefined
          ? []
          : [field('detail', contentAt + 9, content.length - 9, JSON.stringify(payload.detail))]),
      ];
    case 'asn1':
      return [field('structure', contentAt, content.length, payload.structure)];
    default:
      return [];
  }
}

/** A field that was read. */
export function spanNode(span: Span, base: number, notes: Notes | undefined): Explanation {
  const { name, start, end, value, children } = span;
  const node = field(name, base + start, end - start, valueText(value, notes));
  const below = children.map((child) => spanNode(child, base, notes));
  if (isComponent(value)) {
    return { ...node, children: [...componentHeader(value, base + start, end - start), ...below] };
  }
  return below.length === 0 ? node : { ...node, children: below };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isComponent(value: unknown): value is GbzComponent {
  return isRecord(value) && typeof value.clusterId === 'number' && 'sequenceNumber' in value;
}

function componentHeader(
  component: GbzComponent,
  at: number,
  size: number,
): readonly Explanation[] {
  const { clusterId, cluster, frameControl, sequenceNumber, commandId, command } = component;
  const nodes = [
    field('control', at, 1),
    field('cluster', at + 1, 2, `${hex(clusterId, 4)} ${cluster}`),
    field('length', at + 3, 2),
  ];
  let offset = at + componentHeaderLength;
  const push = (name: string, length: number, text?: string): void => {
    nodes.push(field(name, offset, length, text));
    offset += length;
  };
  if (component.encrypted !== undefined) push('additionalHeader', 2);
  if (component.fromDateTime !== undefined) push('fromDateTime', 4, `${component.fromDateTime}`);
  push('frameControl', 1, hex(frameControl, 2));
  push('sequenceNumber', 1, `${sequenceNumber}`);
  push('command', 1, `${hex(commandId, 2)} ${command}`);
  if (component.encrypted !== undefined) {
    push('encryptedLength', 2);
    push('securityHeader', securityHeaderLength, component.encrypted.securityHeader);
    push('ciphertext', at + size - tagLength - offset, cut(component.encrypted.ciphertext));
    push('tag', tagLength, component.encrypted.tag);
  }
  return nodes;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function cut(text: string): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax)}…`;
}

/** What a value says in one line; lists and records say it in their children. */
export function valueText(value: unknown, notes: Notes | undefined): string | undefined {
  if (value === undefined) return 'not read to its end';
  if (!isRecord(value)) return Array.isArray(value) ? undefined : cut(String(value));
  const noted = noteText(notes?.of(value));
  const own = recordText(value);
  if (own === undefined) return noted;
  return noted === undefined ? own : `${own}  (${noted})`;
}

function recordText(value: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof value.type === 'string') return dataText(value.type, value.value);
  if (typeof value.request === 'string') {
    const { request, classId, instanceId, memberId, name } = value;
    const member = request === 'action' ? 'method' : 'attribute';
    return `${request} class ${classId} ${instanceId} ${member} ${memberId}  ${name ?? ''}`.trim();
  }
  if (typeof value.resultName === 'string') {
    return `${value.response} ${value.result} ${value.resultName}`;
  }
  if (isComponent(value)) return `${value.cluster} ${value.command}`;
  return typeof value.attribute === 'string' ? value.attribute : undefined;
}

function dataText(type: string, value: unknown): string {
  if (Array.isArray(value)) return `${type} of ${value.length}`;
  return value === undefined ? type : cut(`${type} ${String(value)}`);
}

function noteText(note: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (note === undefined) return undefined;
  const { scaled, unit, ...rest } = note;
  const parts = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  if (scaled !== undefined)
    parts.unshift(`${String(scaled)}${unit === undefined ? '' : ` ${unit}`}`);
  else if (unit !== undefined) parts.unshift(`unit ${String(unit)}`);
  return parts.length === 0 ? undefined : parts.join(', ');
}
