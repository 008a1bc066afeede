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
import type { FrameEnvelope, GbcsEnvelope } from '../../protocols/bus/envelope-types.js';
import { type Eui64, eui64ToBytes } from '../../protocols/codec/eui64.js';

const rounds = 15;
const topicOf = (name: string) => `hubfleet/1/bench/control/reply/${name}`;

interface Contestant {
  readonly name: string;
  /** Does its work once, for all of the count. */
  readonly round: () => unknown;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/**
 * The median of some rounds, taken in turns so that whatever else the machine does hits all alike; each but the first
 * is set against the first of the same round, and the median of that is told.
 */
async function contest(count: number, contestants: readonly Contestant[]): Promise<void> {
  const rates: number[][] = contestants.map(() => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [at, contestant] of contestants.entries()) {
      const start = performance.now();
      await contestant.round();
      if (round > 0) rates[at]?.push((count * 1000) / (performance.now() - start));
    }
  }
  const [first = []] = rates;
  for (const [at, { name }] of contestants.entries()) {
    const own = rates[at] ?? [];
    const rate = Math.round(median(own)).toLocaleString('en').padStart(12);
    const ratio = median(own.map((one, round) => one / (first[round] ?? 0))).toFixed(2);
    console.log(`${name.padEnd(44)}${rate}/s${at === 0 ? '' : `   ${ratio} of bare`}`);
  }
}

function repeated(count: number, work: () => unknown): () => void {
  return () => {
    for (let i = 0; i < count; i++) work();
  };
}

const sender = '00db1234567890a0' as Eui64;

/** What somebody writes who uses cbor-x alone for the same fields. */
function fieldsOf(envelope: GbcsEnvelope | FrameEnvelope, bytes: Uint8Array): Map<number, unknown> {
  const fields = new Map<number, unknown>();
  fields.set(0, 1);
  fields.set(1, envelope.kind === 'gbcs' ? 1 : 2);
  fields.set(2, BigInt(envelope.timeMs));
  fields.set(3, envelope.sequence);
  fields.set(4, bytes);
  fields.set(5, envelope.body);
  if (envelope.kind === 'gbcs') return fields;
  const { page, channel, lqi, rssiDbm } = envelope.radio;
  return fields.set(6, page).set(7, channel).set(8, lqi).set(9, rssiDbm);
}

async function envelopes(): Promise<void> {
  const count = 50_000;
  const sent = { timeMs: 1_795_305_600_123, sequence: 12_345, sender };
  const radio = { page: 0, channel: 20, lqi: 255, rssiDbm: -40 };
  const body = new Uint8Array(300).fill(0x5a);
  const examples: readonly (readonly [string, GbcsEnvelope | FrameEnvelope])[] = [
    ['gbcs, 300 bytes', { kind: 'gbcs', ...sent, body }],
    ['frame, 100 bytes', { kind: 'frame', ...sent, body: body.slice(0, 100), radio }],
  ];
  const cborX = new Encoder({ useRecords: false, tagUint8Array: false, mapsAsObjects: false });
  const bytes = eui64ToBytes(sender);
  for (const [name, envelope] of examples) {
    const fields = fieldsOf(envelope, bytes);
    const encode = (one: Map<number, unknown>) => cborX.encode(one);
    await contest(count, [
      { name: `cbor-x encode, ${name}`, round: repeated(count, () => encode(fields)) },
      {
        name: '  its map made and its bytes copied each time',
        round: repeated(count, () => new Uint8Array(encode(fieldsOf(envelope, bytes)))),
      },
      { name: `encodeEnvelope, ${name}`, round: repeated(count, () => encodeEnvelope(envelope)) },
    ]);
    // A Buffer of its own for each message, as MQTT clients give them: cbor-x is quicker with one it has seen.
    const wire = Buffer.from(encodeEnvelope(envelope));
    const arriving = () => wire.subarray();
    await contest(count, [
      { name: `cbor-x decode, ${name}`, round: repeated(count, () => cborX.decode(arriving())) },
      {
        name: `decodeEnvelope, ${name}`,
        round: repeated(count, () => decodeEnvelope(arriving())),
      },
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
