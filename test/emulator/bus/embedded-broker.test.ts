import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedBroker } from '../../../emulator/adapters/embedded-broker.js';
import { MqttBus } from '../../../emulator/adapters/mqtt-bus.js';
import { until } from '../../support/until.js';

// MQTT 3.1.1 packets written out, so that no library comes between the test and the broker.
const connectPacket = Buffer.from('100d00044d51545404020000000161', 'hex');
const subscribeToAll = Buffer.from('8206000100012300', 'hex');

function portOf(broker: EmbeddedBroker): number {
  return Number(new URL(broker.url).port);
}

async function rawClient(broker: EmbeddedBroker, ...packets: Uint8Array[]): Promise<Socket> {
  const socket = connect(portOf(broker), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  for (const packet of packets) socket.write(packet);
  return socket;
}

/** Subscribes to everything and never reads again. */
async function frozenSubscriber(broker: EmbeddedBroker): Promise<Socket> {
  const socket = await rawClient(broker, connectPacket);
  await once(socket, 'data');
  socket.write(subscribeToAll);
  await once(socket, 'data');
  return socket.pause();
}

/** Resolves when the broker has closed the connection, however it did. */
function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.on('error', () => undefined);
    client.on('close', () => resolve());
  });
}

describe('EmbeddedBroker', () => {
  let broker: EmbeddedBroker;
  beforeEach(async () => {
    broker = await EmbeddedBroker.start({ port: 0, drainTimeoutMs: 300 });
  });
  afterEach(() => broker.close());

  it('listens on loopback only, and says in one line when it cannot', async () => {
    expect(broker.url).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    await expect(EmbeddedBroker.start({ port: portOf(broker) })).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringMatching(
        /^port \d+ on 127\.0\.0\.1 is in use: .*choose another port.*$/,
      ),
    });
    await expect(EmbeddedBroker.start({ host: '203.0.113.1', port: 0 })).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringContaining('no address 203.0.113.1'),
    });
  });

  it('lets one frozen subscriber stall nobody, even while it is there', async () => {
    await broker.close();
    broker = await EmbeddedBroker.start({ port: 0, drainTimeoutMs: 60_000 });
    const frozen = await frozenSubscriber(broker);
    const healthy = await MqttBus.connect({ url: broker.url });
    const inside = broker.bus();
    const messages = 20_000;
    let heard = 0;
    await healthy.subscribe('air/+', () => heard++);
    for (let n = 0; n < messages; n++) inside.publish(`air/${n % 7}`, new Uint8Array(1_000));
    await until('the healthy one has all', () => heard === messages);
    expect(broker.connections).toBe(2);
    frozen.destroy();
    await healthy.close();
  });

  it('disconnects a subscriber that has stopped reading', async () => {
    const frozen = await frozenSubscriber(broker);
    const inside = broker.bus();
    for (let n = 0; n < 20_000; n++) inside.publish('air', new Uint8Array(1_000));
    await until('it is out', () => broker.connections === 0);
    expect(broker.refusals).toMatchObject({ frozenSubscribers: 1, droppedForSlowSubscribers: 0 });
    frozen.destroy();
  });

  it('drops messages to a subscriber with too much waiting, and to no other', async () => {
    await broker.close();
    broker = await EmbeddedBroker.start({ port: 0, backlogBytesMax: 1_000_000 });
    const frozen = await frozenSubscriber(broker);
    const inside = broker.bus();
    let heard = 0;
    await inside.subscribe('#', () => heard++);
    for (let n = 0; n < 20_000; n++) inside.publish('air', new Uint8Array(1_000));
    await inside.flush();
    expect(heard).toBe(20_000);
    expect(broker.refusals.droppedForSlowSubscribers).toBeGreaterThan(0);
    frozen.destroy();
  });

  it('disconnects whoever announces or sends too long a packet, at once', async () => {
    const inside = broker.bus();
    let heard = 0;
    await inside.subscribe('#', () => heard++);
    // A PUBLISH that says it is 200 MB long; only its head is ever sent.
    const announced = await rawClient(broker, connectPacket, Buffer.from('30808ac85f', 'hex'));
    await once(announced, 'close');
    expect(broker.refusals.oversizedPackets).toBe(1);
    for (const payloadLength of [65_537, 70_000]) {
      const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
      const gone = closed(client);
      client.publish('big', Buffer.alloc(payloadLength));
      await gone;
      client.end(true);
    }
    expect(broker.refusals).toMatchObject({ oversizedPackets: 3, protocolErrors: 0 });
    inside.publish('still/there', Uint8Array.of(1));
    await inside.flush();
    expect(heard).toBe(1);
  });

  it('survives whatever is sent to it', async () => {
    const inside = broker.bus();
    let heard = 0;
    await inside.subscribe('alive', () => heard++);
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const packets = fc.tuple(fc.boolean(), fc.array(chunk, { minLength: 1, maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(packets, async ([introduced, chunks]) => {
        const before = heard;
        const socket = await rawClient(broker, ...(introduced ? [connectPacket] : []), ...chunks);
        socket.end();
        socket.resume();
        inside.publish('alive', Uint8Array.of(1));
        await until('alive', () => heard > before);
        socket.destroy();
      }),
      { seed: 20261122, numRuns: 150 },
    );
    await until('all connections are gone', () => broker.connections === 0);
    expect(broker.refusals.protocolErrors).toBeGreaterThan(0);
  });

  it('admits only who knows user name and password', async () => {
    await broker.close();
    const login = { username: 'fleet', password: 'sesame' };
    broker = await EmbeddedBroker.start({ port: 0, ...login });
    const admitted = await MqttBus.connect({ url: broker.url, ...login });
    await admitted.close();
    const wrong = [
      {},
      { username: 'fleet', password: 'open' },
      { username: 'x', password: 'sesame' },
    ];
    for (const attempt of wrong) {
      await expect(MqttBus.connect({ url: broker.url, ...attempt })).rejects.toMatchObject({
        name: 'EnvironmentError',
        message: `cannot use the broker at ${broker.url}: it refuses the user name or password`,
      });
    }
    expect(broker.refusals.refusedLogins).toBe(3);
    await expect(
      MqttBus.connect({ url: broker.url.replace('//', '//fleet:sesame@') }).then((bus) =>
        bus.close(),
      ),
    ).resolves.toBeUndefined();
  });

  it('keeps $ topics and sessions to itself', async () => {
    const intruder = await connectAsync(broker.url, { reconnectPeriod: 0 });
    const gone = closed(intruder);
    intruder.publish('$SYS/x', 'x');
    await gone;
    intruder.end(true);
    expect(broker.refusals.protocolErrors).toBe(1);
    const options = { clientId: 'returner', clean: false, reconnectPeriod: 0 };
    for (let round = 0; round < 2; round++) {
      const client = await connectAsync(broker.url, options);
      await client.subscribeAsync('kept', { qos: 1 });
      await client.endAsync(true);
    }
    const heard: string[] = [];
    const inside = broker.bus();
    inside.publish('kept', Uint8Array.of(1), { atLeastOnce: true });
    await inside.flush();
    const client = await connectAsync(broker.url, options);
    client.on('message', (topic) => heard.push(topic));
    await client.subscribeAsync('after');
    inside.publish('after', Uint8Array.of(2));
    await until('the message after', () => heard.length > 0);
    expect(heard).toEqual(['after']);
    await client.endAsync();
  });

  it('frees port and connections when it closes', async () => {
    const { url } = broker;
    const client = await connectAsync(url, { reconnectPeriod: 0 });
    const idle = await rawClient(broker);
    const gone = Promise.all([closed(client), once(idle, 'close')]);
    await broker.close();
    await broker.close();
    await gone;
    client.end(true);
    const again = await EmbeddedBroker.start({ port: Number(new URL(url).port) });
    await again.close();
  });
});
