import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DisplayKeys } from '../../../emulator/cli/display-keys.js';
import { colouredLine, picture } from '../../../emulator/cli/display-picture.js';
import { Output } from '../../../emulator/cli/output.js';
import { type RunningFleet, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { decodeUtrn } from '../../../protocols/gbcs/utrn.js';
import { until } from '../../support/until.js';
import { Captured, type CliResult, CliRun, cli } from './run-cli.js';

let running: RunningFleet;
let broker: readonly string[];

beforeAll(async () => {
  running = await startFleet({ homes: 2, name: 'parade', port: 0, template: 'full-home' });
  broker = ['--broker', running.brokerUrl, '--name', 'parade'];
  await until('the displays have their first readings', () =>
    running.devices().every(({ type, state }) => {
      const { electricity } = state as { electricity?: { powerW?: number } };
      return (type !== 'ppmid' && type !== 'ihd') || electricity?.powerW !== undefined;
    }),
  );
});
afterAll(() => running?.stop());

const on = (...args: string[]): Promise<CliResult> => cli([...args, ...broker]);
const utrn = '73941656880950804485';

describe('display', () => {
  it('prints what a person sees, once where there is no terminal', async () => {
    for (const name of ['home-1', 'home-1/ppmid', 'home-2/ihd', '00db1000000001a7']) {
      const { code, lines, err } = await on('display', name);
      expect([code, err]).toEqual([0, '']);
      expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d (GMT|BST)/);
      expect(lines.join('\n')).toMatch(/^Electricity +[\d.]+ kW {2}\[[#-]{3}\] (low|medium|high)/m);
      expect(lines.join('\n')).not.toContain('\x1b');
    }
  });

  it('as one JSON object', async () => {
    const { code, lines } = await on('display', 'home-1', '--json');
    expect(code).toBe(0);
    expect(lines).toHaveLength(1);
    const answer = JSON.parse(lines[0]!);
    expect(answer).toMatchObject({
      device: '00db1000000001a4',
      type: 'ppmid',
      state: { electricity: { unit: 'kWh' }, clock: 'reliable' },
    });
    expect(answer.lines[0]).toMatch(/GMT|BST/);
  });

  it.each([
    [['display', 'home-9'], /there is no home 'home-9'/],
    [['display', 'home-1/esme'], /\(esme\) has no display/],
    [['display', 'home-1/ihdd'], /no device 'home-1\/ihdd' .*nearest: home-1\/ihd/],
    [['display', '00db1000000009a4'], /device 00db1000000009a4 is not in this fleet/],
    [['display', 'home-1/ihd', '--key', 'enable-supply'], /\(ihd\) has no keys/],
    [['display', 'home-1', '--key', 'panic'], /Allowed choices are emergency-credit/],
    [['display', 'home-1', '--top-up', '123'], /Want the 20 digits of a top-up/],
    [['display', 'home-1', '--top-up', utrn, '--key', 'acknowledge'], /are two keys/],
    [['display', 'home-1', '--fuel', 'coal'], /Allowed choices are electricity, gas/],
    [['display'], /missing required argument 'device'/],
    [['utrn', 'home-1/ppmid'], /\(ppmid\) takes no top-ups: only meters do/],
    [['utrn', 'home-1/esme', '--pounds', 'ten'], /Want an amount such as 10 or 12.50/],
    [
      ['utrn', 'home-1/esme', '--pounds', '100.50'],
      /1 to 8191 pence, or of up to 8191 whole pounds/,
    ],
    [['utrn', 'home-1/esmee'], /nearest: home-1\/esme/],
  ])('wrong use %j: exit code 2, one line', async (args, message) => {
    const { code, out, err } = await on(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('no fleet: exit code 3', async () => {
    const { code, err } = await cli(['display', 'home-1', '--broker', 'mqtt://127.0.0.1:9']);
    expect(code).toBe(3);
    expect(err).toMatch(/^error: cannot use the broker/);
  });

  it('--top-up with a wrong check digit: refused by the display, exit code 1', async () => {
    const { code, out } = await on('display', 'home-1', '--top-up', `${utrn.slice(0, 19)}6`);
    expect([code, out]).toEqual([1, 'not a top-up number: check the digits\n']);
  });

  it('--top-up with a number that was bought: the meter says what it has added, once', async () => {
    const { out: bought } = await on('utrn', 'home-2/esme', '--pounds', '10');
    const args = ['display', 'home-2', '--top-up', bought.trim()];
    const first = await on(...args);
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringMatching(/^£10\.00 added, balance £\d+\.\d\d, supply is on\n$/),
    ]);
    const again = await on(...args);
    expect([again.code, again.out]).toEqual([1, 'this number was used before\n']);
    const elsewhere = await on('display', 'home-1', '--top-up', bought.trim());
    expect([elsewhere.code, elsewhere.out]).toEqual([1, 'the meter does not know this number\n']);
    expect((await on('display', 'home-2')).out).toMatch(/^ {2}credit +£\d+\.\d\d$/m);
  });

  it('--key for gas: sent, and answered when the meter wakes', async () => {
    const args = ['display', 'home-2', '--key', 'emergency-credit', '--fuel', 'gas', '--json'];
    const { code, lines } = await on(...args);
    expect([code, JSON.parse(lines[0]!)]).toEqual([
      0,
      {
        device: '00db1000000002a4',
        key: 'emergency-credit',
        fuel: 'gas',
        state: 'waiting',
        text: 'waiting for the gas meter',
      },
    ]);
  });
});

describe('utrn', () => {
  it('sells numbers with the amount in them, a new one each time', async () => {
    const first = await on('utrn', 'home-1/esme', '--pounds', '12.50');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(decodeUtrn(first.out.trim())).toMatchObject({
      valueClass: 'pence',
      value: 1250,
      truncatedCounter: 1,
    });
    const second = await on('utrn', 'home-1/esme', '--pounds', '500', '--json');
    const sold = JSON.parse(second.out);
    expect(sold).toEqual({
      utrn: expect.stringMatching(/^\d{20}$/),
      device: '00db1000000001a0',
      supplier: '90b3d51f30010000',
      pence: 50_000,
      utrnCounter: 2,
    });
    expect(decodeUtrn(sold.utrn)).toMatchObject({ valueClass: 'pounds', value: 500 });
  });
});

/** The command line at a terminal: keys go in, pictures come out. */
class TerminalRun extends CliRun {
  readonly rawModes: boolean[] = [];
  override readonly stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => this.rawModes.push(raw),
  });

  constructor() {
    super();
    this.stdout.isTTY = true;
  }

  type(keys: string): void {
    this.stdin.write(keys);
  }
}

describe('display at a terminal', () => {
  function watching(...args: string[]) {
    const run = new TerminalRun();
    const done = run.run('display', ...args, ...broker);
    return { run, done };
  }

  it('draws in place, hands on the keys, and leaves the terminal as it was', async () => {
    const { run, done } = watching('home-1');
    await run.said('e emergency credit');
    expect(run.stdout.text).toContain('\x1b[?25l');
    expect(run.stdout.text).toContain('home-1');
    expect(run.stdout.text).toMatch(/3[123]m\[[#-]{3}\] (low|medium|high)/);
    run.type('t7394 1656');
    await run.said('7394 1656 ____ ____ ____');
    run.type('\x1b');
    run.type('a');
    await until('the message is dealt with', () =>
      /there is no message|message acknowledged/.test(run.stdout.text),
    );
    run.type('g');
    await run.said('[gas]');
    run.type(`t${utrn}\r`);
    await run.said('top-up sent, the gas meter answers when it wakes');
    run.type('q');
    expect(await done).toBe(0);
    expect(run.rawModes).toEqual([true, false]);
    expect(run.stdout.text.endsWith('\x1b[?7h\x1b[?25h')).toBe(true);
    expect([run.waitsForInterrupt, run.stdin.listenerCount('data')]).toEqual([false, 0]);
  });

  it.each([
    ['Ctrl-C as a key', (run: TerminalRun) => run.type('\x03')],
    ['Ctrl-C as a signal', (run: TerminalRun) => run.interrupt()],
  ])('%s ends it with 0', async (_what, end) => {
    const { run, done } = watching('home-2/ihd');
    await run.said('q quit');
    expect(run.stdout.text).not.toContain('top up');
    end(run);
    expect(await done).toBe(0);
    expect(run.rawModes).toEqual([true, false]);
  });

  it('a second picture comes within a second or so', async () => {
    const { run, done } = watching('home-1');
    await run.said('q quit');
    await until('it is drawn again', () => run.stdout.text.split(/GMT|BST/).length > 3);
    run.type('q');
    expect(await done).toBe(0);
  });
});

describe('keys', () => {
  it('a paste with spaces is one number, a wrong length is not sent, arrows are no Esc', () => {
    const keys = new DisplayKeys(true);
    expect(keys.take('t7394-1656 8809 5080 4485\r').filter((action) => action)).toEqual([
      { press: { key: 'top-up', utrn, fuel: 'electricity' } },
    ]);
    expect(keys.take('t123\r\x7f\b4\x1b[A').filter((action) => action)).toEqual([]);
    expect(keys.help()).toContain('14__ ____');
    expect(keys.take('q')).toEqual([undefined]);
    expect(keys.take('\x1b')).toEqual([undefined]);
    expect(keys.take('gEs')).toEqual([
      undefined,
      { press: { key: 'emergency-credit', fuel: 'gas' } },
      { press: { key: 'enable-supply' } },
    ]);
    expect(keys.take('q')).toEqual(['quit']);
  });

  it('a display without keys can only be left', () => {
    const keys = new DisplayKeys(false);
    expect(keys.take('tesag123')).toEqual(new Array(8).fill(undefined));
    expect(keys.take('q\x03')).toEqual(['quit', 'quit']);
  });
});

describe('picture', () => {
  const terminal = new Captured();
  terminal.isTTY = true;
  const { colours } = new Output(terminal, {});
  const plain = new Output(new Captured(), {}).colours;

  it('colours the ambient light and what is urgent, on a terminal only', () => {
    expect(colouredLine('x  [#--] low  1p', colours)).toBe('x  \x1b[32m[#--] low\x1b[39m  1p');
    expect(colouredLine('[##-] medium', colours)).toContain('\x1b[33m');
    expect(colouredLine('[###] high', colours)).toContain('\x1b[31m');
    expect(colouredLine('  !           low credit: top up soon', colours)).toContain('\x1b[31m');
    expect(colouredLine('[###] high', plain)).toBe('[###] high');
  });

  it('is a box that fits any width', () => {
    const lines = ['short', 'x'.repeat(70)];
    for (const columns of [10, 40, 80, 200]) {
      const box = picture('home-1/ppmid', lines, columns, plain);
      expect(new Set(box.map(({ length }) => length)).size).toBe(1);
      expect(box[0]!.length).toBeLessThanOrEqual(columns);
    }
  });
});
