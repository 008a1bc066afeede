import { CommanderError } from 'commander';
import { CodecError } from '../../protocols/codec/codec-error.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';

/** What the shell is told. */
export const exitCodes = {
  passed: 0,
  /** It ran, and something did not pass. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The surroundings are wrong: port, broker, files. */
  environment: 3,
} as const;

/** 128 and the number of SIGINT, as shells have it. */
export const interruptedCode = 130;

/** Ctrl-C came before the work was done. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('interrupted');
  }
}

export function exitCodeOf(error: unknown): number {
  // commander has said already what was wrong; help and version come as errors, too.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  }
  if (error instanceof UsageError || error instanceof CodecError) return exitCodes.usage;
  if (error instanceof InterruptedError) return interruptedCode;
  if (error instanceof EnvironmentError) return exitCodes.environment;
  return exitCodes.failed;
}

const foreseen = [UsageError, EnvironmentError, CodecError, InterruptedError];

/** What to print of an error: one line, or with `debug` all there is; undefined when it has been said. */
export function explanation(error: unknown, debug: boolean): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (debug && error instanceof Error) return `error: ${error.stack ?? error.message}`;
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replace(/\s*\n\s*/g, ' ');
  return foreseen.some((kind) => error instanceof kind)
    ? `error: ${line}`
    : `error: hubfleet itself failed: ${line} (HUBFLEET_DEBUG=1 shows where)`;
}
