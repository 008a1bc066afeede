import { CodecError, under, within } from '../../codec/codec-error.js';
import type { Eui64 } from '../../codec/eui64.js';
import { show } from '../../codec/show.js';
import { secondsSince2000 } from '../../codec/utc.js';
import { type Conversion, conversions } from './conversions.js';

/**
 * Payload templates: a payload value (as the payload codecs take it) with places left open for parameters and for values of
 * the message's own header. Filling one is the whole of building a command: there is no function per message. Templates
 * also read: match-template.ts recovers the parameters of a payload.
 *
 * A parameter is named by its path, `phase1.period`. Inside a ForEach, the names of the list's element come first, then
 * those outside; `$value` is the element itself, `$position` its place in the list, counted from 1.
 */
export interface Place {
  readonly parameter: string;
  readonly as: Conversion;
  /** Parameter value and wire value; nothing else is possible. */
  readonly choices?: Choices;
}

type Scalar = string | number | boolean;
export type Choices = readonly (readonly [parameter: Scalar, wire: Scalar])[];

/** In a list: its nodes once for each element of a list parameter. */
export interface ForEach {
  readonly forEach: string;
  readonly nodes: readonly unknown[];
  /** For a list of fixed length on the wire: as many, and what stands for those that are not given. */
  readonly padding?: { readonly count: number; readonly element: unknown };
}

/** In a list: its nodes only where a parameter has one value. */
export interface When {
  readonly when: string;
  readonly is: string | boolean;
  readonly nodes: readonly unknown[];
}

/** A bit-string with one bit for each name; the parameter is a list of those that are set. */
export interface BitSet {
  readonly bitSet: string;
  /** Or as many bits as another list parameter has elements, with the names 1, 2, 3… */
  readonly names: readonly string[] | { readonly countOf: string };
}

/** A number made of bit fields, the most significant first. */
export interface Packed {
  readonly packed: readonly { readonly bits: number; readonly value: number | Place }[];
}

/** A number: how many elements a list parameter has. */
export interface CountOf {
  readonly countOf: string;
}

/** A member of a record that is there only where a parameter is given. */
export interface Optional {
  readonly optional: string;
  readonly node: unknown;
}

export type Template<T> = T extends readonly (infer E)[]
  ? readonly (Template<E> | ForEach | When)[] | Place
  : T extends object
    ? { readonly [K in keyof T]: Template<T[K]> } | Place
    :
        | T
        | Place
        | (T extends number ? Packed | CountOf : never)
        | (T extends string ? BitSet : never);

/** A place for parameter `parameter`, converted as the wire wants it. */
export function place(parameter: string, as: Conversion = 'same'): Place {
  return { parameter, as };
}

export function choice(parameter: string, choices: Choices): Place {
  return { parameter, as: 'same', choices };
}

/** Choices 1, 2, 3… for a list of wire values. */
export function numbered(wires: readonly Scalar[]): Choices {
  return wires.map((wire, index) => [index + 1, wire] as const);
}

export function forEach(parameter: string, ...nodes: readonly unknown[]): ForEach {
  return { forEach: parameter, nodes };
}

/** As `forEach`, with `count` elements on the wire whatever is given. */
export function forEachOf(
  parameter: string,
  padding: { readonly count: number; readonly element: unknown },
  ...nodes: readonly unknown[]
): ForEach {
  return { forEach: parameter, nodes, padding };
}

export function when(parameter: string, is: string | boolean, ...nodes: readonly unknown[]): When {
  return { when: parameter, is, nodes };
}

export function bitSet(parameter: string, names: BitSet['names']): BitSet {
  return { bitSet: parameter, names };
}

export function countOf(parameter: string): CountOf {
  return { countOf: parameter };
}

export function optional(parameter: string, node: unknown): Optional {
  return { optional: parameter, node };
}

export function packed(...fields: readonly (readonly [bits: number, value: number | Place])[]) {
  return { packed: fields.map(([bits, value]) => ({ bits, value })) } satisfies Packed;
}

