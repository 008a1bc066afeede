import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFileBeside, mergeKeyFile } from '../../emulator/cli/key-file.js';
import { Recorder } from '../../emulator/cli/recorder.js';
import type { Gsme } from '../../emulator/devices/gsme/device.js';
import { homeKeysOf } from '../../emulator/fleet/home-keys.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import { hanFilter, wanFilter, wanTopic } from '../../protocols/bus/topics.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import {
  acknowledgementOf,
  decodeGbtBlock,
  encodeGbtBlock,
  isGbtBlock,
} from '../../protocols/gbcs/gbt.js';
import { nodeCryptoForTests } from '../support/test-crypto.js';
import { dissect, tsharkAvailable } from '../support/tshark.js';
import { virtualFleet } from '../support/virtual-fleet.js';

const objections = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
const reassembled = 'gbcs_message.gbt.reassembled.length';
const wan = 'frame.interface_name contains "wan"';

/** A joined home whose meters each answer with a large message, everything on the bus captured. */
async function talkativeHome() {
  const bus = new MemoryBus();
  const packets: Uint8Array[] = [];
  const up: Uint8Array[] = [];
  const recorder = new Recorder(
    { pcapng: { append: (packet) => packets.push(packet.slice()) > 0 } },
    'hubfleet',
    'virtual',
  );
  const made = virtualFleet(bus, nodeCryptoForTests(), 'talkative', 1);
  const { fleet, clock, until } = made;
  await bus.subscribe(wanFilter('virtual'), (topic, payload) => {
    recorder.hear(topic, payload);
    const { body } = decodeEnvelope(payload);
    if (topic.endsWith('/up')) up.push((body as Uint8Array).slice());
  });
  await bus.subscribe(hanFilter('virtual'), (topic, payload) => recorder.hear(topic, payload));
  await fleet.start();
  clock.advance(30_000);
  const device = (type: string) =>
    [...(fleet.homes[0]?.devices.values() ?? [])].find((one) => one.type === type);
  const gsme = device('gsme') as Gsme;
  for (let n = 0; n < 100; n++) gsme.state.eventLog.add(0x8154, clock.nowMs(), 'ab'.repeat(16));
  const parameters = {
    from: new Date(clock.nowMs() - 20 * 86_400_000).toISOString(),
    to: new Date(clock.nowMs()).toISOString(),
  };
  const esme = device('esme')?.entity as Eui64;
  const outcomes = [
    await until(fleet.send({ useCase: 'ECS23', device: esme, parameters })),
    await until(fleet.send({ useCase: 'CS10a', device: gsme.entity, parameters })),
  ];
  // A request for what was lost, of a message that nobody remembers.
  const ask = acknowledgementOf(decodeGbtBlock(up.find(isGbtBlock) as Uint8Array), 2);
  const body = encodeGbtBlock({ ...ask, originatorCounter: 5n });
  const timeMs = clock.nowMs();
  const envelope = encodeEnvelope({ kind: 'gbcs', timeMs, sequence: 0, sender: undefined, body });
  bus.publish(wanTopic('virtual', fleet.homes[0]?.hub as Eui64, 'down'), envelope);
  return { fleet, outcomes, up, capture: Uint8Array.from(Buffer.concat(packets)) };
}

describe.skipIf(!tsharkAvailable)('Wireshark on a home that says a lot', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-blocks-'));
  let home: Awaited<ReturnType<typeof talkativeHome>>;
  const withKeys = (fields: readonly string[], filter: string) => {
    process.env.WIRESHARK_CONFIG_DIR = directory;
    try {
      return dissect(home.capture, fields, filter);
    } finally {
      delete process.env.WIRESHARK_CONFIG_DIR;
    }
  };

  beforeAll(async () => {
    home = await talkativeHome();
    const keys = home.fleet.homes.flatMap(homeKeysOf);
    await mergeKeyFile(keyFileBeside(join(directory, 'home.pcapng')), keys);
  }, 60_000);

  afterAll(async () => {
    await home.fleet.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('joins the responses of the WAN to the lengths that we sent', () => {
    expect(home.outcomes.map(({ verdict }) => verdict)).toEqual(['answered', 'answered']);
    const rows = withKeys(
      [reassembled, 'gbcs_message.gbt.block.count', 'gbcs_message.grouping_header.message_code'],
      `${reassembled} && ${wan}`,
    );
    const lengths = new Map<number, number[]>();
    for (const block of home.up.filter(isGbtBlock).map(decodeGbtBlock)) {
      const all = lengths.get(block.messageCode) ?? [];
      lengths.set(block.messageCode, [...all, block.data.length]);
    }
    const sum = (all: readonly number[]): string => String(all.reduce((one, two) => one + two, 0));
    expect(rows).toEqual(
      [0x0039, 0x0014].map((code) => {
        const all = lengths.get(code) ?? [];
        return [sum(all), String(all.length), `0x${code.toString(16).padStart(4, '0')}`];
      }),
    );
    expect(Number(rows[0]?.[0])).toBeGreaterThan(7_000);
    expect(Number(rows[1]?.[0])).toBeGreaterThan(2_000);
  });

  it('joins them from the fragments on the air, too', () => {
    expect(withKeys([reassembled], `${reassembled} && wpan`).length).toBeGreaterThan(0);
  });

  it('objects to nothing, blocks and fragments and a request for lost ones', () => {
    expect(withKeys(['frame.number', '_ws.col.Info', '_ws.expert.message'], objections)).toEqual(
      [],
    );
    const asked = withKeys(['gbcs_message.gbt_header.block_number_ack'], `${wan} && gbcs_message`);
    expect(asked.filter(([number]) => number === '2')).toHaveLength(1);
  });
});
