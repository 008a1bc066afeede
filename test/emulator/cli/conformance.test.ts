import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConformanceReport } from '../../../emulator/cli/conformance-report.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { buildCli, builtCli } from '../../support/built-cli.js';
import {
  loadRtdsIndex,
  readRtdsMessage,
  rtdsAvailable,
  rtdsDirectory,
} from '../../support/rtds.js';
import { cli } from './run-cli.js';

const work = mkdtempSync(join(tmpdir(), 'hubfleet-conformance-'));
afterAll(() => rmSync(work, { recursive: true }));

/** Test cases, failures and skipped of a JUnit file, by Python's XML parser, which is not ours. */
function junitCounts(path: string): readonly number[] {
  const program =
    'import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot(); ' +
    'print(*[len(list(r.iter(n))) for n in ("testcase", "failure", "skipped")])';
  const { status, stdout } = spawnSync('python3', ['-c', program, path], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.trim().split(' ').map(Number);
}

const python = spawnSync('python3', ['--version']).status === 0;
if (!python) console.warn('python3 is not installed: its reading of JUnit files is skipped');

describe.skipIf(!rtdsAvailable)('conformance', () => {
  beforeAll(buildCli, 60_000);

  it('finds all official messages right, as a user runs it', () => {
    const junit = join(work, 'all.xml');
    const { status, stdout } = spawnSync(
      process.execPath,
      [builtCli, 'conformance', '--rtds', rtdsDirectory, '--json', '--junit', junit],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    const report = JSON.parse(stdout) as ConformanceReport;
    expect(report.totals).toEqual({
      decoded: { passed: 939, of: 939 },
      're-encoded': { passed: 939, of: 939 },
      semantic: { passed: 939, of: 939 },
      signature: { passed: 372, of: 372 },
      mac: { passed: 573, of: 577 },
      decryption: { passed: 41, of: 41 },
    });
    expect(report.misses.map(({ useCase, check }) => `${useCase} ${check}`)).toEqual([
      'PCS01 mac',
      'PCS01 mac',
      'PCS02 mac',
      'PCS02 mac',
    ]);
    expect(report.misses.every(({ defect }) => defect !== undefined)).toBe(true);
    expect(status).toBe(0);
    if (python) expect(junitCounts(junit)).toEqual([939, 0, 4]);
  }, 30_000);

  /** A small directory with faults: a flipped MAC, one cut short, one that is no hex, one of another use case. */
  function faulty(): string {
    const directory = join(work, 'faulty');
    const put = (name: string, text: string): void => {
      const path = join(directory, 'messages', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    };
    const hexOf = (pattern: RegExp): string => {
      const entry = loadRtdsIndex().find(({ file }) => pattern.test(file));
      return entry === undefined ? '' : toHex(readRtdsMessage(entry));
    };
    const good = hexOf(/ECS42_7.1_SUCCESS_COMMAND/);
    put('7.1_ECS42/ECS42_GOOD.HEX', `${good}\n`);
    put('7.1_ECS42/ECS42_MAC.HEX', `${good.slice(0, -4)}0000`);
    put('7.1_ECS42/ECS42_CUT.hex', good.slice(0, -2));
    put('7.1_ECS42/ECS42_"<&.HEX', 'no hex!');
    put('readme.txt', 'no message');
    cpSync(join(rtdsDirectory, 'keys.json'), join(directory, 'keys.json'));
    return directory;
  }

  it('names every miss and ends with 1', async () => {
    const directory = faulty();
    const junit = join(work, 'faulty.xml');
    const { code, lines } = await cli(['conformance', '--rtds', directory, '--junit', junit]);
    expect(code).toBe(1);
    const misses = lines.filter((line) => line.startsWith('MISS'));
    expect(misses).toHaveLength(3);
    expect(misses).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/ECS42_MAC\.HEX: mac: not valid$/),
        expect.stringMatching(/ECS42_CUT\.hex: decoded: .*macHeader @7/),
        expect.stringMatching(/ECS42_"<&\.HEX: decoded: .*neither hex nor base64/),
      ]),
    );
    expect(lines.at(-1)).toMatch(/^FAILED: 4 messages, 3 misses, 0 documented defects/);
    if (python) expect(junitCounts(junit)).toEqual([4, 3, 0]);
    expect(readFileSync(junit, 'utf8')).toContain('ECS42_&quot;&lt;&amp;.HEX');
  });

  it('without keys checks what needs none', async () => {
    const directory = join(work, 'keyless');
    cpSync(
      join(work, 'faulty', 'messages', '7.1_ECS42', 'ECS42_MAC.HEX'),
      join(directory, 'a.HEX'),
    );
    const { code, out, err } = await cli(['conformance', '--rtds', directory, '--json']);
    expect(code).toBe(0);
    expect(err).toContain('no keys');
    expect((JSON.parse(out) as ConformanceReport).totals).toMatchObject({
      decoded: { passed: 1, of: 1 },
      mac: { passed: 0, of: 0 },
    });
  });
});
