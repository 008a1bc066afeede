import type { GbcsMessage } from './message.js';

/** A message and where its parts lie in the bytes that were given. */
export interface LocatedMessage {
  readonly bytes: Uint8Array;
  readonly message: GbcsMessage;
  /** Offset of the 0xDF tag. */
  readonly innerAt: number;
  readonly contentAt: number;
}

/** A node of an explained message. */
export interface Explanation {
  readonly name: string;
  /** Where its bytes are in the message; absent for what is not sent (a derived key). */
  readonly offset?: number;
  readonly length?: number;
  readonly text?: string;
  readonly children?: readonly Explanation[];
}

export function field(name: string, offset: number, length: number, text?: string): Explanation {
  return text === undefined ? { name, offset, length } : { name, offset, length, text };
}

export function group(
  name: string,
  offset: number,
  length: number,
  children: readonly Explanation[],
): Explanation {
  return { name, offset, length, children };
}

/** Something that is not in the bytes. */
export function derived(
  name: string,
  text: string | undefined,
  children?: readonly Explanation[],
): Explanation {
  return {
    name,
    ...(text === undefined ? {} : { text }),
    ...(children === undefined ? {} : { children }),
  };
}

const columnWidth = 5;
const indent = '  ';

/** One line a node: offset, length, then name and text, indented by depth. */
export function renderExplanation(explanation: Explanation): readonly string[] {
  const lines: string[] = [`${column('at')} ${column('bytes')}`];
  const add = ({ name, offset, length, text, children }: Explanation, depth: number): void => {
    const place = `${column(offset)} ${column(length)}  ${indent.repeat(depth)}`;
    lines.push(`${place}${name}${text === undefined || text === '' ? '' : `  ${text}`}`);
    for (const child of children ?? []) add(child, depth + 1);
  };
  add(explanation, 0);
  return lines;
}

function column(value: number | string | undefined): string {
  return String(value ?? '').padStart(columnWidth);
}
