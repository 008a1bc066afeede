import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { checkParameters, commandUseCases } from '../../../protocols/gbcs/use-cases/catalogue.js';
import { filledText } from '../../support/example-commands.js';
import { cli } from './run-cli.js';

const commands = [
  ['up'],
  ['send'],
  ['devices'],
  ['display'],
  ['utrn'],
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

describe('what a use case takes', () => {
  const described = async (useCase: string): Promise<string[]> => {
    const { code, out, err } = await cli(['send', '--describe', useCase]);
    expect([code, err]).toEqual([0, '']);
    return out.trimEnd().split('\n');
  };

  it('says what may be left out, and what holds then', async () => {
    const lines = (await described('ECS01a')).join('\n');
    expect(lines).toMatch(/^ {4}at +text +default now +when it takes effect/m);
    expect(lines).toMatch(/^ {4}currency +word +default GBP +currency of the prices: GBP, EUR$/m);
    expect(lines).toMatch(/^ {4}blockPrices +list of lists of whole numbers +default \[\] /m);
    const switched = (await described('ECS47')).join('\n');
    expect(switched).toMatch(/^ {4}state +word +required +what it is set .*: on, off, calendar$/m);
    expect(switched).toMatch(/^ {4}minutes +whole number +optional +for how long/m);
  });

  it('shows members of structures, and numbers with a fraction', async () => {
    const labels = await described('ECS46a');
    expect(labels.find((line) => line.startsWith('    labels'))).toMatch(/list of structures/);
    expect(labels.find((line) => line.startsWith('      label '))).toMatch(/text +required/);
    const flow = await described('GCS24a');
    expect(flow.find((line) => line.includes('threshold'))).toMatch(/ number +required .*6\.5535/);
    expect(await described('ECS17b')).toContain('  parameters  none');
  });

  it('names plain lists as a command line takes them', async () => {
    expect((await described('CS02a')).at(-1)).toBe(
      '  $ hubfleet send CS02a home-1/chf --param roles=supplier,networkOperator,accessControlBroker',
    );
  });

  it('ends in a command line that a shell and the use case accept, whichever it is', async () => {
    const pki = new TestPki({ seed: 'help', crypto: nobleCrypto });
    const lines: string[] = [];
    for (const { name } of commandUseCases) {
      const line = (await described(name)).at(-1) as string;
      expect(line).toMatch(/^ {2}\$ hubfleet send /);
      lines.push(`words ${line.slice(4)}`);
    }
    const shell = spawnSync('sh', ['-eu'], {
      input: `words() { printf '%s\\036' "$@"; printf '\\035'; }\n${lines.join('\n')}\n`,
      encoding: 'utf8',
    });
    expect([shell.status, shell.stderr]).toEqual([0, '']);
    const argumentLists = shell.stdout.split('\u001d').slice(0, -1);
    expect(argumentLists).toHaveLength(commandUseCases.length);
    for (const [at, useCase] of commandUseCases.entries()) {
      const words = argumentLists[at]?.split('\u001e') ?? [];
      expect(words.slice(0, 3)).toEqual(['hubfleet', 'send', useCase.name]);
      const given = words.flatMap((word, index) =>
        words[index - 1] === '--param' ? [/^(\w+)=(.*)$/s.exec(word)?.slice(1) as string[]] : [],
      );
      const parameters = given.map(([name = '', text = '']) => [name, filledText(text, pki)]);
      expect(checkParameters(useCase, Object.fromEntries(parameters)), useCase.name).toMatchObject({
        ok: true,
      });
    }
  });
});
