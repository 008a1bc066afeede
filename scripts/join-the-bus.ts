/**
 * A stranger on the bus: proves that docs/bus.md is enough. No code of hubfleet, only an MQTT client and a CBOR library.
 *
 *     npx tsx scripts/join-the-bus.ts [mqtt://127.0.0.1:21883] [--fleet default] [--for 5]
 *
 * Prints who is present and what passes on the WAN and the air, asks the fleet for its devices and prints the answer.
 * Exit code 0 when the answer came, 1 when none came in time or an error, 2 for wrong arguments, 3 when there is no
 * broker.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Encoder } from 'cbor-x';
import { connect } from 'mqtt';

/** docs/bus.md, "The envelope". */
const key = { version: 0, kind: 1, time: 2, sequence: 3, sender: 4, body: 5 } as const;
const askedKey = { correlation: 10, replyTo: 11 } as const;
const kinds = ['?', 'gbcs', 'frame', 'event', 'presence', 'query', 'reply', 'fault'];
const query = kinds.indexOf('query');
const reply = kinds.indexOf('reply');

const cbor = new Encoder({ useRecords: false, tagUint8Array: false, mapsAsObjects: false });

const usage = 'usage: join-the-bus [mqtt://host:port] [--fleet NAME] [--for SECONDS]';

function finish(code: number, line?: string): never {
  if (line !== undefined) console.error(line);
  process.exit(code);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        fleet: { type: 'string', default: 'default' },
        for: { type: 'string', default: '5' },
      },
    });
    const [url = 'mqtt://127.0.0.1:21883', ...rest] = positionals;
    const seconds = Number(values.for);
    if (rest.length > 0 || !(seconds > 0)) throw new Error('too many arguments or no duration');
    return { url, fleet: values.fleet, waitMs: seconds * 1000 };
  } catch (error) {
    return finish(2, `${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/** CBOR maps and bytes as something to print. */
function printable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, item]) => [String(name), printable(item)]));
  }
  if (Array.isArray(value)) return value.map(printable);
  return typeof value === 'bigint' ? String(value) : value;
}

function readEnvelope(payload: Uint8Array): Map<number, unknown> | undefined {
  try {
    const envelope: unknown = cbor.decode(payload);
    return envelope instanceof Map && envelope.get(key.version) === 1 ? envelope : undefined;
  } catch {
    return undefined;
  }
}

function print(topic: string, payload: Uint8Array): Map<number, unknown> | undefined {
  const envelope = readEnvelope(payload);
  if (envelope === undefined) {
    console.log(`${topic}  ${payload.length === 0 ? 'gone' : 'not an envelope of version 1'}`);
    return undefined;
  }
  const time = new Date(Number(envelope.get(key.time))).toISOString();
  const sender = printable(envelope.get(key.sender)) ?? 'no device';
  const kind = kinds[Number(envelope.get(key.kind))] ?? '?';
  const body = JSON.stringify(printable(envelope.get(key.body)));
  console.log(`${topic}  ${kind} #${envelope.get(key.sequence)} of ${sender} at ${time}  ${body}`);
  return envelope;
}

/** Why the fleet has no answer, where that is what its reply says. */
function refusal(body: unknown): string | undefined {
  const error: unknown = body instanceof Map ? body.get('error') : undefined;
  return error instanceof Map ? `the fleet says: ${error.get('message')}` : undefined;
}

const { url, fleet, waitMs } = readArguments();
const asker = `stranger-${randomBytes(4).toString('hex')}`;
const replyTo = `hubfleet/1/${fleet}/control/reply/${asker}`;
const correlation = randomBytes(8).toString('hex');

const client = connect(url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: waitMs });
client.on('error', (error) => finish(3, `no broker at ${url}: ${error.message || error.name}`));
client.on('close', () => finish(3, `the broker at ${url} closed the connection`));

client.on('message', (topic, payload) => {
  const envelope = print(topic, payload);
  const answered =
    topic === replyTo &&
    envelope?.get(key.kind) === reply &&
    envelope.get(askedKey.correlation) === correlation;
  if (!answered) return;
  const reason = refusal(envelope.get(key.body));
  client.removeAllListeners('close');
  client.end(false, () => (reason === undefined ? finish(0) : finish(1, reason)));
});

client.on('connect', async () => {
  const planes = ['events/+/+/presence', 'wan/+/+', 'han/+/+'];
  const filters = planes.map((plane) => `hubfleet/1/${fleet}/${plane}`);
  await client.subscribeAsync([...filters, replyTo], { qos: 1 });
  const envelope = new Map<number, unknown>([
    [key.version, 1],
    [key.kind, query],
    // A bigint, because cbor-x writes larger numbers as floating point, which is no time on this bus.
    [key.time, BigInt(Date.now())],
    [key.sequence, 0],
    [key.body, new Map([['query', 'devices']])],
    [askedKey.correlation, correlation],
    [askedKey.replyTo, replyTo],
  ]);
  client.publish(`hubfleet/1/${fleet}/control/request/fleet`, cbor.encode(envelope), { qos: 1 });
  setTimeout(() => {
    finish(
      1,
      `no answer from fleet '${fleet}' in ${waitMs / 1000} s: is it up, and is that its name?`,
    );
  }, waitMs);
});
