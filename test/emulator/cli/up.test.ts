import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { CliRun, cli } from './run-cli.js';

describe('up', () => {
  it('for a while as JSON: one object, exit code 0', async () => {
    const { code, out, lines } = await cli([
      ...['up', '--for', '1s', '--json', '--port', '0', '--homes', '4'],
      ...['--commands-per-second', '40', '--seed', 'a test'],
    ]);
    expect(lines).toHaveLength(1);
    const summary = JSON.parse(out);
    expect(Object.keys(summary).slice(0, 10)).toEqual([
      ...['homes', 'devices', 'joined', 'commands', 'responses'],
      ...['signaturesVerified', 'macsVerified', 'refused', 'errors', 'latencyMs'],
    ]);
    expect(summary).toMatchObject({
      homes: 4,
      devices: 20,
      joined: 20,
      refused: 0,
      errors: 0,
      timeouts: 0,
      seed: 'a test',
      passed: true,
      problems: [],
    });
    expect(summary.commands).toBeGreaterThan(10);
    // What waits now waits for a gas meter to wake.
    expect(summary.pending).toBe(summary.asleep);
    expect(summary.asleep).toBeLessThanOrEqual(4);
    expect(summary.responses + summary.asleep).toBe(summary.commands);
    expect(summary.signaturesVerified + summary.macsVerified).toBeGreaterThanOrEqual(
      summary.responses,
    );
    expect(summary.latencyMs.p95).toBeGreaterThanOrEqual(summary.latencyMs.p50);
    expect(code).toBe(0);
  });

  it('without a terminal: plain lines, and Ctrl-C ends it', async () => {
    const run = new CliRun();
    const done = run.run('up', '--port', '0', '--homes', '2');
    await run.said('2 homes (10 devices) up in');
    expect(run.stdout.text).toMatch(/hubfleet devices --broker mqtt:\/\/127\.0\.0\.1:\d+ /);
    run.interrupt();
    expect(await done).toBe(0);
    expect(run.stdout.lines.at(-1)).toBe('passed');
    expect(run.stdout.text).not.toContain('\x1b');
    expect(run.waitsForInterrupt).toBe(false);
  });

  it('on a terminal: a table drawn in place that fits, and the cursor back at the end', async () => {
    const run = new CliRun();
    Object.assign(run.stdout, { isTTY: true, columns: 90, rows: 12 });
    const done = run.run('up', '--port', '0', '--homes', '30', '--commands-per-second', '30');
    await run.said('… and 26 more homes');
    await run.said('\x1b[11A');
    run.interrupt();
    expect(await done).toBe(0);
    const { text } = run.stdout;
    expect(text.startsWith('\x1b[?25l\x1b[?7l')).toBe(true);
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(text.lastIndexOf('\x1b[?25l'));
    expect(text).toMatch(/HOME +HUB +ELECTRICITY +GAS +DISPLAY +LAST COMMAND/);
    expect(text).toMatch(/home-1 +…[0-9a-f]{6} +[\d.]+ kWh +\d+ W +[\d.]+ m³/);
    const pictures = text.split('\x1b[J').slice(0, -1);
    for (const picture of pictures) expect(picture.split('\n').length - 1).toBe(11);
  });

  it('a second Ctrl-C ends the process at once', async () => {
    const run = new CliRun();
    const done = run.run('up', '--port', '0', '--homes', '1', '--quiet');
    await until('the command waits', () => run.waitsForInterrupt);
    run.interrupt();
    // npm hands on what the terminal has sent already.
    run.clockMs += 5;
    run.interrupt();
    expect(run.exits).toEqual([]);
    run.clockMs += 500;
    run.interrupt();
    expect(run.exits).toEqual([130]);
    await done;
  });

  it('interrupted before its time: not passed', async () => {
    const run = new CliRun();
    const done = run.run('up', '--port', '0', '--homes', '1', '--for', '1h', '--json');
    await run.said('1 homes (5 devices) up in');
    run.interrupt();
    expect(await done).toBe(1);
    expect(JSON.parse(run.stdout.text)).toMatchObject({
      passed: false,
      problems: ['interrupted before the time was up'],
    });
  });

  it('a second fleet of the same name on a broker: exit code 3, the first goes on', async () => {
    const run = new CliRun();
    const done = run.run('up', '--port', '0', '--homes', '1', '--name', 'twin', '--json');
    await run.said('1 homes (5 devices) up in');
    const [, broker = ''] = /broker (mqtt:\S+)/.exec(run.stderr.text) ?? [];
    const again = ['up', '--broker', broker, '--homes', '1', '--for', '1s', '--quiet'];
    const { code, out, err } = await cli([...again, '--name', 'twin']);
    expect([code, out]).toEqual([3, '']);
    expect(err).toBe(`error: a fleet 'twin' runs on ${broker} already: choose another --name\n`);
    expect((await cli([...again, '--name', 'other'])).code).toBe(0);
    run.interrupt();
    expect(await done).toBe(0);
  });

  it('a gas meter that wakes too often: exit code 2, and no broker is left behind', async () => {
    const before = process.getActiveResourcesInfo();
    const run = new CliRun();
    const code = await run.run('up', '--port', '0', '--homes', '1', '--gas-wake-interval', '1ms');
    expect([code, run.stdout.text, run.waitsForInterrupt]).toEqual([2, '', false]);
    expect(run.stderr.text).toBe('error: gas meters wake every 1 s to 24 h, not every 1 ms\n');
    const servers = (all: readonly string[]) => all.filter((kind) => kind === 'TCPServerWrap');
    expect(servers(process.getActiveResourcesInfo())).toEqual(servers(before));
  });

  it('a port in use: exit code 3, one line that says what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, out, err } = await cli(['up', '--port', String(port), '--homes', '1']);
    expect([code, out]).toEqual([3, '']);
    expect(err).toBe(
      `error: port ${port} on 127.0.0.1 is in use: stop the program that has it or choose another port (0 takes any)\n`,
    );
    server.close();
  });
});
