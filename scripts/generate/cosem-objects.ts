/**
 * Writes protocols/dlms/cosem/classes.ts and objects.ts from the reference's cosem-objects.json: numbers, names and
 * shapes only. Run: npx tsx scripts/generate/cosem-objects.ts [reference directory]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosemShape } from './cosem-shape.js';

interface Source {
  readonly class_id: number;
  readonly class_name: string;
  readonly obis: string;
  readonly member: 'attribute' | 'method';
  readonly index: number;
  readonly member_name: string;
  readonly smets_names?: readonly string[];
  readonly use_cases: Readonly<Record<string, readonly string[]>>;
  readonly gbcs_html_use_cases?: readonly string[];
  readonly devices?: readonly string[];
  readonly devices_gbcs4?: readonly string[];
  readonly read_shapes?: readonly string[];
  readonly write_shapes?: readonly string[];
  readonly doc_types?: readonly string[];
}

const reference = process.argv[2] ?? process.env.HUBFLEET_REFERENCE ?? '../shared/reference';
const directory = 'protocols/dlms/cosem';
const sources = JSON.parse(
  readFileSync(join(reference, 'cosem-objects.json'), 'utf8'),
) as readonly Source[];

const accesses: Readonly<Record<string, string>> = {
  get: 'get',
  'get-with-selection': 'get-range',
  'get (encrypted, via data-protection)': 'get-protected',
  set: 'set',
  action: 'action',
  'future-dated-alert': 'future-dated',
};

/** Members that no message of the reference reaches: the logical name of all, and class 9000 (dlms.md 4). */
const furtherMembers: readonly (readonly [classId: number, member: string])[] = [
  ...sources.map((source) => [source.class_id, 'a1 logical_name'] as const),
  [9000, 'a3 scaler_unit_active'],
  [9000, 'a5 scaler_unit_passive'],
];

function memberId(source: Source): string {
  return `${source.member === 'attribute' ? 'a' : 'm'}${source.index}`;
}

/** `Object: path` names of one member folded into one: the objects, and the path that their elements share. */
function foldedName(names: readonly string[]): string {
  const elements = names.filter((name) => !/: (method(Input|Output)?|alertOutput): /i.test(name));
  const methods = names.filter((name) => /: method: /i.test(name));
  const used = [elements, methods, names].find((list) => list.length > 0) ?? [];
  const split = used.map((name) => {
    const at = name.indexOf(': ');
    const object = name.slice(0, at).replace(/ - data returned.*$/, '');
    return { object, path: name.slice(at + 2).replace(/^method: /i, '') };
  });
  const objects = [...new Set(split.map(({ object }) => object))];
  const paths = [...new Set(split.map(({ path }) => path))];
  const only = paths.length === 1 ? (paths[0] ?? '') : sharedPath(paths);
  return names.length === 0 ? '' : objects.join(' / ') + (only === '' ? '' : `: ${only}`);
}

function sharedPath(paths: readonly string[]): string {
  const parts = paths.map((path) => path.replace(/\[[^\]}]*[\]}]/g, '').split('.'));
  const shared = (parts[0] ?? []).filter((part, i) => parts.every((other) => other[i] === part));
  if (shared.length > 0) return shared.join('.');
  const joined = paths.join(', ');
  return joined.length <= 40 ? joined : '';
}

function useCases(source: Source): string {
  const named = new Set(Object.values(source.use_cases).flat());
  const tables = (source.gbcs_html_use_cases ?? []).filter((name) => !named.has(name));
  const parts = Object.entries(source.use_cases).map(([access, names]) => {
    const known = accesses[access];
    if (known === undefined) throw new Error(`unknown access '${access}'`);
    return `${known}:${names.join(',')}`;
  });
  if (tables.length > 0) parts.push(`table:${tables.join(',')}`);
  return parts.join(' ');
}

function devices(source: Source): string {
  const all = new Set([...(source.devices ?? []), ...(source.devices_gbcs4 ?? [])]);
  // One object is in a table that names no device; class 30 objects live in electricity meters.
  if (all.size === 0) all.add('ESME');
  return [...all]
    .map((device) => device.toLowerCase())
    .sort()
    .join(' ');
}

function quoted(text: string): string {
  if (text.includes("'")) throw new Error(`a quote in ${text}`);
  return `'${text}'`;
}

function objectRow(source: Source): string {
  const cells = [
    String(source.class_id),
    quoted(source.obis),
    quoted(memberId(source)),
    quoted(foldedName(source.smets_names ?? [])),
    quoted(
      cosemShape({
        classId: source.class_id,
        member: memberId(source),
        seen: [...(source.read_shapes ?? []), ...(source.write_shapes ?? [])],
        documented: source.doc_types ?? [],
      }),
    ),
    quoted(devices(source)),
    quoted(useCases(source)),
  ];
  return `  [${cells.join(', ')}],`;
}

function classRows(): string[] {
  const names = new Map(sources.map((source) => [source.class_id, source.class_name]));
  const members = new Map<number, Set<string>>();
  const add = (classId: number, member: string) => {
    members.set(classId, (members.get(classId) ?? new Set()).add(member));
  };
  for (const source of sources) add(source.class_id, `${memberId(source)} ${source.member_name}`);
  for (const [classId, member] of furtherMembers) add(classId, member);
  const order = (member: string) =>
    (member.startsWith('a') ? 0 : 100) + Number.parseInt(member.slice(1), 10);
  return [...names].map(([classId, name]) => {
    const sorted = [...(members.get(classId) ?? [])].sort((a, b) => order(a) - order(b));
    return `  [${classId}, ${quoted(name)}, [${sorted.map(quoted).join(', ')}]],`;
  });
}

writeFileSync(
  join(directory, 'classes.ts'),
  `/**
 * COSEM interface classes of the objects that GBCS use cases reach, with the members they reach: \`a2 value\` is
 * attribute 2, \`m1 reset\` method 1. Generated by scripts/generate/cosem-objects.ts; read through dictionary.ts.
 */
export type CosemClassRow = readonly [classId: number, name: string, members: readonly string[]];

// biome-ignore format: one class a line
export const cosemClasses: readonly CosemClassRow[] = [
${classRows().join('\n')}
];
`,
);

writeFileSync(
  join(directory, 'objects.ts'),
  `/**
 * The COSEM objects of the GBCS use cases, one member a row: class, OBIS code, member (a attribute, m method), the
 * standard's name, value shape (shapes.ts), devices, use cases by access. Generated by
 * scripts/generate/cosem-objects.ts; read through dictionary.ts.
 */
export type CosemRow = readonly [
  classId: number,
  instanceId: string,
  member: string,
  name: string,
  shape: string,
  devices: string,
  useCases: string,
];

// biome-ignore format: one member a line
export const cosemRows: readonly CosemRow[] = [
${sources.map(objectRow).join('\n')}
];
`,
);
