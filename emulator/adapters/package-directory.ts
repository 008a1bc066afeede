import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../ports/errors.js';

/** Where the package lies, whether its sources run or its build: the first directory above with a package.json. */
export function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new InvariantError('no package.json above the program');
    directory = parent;
  }
  return directory;
}

export function packageVersion(): string {
  const manifest = readFileSync(join(packageDirectory(), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
