import { describe, expect, it } from 'vitest';
import { cli } from './run-cli.js';

const commands = [
  ['up'],
  ['send'],
  ['devices'],
  ['watch'],
  ['decode'],
  ['encode'],
  ['pki'],
  ['pki', 'export'],
];

describe('help', () => {
  it.each(commands.map((names) => [names.join(' '), names] as const))(
    '%s has examples and exit code 0',
    async (name, names) => {
      const { code, out, err } = await cli([...names, '--help']);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain(`Usage: hubfleet ${name}`);
      expect(out).toMatch(/\nExamples:\n {2}\$ hubfleet /);
    },
  );

  it('names all commands, in help, --help and for no command at all', async () => {
    const help = await cli(['--help']);
    expect(help.code).toBe(0);
    for (const [name = ''] of commands)
      expect(help.out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect((await cli(['help'])).out).toBe(help.out);
    const nothing = await cli([]);
    expect([nothing.code, nothing.out, nothing.err]).toEqual([2, '', help.out]);
  });

  it('version is the package’s', async () => {
    const { code, out } = await cli(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['dcode'], /unknown command 'dcode' \(Did you mean decode\?\)/],
    [['decode', '--jason'], /unknown option '--jason'/],
    [['pki', 'export'], /missing required argument 'dir'/],
    [['devices', 'extra'], /too many arguments/],
    [['up', '--homes', 'ten'], /Want a whole number from 1 to/],
    [['up', '--homes', '0'], /Want a whole number from 1 to/],
    [['up', '--for', '15'], /Want a duration such as/],
    [['up', '--for', '0s'], /above 0/],
    [['up', '--speed', '0'], /Want a number from/],
    [['up', '--start', 'yesterday'], /Want a UTC time/],
    [
      ['up', '--port', '0', '--broker', 'mqtt://localhost'],
      /--port and --host are for the own broker/,
    ],
    [['up', '--template', 'no-such-template'], /no home template 'no-such-template'/],
    [['up', '--broker', 'nonsense'], /not a broker URL/],
  ])('wrong use %j: one line, exit code 2', async (args, message) => {
    const { code, out, err } = await cli(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
  });

  it.each([
    [['up', '--broker', 'mqtt://127.0.0.1:9'], /cannot use the broker at mqtt:\/\/127\.0\.0\.1:9/],
    [['up', '--broker', 'mqtts://127.0.0.1:9', '--ca', '/no/such/file'], /cannot read the CA file/],
    [['watch', '--broker', 'mqtt://127.0.0.1:9'], /nothing listens there/],
  ])('wrong surroundings %j: one line, exit code 3', async (args, message) => {
    const { code, out, err } = await cli(args);
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
  });
});
