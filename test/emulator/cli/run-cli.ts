import { PassThrough, Readable, Writable } from 'node:stream';
import type { Io } from '../../../emulator/cli/io.js';
import { runCli } from '../../../emulator/cli/run.js';
import { until } from '../../support/until.js';

/** A stream that keeps what is written to it. */
export class Captured extends Writable {
  text = '';
  isTTY = false;
  columns = 120;
  rows = 24;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }
}

/** The command line run in this process, with streams of its own. */
export class CliRun implements Io {
  readonly stdin: Readable;
  readonly stdout = new Captured();
  readonly stderr = new Captured();
  readonly env: Record<string, string | undefined> = {};
  readonly exits: number[] = [];
  clockMs = 0;
  private readonly interruptHandlers = new Set<() => void>();
  private readonly exitHandlers = new Set<() => void>();

  constructor(input: string | Buffer = '') {
    this.stdin = input === '' ? new PassThrough().end() : Readable.from([Buffer.from(input)]);
  }

  onInterrupt(handler: () => void): () => void {
    this.interruptHandlers.add(handler);
    return () => this.interruptHandlers.delete(handler);
  }

  onExit(handler: () => void): () => void {
    this.exitHandlers.add(handler);
    return () => this.exitHandlers.delete(handler);
  }

  exit(code: number): void {
    this.exits.push(code);
    for (const handler of this.exitHandlers) handler();
  }

  nowMs(): number {
    return this.clockMs;
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const handler of [...this.interruptHandlers]) handler();
  }

  get waitsForInterrupt(): boolean {
    return this.interruptHandlers.size > 0;
  }

  run(...args: string[]): Promise<number> {
    return runCli(args, this);
  }

  /** Resolves when the text has appeared on one of the streams. */
  said(text: string): Promise<void> {
    return until(`'${text}' is printed`, () =>
      [this.stdout.text, this.stderr.text].some((all) => all.includes(text)),
    );
  }
}

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly lines: string[];
}

export async function cli(args: readonly string[], input?: string | Buffer): Promise<CliResult> {
  const run = new CliRun(input);
  const code = await run.run(...args);
  return { code, out: run.stdout.text, err: run.stderr.text, lines: run.stdout.lines };
}
