import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MqttBus } from '../../../emulator/adapters/mqtt-bus.js';
import { type RunningFleet, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { deviceEventTopic, requestTopic } from '../../../protocols/bus/topics.js';
import { mosquittoAvailable, startMosquitto } from '../../support/mosquitto.js';
import { type CliResult, CliRun, cli } from './run-cli.js';

/** So that nobody has to wait half an hour for a gas meter. */
const gasWakeIntervalMs = 2_000;

let running: RunningFleet;
let broker: readonly string[];

beforeAll(async () => {
  running = await startFleet({ homes: 3, name: 'street', port: 0, gasWakeIntervalMs });
  broker = ['--broker', running.brokerUrl, '--name', 'street'];
});
afterAll(() => running?.stop());

const on = (...args: string[]): Promise<CliResult> => cli([...args, ...broker]);

function json<T>({ lines }: CliResult): T[] {
  return lines.map((line) => JSON.parse(line) as T);
}

interface Device {
  readonly home: string;
  readonly type: string;
  readonly device: string;
  readonly hub: string;
}

describe('devices', () => {
  it('lists all, as objects a line', async () => {
    const result = await on('devices', '--json');
    expect(result).toMatchObject({ code: 0, err: '' });
    const devices = json<Device>(result);
    expect(devices).toHaveLength(15);
    expect(new Set(devices.map(({ type }) => type))).toEqual(
      new Set(['chf', 'gpf', 'esme', 'gsme', 'ihd']),
    );
    for (const { device, hub } of devices) {
      expect(device).toMatch(/^[0-9a-f]{16}$/);
      expect(devices.some((other) => other.type === 'chf' && other.device === hub)).toBe(true);
    }
  });

  it('lists those of one home as a table', async () => {
    const { code, lines } = await on('devices', '--home', 'home-2');
    expect(code).toBe(0);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^HOME +TYPE +DEVICE +HUB +STATE$/);
    expect(lines.slice(1).every((line) => line.startsWith('home-2 '))).toBe(true);
  });

  it('knows no other home', async () => {
    const { code, err } = await on('devices', '--home', 'home-9');
    expect([code, err]).toEqual([2, "error: there is no home 'home-9' in this fleet\n"]);
  });
});

