/**
 * Rates of the bus, each next to the bare library in the same run: `npx tsx scripts/bench/bus.ts`.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { Encoder } from 'cbor-x';
import { connectAsync } from 'mqtt';
import { EmbeddedBroker } from '../../emulator/adapters/embedded-broker.js';
import { MqttBus } from '../../emulator/adapters/mqtt-bus.js';
import type { Bus } from '../../emulator/ports/bus.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import type { Envelope } from '../../protocols/bus/envelope-types.js';
import { type Eui64, eui64ToBytes } from '../../protocols/codec/eui64.js';

const rounds = 5;
const topic = 'hubfleet/1/bench/wan/00db1234567890a0/down';

function report(what: string, perSecond: number, bare?: number): void {
  const rate = Math.round(perSecond).toLocaleString('en').padStart(12);
  const ratio = bare === undefined ? '' : `   ${(perSecond / bare).toFixed(2)} of bare`;
  console.log(`${what.padEnd(52)}${rate}/s${ratio}`);
}

/** The best of some rounds: what the machine can do when nobody disturbs it. */
async function best(count: number, round: () => unknown): Promise<number> {
  let rate = 0;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await round();
    rate = Math.max(rate, (count * 1000) / (performance.now() - start));
  }
  return rate;
}

function repeated(count: number, work: () => unknown): () => void {
  return () => {
    for (let i = 0; i < count; i++) work();
  };
}

async function envelopes(): Promise<void> {
  const count = 200_000;
  const sender = '00db1234567890a0' as Eui64;
  const sent = { timeMs: 1_795_305_600_123, sequence: 12_345, sender };
  const radio = { page: 0, channel: 20, lqi: 255, rssiDbm: -40 };
  const body = new Uint8Array(300).fill(0x5a);
  const examples: readonly (readonly [string, Envelope])[] = [
    ['gbcs, 300 bytes', { kind: 'gbcs', ...sent, body }],
    ['frame, 100 bytes', { kind: 'frame', ...sent, body: body.slice(0, 100), radio }],
  ];
  const cborX = new Encoder({ useRecords: false, tagUint8Array: false, mapsAsObjects: false });
  for (const [name, envelope] of examples) {
    const wire = encodeEnvelope(envelope);
    const map = new Map<number, unknown>([
      [0, 1],
      [1, 1],
      [2, BigInt(sent.timeMs)],
      [3, sent.sequence],
      [4, eui64ToBytes(sender)],
      [5, envelope.body],
      ...(envelope.kind === 'frame'
        ? ([
            [6, 0],
            [7, 20],
            [8, 255],
            [9, -40],
          ] as const)
        : []),
    ]);
    const bareOut = await best(
      count,
      repeated(count, () => cborX.encode(map)),
    );
    const bareIn = await best(
      count,
      repeated(count, () => cborX.decode(wire)),
    );
    report(`cbor-x encode, ${name}`, bareOut);
    report(
      `encodeEnvelope, ${name}`,
      await best(
        count,
        repeated(count, () => encodeEnvelope(envelope)),
      ),
      bareOut,
    );
    report(`cbor-x decode, ${name}`, bareIn);
    report(
      `decodeEnvelope, ${name}`,
      await best(
        count,
        repeated(count, () => decodeEnvelope(wire)),
      ),
      bareIn,
    );
  }
}

const payload = new Uint8Array(350);

/** From one bus to another until all have arrived. */
async function transfer(from: Bus, to: Bus, count: number, atLeastOnce: boolean): Promise<number> {
  let heard = 0;
  let arrived: (() => void) | undefined;
  const subscription = await to.subscribe(topic, () => {
    heard++;
    if (heard === count) arrived?.();
  });
  const rate = await best(count, () => {
    heard = 0;
    return new Promise<void>((resolve) => {
      arrived = resolve;
      for (let i = 0; i < count; i++) from.publish(topic, payload, { atLeastOnce });
    });
  });
  await subscription.unsubscribe();
  return rate;
}

async function bareAedes(): Promise<Aedes> {
  const broker = new Aedes({ concurrency: 0 });
  await broker.listen();
  return broker;
}

async function bareInside(count: number): Promise<number> {
  const broker = await bareAedes();
  await new Promise<void>((resolve) => broker.subscribe(topic, (_, done) => done(), resolve));
  const packet = {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    retain: false,
    dup: false,
  } as const;
  const rate = await best(
    count,
    repeated(count, () => broker.publish(packet, () => undefined)),
  );
  await new Promise<void>((resolve) => broker.close(resolve));
  return rate;
}

async function bareNetwork(count: number, qos: 0 | 1): Promise<number> {
  const broker = await bareAedes();
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const from = await connectAsync(url);
  const to = await connectAsync(url);
  let heard = 0;
  let arrived: (() => void) | undefined;
  to.on('message', () => {
    heard++;
    if (heard === count) arrived?.();
  });
  await to.subscribeAsync(topic, { qos });
  const message = Buffer.from(payload);
  const rate = await best(count, () => {
    heard = 0;
    return new Promise<void>((resolve) => {
      arrived = resolve;
      for (let i = 0; i < count; i++) from.publish(topic, message, { qos });
    });
  });
  await Promise.all([from.endAsync(true), to.endAsync(true)]);
  await new Promise<void>((resolve) => broker.close(resolve));
  server.close();
  return rate;
}

async function buses(): Promise<void> {
  const memory = new MemoryBus();
  report('memory bus', await transfer(memory, memory, 200_000, false));
  const inside = await bareInside(200_000);
  report('bare aedes, inside', inside);
  const broker = await EmbeddedBroker.start({ port: 0 });
  report(
    'embedded bus, inside',
    await transfer(broker.bus(), broker.bus(), 200_000, false),
    inside,
  );
  report(
    'embedded bus, inside, at least once',
    await transfer(broker.bus(), broker.bus(), 200_000, true),
  );
  const from = await MqttBus.connect({ url: broker.url });
  const to = await MqttBus.connect({ url: broker.url });
  for (const [name, qos] of [
    ['', 0],
    [', at least once', 1],
  ] as const) {
    const bare = await bareNetwork(20_000, qos);
    report(`bare aedes and mqtt.js over TCP${name}`, bare);
    report(`MqttBus over TCP${name}`, await transfer(from, to, 20_000, qos === 1), bare);
  }
  await Promise.all([from.close(), to.close()]);
  await broker.close();
}

await envelopes();
await buses();
