import type { DlmsData } from './data.js';
import type { DlmsTypeName } from './tags.js';

/**
 * The shape of a value as text, as the COSEM dictionary gives it:
 * - a type's name: `double-long-unsigned`, `octet-string` (any length), `octet-string(12)`, `octet-string(0..22)`
 *   (octets, of a bit-string bits);
 * - `structure(a, b)`: these members; `array(a)`: any number of such elements, `array[48](a)`: so many;
 *   `compact-array(a)`;
 * - `a | b`: either; `any`.
 */
export function shapeOf(data: DlmsData): string {
  switch (data.type) {
    case 'structure':
      return `structure(${data.value.map(shapeOf).join(', ')})`;
    case 'array':
    case 'compact-array':
      return `${data.type}(${[...new Set(data.value.map(shapeOf))].join(' | ')})`;
    case 'octet-string':
    case 'bit-string':
      return `${data.type}(${lengthOf(data)})`;
    default:
      return data.type;
  }
}

export interface ShapeMismatch {
  /** Where in the value: '' is the value itself, `[2][0]` the first member of its third. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Undefined where `data` has the shape; otherwise the first place where it has not. */
export function checkShape(data: DlmsData, shape: string): ShapeMismatch | undefined {
  return mismatch(data, parseShape(shape), '');
}

type Shape =
  | { readonly kind: 'any'; readonly text: string }
  | { readonly kind: 'either'; readonly text: string; readonly parts: readonly Shape[] }
  | {
      readonly kind: 'type';
      readonly text: string;
      readonly type: DlmsTypeName;
      /** Members of a structure, or the one element shape of an array. */
      readonly parts: readonly Shape[];
      readonly lengthMin: number;
      readonly lengthMax: number;
    };

const parsed = new Map<string, Shape>();

function parseShape(text: string): Shape {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const shape = parseEither(text);
  parsed.set(text, shape);
  return shape;
}

/** Splits at `separator` outside parentheses. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i));
      start = i + separator.length;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parseEither(text: string): Shape {
  const parts = split(text, ' | ');
  if (parts.length > 1) return { kind: 'either', text, parts: parts.map(parseOne) };
  return parseOne(text);
}

const pattern = /^([a-z0-9-]+)(?:\[(\d+)\])?(?:\((.*)\))?$/;
const lengthPattern = /^(\d+)(?:\.\.(\d+))?$/;
const unlimited = Number.POSITIVE_INFINITY;

function parseOne(text: string): Shape {
  const [, name = '', count, inner] = pattern.exec(text) ?? [];
  if (name === 'any') return { kind: 'any', text };
  const type = name as DlmsTypeName;
  if (name === 'structure') {
    const parts = inner === undefined || inner === '' ? [] : split(inner, ', ').map(parseEither);
    return { kind: 'type', text, type, parts, lengthMin: parts.length, lengthMax: parts.length };
  }
  if (name === 'array' || name === 'compact-array') {
    const parts = [parseEither(inner ?? 'any')];
    const lengthMin = count === undefined ? 0 : Number(count);
    const lengthMax = count === undefined ? unlimited : lengthMin;
    return { kind: 'type', text, type, parts, lengthMin, lengthMax };
  }
  const [, low, high] = lengthPattern.exec(inner ?? '') ?? [];
  const lengthMin = low === undefined ? 0 : Number(low);
  const lengthMax = low === undefined ? unlimited : Number(high ?? low);
  return { kind: 'type', text, type, parts: [], lengthMin, lengthMax };
}

/** Of strings in octets, of bit-strings in bits, of lists in items; 0 where a type has no length. */
function lengthOf(data: DlmsData): number {
  switch (data.type) {
    case 'octet-string':
      return data.value.length / 2;
    case 'bit-string':
    case 'visible-string':
    case 'utf8-string':
    case 'array':
    case 'structure':
    case 'compact-array':
      return data.value.length;
    default:
      return 0;
  }
}

function mismatch(data: DlmsData, shape: Shape, path: string): ShapeMismatch | undefined {
  if (shape.kind === 'any') return undefined;
  if (shape.kind === 'either') {
    const misses = shape.parts.map((part) => mismatch(data, part, path));
    if (misses.includes(undefined)) return undefined;
    return { path, expected: shape.text, found: shapeOf(data) };
  }
  const length = lengthOf(data);
  if (data.type !== shape.type || length < shape.lengthMin || length > shape.lengthMax) {
    return { path, expected: shape.text, found: shapeOf(data) };
  }
  if (shape.parts.length === 0) return undefined;
  const items = (data as { readonly value: readonly DlmsData[] }).value;
  for (let i = 0; i < items.length; i++) {
    const part = (data.type === 'structure' ? shape.parts[i] : shape.parts[0]) as Shape;
    const miss = mismatch(items[i] as DlmsData, part, `${path}[${i}]`);
    if (miss !== undefined) return miss;
  }
  return undefined;
}
