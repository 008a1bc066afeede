import { shapes } from '../../protocols/dlms/cosem/shapes.js';

/**
 * One shape in the dictionary's notation out of the shapes seen in official messages, written like
 * `array<{octet-string(4), long-unsigned}>`, and the type the use case table gives, like `visible-string(22)`.
 */
export interface ShapeSource {
  readonly classId: number;
  readonly member: string;
  readonly seen: readonly string[];
  readonly documented: readonly string[];
}

interface Node {
  readonly type: string;
  readonly low?: number;
  readonly high?: number;
  readonly count?: number;
  readonly parts: readonly Node[];
}

/** Where the messages show examples of free text or of one branch only. */
const overrides: Readonly<Record<string, keyof typeof shapes>> = {
  '10 a2': 'scheduleEntries',
  '20 a3': 'seasons',
  '20 a4': 'weeks',
  '20 a5': 'days',
  '20 a7': 'seasons',
  '20 a8': 'weeks',
  '20 a9': 'days',
  '22 a4': 'executionTimes',
  '30 m1': 'protectedAttributes',
};

class Parser {
  private at = 0;
  constructor(private readonly text: string) {}

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.text.slice(this.at))?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  shape(): Node {
    let node = this.one();
    while (this.take('|')) node = merged(node, this.one());
    return node;
  }

  private one(): Node {
    if (this.take('?')) return { type: 'any', parts: [] };
    if (this.take('{')) {
      const parts = [this.shape()];
      while (this.take(', ')) parts.push(this.shape());
      this.take('}');
      return { type: 'structure', parts };
    }
    const type = this.match(/^[a-z0-9-]+/) ?? '';
    if (type === 'null') return { type: 'null-data', parts: [] };
    if (this.take('<')) {
      const parts = [this.shape()];
      this.take('>');
      return { type, parts };
    }
    if (this.take('[')) {
      const count = Number(this.match(/^\d+/));
      this.take('] of ');
      return { type, count, parts: [this.shape()] };
    }
    if (!this.take('(')) return { type, parts: [] };
    const length = Number(this.match(/^\d+/));
    this.take(')');
    return { type, low: length, high: length, parts: [] };
  }
}

/** A list of either is either list, so that both have a name. */
function alternatives(node: Node): readonly Node[] {
  if (node.type === 'either') return node.parts;
  const [part] = node.parts;
  if (node.type !== 'compact-array' || part?.type !== 'either') return [node];
  return part.parts.map((one) => ({ ...node, parts: [one] }));
}

function merged(a: Node, b: Node): Node {
  if (a.type === 'any') return b;
  if (b.type === 'any') return a;
  const fits = a.type === b.type && a.parts.length === b.parts.length && a.count === b.count;
  if (!fits || a.type === 'either') {
    const all = [...alternatives(a), ...alternatives(b)];
    return {
      type: 'either',
      parts: all.filter((node, i) => all.findIndex((other) => print(other) === print(node)) === i),
    };
  }
  return {
    ...a,
    ...(a.low !== undefined && b.low !== undefined ? { low: Math.min(a.low, b.low) } : {}),
    ...(a.high !== undefined && b.high !== undefined ? { high: Math.max(a.high, b.high) } : {}),
    parts: a.parts.map((part, i) => merged(part, b.parts[i] as Node)),
  };
}

function print(node: Node): string {
  const parts = node.parts.map(print);
  if (node.type === 'either') return parts.join(' | ');
  const count = node.count === undefined ? '' : `[${node.count}]`;
  if (parts.length > 0) return `${node.type}${count}(${parts.join(', ')})`;
  if (node.low === undefined) return node.type;
  return `${node.type}(${node.low === node.high ? node.low : `${node.low}..${node.high}`})`;
}

/** A string's length in the table above what was seen is a maximum, and shorter ones are to be expected. */
function widened(node: Node, documented: readonly string[]): Node {
  const [, type, length] = /^([a-z0-9-]+-string)\((\d+)\)/.exec(documented[0] ?? '') ?? [];
  if (documented.length !== 1 || type !== node.type) return node;
  const high = Number(length);
  return node.high !== undefined && node.high >= high ? node : { ...node, low: 0, high };
}

function fromTable(documented: readonly string[]): Node | undefined {
  const plain = documented.length === 1 ? (documented[0] ?? '').replace(/\[\[.*$/, '') : '';
  return plain === '' || plain.includes(' ') ? undefined : new Parser(plain).shape();
}

export function cosemShape({ classId, member, seen, documented }: ShapeSource): string {
  const override = overrides[`${classId} ${member}`];
  if (override !== undefined) return `$${override}`;
  const nodes = seen.map((text) => new Parser(text).shape());
  const [first, ...rest] = nodes;
  const node = first === undefined ? fromTable(documented) : rest.reduce(merged, first);
  if (node === undefined) return '';
  return alternatives(widened(node, documented)).map(named).join(' | ');
}

function named(node: Node): string {
  const text = print(node);
  const name = Object.entries(shapes).find(([, shape]) => shape === text)?.[0];
  return name === undefined ? text : `$${name}`;
}
