import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The command line as users have it: built, for a process of its own. */
export const builtCli = 'dist/emulator/cli/main.js';

function newest(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => statSync(join(directory, file)).mtimeMs));
}

/** Builds it where it is older than its sources. */
export function buildCli(): void {
  const built = existsSync(builtCli) ? statSync('dist/emulator.tsbuildinfo').mtimeMs : 0;
  if (built < Math.max(newest('emulator'), newest('protocols'))) {
    execFileSync('npx', ['tsc', '-b'], { stdio: 'pipe' });
  }
}
