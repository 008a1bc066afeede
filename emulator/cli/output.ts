import { once } from 'node:events';
import picocolors from 'picocolors';
import type { Io, OutputStream } from './io.js';

export type Colours = ReturnType<typeof picocolors.createColors>;

function wantsColour(stream: OutputStream, env: Io['env']): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** EIO: the terminal itself was closed. */
const readerGone = new Set<string | undefined>(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/** One of the two output streams. A reader that has gone (`| head`) is no error: the rest is dropped. */
export class Output {
  readonly colours: Colours;
  private readonly closing = new AbortController();

  constructor(
    readonly stream: OutputStream,
    env: Io['env'],
  ) {
    this.colours = picocolors.createColors(wantsColour(stream, env));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!readerGone.has(error.code)) throw error;
      this.closing.abort();
    });
  }

  /** Aborted when nobody reads any more. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  write(text: string): void {
    if (!this.closed.aborted && text !== '') this.stream.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.write(`${JSON.stringify(value)}\n`);
  }

  /** Resolves when the reader has caught up: what produces much waits here. */
  async ready(): Promise<void> {
    if (!this.stream.writableNeedDrain || this.closed.aborted) return;
    try {
      await once(this.stream, 'drain', { signal: this.closed });
    } catch (error) {
      if (!this.closed.aborted) throw error;
    }
  }
}
