import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningFleet, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { firmwareFile } from '../../support/firmware-home.js';
import { type CliResult, cli } from './run-cli.js';

let running: RunningFleet;
let broker: readonly string[];
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hubfleet-firmware-'));
  const options = { homes: 2, name: 'mews', port: 0, template: 'full-home', speed: 10 };
  running = await startFleet({ ...options, gasWakeIntervalMs: 10_000 });
  broker = ['--broker', running.brokerUrl, '--name', 'mews'];
});
afterAll(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const on = (...args: string[]): Promise<CliResult> => cli(['firmware', ...args, ...broker]);
const file = (name: string, octets: Uint8Array): string => {
  const path = join(directory, name);
  writeFileSync(path, octets);
  return path;
};

describe('hubfleet firmware', () => {
  it('makes a test image, follows it, and has it activated', async () => {
    const result = await on('home-1/esme', '--make', '01000001', '--size', '500', '--activate');
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toMatch(/^home-1\/esme [0-9a-f]{16}: 01000001 running\n$/);
  });

  it('brings a file to all homes named, as JSON', async () => {
    const path = file('meter.ota', firmwareFile('esme', 0x01000005, { sign: undefined }));
    const result = await on('home-1', 'home-2', '--file', path, '--json');
    expect(result.code).toBe(0);
    const states = result.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(states).toMatchObject([
      { home: 'home-1', type: 'esme', version: '01000005', state: 'held' },
      { home: 'home-2', type: 'esme', version: '01000005', state: 'held' },
    ]);
    expect(states[0]?.imageHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a file that its supplier did not sign is refused: exit code 1', async () => {
    // Signed by a supplier of other keys.
    const path = file('foreign.ota', firmwareFile('esme', 0x01000006, { octets: 400 }));
    const { code, out } = await on('home-2/esme', '--file', path);
    expect(code).toBe(1);
    expect(out).toMatch(/01000006 rejected, not verified/);
  });

  it('an image that does not start: exit code 1', async () => {
    const { code, out } = await on(
      'home-2/hcalcs',
      '--make',
      '01000007',
      '--faulty',
      '--size',
      '99',
    );
    expect(code).toBe(1);
    expect(out).toMatch(/01000007 rejected, did not start/);
  });

  it('does not wait where it is not to', async () => {
    const { code, out } = await on('home-2/gsme', '--make', '01000008', '--no-wait');
    expect([code, out]).toEqual([0, expect.stringMatching(/01000008 announced/)]);
  });

  it.each([
    [['home-1/esme'], /either --file or --make/],
    [['home-1/esme', '--make', 'one'], /four octets of a version/],
    [['home-1/esme', '--make', '01000001', '--file', 'x'], /either --file or --make/],
    [['home-1/ihd', '--make', '01000001'], /no firmware for [0-9a-f]{16} \(ihd\)/],
    [['home-9', '--make', '01000001'], /no home or device 'home-9'/],
    [['home-1/esme', '--make', '01000001', '--no-wait', '--activate'], /has to wait/],
    [['home-1/esme', '--make', '01000001', '--size', '9000000'], /whole number/],
    [[], /missing required argument/],
  ])('%j is wrong use: exit code 2, one line', async (args, text) => {
    const { code, err } = await on(...args);
    expect(code).toBe(2);
    expect(err).toMatch(text);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('a file that is none, and one that is not there', async () => {
    const path = file('none.ota', new Uint8Array(100));
    expect(await on('home-1', '--file', path)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no firmware file/),
    });
    expect(await on('home-1', '--file', join(directory, 'absent'))).toMatchObject({ code: 3 });
  });
});
