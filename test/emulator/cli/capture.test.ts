import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  running = await startFleet({ homes: 2, name: 'street', port: 0 });
  broker = ['--broker', running.brokerUrl, '--name', 'street'];
});
afterAll(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

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
    const path = inDirectory('street.pcapng');
    const { run, done } = await capturing('-o', path);
    expect((await on('send', 'ECS17b', 'home-1/esme')).code).toBe(0);
    expect((await on('send', 'GCS33', 'home-2/gsme')).code).toBe(0);
    // The capture has a connection of its own, which may hear of the answer later than who asked.
    await until('all four messages are in the file', () => messagesIn(blocksOf(path)) === 4);
    run.interrupt();
    expect(await done).toBe(0);
    expect(run.waitsForInterrupt).toBe(false);
    const packets = blocksOf(path).filter(({ block }) => block === 'enhancedPacket').length;
    const [, frames] =
      /^captured (\d+) frames and 4 GBCS messages on 3 interfaces to/.exec(run.stdout.text) ?? [];
    expect(packets).toBe(Number(frames) + 4);
    skip(!tsharkAvailable, 'tshark, which judges the file, is not installed');
    const capture = new Uint8Array(readFileSync(path));
    expect(dissect(capture, ['frame.number'], '_ws.malformed || _ws.expert')).toEqual([]);
    const rows = dissect(capture, ['frame.interface_name', '_ws.col.Info'], 'gbcs_message');
    const tunnel = /^(?:GET-RESPONSE, |PUT, )?/;
    expect(rows.map(([name, info = '']) => [name, info.replace(tunnel, '')])).toEqual([
      ['wan', 'Command, ECS17b Read ESME Energy Registers (Import Energy)'],
      ['home-1/2g4', 'Command, ECS17b Read ESME Energy Registers (Import Energy)'],
      ['home-1/2g4', 'Response, ECS17b Read ESME Energy Registers (Import Energy)'],
      ['wan', 'Response, ECS17b Read ESME Energy Registers (Import Energy)'],
      ['wan', 'Command, GCS33 Read GSME Valve Status'],
      ['home-2/2g4', 'Command, GCS33 Read GSME Valve Status'],
      ['home-2/2g4', 'Response, GCS33 Read GSME Valve Status'],
      ['wan', 'Response, GCS33 Read GSME Valve Status'],
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
  });

  it('writes to standard output, and the rest elsewhere', async () => {
    const chosen = ['-o', '-', '--count', '2', '--home', 'home-1', 'home-2'];
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
    expect(hint.lines).toContain("wireshark 'Ann'\\''s home.pcapng'");
    expect(hint.out).toMatch(/^tshark -n -r /m);
    const help = await cli(['capture', '--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toMatch(/\nExamples:\n {2}\$ hubfleet capture -o /);
    expect(help.out).toContain('no zigbee_pc_keys file');
  });
});

describe('up --capture', () => {
  const up = (...args: string[]): Promise<CliResult> =>
    cli(['up', '--port', '0', '--homes', '2', '--for', '1500ms', '--quiet', ...args]);

  it('has everything from the first frame on', async () => {
    const path = inDirectory('up.pcapng');
    const { code, out, err } = await up('--capture', path);
    expect([code, err]).toEqual([0, '']);
    const blocks = blocksOf(path);
    expect(interfaceNames(blocks)[0]).toBe('wan');
    const packets = blocks.filter(({ block }) => block === 'enhancedPacket').length;
    const found = /captured (\d+) frames? and (\d+) GBCS messages? on/.exec(out);
    expect(packets).toBe(Number(found?.[1]) + Number(found?.[2]));
    expect(Number(found?.[2])).toBeGreaterThan(0);
    const commands = Number(/commands (\d+)/.exec(out)?.[1]);
    expect(Number(found?.[2])).toBeGreaterThanOrEqual(2 * commands);
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
