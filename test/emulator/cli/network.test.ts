import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MqttBus } from '../../../emulator/adapters/mqtt-bus.js';
import { networkLines } from '../../../emulator/cli/network-table.js';
import { Output } from '../../../emulator/cli/output.js';
import type { HomeNetwork } from '../../../emulator/fleet/home-network.js';
import { type RunningFleet, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { hanTopic } from '../../../protocols/bus/topics.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import { until } from '../../support/until.js';
import { Captured, type CliResult, cli } from './run-cli.js';

let running: RunningFleet;
let broker: readonly string[];

beforeAll(async () => {
  running = await startFleet({ homes: 2, name: 'nets', port: 0, from: 'power-on' });
  broker = ['--broker', running.brokerUrl, '--name', 'nets'];
  await running.fleet.whenJoined();
});
afterAll(() => running?.stop());

const on = (...args: string[]): Promise<CliResult> => cli(['network', ...args, ...broker]);

async function inspect(home: string): Promise<HomeNetwork> {
  const { code, lines } = await on(home, '--json');
  expect([code, lines.length]).toEqual([0, 1]);
  return JSON.parse(lines[0] as string) as HomeNetwork;
}

describe('network', () => {
  it('shows each home in a line', async () => {
    const { code, lines, err } = await on();
    expect([code, err]).toEqual([0, '']);
    expect(lines[0]).toMatch(/^HOME +HUB +CHANNEL +PAN +JOINED +ASLEEP +FRAMES +LOST +DROPPED$/);
    expect(lines[1]).toMatch(/^home-1 +00db1000000001a2 +\d\d +[0-9a-f]{4} +5\/5 +[01] +\d+ +0 /);
    expect(lines[2]).toMatch(/^home-2 /);
    expect(lines[3]).toMatch(/^\d+ frames on the air, 0 bus messages dropped$/);
    expect(lines).toHaveLength(4);
  });

  it('shows the radios of one home, what they are and how they hear the hub', async () => {
    const { code, lines } = await on('home-2');
    expect(code).toBe(0);
    expect(lines[0]).toMatch(
      /^home-2: PAN [0-9a-f]{4}, extended PAN 00db1000000002a3, channel \d\d, radio ideal, 5 of 5 devices joined$/,
    );
    expect(lines[2]).toMatch(/^chf\+gpf +00db1000000002a3 +0000 +coordinator +joined +- /);
    const roles = lines.slice(3, 6).map((line) => line.split(/ +/).slice(0, 4));
    expect(roles.map(([type, radio, , role]) => [type, radio, role])).toEqual([
      ['esme', '00db1000000002a0', 'router'],
      ['gsme', '00db1000000002a1', 'end-device'],
      ['ihd', '00db1000000002a7', 'router'],
    ]);
    expect(lines[3]).toMatch(/joined +-\d+ dBm, LQI 255/);
    expect(lines).toContain('trust centre: member 3');
    expect(lines.at(-1)).toMatch(/^air: \d+ frames sent, \d+ received/);
  });

  it('counts what does not belong there, by reason', async () => {
    const before = await inspect('home-1');
    if (before.network.han !== 'frames') throw new Error('frames are the default');
    const [hub] = before.network.nodes;
    const [radio = { page: 0, channel: 0 }] = hub?.channels ?? [];
    const bus = await MqttBus.connect({ url: running.brokerUrl });
    const topic = hanTopic('nets', 'home-1', '2g4');
    const pan = [(hub?.panId ?? 0) & 0xff, (hub?.panId ?? 0) >> 8];
    // Data, to the hub, of another PAN; then of this one, with a NWK frame of two octets.
    const other = fromHex('41880101010000341248000000');
    const cut = Uint8Array.from([0x41, 0x88, 0x02, ...pan, 0x00, 0x00, 0x34, 0x12, 0x48, 0x02]);
    [Uint8Array.of(1), other, cut].forEach((body, sequence) => {
      const sender = '00db1000000001ff' as HomeNetwork['hub'];
      bus.publish(
        topic,
        encodeEnvelope({ kind: 'frame', timeMs: 0, sequence, sender, body, radio }),
      );
    });
    bus.publish(topic, Uint8Array.of(0xff));
    await bus.flush();
    await until('all of it is there', () => running.stats().busProblems === 1);
    const { network } = await inspect('home-1');
    if (network.han !== 'frames') throw new Error('frames are the default');
    expect(network.air.counts.dropped.tooShort).toBe(1);
    expect(network.nodes[0]?.dropped).toMatchObject({ otherPan: 1, malformedNwk: 1 });
    expect((await on()).lines.at(-1)).toMatch(/1 bus messages dropped$/);
    await bus.close();
  });

  it.each([
    [['home-9'], /there is no home 'home-9'/],
    [['Home 1'], /Want the name of a home, such as home-1/],
  ])('wrong use %j: exit code 2, one line', async (args, message) => {
    const { code, out, err } = await on(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
  });
});

describe('network of a home without an air', () => {
  it('says so', () => {
    const { colours } = new Output(new Captured(), {});
    const home = {
      home: 'home-1',
      hub: '00db1000000001a2' as HomeNetwork['hub'],
      devices: 5,
      joined: 5,
      network: { han: 'messages', carried: 12 } as const,
    };
    expect(networkLines(home, colours)).toEqual([
      'home-1: whole messages from device to device, nothing on the air; 12 ZCL frames carried',
    ]);
  });
});
