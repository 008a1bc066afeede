/**
 * Lints the shape of the source: import directions, dead files, long files, left-overs. `npm test` runs it
 * (test/tidy.test.ts); alone: npx tsx scripts/tidy.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const linesMax = 500;

/** Rooms from the bottom up: a room may import from those named with it, and from itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'protocols/codec': [],
  'protocols/crypto': ['protocols/codec'],
  'protocols/asn1': ['protocols/codec'],
  'protocols/dlms': ['protocols/codec'],
  'protocols/zigbee': ['protocols/codec', 'protocols/crypto'],
  'protocols/bus': ['protocols/codec'],
  'protocols/pcapng': ['protocols/codec'],
  'protocols/smki': ['protocols/codec', 'protocols/crypto', 'protocols/asn1'],
  'protocols/gbcs': [
    'protocols/codec',
    'protocols/crypto',
    'protocols/asn1',
    'protocols/dlms',
    'protocols/zigbee',
    'protocols/smki',
  ],
  'emulator/ports': ['protocols'],
  'emulator/machine': ['protocols', 'emulator/ports'],
  'emulator/adapters': ['protocols', 'emulator/ports', 'emulator/machine'],
  'emulator/sim': ['protocols', 'emulator/ports', 'emulator/machine'],
  'emulator/functions': ['protocols', 'emulator/ports', 'emulator/machine'],
  'emulator/devices': ['protocols', 'emulator/ports', 'emulator/machine', 'emulator/functions'],
  'emulator/han': ['protocols', 'emulator/ports', 'emulator/machine', 'emulator/functions'],
  'emulator/wan': ['protocols', 'emulator/ports', 'emulator/machine', 'emulator/functions'],
  'emulator/dcc': ['protocols', 'emulator/ports', 'emulator/machine', 'emulator/functions'],
  'emulator/fleet': ['protocols', 'emulator'],
  'emulator/cli': ['protocols', 'emulator'],
};
/** Only the composition roots may touch the process or pick makings of the ports. */
const closedRooms: Readonly<Record<string, readonly string[]>> = {
  'emulator/fleet': ['emulator/cli'],
};
const nodeRooms = ['emulator/adapters', 'emulator/cli', 'emulator/fleet', 'scripts', 'test'];

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(directory, name))
    .sort();
}

function roomOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

interface Import {
  readonly line: number;
  readonly from: string;
}

function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;
  for (const match of text.matchAll(pattern)) {
    const from = match[1] ?? match[2] ?? match[3] ?? '';
    found.push({ line: text.slice(0, match.index + match[0].length).split('\n').length, from });
  }
  return found;
}

function directionProblem(file: string, target: string): string | undefined {
  const [from, to] = [roomOf(file), roomOf(target)];
  const allowed = mayImport[from];
  if (from === to || allowed === undefined) return undefined;
  if (closedRooms[from]?.includes(to) === true) return `${from} must not import ${to}`;
  const ok = allowed.some(
    (room) => to === room || to.startsWith(`${room}/`) || room === to.split('/')[0],
  );
  return ok ? undefined : `${from} must not import ${to}`;
}

/** No device: what the in-home display and the prepayment display have in common. */
const sharedByDevices = 'display';

function deviceProblem(file: string, target: string): string | undefined {
  const device = (path: string): string | undefined =>
    /^emulator\/devices\/([a-z]+)\//.exec(path)?.[1];
  const [from, to] = [device(file), device(target)];
  if (to === sharedByDevices) return undefined;
  return to !== undefined && from !== undefined && from !== to
    ? `device ${from} must not import device ${to}`
    : undefined;
}

function checkFile(file: string, text: string, used: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const lines = text.split('\n');
  if (lines.length > linesMax && !file.startsWith('test/')) {
    problems.push({ file, line: lines.length, what: `more than ${linesMax} lines` });
  }
  lines.forEach((content, index) => {
    if (/\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck|\bas any\b|\.only\(/.test(content)) {
      if (file !== 'scripts/tidy.ts') problems.push({ file, line: index + 1, what: 'left-over' });
    }
  });
  for (const { line, from } of importsOf(text)) {
    if (from.startsWith('node:') && !nodeRooms.some((room) => file.startsWith(`${room}/`))) {
      problems.push({ file, line, what: `imports ${from} outside the composition roots` });
    }
    if (!from.startsWith('.')) continue;
    const target = relative(root, normalize(join(root, dirname(file), from))).replace(
      /\.js$/,
      '.ts',
    );
    used.add(target);
    const what = directionProblem(file, target) ?? deviceProblem(file, target);
    if (what !== undefined) problems.push({ file, line, what });
  }
  return problems;
}

/** Files that are entered from outside: package exports and the command line. */
function entryPoints(): Set<string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    exports: Record<string, string | { default: string }>;
  };
  const all = Object.entries(manifest.exports).filter(([name]) => !name.includes('*'));
  const targets = [
    ...Object.values(manifest.bin),
    ...all.map(([, e]) => (typeof e === 'string' ? e : e.default)),
  ];
  return new Set(targets.map((path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts')));
}

export function tidy(): Problem[] {
  const used = entryPoints();
  const problems: Problem[] = [];
  const source = [...filesBelow('protocols'), ...filesBelow('emulator')];
  for (const file of [...source, ...filesBelow('scripts'), ...filesBelow('test')]) {
    problems.push(...checkFile(file, readFileSync(join(root, file), 'utf8'), used));
  }
  // A module that only tests import still has a user: all of protocols/ can be imported from outside.
  for (const file of source) {
    if (!used.has(file)) problems.push({ file, line: 1, what: 'nothing imports this file' });
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = tidy();
  for (const { file, line, what } of problems) process.stdout.write(`${file}:${line}: ${what}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
