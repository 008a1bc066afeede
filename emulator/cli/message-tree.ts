import type { DecodedMessage } from '../../protocols/gbcs/decoded-message.js';
import type { Colours } from './output.js';

const indent = '  ';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown): string {
  if (value === '') return "''";
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A typed leaf of DLMS data, `{ type: 'long', value: 5 }`, is said in two words, with what is noted of it behind. */
function typedLeaf(value: Record<string, unknown>): string | undefined {
  const { type, value: held } = value;
  if (typeof type !== 'string' || (typeof held === 'object' && held !== null)) return undefined;
  return `${held === undefined ? type : `${type} ${scalar(held)}`}${noteText(value)}`;
}

/** Scalar members of typed data beside type and value. */
function noteText({ type: _type, value: _value, ...others }: Record<string, unknown>): string {
  const notes = Object.entries(others).filter(([, note]) => typeof note !== 'object');
  if (notes.length === 0) return '';
  return `  (${notes.map(([name, note]) => `${name} ${scalar(note)}`).join(', ')})`;
}

/** The lines of a value below its name. */
class Tree {
  readonly lines: string[] = [];

  constructor(private readonly colours: Colours) {}

  add(name: string, value: unknown, depth: number): void {
    const start = `${indent.repeat(depth)}${this.colours.cyan(name)}`;
    if (Array.isArray(value)) this.addList(start, value, depth);
    else if (isRecord(value)) this.addRecord(start, value, depth);
    else this.lines.push(`${start} ${scalar(value)}`);
  }

  private addRecord(start: string, value: Record<string, unknown>, depth: number): void {
    const leaf = typedLeaf(value);
    if (leaf !== undefined) this.lines.push(`${start} ${leaf}`);
    else if (typeof value.type === 'string' && Array.isArray(value.value)) {
      this.addList(`${start} ${value.type}${noteText(value)}`, value.value, depth);
    } else {
      const entries = Object.entries(value).filter(([, held]) => held !== undefined);
      this.lines.push(entries.length === 0 ? `${start} {}` : start);
      for (const [name, held] of entries) this.add(name, held, depth + 1);
    }
  }

  private addList(start: string, list: readonly unknown[], depth: number): void {
    this.lines.push(list.length === 0 ? `${start} (none)` : start);
    list.forEach((held, index) => {
      this.add(`${index}`, held, depth + 1);
    });
  }
}

/** Any JSON-safe value as an indented tree, one leaf a line. */
export function treeLines(name: string, value: unknown, colours: Colours): string[] {
  const tree = new Tree(colours);
  tree.add(name, value, 0);
  return tree.lines;
}

/** A decoded message for people: a headline, then everything there is, indented. */
export function messageTree(message: DecodedMessage, colours: Colours): string[] {
  const { messageCode, useCase, craFlag, originator, recipient, originatorCounter, ...rest } =
    message;
  const tree = new Tree(colours);
  tree.lines.push(
    `${colours.bold(`${useCase ?? 'unknown'} ${craFlag}`)} ${messageCode}  ` +
      `${originator} → ${recipient}  counter ${originatorCounter}`,
  );
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) tree.add(name, value === null ? 'none' : value, 1);
  }
  return tree.lines;
}
