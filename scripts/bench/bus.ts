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

const rounds = 8;
const topicOf = (name: string) => `hubfleet/1/bench/control/reply/${name}`;

interface Contestant {
  readonly name: string;
  /** Does its work once, for all of the count. */
  readonly round: () => unknown;
}

/**
 * The best of some rounds, taken in turns so that whatever else the machine does hits all alike; each but the first
 * is set against the first.
 */
async function contest(count: number, contestants: readonly Contestant[]): Promise<void> {
  const rates = contestants.map(() => 0);
  for (let i = 0; i < rounds; i++) {
    for (const [at, { round }] of contestants.entries()) {
      const start = performance.now();
      await round();
      const rate = (count * 1000) / (performance.now() - start);
      rates[at] = Math.max(rates[at] ?? 0, rate);
    }
  }
  const [first = 0] = rates;
  contestants.forEach(({ name }, at) => {
    const rate = rates[at] ?? 0;
    const ratio = at === 0 ? '' : `   ${(rate / first).toFixed(2)} of bare`;
    console.log(
      `${name.padEnd(44)}${Math.round(rate).toLocaleString('en').padStart(12)}/s${ratio}`,
    );
  });
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
    await contest(count, [
      { name: `cbor-x encode, ${name}`, round: repeated(count, () => cborX.encode(map)) },
      { name: `encodeEnvelope, ${name}`, round: repeated(count, () => encodeEnvelope(envelope)) },
    ]);
    await contest(count, [
      { name: `cbor-x decode, ${name}`, round: repeated(count, () => cborX.decode(wire)) },
      { name: `decodeEnvelope, ${name}`, round: repeated(count, () => decodeEnvelope(wire)) },
    ]);
  }
}

const payload = Buffer.alloc(350);

/** A round that ends when `count` messages have arrived; `arrive` counts one. */
class Arrivals {
  private heard = 0;
  private done: (() => void) | undefined;

  constructor(private readonly count: number) {}

  readonly arrive = (): void => {
    this.heard++;
    if (this.heard === this.count) this.done?.();
  };

  round(publish: () => void): Promise<void> {
    this.heard = 0;
    return new Promise((resolve) => {
      this.done = resolve;
      for (let i = 0; i < this.count; i++) publish();
    });
  }
}

async function overBus(name: string, from: Bus, to: Bus, count: number, atLeastOnce = false) {
  const arrivals = new Arrivals(count);
  const topic = topicOf(name.replace(/\W+/g, '-').toLowerCase());
  await to.subscribe(topic, arrivals.arrive);
  const options = { atLeastOnce };
  return { name, round: () => arrivals.round(() => from.publish(topic, payload, options)) };
}

async function bareAedes(): Promise<Aedes> {
  const broker = new Aedes({ concurrency: 0 });
  await broker.listen();
  return broker;
}

async function bareInside(broker: Aedes, count: number): Promise<Contestant> {
  const arrivals = new Arrivals(count);
  const topic = topicOf('inside');
  const hear = (_: unknown, done: () => void) => {
    arrivals.arrive();
    done();
  };
  await new Promise<void>((resolve) => broker.subscribe(topic, hear, resolve));
  const publish = () => {
    const packet = { topic, payload, qos: 0, retain: false, dup: false } as const;
    broker.publish({ cmd: 'publish', ...packet }, () => undefined);
  };
  return { name: 'bare aedes, inside', round: () => arrivals.round(publish) };
}

async function bareNetwork(url: string, count: number, qos: 0 | 1): Promise<Contestant> {
  const from = await connectAsync(url);
  const to = await connectAsync(url);
  const arrivals = new Arrivals(count);
  const topic = topicOf(`network-${qos}`);
  to.on('message', arrivals.arrive);
  await to.subscribeAsync(topic, { qos });
  const publish = () => from.publish(topic, payload, { qos });
  return {
    name: `bare aedes and mqtt.js over TCP, QoS ${qos}`,
    round: () => arrivals.round(publish),
  };
}

async function buses(): Promise<void> {
  const bare = await bareAedes();
  const server = createServer(bare.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bareUrl = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const broker = await EmbeddedBroker.start({ port: 0 });
  const inside = broker.bus();
  const memory = new MemoryBus();
  const many = 100_000;
  await contest(many, [
    await bareInside(bare, many),
    await overBus('embedded bus, inside', inside, inside, many),
    await overBus('embedded bus, inside, at least once', inside, inside, many, true),
    await overBus('memory bus', memory, memory, many),
  ]);
  const few = 20_000;
  for (const qos of [0, 1] as const) {
    const from = await MqttBus.connect({ url: broker.url });
    const to = await MqttBus.connect({ url: broker.url });
    await contest(few, [
      await bareNetwork(bareUrl, few, qos),
      await overBus(`MqttBus over TCP, QoS ${qos}`, from, to, few, qos === 1),
    ]);
  }
}

await envelopes();
await buses();
process.exit();
