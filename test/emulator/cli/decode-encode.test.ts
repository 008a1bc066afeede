import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { CliRun, cli } from './run-cli.js';

const directory = mkdtempSync(join(tmpdir(), 'hubfleet-decode-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, contents: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, contents);
  return path;
}

interface Failure {
  readonly error?: { readonly path: string; readonly offset: number; readonly reason: string };
}

describe('garbage', () => {
  it.each(['zz', 'df', 'dd0000', '00', '3QAA', 'no such thing!', 'ff'.repeat(5_000)])(
    'decode %.20s: an error with path, offset and reason, exit code 1',
    async (text) => {
      const { code, lines, err } = await cli(['decode', '--json', text]);
      expect(code).toBe(1);
      expect(err).toBe('');
      expect(lines).toHaveLength(1);
      const { error } = JSON.parse(lines[0] as string) as Failure;
      expect(Object.keys(error ?? {})).toEqual(['path', 'offset', 'reason']);
      expect(error?.reason).not.toBe('');
    },
  );

  it.each([
    ['{', 1],
    ['nonsense', 0],
    ['{"messageCode":}', 15],
  ])('encode %s: the offset is that of the character', async (text, offset) => {
    const { code, lines } = await cli(['encode'], `${text}\n`);
    expect(code).toBe(1);
    expect(JSON.parse(lines[0] as string)).toEqual({
      error: { path: '', offset, reason: 'not JSON' },
    });
  });

  it.each(['null', '[]', '7', '"text"', '{}', '{"messageCode":"0x0027"}'])(
    'encode %s: JSON, but no message',
    async (text) => {
      const { code, lines } = await cli(['encode'], text);
      expect(code).toBe(1);
      expect((JSON.parse(lines[0] as string) as Failure).error?.reason).toBeTruthy();
    },
  );

  it('an argument that is neither message nor file says so', async () => {
    const { lines } = await cli(['decode', '--json', 'missing.HEX']);
    expect((JSON.parse(lines[0] as string) as Failure).error?.reason).toContain('no such file');
  });

  it('encode of a file that is not there is wrong use', async () => {
    const { code, err, out } = await cli(['encode', join(directory, 'missing.json')]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: there is no file '.*missing\.json' to encode\n$/);
  });

  it('nothing in, nothing out', async () => {
    expect(await cli(['decode'], '\n  \n\r\n')).toMatchObject({ code: 0, out: '', err: '' });
    expect(await cli(['encode'], '\n  \n\r\n')).toMatchObject({ code: 0, out: '', err: '' });
  });

  it('a reader that goes away ends a decoder that would never end', async () => {
    const run = new CliRun();
    let produced = 0;
    async function* endless() {
      for (;;) {
        produced++;
        yield Buffer.from('00\n');
        await setImmediate();
      }
    }
    Object.assign(run, { stdin: Readable.from(endless()) });
    const done = run.run('decode', '--json');
    await run.said('error');
    run.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await done).toBe(1);
    expect(produced).toBeGreaterThan(0);
    expect(run.stderr.text).toBe('');
  });
});

describe.skipIf(!rtdsAvailable)('official messages', () => {
  const entries = rtdsAvailable ? loadRtdsIndex() : [];
  const messages = entries.map((entry) => toHex(readRtdsMessage(entry)));
  const [first = '', second = ''] = messages;

  it('all go through decode and encode, byte-identical and in order', async () => {
    const decoded = await cli(['decode', '--json'], `${messages.join('\n')}\n`);
    expect(decoded).toMatchObject({ code: 0, err: '' });
    expect(decoded.lines).toHaveLength(messages.length);
    const encoded = await cli(['encode'], decoded.out);
    expect(encoded).toMatchObject({ code: 0, err: '' });
    expect(encoded.lines).toEqual(messages);
  });

  it('headers say what the index says', async () => {
    const { lines } = await cli(['decode', '--json'], messages.join('\n'));
    lines.forEach((line, at) => {
      const entry = entries[at] as (typeof entries)[number];
      expect(JSON.parse(line)).toMatchObject({
        messageCode: `0x${entry.messageCode}`,
        craFlag: entry.cra,
        originator: entry.originator,
        recipient: entry.recipient,
        originatorCounter: String(entry.counter),
      });
    });
  });

  it('garbage gets its line and the rest goes on', async () => {
    const input = [first, 'garbage!', '', `${first}00`, second.slice(0, -2), second].join('\r\n');
    const { code, lines } = await cli(['decode', '--json'], input);
    expect(code).toBe(1);
    const shown = lines.map((line) => ('error' in JSON.parse(line) ? 'error' : 'message'));
    expect(shown).toEqual(['message', 'error', 'error', 'error', 'message']);
    const back = await cli(['encode'], lines.join('\n'));
    expect(back.code).toBe(1);
    expect([back.lines[0], back.lines[4]]).toEqual([first, second]);
    expect(back.lines.slice(1, 4).every((line) => 'error' in JSON.parse(line))).toBe(true);
  });

  it('arguments: hex, base64, files of hex, base64 and bytes, wrapped or a message a line', async () => {
    const bytes = fromHex(first);
    const base64 = Buffer.from(bytes).toString('base64');
    const wrapped = (text: string, width: number): string =>
      (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');
    const inputs = [
      first,
      first.toUpperCase(),
      base64,
      file('hex', `${first}\n`),
      file('upper.HEX', first.toUpperCase()),
      file('base64', wrapped(base64, 76)),
      file('wrapped', wrapped(first, 64)),
      file('binary', bytes),
    ];
    const { code, lines } = await cli(['decode', '--json', ...inputs]);
    expect(code).toBe(0);
    expect(new Set(lines).size).toBe(1);
    expect(lines).toHaveLength(inputs.length);
    const many = file('many', `${first}\r\n\r\n${second}\n`);
    const both = await cli(['decode', '--json', many]);
    expect(both.lines).toHaveLength(2);
    expect(both.lines[0]).toBe(lines[0]);
  });

  it('encode takes files, a pretty-printed document, and gives base64', async () => {
    const { out } = await cli(['decode', '--json', first, second]);
    const [one = ''] = out.split('\n');
    const pretty = JSON.stringify(JSON.parse(one), undefined, 2);
    const inFiles = await cli(['encode', file('two.jsonl', out), file('one.json', pretty)]);
    expect(inFiles).toMatchObject({ code: 0, lines: [first, second, first] });
    expect((await cli(['encode'], pretty)).lines).toEqual([first]);
    const { lines } = await cli(['encode', '--base64'], out);
    expect(lines.map((line) => Buffer.from(line, 'base64').toString('hex'))).toEqual([
      first,
      second,
    ]);
  });

  it('a tree for people names what is inside', async () => {
    const entry = entries.find((one) => one.payload === 'dlms-access-response');
    const { code, out } = await cli(['decode', toHex(readRtdsMessage(entry!))]);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toContain(`${entry!.originator} → ${entry!.recipient}`);
    expect(out).toContain('access-response');
    expect(out).not.toContain('[object Object]');
    expect(out).not.toContain('\x1b[');
  });
});