/** What a template can draw from besides the user's parameters. */
export interface HeaderValues {
  /** Who asks, and reads what comes encrypted: the originator, or the party for whom the broker speaks. */
  readonly originator: Eui64;
  readonly recipient: Eui64;
  readonly originatorCounter: bigint;
  /** When the command is made; also its issuer event id and message id in gas payloads. */
  readonly nowMs: number;
}

type Values = Readonly<Record<string, unknown>>;

interface Scope {
  readonly values: Values;
  readonly outer: Scope | undefined;
  readonly header: HeaderValues;
}

function headerValue(name: string, header: HeaderValues): unknown {
  switch (name) {
    case '$originator':
      return header.originator;
    case '$recipient':
      return header.recipient;
    case '$originatorCounter':
      return String(header.originatorCounter);
    case '$encryptionTransactionId':
      return `04${header.originatorCounter.toString(16).padStart(16, '0')}`;
    case '$issuerEventId':
      return secondsSince2000(header.nowMs);
    default:
      return undefined;
  }
}

export function isPlace(node: object): node is Place {
  return 'parameter' in node && 'as' in node;
}
export function isForEach(node: unknown): node is ForEach {
  // An own member: every array has a method of this name.
  return typeof node === 'object' && node !== null && Object.hasOwn(node, 'forEach');
}
export function isWhen(node: unknown): node is When {
  return typeof node === 'object' && node !== null && 'when' in node;
}
export function isBitSet(node: object): node is BitSet {
  return 'bitSet' in node;
}
export function isCountOf(node: object): node is CountOf {
  return 'countOf' in node;
}
export function isOptional(node: unknown): node is Optional {
  return typeof node === 'object' && node !== null && 'optional' in node;
}
export function isPacked(node: object): node is Packed {
  return 'packed' in node;
}

/**
 * Fills all places of a template.
 * @throws CodecError naming the path and the parameter that is missing or does not convert.
 */
export function fillTemplate(template: unknown, parameters: Values, header: HeaderValues): unknown {
  return fill(template, { values: parameters, outer: undefined, header });
}

function fill(template: unknown, scope: Scope): unknown {
  if (template === null || typeof template !== 'object' || isConstant(template)) return template;
  if (Array.isArray(template)) {
    const list: unknown[] = [];
    let i = 0;
    try {
      for (; i < template.length; i++) fillInto(list, template[i], scope);
    } catch (error) {
      throw under(`[${i}]`, error);
    }
    return list;
  }
  if (isPlace(template)) return fillPlace(template, scope);
  if (isBitSet(template)) return fillBitSet(template, scope);
  if (isPacked(template)) return fillPacked(template, scope);
  if (isCountOf(template)) return listOf(template.countOf, scope).length;
  const filled: Record<string, unknown> = {};
  const open = template as Values;
  for (const key of Object.keys(open)) {
    const node = open[key];
    if (!isOptional(node)) filled[key] = fill(node, scope);
    else if (lookUp(node.optional, scope) !== undefined) filled[key] = fill(node.node, scope);
  }
  return filled;
}

const constancy = new WeakMap<object, boolean>();

/** Most of most templates has no place in it: that part is shared among all payloads and never copied. */
function isConstant(template: object): boolean {
  const known = constancy.get(template);
  if (known !== undefined) return known;
  const isOpen =
    isPlace(template) ||
    isBitSet(template) ||
    isPacked(template) ||
    isCountOf(template) ||
    isForEach(template) ||
    isWhen(template) ||
    isOptional(template);
  const is =
    !isOpen &&
    Object.values(template).every(
      (node) => node === null || typeof node !== 'object' || isConstant(node),
    );
  constancy.set(template, is);
  return is;
}

