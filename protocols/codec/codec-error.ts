/**
 * The one error that decoding or encoding may throw: the wire (or the value) is wrong.
 *
 * `path` names the field in the standard's words (`groupingHeader.otherInformation`), `offset` is the
 * byte offset in the buffer that was given to the outermost decoder (or reached so far while encoding).
 */
export class CodecError extends Error {
  override readonly name = 'CodecError';

  constructor(
    public path: string,
    readonly offset: number,
    readonly reason: string,
  ) {
    super();
  }

  /** Built on demand: most codec errors are caught and counted, and their path grows while they rise. */
  override get message(): string {
    return `${this.path === '' ? 'message' : this.path} @${this.offset}: ${this.reason}`;
  }

  toJSON(): { path: string; offset: number; reason: string } {
    return { path: this.path, offset: this.offset, reason: this.reason };
  }
}

/** Joins `b` below `a`; list indices attach without a dot (`items` + `[2]`). */
function join(a: string, b: string): string {
  if (a === '') return b;
  if (b === '') return a;
  return b.startsWith('[') ? a + b : `${a}.${b}`;
}

/** Puts `segment` in front of a rising CodecError's path; anything else passes unchanged. */
export function under(segment: string, error: unknown): unknown {
  if (error instanceof CodecError) error.path = join(segment, error.path);
  return error;
}

/** Runs `body`; a CodecError out of it gets `segment` in front of its path. */
export function within<T>(segment: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw under(segment, error);
  }
}
