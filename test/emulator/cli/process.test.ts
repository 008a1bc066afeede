import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, builtCli } from '../../support/built-cli.js';
import { until } from '../../support/until.js';

beforeAll(buildCli, 60_000);

interface Running {
  readonly child: ChildProcess;
  out: string;
  err: string;
  readonly ended: Promise<readonly [number | null, string | null]>;
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [builtCli, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  const running: Running = { child, out: '', err: '', ended };
  child.stdout?.on('data', (chunk: Buffer) => {
    running.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    running.err += chunk.toString();
  });
  return running;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

describe('the process', () => {
  it('up for two seconds prints one object and ends by itself with 0', async () => {
    const run = start('up', '--for', '2s', '--json', '--port', '0');
    const [code] = await run.ended;
    const summary = JSON.parse(run.out);
    expect(summary).toMatchObject({ homes: 10, devices: 50, refused: 0, errors: 0, passed: true });
    expect(summary.responses + summary.asleep).toBe(summary.commands);
    expect(run.out.split('\n')).toHaveLength(2);
    expect(code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s leaves no process and no socket', async (signal) => {
    const run = start('up', '--port', '0', '--homes', '2');
    await until('the fleet is up', () => run.out.includes('up in'));
    const port = Number(/mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(run.out)?.[1]);
    expect(await listens(port)).toBe(true);
    run.child.kill(signal);
    const [code, by] = await run.ended;
    expect([code, by, run.err]).toEqual([0, null, '']);
    expect(run.out.trimEnd().split('\n').at(-1)).toBe('passed');
    expect(await listens(port)).toBe(false);
  });

  it('decode reads lines until the end, and says by its exit code that one was wrong', async () => {
    const run = start('decode', '--json');
    run.child.stdin?.end('zz\n\nnothing\n');
    const [code] = await run.ended;
    expect(code).toBe(1);
    expect(run.out.trimEnd().split('\n')).toHaveLength(2);
    expect(run.err).toBe('');
  });

  it('decode ends quietly when its reader has had enough', async () => {
    const run = start('decode', '--json');
    run.child.stdin?.on('error', () => undefined);
    run.child.stdin?.write('00\n'.repeat(100_000));
    await until('something is printed', () => run.out !== '');
    run.child.stdout?.destroy();
    run.child.stdin?.write('00\n'.repeat(100_000));
    await run.ended;
    expect(run.err).toBe('');
  });

  it('wrong use ends with 2 and one line', async () => {
    const run = start('up', '--no-such-option');
    const [code] = await run.ended;
    expect([code, run.out]).toEqual([2, '']);
    expect(run.err).toMatch(/^error: unknown option '--no-such-option'.*\n$/);
  });
});
