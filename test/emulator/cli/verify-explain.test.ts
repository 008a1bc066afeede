import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toHex } from '../../../protocols/codec/hex.js';
import {
  loadRtdsIndex,
  readRtdsMessage,
  rtdsAvailable,
  rtdsDirectory,
} from '../../support/rtds.js';
import { cli } from './run-cli.js';

const keys = join(rtdsDirectory, 'keys.json');
const directory = mkdtempSync(join(tmpdir(), 'hubfleet-verify-'));
afterAll(() => rmSync(directory, { recursive: true }));

function hexOf(pattern: RegExp): string {
  const entry = loadRtdsIndex().find(({ file }) => pattern.test(file));
  if (entry === undefined) throw new Error(`no ${String(pattern)}`);
  return toHex(readRtdsMessage(entry));
}

describe('wrong use', () => {
  it.each([
    [['verify', 'dd00'], /required option '--keys <path>'/],
    [['verify', '--keys', join(directory, 'none'), 'dd00'], /there is no key file or directory/],
    [['explain', '--keys', 'package.json', 'dd00'], /is no keystore/],
    [['conformance'], /required option '--rtds <dir>'/],
    [['conformance', '--rtds', directory], /there is no \*\.HEX file below/],
  ])('%j ends with 2 and one line', async (args, message) => {
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe.skipIf(!rtdsAvailable)('verify', () => {
  it('prints a line a message, and its verdicts as JSON', async () => {
    const hex = hexOf(/ECS17b_4.1.1_SINGLE_SUCCESS_RESPONSE/);
    const line = await cli(['verify', '--keys', keys, hex]);
    expect(line.code).toBe(0);
    expect(line.out).toBe(
      'ECS17b response 0x0027  00db1234567890a0 → 90b3d51f30010000  counter 1000  ' +
        'signature absent  mac valid  decrypted valid\n',
    );
    const json = await cli(['verify', '--json', '--keys', keys, hex]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({
      messageCode: '0x0027',
      useCase: 'ECS17b',
      originatorCounter: '1000',
      signature: 'absent',
      mac: 'valid',
      decrypted: 'valid',
      decryptedValues: [{ path: 'payload.items[0].data', value: { type: 'structure' } }],
    });
    expect(json.err).toMatch(/^note: .*90b3d51f30000007/);
  });

  it('ends with 1 where one is invalid or none, and goes on', async () => {
    const hex = hexOf(/ECS42_7.1_SUCCESS_COMMAND/);
    const bad = hex.slice(0, -2) + (hex.endsWith('00') ? '01' : '00');
    const { code, lines } = await cli(['verify', '--json', '--keys', keys], `${bad}\nzz\n${hex}\n`);
    expect(code).toBe(1);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { signature: 'valid', mac: 'invalid', decrypted: 'absent' },
      { error: { offset: 0 } },
      { signature: 'valid', mac: 'valid' },
    ]);
  });

  it('says no-key with keys of others', async () => {
    const file = join(directory, 'one.json');
    const list = (await import('../../support/rtds.js')).loadRtdsKeys();
    writeFileSync(file, JSON.stringify(list.filter(({ eui }) => eui === '90b3d51f30020000')));
    const hex = hexOf(/ECS42_7.1_SUCCESS_COMMAND/);
    const { code, out } = await cli(['verify', '--json', '--keys', file, hex]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ signature: 'no-key', mac: 'no-key' });
  });
});

describe.skipIf(!rtdsAvailable)('explain', () => {
  it('prints offsets, lengths and names; with keys the MAC that is due', async () => {
    const hex = hexOf(/ECS42_7.1_SUCCESS_COMMAND/);
    const bare = await cli(['explain', hex]);
    expect(bare.code).toBe(0);
    expect(bare.out).toMatch(/ 17 +8 +originatorCounter {2}1000\n/);
    expect(bare.out).not.toContain('protection');
    const wrong = `${hex.slice(0, -2)}00`;
    const { out } = await cli(['explain', '--keys', keys, wrong]);
    expect(out).toMatch(
      /computed {2}efd36e695298259fadf662fa, differs from byte 11: want fa, found 00/,
    );
    const json = await cli(['explain', '--json', hex, hex]);
    expect(json.lines).toHaveLength(2);
    expect(JSON.parse(json.lines[0] as string)).toMatchObject({ name: 'message', length: 146 });
    expect((await cli(['explain', 'dd00'])).code).toBe(1);
  });
});
