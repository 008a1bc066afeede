import { createReadStream, readFileSync, statSync } from 'node:fs';
import { EnvironmentError } from '../ports/errors.js';

/** Bytes up to which a file is read whole, to see whether it holds one message or many. */
export const wholeFileMax = 4 * 1024 * 1024;

/** Size of the file (or pipe: 0) at that path; undefined when there is none. */
export function fileSize(path: string): number | undefined {
  try {
    const found = statSync(path);
    return found.isDirectory() ? undefined : found.isFile() ? found.size : wholeFileMax + 1;
  } catch {
    // Most likely the text is no path at all: too long, or holding a zero.
    return undefined;
  }
}

/** @throws EnvironmentError */
export function readWhole(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** Chunks of a file. @throws EnvironmentError, while it is read */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): EnvironmentError {
  return new EnvironmentError(`cannot read ${path}: ${(error as Error).message}`);
}
