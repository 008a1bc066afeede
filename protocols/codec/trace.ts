/** A field that was read, and where it lies. */
export interface Span {
  readonly name: string;
  /** Offsets in the buffer that was given to the outermost decoder. */
  readonly start: number;
  readonly end: number;
  /** Undefined where reading it failed. */
  readonly value: unknown;
  readonly children: readonly Span[];
}

/**
 * Follows a decoder field by field, for showing people which bytes mean what. A reader that bears one reports to it;
 * without one decoding pays for a single comparison a field.
 */
export class Trace {
  private level: Span[] = [];

  /** The outermost fields so far. */
  get spans(): readonly Span[] {
    return this.level;
  }

  /** Runs `read`, which moves `reader` over the field `name`; fields read meanwhile become its children. */
  field<T>(reader: { readonly offset: number }, name: string, read: () => T): T {
    const outer = this.level;
    const children: Span[] = [];
    const start = reader.offset;
    let value: T | undefined;
    this.level = children;
    try {
      value = read();
      return value;
    } finally {
      // Of a field that failed, what was read of it.
      outer.push({ name, start, end: reader.offset, value, children });
      this.level = outer;
    }
  }
}

interface Traceable {
  readonly offset: number;
  readonly trace: Trace | undefined;
}

/** Reads item `index` of a list, named `list[index]` (and `part` of it) where the reader is followed. */
export function readTraced<R extends Traceable, T>(
  reader: R,
  read: (reader: R) => T,
  list: string,
  index: number,
  part = '',
): T {
  if (reader.trace === undefined) return read(reader);
  return reader.trace.field(reader, `${list}[${index}]${part}`, () => read(reader));
}