/** One node of a list is none, one or many elements. */
function fillInto(list: unknown[], node: unknown, scope: Scope): void {
  if (isWhen(node)) {
    if (parameterValue(node.when, scope) !== node.is) return;
    for (const inner of node.nodes) fillInto(list, inner, scope);
  } else if (isForEach(node)) {
    const elements = elementsOf(node, scope);
    let index = 0;
    try {
      for (; index < elements.length; index++) {
        const inside = scopeOf(elements[index], index + 1, scope);
        for (const inner of node.nodes) fillInto(list, inner, inside);
      }
    } catch (error) {
      throw under(`${node.forEach}[${index}]`, error);
    }
  } else {
    list.push(fill(node, scope));
  }
}

function scopeOf(element: unknown, position: number, outer: Scope): Scope {
  const own = typeof element === 'object' && element !== null ? element : undefined;
  const values = { ...own, $value: element, $position: position };
  return { values, outer, header: outer.header };
}

function listOf(parameter: string, scope: Scope): readonly unknown[] {
  const given = lookUp(parameter, scope);
  if (Array.isArray(given)) return given;
  const found = given === undefined ? 'is missing' : `is ${show(given)}, not a list`;
  throw new CodecError('', 0, `parameter '${parameter}' ${found}`);
}

function elementsOf({ forEach: parameter, padding }: ForEach, scope: Scope): readonly unknown[] {
  if (padding === undefined) return listOf(parameter, scope);
  const given = lookUp(parameter, scope) === undefined ? [] : listOf(parameter, scope);
  if (given.length > padding.count) {
    throw new CodecError('', 0, `parameter '${parameter}' has more than ${padding.count} elements`);
  }
  return [...given, ...new Array(padding.count - given.length).fill(padding.element)];
}

function fillPlace({ parameter, as, choices }: Place, scope: Scope): unknown {
  const value = parameterValue(parameter, scope);
  if (choices === undefined) {
    if (as === 'same') return value;
    return within(parameter, () => conversions[as].write(value));
  }
  const chosen = choices.find((pair) => pair[0] === value);
  if (chosen !== undefined) return chosen[1];
  const wanted = choices.map((pair) => pair[0]).join(', ');
  throw new CodecError(parameter, 0, `${show(value)} is none of ${wanted}`);
}

function fillBitSet({ bitSet: parameter, names }: BitSet, scope: Scope): string {
  const given = parameterValue(parameter, scope);
  const set = new Set(Array.isArray(given) ? given.map(String) : [show(given)]);
  let bits = '';
  for (const name of bitNames(names, scope)) bits += set.delete(name) ? '1' : '0';
  for (const name of set) throw new CodecError(parameter, 0, `there is no bit for ${show(name)}`);
  return bits;
}

function bitNames(names: BitSet['names'], scope: Scope): readonly string[] {
  if (!('countOf' in names)) return names;
  const list = parameterValue(names.countOf, scope);
  const count = Array.isArray(list) ? list.length : 0;
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function fillPacked(node: Packed, scope: Scope): number {
  let number = 0;
  for (const { bits, value } of node.packed) {
    const field = fill(value, scope);
    if (!Number.isInteger(field) || (field as number) < 0 || (field as number) >= 2 ** bits) {
      throw new CodecError('', 0, `${show(field)} does not fit into ${bits} bits`);
    }
    number = number * 2 ** bits + (field as number);
  }
  return number;
}

function parameterValue(parameter: string, scope: Scope): unknown {
  const value = lookUp(parameter, scope) ?? headerValue(parameter, scope.header);
  if (value === undefined) throw new CodecError('', 0, `parameter '${parameter}' is missing`);
  return value;
}

function scopeWith(name: string, scope: Scope): Scope | undefined {
  let at: Scope | undefined = scope;
  while (at !== undefined && !Object.hasOwn(at.values, name)) at = at.outer;
  return at;
}

function lookUp(path: string, scope: Scope): unknown {
  if (!path.includes('.')) return scopeWith(path, scope)?.values[path];
  const [first = '', ...rest] = path.split('.');
  let value = scopeWith(first, scope)?.values[first];
  for (const name of rest) {
    value = (value as Values | undefined | null)?.[name];
  }
  return value;
}
