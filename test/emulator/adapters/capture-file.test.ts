import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../emulator/adapters/capture-file.js';
import { EnvironmentError } from '../../../emulator/ports/errors.js';
import { buildCli } from '../../support/built-cli.js';
import { until } from '../../support/until.js';

const directory = mkdtempSync(join(tmpdir(), 'hubfleet-capture-'));
const path = join(directory, 'file');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a capture file', () => {
  it('has every record in order, and none of the file that was there', async () => {
    writeFileSync(path, 'what was there before, and longer than what comes');
    const file = await CaptureFile.create(path);
    expect(readFileSync(path, 'utf8')).toBe('');
    for (const record of ['a', 'bb', 'ccc']) expect(file.append(Buffer.from(record))).toBe(true);
    // Flushed without being closed.
    await until('it is written', () => statSync(path).size === 6);
    file.append(Buffer.from('d'));
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('abbcccd');
    expect(file.append(Buffer.from('e'))).toBe(false);
    expect(file.leftOut).toBe(1);
    await file.close();
  });

  it('leaves records out rather than grow', async () => {
    const released: (() => void)[] = [];
    const slow = new Writable({
      write: (_chunk, _encoding, done) => {
        released.push(done);
      },
    });
    const file = CaptureFile.to(slow, 'slow', { waitingOctetsMax: 10 });
    const append = (length: number) => file.append(new Uint8Array(length));
    expect([append(6), append(4), append(1)]).toEqual([true, true, false]);
    await until('it is on its way', () => released.length === 1);
    expect(append(1)).toBe(false);
    released.shift()?.();
    await turn();
    expect(append(10)).toBe(true);
    await until('it is on its way', () => released.length === 1);
    released.shift()?.();
    await file.close();
    expect(file.leftOut).toBe(2);
  });

  it('tells of a full disk, once, and takes no more', async () => {
    const file = await CaptureFile.create('/dev/full');
    file.append(Buffer.from('record'));
    await until('it has failed', () => file.failed.aborted);
    expect(file.failed.reason).toBeInstanceOf(EnvironmentError);
    expect(file.append(Buffer.from('record'))).toBe(false);
    expect(file.leftOut).toBe(2);
    await expect(file.close()).rejects.toThrow('cannot write /dev/full: the disk is full');
  });

  it.each([
    [join(directory, 'no', 'such'), 'there is no such directory'],
    [directory, 'it is a directory'],
  ])('cannot be %s', async (where, reason) => {
    await expect(CaptureFile.create(where)).rejects.toThrow(`cannot write ${where}: ${reason}`);
    await expect(CaptureFile.create(where)).rejects.toBeInstanceOf(EnvironmentError);
  });
});

describe('a file that may not grow further', () => {
  beforeAll(buildCli, 60_000);

  it('ends with the last record that is whole', () => {
    const script = `
      import { CaptureFile } from './dist/emulator/adapters/capture-file.js';
      const file = await CaptureFile.create(process.argv[1]);
      for (let i = 0; i < 9; i++) file.append(Buffer.alloc(1000, 65 + i));
      await file.close().catch((error) => console.log(error.name, error.message, file.leftOut));`;
    const node = [process.execPath, '--input-type=module', '-e', script, path];
    // 4 KiB, in the middle of the fifth record.
    const { stdout } = spawnSync('bash', ['-c', 'ulimit -f 4; exec "$@"', '-', ...node], {
      encoding: 'utf8',
    });
    expect(stdout).toBe(
      `EnvironmentError cannot write ${path}: it would be longer than a file may be; ` +
        'it ends whole after 4000 bytes 5\n',
    );
    expect(readFileSync(path, 'utf8')).toBe(
      ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(1000)).join(''),
    );
  });
});
