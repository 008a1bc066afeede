import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { opensslAvailable } from '../../support/mosquitto.js';
import { cli } from './run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'hubfleet-pki-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('pki export', () => {
  it('writes what it says, keys for their owner only', async () => {
    const directory = join(root, 'new', 'pki');
    const { code, out, err } = await cli(['pki', 'export', directory, '--homes', '2']);
    expect([code, err]).toEqual([0, '']);
    const [, certificates, keys] = /^(\d+) certificates and (\d+) private keys/.exec(out) ?? [];
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    const pems = files.filter((name) => name.endsWith('.pem'));
    expect(pems.filter((name) => name.endsWith('.key.pem'))).toHaveLength(Number(keys));
    expect(pems).toHaveLength(Number(certificates) + Number(keys));
    // Two homes of hub, gas proxy and two meters.
    expect(readdirSync(join(directory, 'devices'))).toHaveLength(2 * 4 * 4);
    expect(statSync(join(directory, 'keystore.json')).mode & 0o077).toBe(0);
  });

  it.skipIf(!opensslAvailable)(
    'openssl accepts every chain, and the line it suggests',
    async () => {
      const directory = join(root, 'verified');
      const device = '00db1234567890a0';
      const { out } = await cli([
        'pki',
        'export',
        directory,
        '--device',
        device,
        '--seed',
        'other',
      ]);
      const suggested = out.split('\n').find((line) => line.includes('openssl')) as string;
      const [, ...words] = suggested.trim().split(' ');
      expect(execFileSync('openssl', words, { encoding: 'utf8' })).toContain('OK');
      for (const group of ['devices', 'organisations']) {
        const leaves = readdirSync(join(directory, group))
          .filter((name) => !name.endsWith('.key.pem'))
          .map((name) => join(directory, group, name));
        const chain = ['-untrusted', join(directory, `issuing-${group}.pem`)];
        const trusted = ['-CAfile', join(directory, 'root.pem')];
        const verdicts = execFileSync('openssl', ['verify', ...trusted, ...chain, ...leaves]);
        expect(verdicts.toString().match(/: OK$/gm)).toHaveLength(leaves.length);
      }
    },
  );

  it('the seed decides', async () => {
    const rootOf = async (name: string, ...args: string[]): Promise<string> => {
      const directory = join(root, name);
      await cli(['pki', 'export', directory, '--homes', '0', ...args]);
      return readFileSync(join(directory, 'root.pem'), 'utf8');
    };
    const [one, same, other] = [
      await rootOf('one'),
      await rootOf('same', '--seed', 'hubfleet'),
      await rootOf('other', '--seed', 'x'),
    ];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('leaves a directory that is not empty alone, unless forced', async () => {
    const args = ['pki', 'export', join(root, 'one'), '--homes', '0'];
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .* is not empty: choose another directory or give --force\n$/);
    const forced = await cli([...args, '--force', '--json']);
    expect(forced.code).toBe(0);
    expect(JSON.parse(forced.out)).toMatchObject({ directory: join(root, 'one') });
  });

  it.each([
    [['--device', 'abc'], 2, /not an EUI-64/],
    [['--device', '00db1234567890a0', '--homes', '1'], 2, /either --homes or --device/],
  ])('wrong use %j', async (args, expected, message) => {
    const { code, err } = await cli(['pki', 'export', join(root, 'never'), ...args]);
    expect(code).toBe(expected);
    expect(err).toMatch(message);
  });

  it('a place that cannot be written to: exit code 3', async () => {
    const { code, err } = await cli(['pki', 'export', '/dev/null/pki']);
    expect(code).toBe(3);
    expect(err).toMatch(/^error: cannot write to \/dev\/null\/pki: .*\n$/);
  });
});
