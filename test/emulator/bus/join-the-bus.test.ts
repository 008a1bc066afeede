import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedBroker } from '../../../emulator/adapters/embedded-broker.js';
import type { EmbeddedBus } from '../../../emulator/adapters/embedded-bus.js';
import { faultBody, queryBody } from '../../../emulator/fleet/control-protocol.js';
import type { CborMap } from '../../../protocols/bus/cbor.js';
import { decodeEnvelope, encodeEnvelope } from '../../../protocols/bus/envelope.js';
import type { Envelope } from '../../../protocols/bus/envelope-types.js';
import {
  deviceEventTopic,
  hanTopic,
  parseTopic,
  requestFilter,
  wanTopic,
} from '../../../protocols/bus/topics.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../protocols/codec/hex.js';
import { mosquittoClientsAvailable } from '../../support/mosquitto.js';
import { until } from '../../support/until.js';

const device = '00db1234567890a0' as Eui64;
const fleet = 'demo';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, ...options: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(command, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const join = (...options: readonly string[]) =>
  run(process.execPath, '--import', 'tsx', 'scripts/join-the-bus.ts', ...options);

/** The bytes of each `hex` block of the documentation. */
function documented(): Uint8Array[] {
  const text = readFileSync('docs/bus.md', 'utf8');
  const blocks = [...text.matchAll(/```hex\n([^`]*)```/g)];
  return blocks.map(([, block]) => fromHex((block as string).replace(/;.*$|\s/gm, '')));
}

describe('docs/bus.md', () => {
  it('shows envelopes that are envelopes, byte for byte', () => {
    const examples = documented().map((bytes) => {
      const envelope = decodeEnvelope(bytes);
      expect(toHex(encodeEnvelope(envelope))).toBe(toHex(bytes));
      return envelope.kind;
    });
    expect(examples).toEqual(['gbcs', 'query']);
  });

  it('lists the queries and faults that the fleet knows', () => {
    const text = readFileSync('docs/bus.md', 'utf8');
    const listed = (kind: string) => {
      const [, rows = ''] = text.split(new RegExp(`^\\| \`${kind}\` .*\\n\\|[ -|]*\\n`, 'm'));
      const [table = ''] = rows.split('\n\n');
      return [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    };
    expect(listed('query')).toEqual(queryBody.options.map(({ shape }) => shape.query.value));
    expect(listed('fault')).toEqual(faultBody.options.map(({ shape }) => shape.fault.value));
  });
});

describe('a stranger joins the bus', () => {
  let broker: EmbeddedBroker;
  let bus: EmbeddedBus;
  let queries: Envelope[];
  let answer: CborMap;
  const presence = { state: 'online', type: 'esme', home: 'home-1', hub: '00db1234567890a2' };
  const sent = { timeMs: 1_795_305_600_000, sequence: 7, sender: device };

  /** Stands in for a fleet: something passes on each plane, then the query is answered. */
  beforeEach(async () => {
    broker = await EmbeddedBroker.start({ port: 0 });
    bus = broker.bus();
    queries = [];
    answer = { devices: [{ home: 'home-1', type: 'esme', device }] };
    const online = encodeEnvelope({ kind: 'presence', ...sent, body: presence });
    bus.publish(deviceEventTopic(fleet, device, 'presence'), online, { retain: true });
    await bus.subscribe(requestFilter(fleet), (_, payload) => {
      const query = decodeEnvelope(payload);
      queries.push(query);
      if (query.kind !== 'query') return;
      const gbcs: Envelope = { kind: 'gbcs', ...sent, body: fromHex('df09') };
      bus.publish(wanTopic(fleet, device, 'down'), encodeEnvelope(gbcs));
      const radio = { page: 0, channel: 20 };
      const frame: Envelope = { kind: 'frame', ...sent, body: fromHex('418801'), radio };
      bus.publish(hanTopic(fleet, 'home-0001', '2g4'), encodeEnvelope(frame));
      const { correlation } = query;
      bus.publish(
        query.replyTo,
        encodeEnvelope({ kind: 'reply', ...sent, sender: undefined, correlation, body: answer }),
      );
    });
  });
  afterEach(() => broker.close());

  it('with a bare MQTT client and cbor-x: sees all planes and gets its answer', async () => {
    const { code, stdout, stderr } = await join(broker.url, '--fleet', fleet, '--for', '20');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = `{"hub":"00db1234567890a2","home":"home-1","type":"esme","state":"online"}`;
    const of = `of ${device} at 2026-11-22T00:00:00.000Z`;
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `hubfleet/1/demo/events/device/${device}/presence  presence #7 ${of}  ${shown}`,
      `hubfleet/1/demo/wan/${device}/down  gbcs #7 ${of}  "df09"`,
      `hubfleet/1/demo/han/home-0001/2g4  frame #7 ${of}  "418801"`,
    ]);
    expect(lines[3]).toMatch(
      /reply #7 of no device at .* \{"devices":\[\{"home":"home-1","type":"esme","device":"00db1234567890a0"\}\]\}$/,
    );
    expect(queries).toMatchObject([{ kind: 'query', body: { query: 'devices' } }]);
  });

  it('and says why when the answer is an error', async () => {
    answer = { error: { kind: 'usage', message: 'ask differently' } };
    const refused = await join(broker.url, '--fleet', fleet, '--for', '20');
    expect(refused).toMatchObject({ code: 1, stderr: 'the fleet says: ask differently\n' });
  });

  it('and says why when nobody answers, there is no broker, or it was called wrongly', async () => {
    const lonely = await join(broker.url, '--fleet', 'nobody', '--for', '0.2');
    expect(lonely).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no answer from fleet'),
    });
    const { url } = broker;
    await broker.close();
    const [absent, wrong] = await Promise.all([join(url), join('--nonsense')]);
    expect(absent).toMatchObject({ code: 3, stderr: expect.stringContaining('no broker at') });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
  });

  it.skipIf(!mosquittoClientsAvailable)(
    'with mosquitto_sub and mosquitto_pub, as the walkthrough has it',
    async () => {
      const port = new URL(broker.url).port;
      const query = documented()[1] as Uint8Array;
      const { replyTo } = decodeEnvelope(query) as Envelope & { kind: 'query' };
      expect(parseTopic(replyTo)).toMatchObject({ fleet, role: 'reply' });
      const listening = run('mosquitto_sub', '-p', port, '-t', replyTo, '-F', '%x', '-C', '1');
      await until('mosquitto_sub is there', () => broker.connections === 1);
      const ask = async () => {
        const escaped = toHex(query).replace(/../g, '\\x$&');
        const command = `printf '${escaped}' | mosquitto_pub -p ${port} -s -t hubfleet/1/demo/control/request/fleet`;
        await run('bash', '-c', command);
      };
      let heard: Run | undefined;
      void listening.then((result) => {
        heard = result;
      });
      await until('the answer', async () => {
        if (heard === undefined) await ask();
        return heard !== undefined;
      });
      expect(decodeEnvelope(fromHex((heard as Run).stdout.trim()))).toMatchObject({
        kind: 'reply',
        body: answer,
      });
    },
  );
});
