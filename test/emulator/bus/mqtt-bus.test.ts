import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedBroker } from '../../../emulator/adapters/embedded-broker.js';
import { MqttBus } from '../../../emulator/adapters/mqtt-bus.js';
import { type CuttableLink, cuttableLink } from '../../support/cuttable-link.js';
import { mosquittoAvailable, opensslAvailable, startMosquitto } from '../../support/mosquitto.js';
import { until } from '../../support/until.js';

describe('MqttBus over a link that breaks', () => {
  let broker: EmbeddedBroker;
  let link: CuttableLink;
  beforeEach(async () => {
    broker = await EmbeddedBroker.start({ port: 0 });
    link = await cuttableLink(broker.url);
  });
  afterEach(async () => {
    await link.close();
    await broker.close();
  });

  it('comes back with its subscriptions, and sends what was published meanwhile', async () => {
    const states: string[] = [];
    const bus = await MqttBus.connect({
      url: link.url,
      reconnectPeriodMs: 10,
      queueLengthMax: 100,
      onConnection: (state) => states.push(state),
    });
    const inside = broker.bus();
    const outward: number[] = [];
    const inward: number[] = [];
    await inside.subscribe('out', (_, payload) => outward.push(payload[0] as number));
    await bus.subscribe('in', (_, payload) => inward.push(payload[0] as number));
    link.cut();
    await until('the loss is noticed', () => states.includes('lost'));
    for (let n = 0; n < 103; n++) bus.publish('out', Uint8Array.of(n));
    expect(bus.stats().dropped).toBe(3);
    let flushed = false;
    const flush = bus.flush().then(() => {
      flushed = true;
    });
    expect(flushed).toBe(false);
    link.mend();
    await until('it is back', () => states.includes('back'));
    await flush;
    await until('all of the queue', () => outward.length === 100);
    expect(outward).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await until('the subscription works', () => {
      inside.publish('in', Uint8Array.of(7));
      return inward.length > 0;
    });
    await bus.close();
  });

  it('leaves its last will when it dies, and none when it says goodbye', async () => {
    const topic = 'hubfleet/1/test/events/process/worker/presence';
    const will = { topic, payload: Uint8Array.of(0xde, 0xad) };
    const heard: string[] = [];
    const inside = broker.bus();
    await inside.subscribe(topic, (_, payload) => heard.push(Buffer.from(payload).toString('hex')));
    const polite = await MqttBus.connect({ url: link.url, will });
    polite.publish(topic, Uint8Array.of(1), { retain: true });
    await polite.close();
    const doomed = await MqttBus.connect({ url: link.url, will, reconnectPeriodMs: 60_000 });
    doomed.publish(topic, Uint8Array.of(2), { retain: true });
    await until('its life', () => heard.includes('02'));
    link.cut();
    await until('its will', () => heard.includes('dead'));
    expect(heard).toEqual(['01', '02', 'dead']);
    const later: string[] = [];
    await inside.subscribe(topic, (_, payload, retained) =>
      later.push(`${Buffer.from(payload).toString('hex')} ${retained}`),
    );
    await until('the will is retained', () => later.length > 0);
    expect(later).toEqual(['dead true']);
    await doomed.close();
  });

  it('closes in bounded time when the broker has gone', async () => {
    const bus = await MqttBus.connect({ url: link.url, reconnectPeriodMs: 60_000 });
    link.cut();
    bus.publish('x', Uint8Array.of(1));
    const flush = bus.flush();
    await bus.close();
    await flush;
  });

  it('hands an error in a handler to whoever asked for it, and goes on', async () => {
    const errors: string[] = [];
    const bus = await MqttBus.connect({
      url: link.url,
      onHandlerError: (error, topic) => errors.push(`${topic}: ${(error as Error).message}`),
    });
    let heard = 0;
    await bus.subscribe('x', () => {
      throw new Error('mine');
    });
    await bus.subscribe('x', () => heard++);
    bus.publish('x', Uint8Array.of(1));
    await until('the other handler', () => heard === 1);
    expect(errors).toEqual(['x: mine']);
    await bus.close();
  });
});

describe('MqttBus.connect says in one line what is wrong', () => {
  const failing = async (options: Parameters<typeof MqttBus.connect>[0]) => {
    const error = await MqttBus.connect(options).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).not.toContain('\n');
    return `${error?.name}: ${error?.message}`;
  };

  it('a URL that is none', async () => {
    for (const url of ['', 'localhost', 'http://localhost', 'mqtt://', 'ftp:x']) {
      expect(await failing({ url })).toMatch(/^UsageError: .*mqtt:\/\//);
    }
  });

  it('nobody listening, an unknown host, silence, another protocol', async () => {
    const silent = createServer((socket) => {
      socket.on('error', () => socket.destroy()).resume();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `mqtt://user:secret@127.0.0.1:${port}`;
    expect(await failing({ url, connectTimeoutMs: 100 })).toBe(
      `EnvironmentError: cannot use the broker at mqtt://127.0.0.1:${port}: it does not answer: check address and firewall`,
    );
    silent.close();
    await once(silent, 'close');
    expect(await failing({ url })).toMatch(/^EnvironmentError: .*nothing listens there/);
    expect(await failing({ url: 'mqtt://no-such-host.invalid' })).toMatch(
      /^EnvironmentError: .*the host name /,
    );
    const rude = createServer((socket) => {
      socket.on('error', () => socket.destroy()).resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    rude.listen(port, '127.0.0.1');
    await once(rude, 'listening');
    expect(await failing({ url })).toMatch(/^EnvironmentError: cannot use the broker/);
    expect(await failing({ url: url.replace('mqtt:', 'mqtts:') })).toMatch(
      /^EnvironmentError: .*it does not speak TLS there/,
    );
    rude.close();
    await once(rude, 'close');
  });
});

describe.skipIf(!mosquittoAvailable)('MqttBus and a mosquitto that wants to know you', () => {
  it('logs in with the right password only', async () => {
    const login = { username: 'fleet', password: 'sesame' };
    const server = await startMosquitto({ login });
    const bus = await MqttBus.connect({ url: server.url, ...login });
    let heard = 0;
    await bus.subscribe('x', () => heard++);
    bus.publish('x', Uint8Array.of(1));
    await until('an echo', () => heard === 1);
    await bus.close();
    await expect(
      MqttBus.connect({ url: server.url, ...login, password: 'wrong' }),
    ).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringContaining('check user name and password'),
    });
    await server.stop();
  });

  it.skipIf(!opensslAvailable)('trusts its certificate only with its authority', async () => {
    const server = await startMosquitto({ tls: true });
    const { url, ca } = server;
    const bus = await MqttBus.connect({ url, ...(ca === undefined ? {} : { ca }) });
    let heard = 0;
    await bus.subscribe('x', () => heard++);
    bus.publish('x', Uint8Array.of(1));
    await until('an echo', () => heard === 1);
    await bus.flush();
    await bus.close();
    await expect(MqttBus.connect({ url })).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringContaining('its certificate is not trusted'),
    });
    await server.stop();
  });
});
