import type { Io } from './io.js';
import type { Output } from './output.js';

/** One run of the command line: what commands get, and where they leave their exit code. */
export interface Session {
  readonly io: Io;
  readonly out: Output;
  readonly err: Output;
  exitCode: number;
}

/** The `Examples:` part of a command's help; each is a command line and what it does. */
export function examples(...list: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...list.map(([command]) => command.length));
  const lines = list.map(([command, what]) => `  $ ${command.padEnd(width)}  # ${what}`);
  return ['', 'Examples:', ...lines].join('\n');
}
