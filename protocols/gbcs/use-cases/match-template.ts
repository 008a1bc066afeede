import { CodecError } from '../../codec/codec-error.js';
import { conversions } from './conversions.js';
import {
  type BitSet,
  type ForEach,
  isBitSet,
  isCountOf,
  isForEach,
  isOptional,
  isPacked,
  isPlace,
  isWhen,
  type Packed,
  type Place,
} from './template.js';

/** What a value says of a parameter, by its path. */
type Binding = readonly [path: string, value: unknown];
type Bindings = readonly Binding[];

const nothing: Bindings = [];
/** In front of a list's path: what the wire says of its length. */
const countPrefix = '$count:';
/** Names with a `$` that are kept until the element that they are of is complete. */
const elementNames = new Set(['$value', '$position']);

/**
 * The inverse of `fillTemplate`: the parameters that fill `template` to `payload`, or undefined where none do. A place that
 * occurs twice must say the same twice. Members that the template does not name (the standard's names that decoding
 * adds) may be there. A ForEach takes as many elements as match: templates must not need more thought than that.
 */
export function matchTemplate(
  template: unknown,
  payload: unknown,
): Readonly<Record<string, unknown>> | undefined {
  const bindings = match(template, payload);
  if (bindings === undefined) return undefined;
  return merged(bindings);
}

function match(template: unknown, value: unknown): Bindings | undefined {
  if (template === null || typeof template !== 'object') {
    return template === value ? nothing : undefined;
  }
  if (Array.isArray(template)) {
    if (!Array.isArray(value)) return undefined;
    const run = matchRun(template, value, 0);
    return run?.next === value.length ? run.bindings : undefined;
  }
  if (isPlace(template)) return matchPlace(template, value);
  if (isBitSet(template)) return matchBitSet(template, value);
  if (isPacked(template)) return matchPacked(template, value);
  if (isCountOf(template)) return [[countPrefix + template.countOf, value]];
  if (typeof value !== 'object' || value === null) return undefined;
  const all: Binding[] = [];
  const members = template as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(members)) {
    const node = members[key];
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (isOptional(node) && member === undefined) continue;
    const some = match(isOptional(node) ? node.node : node, member);
    if (some === undefined) return undefined;
    all.push(...some);
  }
  return all;
}

interface Run {
  readonly bindings: Bindings;
  /** Index of the first element that the nodes did not take. */
  readonly next: number;
}

function matchRun(
  nodes: readonly unknown[],
  list: readonly unknown[],
  start: number,
): Run | undefined {
  const all: Binding[] = [];
  let next = start;
  for (const node of nodes) {
    const run = matchNode(node, list, next);
    if (run === undefined) return undefined;
    all.push(...run.bindings);
    next = run.next;
  }
  return { bindings: all, next };
}

function matchNode(node: unknown, list: readonly unknown[], start: number): Run | undefined {
  if (isForEach(node)) return matchForEach(node, list, start);
  if (isWhen(node)) {
    const run = matchRun(node.nodes, list, start);
    if (run !== undefined) {
      return { bindings: [...run.bindings, [node.when, node.is]], next: run.next };
    }
    const isFlag = typeof node.is === 'boolean';
    return { bindings: isFlag ? [[node.when, !node.is]] : nothing, next: start };
  }
  if (start >= list.length) return undefined;
  const bindings = match(node, list[start]);
  return bindings === undefined ? undefined : { bindings, next: start + 1 };
}

function matchForEach(node: ForEach, list: readonly unknown[], start: number): Run | undefined {
  const count = node.padding?.count ?? Number.POSITIVE_INFINITY;
  const elements: unknown[] = [];
  const outside: Binding[] = [];
  let next = start;
  while (elements.length < count && next < list.length) {
    const run = matchRun(node.nodes, list, next);
    if (run === undefined || run.next === next) break;
    const element = elementOf(run.bindings, elements.length + 1);
    if (element === undefined) break;
    elements.push(element);
    outside.push(...run.bindings.filter((binding) => isOutside(binding, element)));
    next = run.next;
  }
  if (node.padding !== undefined) {
    if (elements.length < count) return undefined;
    while (elements.length > 0 && isSame(elements.at(-1), node.padding.element)) elements.pop();
  }
  return { bindings: [[node.forEach, elements], ...outside], next };
}

/** A count of a list that is not the element's own. */
function isOutside([path]: Binding, element: unknown): boolean {
  if (!path.startsWith(countPrefix)) return false;
  const own = path.slice(countPrefix.length);
  return !(typeof element === 'object' && element !== null && Object.hasOwn(element, own));
}

function elementOf(bindings: Bindings, position: number): unknown {
  const element = merged(bindings);
  if (element === undefined) return undefined;
  const { $position, $value, ...named } = element;
  if ($position !== undefined && $position !== position) return undefined;
  return $value ?? named;
}

function matchPlace({ parameter, as, choices }: Place, wire: unknown): Bindings | undefined {
  // No parameter is null.
  if (wire === undefined || wire === null) return undefined;
  if (choices !== undefined) {
    const chosen = choices.find((pair) => pair[1] === wire);
    return chosen === undefined ? undefined : [[parameter, chosen[0]]];
  }
  if (as === 'same') return [[parameter, wire]];
  try {
    const value = conversions[as].read(wire);
    return isSame(conversions[as].write(value), wire) ? [[parameter, value]] : undefined;
  } catch (error) {
    // The wire holds what no parameter would have made.
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

function matchBitSet({ bitSet, names }: BitSet, wire: unknown): Bindings | undefined {
  if (typeof wire !== 'string' || !/^[01]*$/.test(wire)) return undefined;
  const positions = [...wire].flatMap((bit, index) => (bit === '1' ? [index] : []));
  if ('countOf' in names) {
    const set = positions.map((index) => index + 1);
    return [
      [bitSet, set],
      [countPrefix + names.countOf, wire.length],
    ];
  }
  if (wire.length !== names.length) return undefined;
  return [[bitSet, positions.map((index) => names[index] as string)]];
}

function matchPacked({ packed }: Packed, wire: unknown): Bindings | undefined {
  if (typeof wire !== 'number') return undefined;
  const all: Binding[] = [];
  let rest = wire;
  for (const { bits, value } of [...packed].reverse()) {
    const some = match(value, rest % 2 ** bits);
    if (some === undefined) return undefined;
    all.push(...some);
    rest = Math.floor(rest / 2 ** bits);
  }
  return rest === 0 ? all : undefined;
}

/**
 * All bindings as one object, lists where path segments are numbers; undefined when two disagree, or a count and its
 * list. Values of the message's header are no parameters and left out.
 */
function merged(bindings: Bindings): Record<string, unknown> | undefined {
  const root: Record<string, unknown> = {};
  for (const [path, value] of bindings) {
    if (path.startsWith('$') && !elementNames.has(path)) continue;
    const names = path.split('.');
    const last = names.pop() as string;
    let at: Record<string, unknown> = root;
    names.forEach((name, index) => {
      const following = names[index + 1] ?? last;
      at[name] ??= /^\d+$/.test(following) ? [] : {};
      at = at[name] as Record<string, unknown>;
    });
    if (Object.hasOwn(at, last) && !isSame(at[last], value)) return undefined;
    at[last] = value;
  }
  return bindings.every(([path, value]) => agrees(root, path, value)) ? root : undefined;
}

function agrees(root: Record<string, unknown>, path: string, count: unknown): boolean {
  if (!path.startsWith(countPrefix)) return true;
  const list = root[path.slice(countPrefix.length)];
  return !Array.isArray(list) || list.length === count;
}

/** For values of JSON; members of objects in the order in which they were made. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
