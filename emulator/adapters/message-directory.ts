import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EnvironmentError, UsageError } from '../ports/errors.js';

export interface MessageFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface MessageDirectory {
  readonly files: readonly MessageFile[];
  /** `keys.json` of the directory or of the one above it; undefined where there is none. */
  readonly keys: string | undefined;
}

const messageFile = /\.hex$/i;

/**
 * A directory laid out like the official test data: one message a file, in hex, in `*.HEX` files of any depth; or the
 * directory above, whose `messages` they are in.
 *
 * @throws UsageError where there are no such files, EnvironmentError where they cannot be read.
 */
export function readMessageDirectory(directory: string): MessageDirectory {
  const inner = join(directory, 'messages');
  const root = existsSync(inner) ? inner : directory;
  try {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => messageFile.test(name))
      .sort()
      .map((name) => ({
        path: name.replaceAll('\\', '/'),
        text: readFileSync(join(root, name), 'utf8'),
      }));
    if (files.length === 0) throw new UsageError(`there is no *.HEX file below '${directory}'`);
    const keys = [root, dirname(resolve(root))].map((where) => join(where, 'keys.json'));
    return { files, keys: keys.find((path) => existsSync(path)) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new EnvironmentError(`cannot read ${directory}: ${(error as Error).message}`);
  }
}
