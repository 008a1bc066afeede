import type { RandomStream } from '../../emulator/ports/random.js';
import { tags } from '../../protocols/dlms/tags.js';
import { pick } from './octet-edits.js';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One change to parsed JSON: the value at `path` becomes `value`, or goes where there is none. */
export interface JsonEdit {
  readonly kind: string;
  readonly path: readonly string[];
  readonly value?: Json;
}

type Holder = { [name: string]: Json };

function isHolder(value: Json | undefined): value is Holder {
  return typeof value === 'object' && value !== null;
}

/** Own members only, whatever they are called: `__proto__` is data like any other. */
function put(holder: Holder, name: string, value: Json | undefined): Holder {
  const copy = (Array.isArray(holder) ? [...holder] : { ...holder }) as Holder;
  if (value !== undefined) {
    const property = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(copy, name, property);
  } else if (Array.isArray(copy)) {
    copy.splice(Number(name), 1);
  } else {
    delete copy[name];
  }
  return copy;
}

/** The changed value, sharing what did not change; the same one where the path is gone. */
export function applyJsonEdit(root: Json, { path, value }: JsonEdit): Json {
  return changed(root, path, 0, value);
}

function changed(root: Json, path: readonly string[], depth: number, value?: Json): Json {
  const name = path[depth];
  if (name === undefined) return value === undefined ? null : value;
  if (!isHolder(root)) return root;
  if (depth === path.length - 1) return put(root, name, value);
  if (!Object.hasOwn(root, name)) return root;
  return put(root, name, changed(root[name] as Json, path, depth + 1, value));
}

/** A way down from the root that ends sooner or later, at whatever is there. */
function drawPath(root: Json, random: RandomStream): string[] {
  const path: string[] = [];
  let value = root;
  while (isHolder(value) && random.int(0, 9) > 0) {
    const names = Object.keys(value);
    if (names.length === 0) break;
    const name = pick(random, names);
    path.push(name);
    value = value[name] as Json;
  }
  return path;
}

function at(root: Json, path: readonly string[]): Json {
  let value = root;
  for (const name of path) value = (value as Holder)[name] as Json;
  return value;
}

function nested(depth: number, wrap: (inner: Json) => Json): Json {
  let value: Json = { type: 'null-data' };
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

/** What people, other programs and attackers write where something else is due. */
const oddities: readonly Json[] = [
  ...[null, true, false, 0, -1, 0.5, -0, 255, 256, 65535, 65536, 2 ** 32, 2 ** 53, 1e308],
  ...['', '0', '-1', '1e3', ' 1', '0x10', 'ff', 'FF', 'f', 'zz', '\u0000', '\ud800', 'é€😀'],
  ...['18446744073709551616', '-9223372036854775809', '00db1234567890a0', '2015-02-30T00:00:00Z'],
  ...['__proto__', 'constructor', 'toString', '9'.repeat(400), 'a'.repeat(70_000)],
  [],
  {},
  [[]],
  [null],
  { type: 'structure', value: [] },
  { unparsed: '' },
  { unparsed: '00' },
  { hex: 'ff' },
  { invalid: true },
  JSON.parse('{"__proto__":{"type":"unsigned","value":1}}') as Json,
  JSON.parse('1e999') as Json,
];

const words: readonly string[] = [
  ...Object.keys(tags),
  ...['command', 'response', 'alert', 'access-request', 'access-response', 'data-notification'],
  ...['gbz', 'gbz-alert', 'asn1', 'get', 'set', 'action', 'get-with-selection', 'two-octet'],
];

const names: readonly string[] = [
  ...['value', 'octet', 'selection', 'selector', 'unparsed', 'encrypted', 'fromDateTime'],
  ...['lengths', 'dateTime', 'signature', 'mac', 'supplementaryRemotePartyId', '__proto__'],
  ...['supplementaryRemotePartyCounter', 'supplementaryOriginatorCounter', 'detail', 'toJSON'],
];

type Draw = (root: Json, path: string[], random: RandomStream, donor: Json) => JsonEdit['value'];

function changedNumber(value: number, random: RandomStream): number {
  return pick(random, [value + 1, value - 1, -value, value * 256, value / 2, random.u32()]);
}

function changedText(text: string, random: RandomStream): string {
  const place = random.int(0, text.length);
  const character = pick(random, ['0', '8', 'f', 'F', '1', '-', ' ', '/', '\ud83d', 'é', '\u0100']);
  const rest = text.slice(place + random.int(0, 1));
  return text.slice(0, place) + pick(random, ['', character, '00', 'ff']) + rest;
}

/** Each gives the new value at a path, undefined to drop it. */
const kinds: Readonly<Record<string, Draw>> = {
  odd: (_root, _path, random) => pick(random, oddities),
  drop: () => undefined,
  word: (_root, _path, random) => pick(random, words),
  change(root, path, random) {
    const value = at(root, path);
    if (typeof value === 'number') return changedNumber(value, random);
    if (typeof value === 'string') return changedText(value, random);
    return pick(random, oddities);
  },
  add(root, path, random, donor) {
    const value = at(root, path);
    const added = random.int(0, 1) === 0 ? pick(random, oddities) : donor;
    if (Array.isArray(value)) return [...value, value.length > 0 ? pick(random, value) : added];
    if (!isHolder(value)) return added;
    return applyJsonEdit(value, { kind: '', path: [pick(random, names)], value: added });
  },
  splice: (_root, _path, _random, donor) => donor,
  many(root, path, random) {
    const value = at(root, path);
    return new Array<Json>(pick(random, [3, 130, 300, 4000])).fill(value);
  },
  nest(root, path, random) {
    const inner = at(root, path);
    const depth = pick(random, [2, 40, 3000]);
    const wrap = pick<(value: Json) => Json>(random, [
      (value) => ({ type: 'structure', value: [value] }),
      (value) => ({ elementType: 0x48, elements: [value] }),
      (value) => [{ dataType: 0x4c, value }],
      (value) => ({ type: 'array', count: 1, element: value }),
    ]);
    return nested(depth, (value) => wrap(depth === 2 ? inner : value));
  },
};

const kindNames = Object.keys(kinds);

/** Draws one change that fits `root` as it is now; `other` is another message to take pieces from. */
export function drawJsonEdit(root: Json, random: RandomStream, other: Json): JsonEdit {
  const kind = pick(random, kindNames);
  const path = drawPath(root, random);
  const donor = at(other, drawPath(other, random));
  const value = (kinds[kind] as Draw)(root, path, random, donor);
  return value === undefined ? { kind, path } : { kind, path, value };
}
