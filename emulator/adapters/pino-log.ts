import { type DestinationStream, destination, pino } from 'pino';
import { toHex } from '../../protocols/codec/hex.js';
import type { Log } from '../ports/log.js';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface PinoLogOptions {
  /** Least level that is written; `info` unless told. */
  readonly level?: LogLevel;
  /** Where lines go; standard error unless told. */
  readonly destination?: DestinationStream;
}

/**
 * One JSON object a line. Standard output is left to what commands print, and lines are written at
 * once, so that the last words before a crash are not lost. Byte strings of the detail show as hex,
 * an `Error` under `err` with its stack.
 */
export function pinoLog(options: PinoLogOptions = {}): Log {
  const to = options.destination ?? destination({ dest: standardError, sync: true });
  return pino({ level: options.level ?? 'info', base: null, formatters: { log: readable } }, to);
}

const standardError = 2;

function readable(detail: Record<string, unknown>): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(detail))
    shown[name] = value instanceof Uint8Array ? toHex(value) : value;
  return shown;
}
