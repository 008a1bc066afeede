import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningFleet, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { decodePcapng, type PcapngBlock } from '../../../protocols/pcapng/blocks.js';
import { dissect, tsharkAvailable } from '../../support/tshark.js';
import { until } from '../../support/until.js';
import { type CliResult, CliRun, cli } from './run-cli.js';

let running: RunningFleet;
let broker: readonly string[];
const directory = mkdtempSync(join(tmpdir(), 'hubfleet-capture-'));
const inDirectory = (name: string): string => join(directory, name);

beforeAll(async () => {
  running = await startFleet({ homes: 2, name: 'street', port: 0, gasWakeIntervalMs: 1_000 });
  broker = ['--broker', running.brokerUrl, '--name', 'street'];
});
afterAll(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const objection = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';

/** What tshark shows of a capture as `--open-hint` opens it: configured by the directory that it lies in. */
function opened(path: string, fields: readonly string[], filter: string): string[][] {
  process.env.WIRESHARK_CONFIG_DIR = dirname(path);
  try {
    return dissect(new Uint8Array(readFileSync(path)), fields, filter);
  } finally {
    delete process.env.WIRESHARK_CONFIG_DIR;
  }
}

/** A place of its own for a capture, since keys of another beside it would hide that its own are missing. */
function apart(name: string): string {
  const own = mkdtempSync(join(directory, 'apart-'));
  return join(own, name);
}

function keysIn(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

const on = (...args: string[]): Promise<CliResult> => cli([...args, ...broker]);

async function capturing(...args: string[]): Promise<{ run: CliRun; done: Promise<number> }> {
  const run = new CliRun();
  const done = run.run('capture', ...args, ...broker);
  await run.said('capturing fleet');
  return { run, done };
}

function blocksOf(path: string): PcapngBlock[] {
  return decodePcapng(new Uint8Array(readFileSync(path)));
}

function interfaceNames(blocks: readonly PcapngBlock[]): (string | undefined)[] {
  return blocks.flatMap((one) => (one.block === 'interfaceDescription' ? [one.options.name] : []));
}

/** Packets of the first interface, the WAN. */
function messagesIn(blocks: readonly PcapngBlock[]): number {
  return blocks.filter((one) => one.block === 'enhancedPacket' && one.interfaceId === 0).length;
}

describe('capture', () => {
  it('records a command, and ends at Ctrl-C with a whole file', async ({ skip }) => {
    const path = apart('street.pcapng');
    const { run, done } = await capturing('-o', path);
    expect((await on('send', 'ECS17b', 'home-1/esme')).code).toBe(0);
    expect((await on('send', 'GCS33', 'home-2/gsme')).code).toBe(0);
    // The capture has a connection of its own, which may hear of the answer later than who asked.
    await until('all four messages are in the file', () => messagesIn(blocksOf(path)) === 4);
    run.interrupt();
    expect(await done).toBe(0);
    expect(run.waitsForInterrupt).toBe(false);
    const keys = join(dirname(path), 'zigbee_pc_keys');
    expect(run.stdout.text).toContain(`; keys in ${keys}\n`);
    expect(readdirSync(dirname(path)).sort()).toEqual(['street.pcapng', 'zigbee_pc_keys']);
    expect(keysIn(keys).filter((line) => /"home-[12] network 0"$/.test(line))).toHaveLength(2);
    const packets = blocksOf(path).filter(({ block }) => block === 'enhancedPacket').length;
    const [, frames] =
      /^captured (\d+) frames and 4 GBCS messages on 3 interfaces to/.exec(run.stdout.text) ?? [];
    expect(packets).toBe(Number(frames) + 4);
    skip(!tsharkAvailable, 'tshark, which judges the file, is not installed');
    const sealed = new Uint8Array(readFileSync(path));
    const encrypted = dissect(sealed, ['frame.number'], 'zbee_sec.encrypted_payload').length;
    expect(encrypted).toBeGreaterThan(20);
    expect(opened(path, ['frame.number', '_ws.col.Info'], objection)).toEqual([]);
    const rows = opened(path, ['frame.interface_name', '_ws.col.Info'], 'gbcs_message');
    const [electricity, gas] = [
      'ECS17b Read ESME Energy Registers (Import Energy)',
      'GCS33 Read GSME Valve Status',
    ];
    expect(rows).toEqual([
      ['wan', `Command, ${electricity}`],
      ['home-1/2g4', `Command, ${electricity}`],
      ['home-1/2g4', `Response, ${electricity}`],
      ['wan', `Response, ${electricity}`],
      ['wan', `Command, ${gas}`],
      ['home-2/2g4', `GET-RESPONSE, Command, ${gas}`],
      ['home-2/2g4', `PUT, Response, ${gas}`],
      ['wan', `Response, ${gas}`],
    ]);
  });

  it('keeps to the homes and the number of packets asked for', async () => {
    const path = inDirectory('home.pcapng');
    const trace = inDirectory('home.jsonl');
    const chosen = ['--home', 'home-2', '--count', '4', '--jsonl', trace];
    const { done } = await capturing('-o', path, ...chosen);
    await on('send', 'ECS17b', 'home-1/esme');
    await on('send', 'ECS17b', 'home-2/esme');
    expect(await done).toBe(0);
    expect(interfaceNames(blocksOf(path))).toEqual(['wan', 'home-2/2g4']);
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
    const packets = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(packets.map(({ packet, home }) => [packet, home])).toEqual(
      [1, 2, 3, 4].map((number) => [number, 'home-2']),
    );
    // Keys of no home but that one.
    const keys = keysIn(join(dirname(path), 'zigbee_pc_keys'));
    expect(keys.filter((line) => !line.includes('"home-2 '))).toEqual([]);
  });

  it('decrypts the trace, down to the message in a tunnel', async () => {
    const trace = inDirectory('only.jsonl');
    const { run, done } = await capturing('--jsonl', trace, '--home', 'home-1');
    await on('send', 'ECS17b', 'home-1/esme');
    await until('the response went up', () => readFileSync(trace, 'utf8').includes('"up"'));
    run.interrupt();
    expect(await done).toBe(0);
    const lines = keysIn(trace).map((line) => JSON.parse(line));
    const closed = lines.filter(({ frame }) => frame?.content.kind === 'closed');
    expect(closed).toEqual([]);
    const tunnelled = lines.filter(({ plane, message }) => plane === 'han' && message);
    expect(tunnelled).toMatchObject([
      {
        message: { useCase: 'ECS17b', craFlag: 'command' },
        frame: { content: { command: 'TransferData' } },
      },
      { message: { useCase: 'ECS17b', craFlag: 'response' } },
    ]);
  });

  it('adds to the keys that are there, puts them where it is told, or leaves them out', async () => {
    const path = apart('some.pcapng');
    const beside = join(dirname(path), 'zigbee_pc_keys');
    writeFileSync(beside, '"000102030405060708090a0b0c0d0e0f","Normal","mine"\n');
    const once = async (...args: string[]): Promise<CliResult> =>
      on('capture', '-o', path, '--for', '20ms', ...args);
    const elsewhere = inDirectory('other.keys');
    expect((await once('--keys', elsewhere)).out).toContain(`; keys in ${elsewhere}`);
    expect((await once('--no-keys')).out).not.toContain('keys');
    expect(keysIn(beside)).toHaveLength(1);
    await once();
    await once();
    expect(keysIn(beside)).toEqual([expect.stringContaining('"mine"'), ...keysIn(elsewhere)]);
    mkdirSync(inDirectory('not'));
    writeFileSync(inDirectory('not/zigbee_pc_keys'), 'my diary');
    writeFileSync(inDirectory('not/x.pcapng'), 'an older capture');
    const refused = await on('capture', '-o', inDirectory('not/x.pcapng'), '--for', '20ms');
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining('is no file of ZigBee keys'),
    ]);
    expect(readFileSync(inDirectory('not/x.pcapng'), 'utf8')).toBe('an older capture');
  });

  it('keeps the keys known at the start when the fleet ends first, and says so', async () => {
    const short = await startFleet({ homes: 1, name: 'short', port: 0 });
    const path = apart('short.pcapng');
    // The broker is the fleet's own: a capture of a fleet on another broker finds it silent, not gone.
    const onBroker = await startFleet({ homes: 1, name: 'brief', broker: short.brokerUrl });
    const run = new CliRun();
    const done = run.run('capture', '-o', path, '--broker', short.brokerUrl, '--name', 'brief');
    await run.said('capturing fleet');
    await onBroker.stop();
    run.interrupt();
    expect(await done).toBe(0);
    await short.stop();
    const keys = join(dirname(path), 'zigbee_pc_keys');
    expect(run.stderr.lines.at(-1)).toMatch(
      /^the fleet no longer answers: .*zigbee_pc_keys has the \d+ keys known before/,
    );
    expect(keysIn(keys).length).toBeGreaterThan(3);
  });

  it('writes to standard output, and the rest elsewhere', async () => {
    // Displays talk as well: the frames of the command are among these.
    const chosen = ['-o', '-', '--count', '12', '--home', 'home-1', 'home-2'];
    const { run, done } = await capturing(...chosen);
    await on('send', 'ECS17b', 'home-1/esme');
    expect(await done).toBe(0);
    expect(run.stdout.text).toContain('home-1/2g4');
    expect(run.stderr.lines.at(-1)).toMatch(/^captured .* to standard output$/);
  });

  it('feeds frames to a port of this machine', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const versions: string[] = [];
    socket.on('message', (datagram) => versions.push(datagram.toString('latin1', 0, 3)));
    const { port } = socket.address() as AddressInfo;
    const { run, done } = await capturing('--live', `udp:${port}`);
    await on('send', 'ECS17b', 'home-1/esme');
    await until('a frame arrives', () => versions.length > 0);
    run.interrupt();
    expect(await done).toBe(0);
    expect(new Set(versions)).toEqual(new Set(['EX\x02']));
    socket.close();
  });

  it('ends with 1 when there were fewer packets than asked for', async () => {
    const path = inDirectory('few.pcapng');
    const { code, err } = await on('capture', '-o', path, '--for', '20ms', '--count', '100000');
    expect(code).toBe(1);
    expect(err).not.toContain('error');
    expect(interfaceNames(blocksOf(path))[0]).toBe('wan');
  });

  it('ends by itself when the disk is full', async () => {
    const { code, err } = await on('capture', '-o', '/dev/full');
    expect(code).toBe(3);
    expect(err).toContain('error: cannot write /dev/full: the disk is full\n');
  });

  it.each([
    [['-o', '/no/such/x.pcapng'], 3, /cannot write \/no\/such\/x.pcapng: there is no such dir/],
    [['-o', inDirectory('no.pcapng'), '--home', 'home-9'], 2, /there is no home 'home-9'/],
  ])('%j on a fleet: exit code %i, one line', async (args, wanted, message) => {
    const { code, out, err } = await on('capture', ...args);
    expect([code, out]).toEqual([wanted, '']);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    // What could not begin has not overwritten anything.
    expect(existsSync(inDirectory('no.pcapng'))).toBe(false);
  });

  it.each([
    [[], 2, /want -o FILE, --jsonl FILE or --live udp/],
    [['-o', 'x', '--jsonl', 'x'], 2, /-o and --jsonl both name 'x'/],
    [['-o', 'zigbee_pc_keys'], 2, /'zigbee_pc_keys' is to be the file of the keys/],
    [['-o', 'x', '--keys', '-'], 2, /--keys wants a file/],
    [['-o', 'x', '--live', 'tcp'], 2, /Want udp \(port 17754\) or udp:<port>/],
    [['-o', 'x', '--live', 'udp:70000'], 2, /Want udp/],
    [['-o', 'x', '--home', 'Home 1'], 2, /Want the name of a home/],
    [['-o', 'x', '--count', '0'], 2, /Want a whole number/],
    [['-o', 'x', '--for', '15'], 2, /Want a duration/],
    [['-o', 'x', '--broker', 'mqtt://127.0.0.1:9'], 3, /nothing listens there/],
  ])('%j without a fleet: exit code %i, one line', async (args, wanted, message) => {
    const { code, out, err } = await cli(['capture', ...args]);
    expect([code, out]).toEqual([wanted, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(existsSync('x')).toBe(false);
  });

  it('says how to open it, and what is missing', async () => {
    const hint = await cli(['capture', '-o', "Ann's home.pcapng", '--open-hint']);
    expect([hint.code, hint.err]).toEqual([0, '']);
    expect(hint.lines).toContain("WIRESHARK_CONFIG_DIR=. wireshark 'Ann'\\''s home.pcapng'");
    expect(hint.out).toMatch(/^WIRESHARK_CONFIG_DIR=\. tshark -n -r /m);
    expect(hint.out).toMatch(/^cat zigbee_pc_keys >> /m);
    expect(hint.out).toMatch(/hubfleet capture --live udp --keys zigbee_pc_keys, then\nWIRESHARK_/);
    const named = await cli(['capture', '-o', 'x', '--keys', 'a b/k', '--open-hint']);
    expect(named.lines[1]).toBe(
      "mkdir -p 'a b/wireshark' && cp 'a b/k' 'a b/wireshark/zigbee_pc_keys'",
    );
    const none = await cli(['capture', '-o', 'x', '--no-keys', '--open-hint', '--live', 'udp:1']);
    expect(none.out).not.toContain('CONFIG_DIR');
    expect(none.lines.at(-1)).toBe("wireshark -k -i lo -f 'udp port 1' -d udp.port==1,zep");
    const help = await cli(['capture', '--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toMatch(/\nExamples:\n {2}\$ hubfleet capture -o /);
    expect(help.out).toContain('zigbee_pc_keys');
    expect(help.out).not.toContain('not encrypted');
  });
});

describe('up --capture', () => {
  const up = (...args: string[]): Promise<CliResult> =>
    cli(['up', '--port', '0', '--homes', '2', '--for', '1500ms', '--quiet', ...args]);

  it('has everything from the first frame on, and the keys to read it', async ({ skip }) => {
    const path = apart('up.pcapng');
    const { code, out, err } = await up('--capture', path);
    expect([code, err]).toEqual([0, '']);
    const blocks = blocksOf(path);
    expect(interfaceNames(blocks)[0]).toBe('wan');
    const packets = blocks.filter(({ block }) => block === 'enhancedPacket').length;
    const found = /captured (\d+) frames? and (\d+) GBCS messages? on/.exec(out);
    expect(packets).toBe(Number(found?.[1]) + Number(found?.[2]));
    expect(Number(found?.[2])).toBeGreaterThan(0);
    const commands = Number(/commands (\d+)/.exec(out)?.[1]);
    // A command for a gas meter waits until it wakes.
    expect(Number(found?.[2])).toBeGreaterThanOrEqual(commands);
    const directoryOfIt = dirname(path);
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      `to open it: WIRESHARK_CONFIG_DIR=${directoryOfIt} wireshark ${path}`,
    );
    skip(!tsharkAvailable, 'tshark, which judges the file, is not installed');
    expect(opened(path, ['frame.number', '_ws.col.Info'], objection)).toEqual([]);
    expect(opened(path, ['frame.number'], 'zbee_zcl').length).toBeGreaterThan(20);
  });

  it('prints one object with --json, whatever it captures', async () => {
    const { code, out, err } = await up('--json', '--capture', inDirectory('json.pcapng'));
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ passed: true });
  });

  it.each([
    ['/no/such/x', 3, /^error: cannot write \/no\/such\/x: there is no such directory\n$/],
    ['/dev/full', 3, /^error: cannot write \/dev\/full: the disk is full\n$/],
    ['-', 2, /^error: --capture wants a file/],
  ])('to %s: exit code %i', async (path, wanted, message) => {
    const { code, err } = await up('--capture', path);
    expect(code).toBe(wanted);
    expect(err).toMatch(message);
  });
});