describe('send', () => {
  it('has a meter read, by home and type', async () => {
    const { code, out, err } = await on('send', 'ECS17b', 'home-1/esme');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ECS17b 0x0027 → [0-9a-f]{16}: answered in /);
    expect(out).toContain('MAC valid, decryption valid');
  });

  it('has a critical command answered with a signature, by EUI-64, as JSON', async () => {
    const [esme] = running.devices().filter(({ type }) => type === 'esme');
    const device = esme!.device.toUpperCase().match(/../g)!.join('-');
    const result = await on('send', 'ecs42', device, '--json', '--originator', 'supplier');
    expect(result).toMatchObject({ code: 0, err: '' });
    const [outcome] = json<Record<string, unknown>>(result);
    expect(outcome).toMatchObject({
      useCase: 'ECS42',
      device: esme!.device,
      verdict: 'answered',
      succeeded: true,
      checks: { signature: 'valid' },
    });
  });

  it('passes parameters on', async () => {
    const result = await on('send', 'ECS50', 'home-1/esme', '--param', 'number=2468', '--json');
    expect(result.code).toBe(0);
  });

  it.each([
    [['ECS99', 'home-1/esme'], /no use case 'ECS99'; nearest: ECS/],
    [['ECS50', 'home-1/esme', '--param', 'numbr=1'], /no parameter 'numbr', it takes number/],
    [['ECS50', 'home-1/esme', '--param', 'number=12'], /parameter number: want 4 digits/],
    [['ECS50', 'home-1/esme'], /parameter number is missing/],
    [['ECS50', 'home-1/esme', '--param', 'number'], /want name=value/],
    [
      ['ECS17b', 'home-1/esmee'],
      /no device 'home-1\/esmee' in this fleet of 15; nearest: home-1\/esme/,
    ],
    [['ECS17b', '00db1000000001ff'], /no device '00db1000000001ff' .*; nearest: 00db/],
    [['ECS17b', 'home-1/gsme'], /gsme/],
    [['ECS17b', 'home-1/esme', '--originator', 'suplier'], /no role 'suplier'; nearest: supplier/],
    [['ECS17b'], /want a use case and a device/],
    [['ECS17b', 'home-1/esme', '--timeout', '5'], /Want a duration/],
  ])('wrong use %j: exit code 2, one line', async (args, message) => {
    const { code, out, err } = await on('send', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('what a device refuses is not answered: exit code 1', async () => {
    const args = ['ECS42', 'home-2/esme', '--originator', 'networkOperator', '--unchecked'];
    const result = await on('send', ...args, '--timeout', '200ms', '--json');
    expect(result.code).toBe(1);
    expect(json<{ verdict: string }>(result)[0]?.verdict).toBe('timeout');
  });

  it('lists and describes use cases without a fleet', async () => {
    const all = await cli(['send', '--list']);
    expect(all).toMatchObject({ code: 0, err: '' });
    expect(all.out).toMatch(/^ECS17b +0x0027/m);
    const one = await cli(['send', '--describe', 'ecs23']);
    expect(one.code).toBe(0);
    expect(one.out).toMatch(/^ {4}from +text +required +start of the log entries/m);
    const asJson = await cli(['send', '--describe', 'ECS50', '--json']);
    expect(JSON.parse(asJson.out)).toMatchObject({
      useCase: 'ECS50',
      messageCode: '0x0058',
      parameters: [{ name: 'number', type: 'text', isRequired: true }],
      example: { number: '2468' },
    });
    expect((await cli(['send', '--describe', 'ECS1'])).code).toBe(2);
  });
});

describe('no fleet', () => {
  it('nothing listens: exit code 3', async () => {
    const { code, err } = await cli(['devices', '--broker', 'mqtt://127.0.0.1:9']);
    expect(code).toBe(3);
    expect(err).toMatch(/^error: cannot use the broker at mqtt:\/\/127\.0\.0\.1:9: .*\n$/);
  });

  it('a broker without that fleet: exit code 3', async () => {
    const { ControlClient } = await import('../../../emulator/cli/control-client.js');
    const bus = await MqttBus.connect({ url: running.brokerUrl });
    const client = new ControlClient(bus, 'nobody', 'here', 50);
    await client.open();
    await expect(client.ask({ query: 'stats' })).rejects.toThrow(
      "no fleet 'nobody' answers on here: is `hubfleet up` running?",
    );
    await expect(client.ask({ query: 'stats' }, true)).rejects.toThrow('no fleet');
    await bus.close();
  });

  it.skipIf(!mosquittoAvailable)('a wrong password: exit code 3', async () => {
    const login = { username: 'right', password: 'secret' };
    const mosquitto = await startMosquitto({ login });
    try {
      const credentials = ['--username', 'right', '--password', 'wrong'];
      const { code, err } = await cli(['devices', '--broker', mosquitto.url, ...credentials]);
      expect(code).toBe(3);
      expect(err).toMatch(/refuses the user name or password|does not admit this user/);
      expect(err).not.toContain('wrong');
    } finally {
      await mosquitto.stop();
    }
  });
});

describe('watch', () => {
  async function watching(...args: string[]): Promise<{ run: CliRun; done: Promise<number> }> {
    const run = new CliRun();
    const done = run.run('watch', ...args, ...broker);
    await run.said('watching fleet');
    return { run, done };
  }

  it('shows a command and its response, a line each', async () => {
    const { run, done } = await watching('--count', '2', '--plane', 'wan');
    await on('send', 'ECS17b', 'home-1/esme');
    expect(await done).toBe(0);
    const [down = '', up = ''] = run.stdout.lines;
    expect(down).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} ↓ home-1 +esme [0-9a-f]{16} ECS17b +command +counter \d+ MAC/,
    );
    expect(up).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} ↑ home-1 +esme [0-9a-f]{16} ECS17b +response +counter \d+ MAC +ok/,
    );
  });

  it('shows whole messages as JSON, of one home', async () => {
    const { run, done } = await watching(
      '--count',
      '2',
      '--json',
      '--home',
      'home-2',
      '--plane',
      'wan',
    );
    await on('send', 'ECS17b', 'home-1/esme');
    await on('send', 'ECS42', 'home-2/esme');
    expect(await done).toBe(0);
    const [down, up] = run.stdout.lines.map((line) => JSON.parse(line));
    expect(down).toMatchObject({
      plane: 'wan',
      direction: 'down',
      home: 'home-2',
      type: 'esme',
      message: { useCase: 'ECS42', craFlag: 'command', payload: { kind: 'access-request' } },
    });
    expect(up).toMatchObject({
      direction: 'up',
      message: { craFlag: 'response', signature: expect.stringMatching(/^[0-9a-f]{128}$/) },
    });
    const hex = await cli(['encode'], JSON.stringify(up.message));
    expect(hex.code).toBe(0);
  });

  it('shows frames of the air with their layers', async () => {
    const { run, done } = await watching(
      '--count',
      '4',
      '--plane',
      'han',
      '--device',
      'home-3/esme',
    );
    await on('send', 'ECS17b', 'home-3/esme');
    expect(await done).toBe(0);
    for (const line of run.stdout.lines) {
      expect(line).toMatch(/ ~ home-3\/2g4 +(?:[0-9a-f]{4}>[0-9a-f]{4} |ack \d)/);
      expect(line).not.toContain('encrypted');
    }
  });

  it('shows them as they are on the air when told so', async () => {
    const esme = ['--device', 'home-3/esme'];
    const { run, done } = await watching('--count', '4', '--plane', 'han', '--raw', ...esme);
    await on('send', 'ECS17b', 'home-3/esme');
    expect(await done).toBe(0);
    for (const line of run.stdout.lines) expect(line).toMatch(/ encrypted NWK \(no-key\)| ack /);
  });

  it('shows refusals, and what is no envelope', async () => {
    const { run, done } = await watching('--count', '2', '--plane', 'events');
    await on(
      'send',
      'ECS42',
      'home-2/esme',
      '--originator',
      'networkOperator',
      '--unchecked',
      '--timeout',
      '100ms',
    );
    await run.said('command-refused');
    const bus = await MqttBus.connect({ url: running.brokerUrl });
    const { device } = running.devices()[0]!;
    bus.publish(deviceEventTopic('street', device, 'alert'), Buffer.from('junk'));
    expect(await done).toBe(0);
    expect(run.stdout.lines[0]).toMatch(/! home-2 +esme [0-9a-f]{16} command-refused .*reason /);
    expect(run.stdout.lines[1]).toMatch(/\? hubfleet\/1\/street\/events\/.*: envelope/);
    await bus.close();
  });

  it('ends at Ctrl-C with 0, after its time with 1 when there was less than wanted', async () => {
    const { run, done } = await watching();
    run.interrupt();
    expect(await done).toBe(0);
    expect(run.waitsForInterrupt).toBe(false);
    const { code } = await on('watch', '--for', '20ms', '--count', '1000');
    expect(code).toBe(1);
  });

  it.each([
    [['--plane', 'wam'], /Want some of wan,han,events/],
    [['--count', '0'], /Want a whole number/],
    [['--home', 'Home 1'], /Want the name of a home/],
    [['--device', 'esme'], /Want an EUI-64/],
    [['--name', 'a/b'], /Want 1 to 63 of/],
  ])('wrong use %j', async (args, message) => {
    const { code, err } = await cli(['watch', ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

it('a fleet goes on after all that anybody sends it', async () => {
  const bus = await MqttBus.connect({ url: running.brokerUrl });
  bus.publish(requestTopic('street', 'fleet'), Buffer.from('junk'), { atLeastOnce: true });
  await bus.close();
  expect((await on('send', 'GCS38', 'home-1/gsme')).code).toBe(0);
});
