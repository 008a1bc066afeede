import type { Log } from '../ports/log.js';

const ignore = (): void => undefined;

/** Says nothing. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
