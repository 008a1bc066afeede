import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFileBeside, mergeKeyFile } from '../../emulator/cli/key-file.js';
import { Recorder } from '../../emulator/cli/recorder.js';
import { homeKeysOf } from '../../emulator/fleet/home-keys.js';
import { Routine } from '../../emulator/fleet/routine.js';
import { entitiesOfHome } from '../../emulator/fleet/start-fleet.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import { hanTopic, parseTopic } from '../../protocols/bus/topics.js';
import { concatBytes, fromHex, toHex } from '../../protocols/codec/hex.js';
import { craFlags } from '../../protocols/gbcs/grouping-header.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { decodePcapng } from '../../protocols/pcapng/blocks.js';
import { pcapOf } from '../support/pcap.js';
import { nodeCryptoForTests } from '../support/test-crypto.js';
import { dissect, dissectOctets, tsharkAvailable } from '../support/tshark.js';
import { virtualFleet } from '../support/virtual-fleet.js';

interface Heard {
  readonly name: string;
  readonly timeMs: number;
  readonly body: Uint8Array;
  readonly radio: string;
  readonly direction: string;
}

const linkTypeRawIp = 101;

const objection = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';

/** Runs tshark with the configuration, and so the keys, of a directory. */
function configured<T>(directory: string, run: () => T): T {
  process.env.WIRESHARK_CONFIG_DIR = directory;
  try {
    return run();
  } finally {
    delete process.env.WIRESHARK_CONFIG_DIR;
  }
}

/** A line of the trace, as far as these tests look at it. */
interface TraceLine {
  readonly packet: number;
  readonly plane: string;
  readonly home?: string;
  readonly band?: string;
  readonly type?: string;
  readonly error?: unknown;
  readonly message?: { readonly messageCode: string };
  readonly frame: {
    readonly nwk?: { readonly header: { readonly source: number; readonly destination: number } };
    readonly aps?: {
      readonly header: {
        readonly clusterId?: number;
        /** Of an acknowledgment. */
        readonly addressing?: { readonly clusterId: number };
        readonly counter: number;
      };
    };
    readonly content: {
      readonly kind: string;
      readonly cluster?: string;
      readonly sequenceNumber?: number;
      readonly commandId?: number;
      readonly frameControl?: number;
      readonly fields?: { readonly attributes?: readonly Record<string, unknown>[] };
    };
  };
}

const short = (address: number): string => `0x${address.toString(16).padStart(4, '0')}`;

/** A datagram on the loopback as a raw IPv4 packet; checksums are left out, which tshark does not mind. */
function ipPacket(datagram: Uint8Array, port: number): Uint8Array {
  const packet = new Uint8Array(28 + datagram.length);
  const view = new DataView(packet.buffer);
  packet.set(fromHex('4500000000004000401100007f0000017f000001'));
  view.setUint16(2, packet.length);
  view.setUint16(20, port);
  view.setUint16(22, port);
  view.setUint16(24, 8 + datagram.length);
  packet.set(datagram, 28);
  return packet;
}

describe.skipIf(!tsharkAvailable)('tshark on the capture of a fleet', () => {
  const heard: Heard[] = [];
  const records: Uint8Array[] = [];
  const lines: string[] = [];
  const datagrams: Uint8Array[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'hubfleet-keys-'));
  let capture: Uint8Array;
  let packets: number;
  let trace: TraceLine[];

  /** What is heard is taken apart here once more, by a subscriber that knows nothing of captures. */
  function listen(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic);
    const envelope = decodeEnvelope(payload);
    const { timeMs } = envelope;
    if (parsed?.plane === 'wan' && envelope.kind === 'gbcs') {
      const direction = parsed.direction === 'down' ? '2' : '1';
      heard.push({ name: 'wan', timeMs, body: envelope.body, radio: '||', direction });
    }
    if (parsed?.plane === 'han' && envelope.kind === 'frame') {
      const { channel, page, lqi = '' } = envelope.radio;
      const name = `${parsed.home}/${parsed.band}`;
      const radio = `${channel}|${page}|${lqi}`;
      heard.push({ name, timeMs, body: envelope.body, radio, direction: '' });
    }
  }

  beforeAll(async () => {
    const bus = new MemoryBus();
    const take = (list: Uint8Array[]) => (record: Uint8Array) => list.push(record) > 0;
    const recorder = new Recorder(
      {
        pcapng: { append: take(records) },
        jsonl: { append: (line) => lines.push(new TextDecoder().decode(line)) > 0 },
        zep: { send: take(datagrams) },
      },
      'hubfleet test',
      'virtual',
      // Keys between devices are made when they are first needed.
      async (home) => keys().filter((key) => key.home === home),
    );
    const keys = () => fleet.homes.flatMap(homeKeysOf);
    await bus.subscribe('hubfleet/1/virtual/events/+/+/presence', (topic, payload, retained) =>
      recorder.learn(topic, payload, retained),
    );
    await bus.subscribe('#', (topic, payload) => {
      recorder.hear(topic, payload);
      listen(topic, payload);
    });
    const { fleet, clock } = virtualFleet(bus, nodeCryptoForTests(), 'capture', 3);
    recorder.addKeys(keys());
    const random = new SeededRandom('capture').stream('routine');
    const routine = new Routine(fleet, clock, { perSecond: 4, random });
    await fleet.start();
    routine.start();
    clock.advance(30_000);
    await routine.drain();
    await fleet.stop();
    // No home of the fleet has a sub-GHz air yet; a device in another process may.
    const envelope = encodeEnvelope({
      kind: 'frame',
      timeMs: clock.nowMs(),
      sequence: 0,
      body: heard.find(({ name }) => name === 'home-1/2g4')?.body as Uint8Array,
      radio: { page: 28, channel: 3, lqi: 200, rssiDbm: -71 },
    });
    bus.publish(hanTopic('virtual', 'home-1', '868'), envelope);
    recorder.close();
    capture = concatBytes(...records);
    packets = recorder.packets;
    trace = lines.map((line) => JSON.parse(line) as TraceLine);
    await mergeKeyFile(keyFileBeside(join(directory, 'capture.pcapng')), keys());
    expect(recorder.counts).toMatchObject({ interfaces: 5, undecodable: 0, leftOut: 0 });
  }, 60_000);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const withKeys = <T>(run: () => T): T => configured(directory, run);

  it('finds nothing malformed and nothing to remark on, and opens everything', () => {
    expect(packets).toBe(heard.length);
    expect(heard.filter(({ name }) => name === 'wan').length).toBeGreaterThan(200);
    expect(heard.filter(({ name }) => name !== 'wan').length).toBeGreaterThan(300);
    const fields = ['frame.number', '_ws.expert', '_ws.col.Info'];
    expect(withKeys(() => dissect(capture, fields, objection))).toEqual([]);
    // Its silence means something: without the key file it cannot look inside.
    const closed = dissect(capture, ['frame.number'], 'zbee_sec.encrypted_payload').length;
    expect(closed).toBeGreaterThan(300);
    expect(closed).toBe(withKeys(() => dissect(capture, ['frame.number'], 'zbee_nwk')).length);
  });

  it('reads every packet where, when and how we heard it', () => {
    const rows = dissect(capture, [
      'frame.interface_name',
      'frame.time_epoch',
      'wpan-tap.ch_num',
      'wpan-tap.ch_page',
      'wpan-tap.lqi',
      'frame.packet_flags_direction',
    ]);
    const read = rows.map(([name, time, channel, page, lqi, direction]) => {
      const flag = direction === '' ? '' : String(Number(direction));
      return [name, Math.round(Number(time) * 1_000), `${channel}|${page}|${lqi}`, flag];
    });
    expect(read).toEqual(
      heard.map(({ name, timeMs, radio, direction }) => [name, timeMs, radio, direction]),
    );
    expect(dissect(capture, ['wpan-tap.rss', 'wpan-tap.fcs_type'], 'wpan-tap.rss')).toEqual([
      ['-71', '0'],
    ]);
  });

  it('reads the messages of the WAN with the header that we decode', () => {
    const header = 'gbcs_message.grouping_header';
    const rows = dissect(
      capture,
      [
        `${header}.message_code`,
        `${header}.originator_counter`,
        `${header}.cra_flag`,
        `${header}.business_originator_id`,
      ],
      'frame.interface_name == "wan" && gbcs_message',
    );
    const colons = (eui: string): string => (eui.match(/../g) as string[]).join(':');
    const expected = heard
      .filter(({ name }) => name === 'wan')
      .map(({ body }) => {
        const { craFlag, originatorCounter, originator, otherInformation } =
          decodeGbcsMessage(body).header;
        const code = otherInformation.messageCode.toString(16).padStart(4, '0');
        const flag = `0x0${craFlags[craFlag]}`;
        return [`0x${code}`, String(originatorCounter), flag, colons(originator)];
      });
    expect(rows).toEqual(expected);
  });

  it('opens with the key file what our own trace opens, address by address and value by value', () => {
    const attribute = (type: string) => `zbee_zcl.attr.${type}`;
    const rows = withKeys(() =>
      dissect(
        capture,
        [
          'frame.number',
          'zbee_nwk.src',
          'zbee_nwk.dst',
          'zbee_aps.counter',
          'zbee_aps.cluster',
          'zbee_zcl.cmd.tsn',
          attribute('uint24'),
          attribute('uint48'),
          attribute('int24'),
        ],
        'zbee_nwk',
      ),
    );
    const typeIds: readonly number[] = [0x22, 0x25, 0x2a];
    const expected = trace.flatMap(({ packet, plane, frame }) => {
      if (plane !== 'han' || frame.nwk === undefined) return [];
      const { nwk, aps, content } = frame;
      const { source, destination } = nwk.header;
      const values = typeIds.map((type) => {
        const typed = content.fields?.attributes?.filter(({ dataType }) => dataType === type);
        return (typed ?? []).flatMap(({ value }) => (value === undefined ? [] : [value])).join();
      });
      const cluster = aps?.header.clusterId ?? aps?.header.addressing?.clusterId;
      return [
        [
          String(packet),
          short(source),
          short(destination),
          String(aps?.header.counter ?? ''),
          cluster === undefined ? '' : short(cluster),
          String(content.sequenceNumber ?? ''),
          ...values,
        ],
      ];
    });
    // A message in a tunnel may hold ZCL frames of its own, behind the one that carries it.
    const outer = rows.map((row) => row.with(5, (row[5] ?? '').replace(/,.*/, '')));
    expect(outer).toEqual(expected);
    const clusters = new Set(trace.map(({ frame }) => frame?.content.cluster));
    for (const cluster of ['Metering', 'Price', 'Tunneling', 'Prepayment']) {
      expect(clusters).toContain(cluster);
    }
    for (const at of [6, 7, 8])
      expect(rows.filter((row) => row[at] !== '').length).toBeGreaterThan(1);
  });

  it('finds the messages in the tunnels where our own trace has them', () => {
    const code = 'gbcs_message.grouping_header.message_code';
    const filter = 'gbcs_message && frame.interface_name != "wan"';
    const rows = withKeys(() => dissect(capture, ['frame.number', code], filter));
    const expected = trace.flatMap(({ packet, plane, message }) =>
      plane === 'han' && message !== undefined ? [[String(packet), message.messageCode]] : [],
    );
    expect(rows).toEqual(expected);
    expect(rows.length).toBeGreaterThan(50);
  });

  it('puts the fragments in the tunnels together to the messages of the WAN', () => {
    for (const home of [1, 2, 3]) {
      const tunnelled = withKeys(() =>
        dissectOctets(
          capture,
          'gbcs_message',
          `frame.interface_name == "home-${home}/2g4" && gbcs_message`,
        ),
      );
      const { esme } = entitiesOfHome(home);
      const wanted = heard.filter(({ name, body }) => {
        if (name !== 'wan') return false;
        const { originator, recipient } = decodeGbcsMessage(body).header;
        return originator === esme || recipient === esme;
      });
      expect(wanted.length).toBeGreaterThan(10);
      const all = new Set(tunnelled);
      expect(wanted.filter(({ body }) => !all.has(toHex(body)))).toEqual([]);
    }
    const fragments = withKeys(() =>
      dissect(capture, ['zbee_aps.fragment.count'], 'zbee_aps.fragment.count'),
    );
    expect(fragments.length).toBeGreaterThan(10);
  });

  it('says of a message without its end that something is wrong, so that its silence means something', () => {
    const blocks = decodePcapng(capture);
    expect(blocks.filter(({ block }) => block === 'enhancedPacket')).toHaveLength(packets);
    const [first, wan] = records as [Uint8Array, Uint8Array];
    const message = heard.find(({ name }) => name === 'wan')?.body as Uint8Array;
    const cutRecords: Uint8Array[] = [];
    const recorder = new Recorder(
      { pcapng: { append: (record) => cutRecords.push(record) > 0 } },
      'hubfleet test',
      'virtual',
    );
    const hub = '00db1000000001a2';
    const body = message.subarray(0, message.length - 3);
    const envelope = encodeEnvelope({ kind: 'gbcs', timeMs: 0, sequence: 0, body });
    expect(recorder.hear(`hubfleet/1/virtual/wan/${hub}/down`, envelope)).toBe(true);
    expect(cutRecords.slice(0, 2)).toEqual([first, wan]);
    const cut = concatBytes(...cutRecords);
    expect(dissect(cut, ['frame.number'], '_ws.malformed || _ws.expert')).toHaveLength(1);
  });

  it('reads the live feed: version, channel, home, time and a good check sequence', () => {
    const live = pcapOf(
      datagrams.map((datagram) => ipPacket(datagram, 17_754)),
      linkTypeRawIp,
    );
    const fields = ['zep.version', 'zep.channel_id', 'zep.seqno', 'zep.time', 'wpan.fcs_ok'];
    const frames = heard.filter(({ name }) => name !== 'wan');
    const rows = dissect(live, fields).map(([version, channel, sequence, time, fcs]) => {
      const ms = Date.parse((time ?? '').replace(/(\.\d{3})\d+/, '$1'));
      return [version, channel, Number(sequence), ms, fcs];
    });
    expect(rows).toEqual(
      frames.map(({ radio, timeMs }, index) => ['2', radio.split('|')[0], index + 1, timeMs, '1']),
    );
    expect(withKeys(() => dissect(live, ['frame.number'], objection))).toEqual([]);
  });

  it('has a trace of the same packets, decoded', () => {
    expect(trace.map(({ packet }) => packet)).toEqual(heard.map((_, index) => index + 1));
    expect(
      trace.map(({ plane, home, band }) => (plane === 'wan' ? plane : `${home}/${band}`)),
    ).toEqual(heard.map(({ name }) => name));
    expect(trace.filter(({ error }) => error !== undefined)).toEqual([]);
    const unopened = ['closed', 'malformed', 'data'];
    expect(trace.filter(({ frame }) => unopened.includes(frame?.content.kind))).toEqual([]);
    const wan = trace.filter(({ plane }) => plane === 'wan');
    expect(wan.every(({ home, type }) => /^home-\d$/.test(`${home}`) && type !== undefined)).toBe(
      true,
    );
  });
});

describe('what is no packet', () => {
  it('is counted and left out', () => {
    const recorder = new Recorder({ pcapng: { append: () => true } }, 'test', 'virtual');
    const junk = fromHex('ff');
    const frame = encodeEnvelope({
      kind: 'frame',
      timeMs: 0,
      sequence: 0,
      body: junk,
      radio: { page: 0, channel: 11 },
    });
    expect(recorder.hear('hubfleet/1/virtual/han/home-1/2g4', junk)).toBe(false);
    expect(recorder.hear('hubfleet/1/virtual/wan/00db1000000001a2/up', frame)).toBe(false);
    expect(recorder.hear('hubfleet/1/virtual/events/process/fleet/presence', frame)).toBe(false);
    expect(recorder.hear('no/topic', frame)).toBe(false);
    expect(recorder.hear('hubfleet/1/virtual/han/home-1/2g4', frame)).toBe(true);
    expect(recorder.counts).toMatchObject({ frames: 1, messages: 0, undecodable: 2, leftOut: 0 });
  });

  it('describes no interface that the file had no room for', () => {
    let room = 2;
    const kept: Uint8Array[] = [];
    const append = (record: Uint8Array): boolean => room-- > 0 && kept.push(record) > 0;
    const recorder = new Recorder({ pcapng: { append } }, 'test', 'virtual');
    const frame = encodeEnvelope({
      kind: 'frame',
      timeMs: 0,
      sequence: 0,
      body: fromHex('020001'),
      radio: { page: 0, channel: 11 },
    });
    expect(recorder.hear('hubfleet/1/virtual/han/home-1/2g4', frame)).toBe(false);
    room = 9;
    expect(recorder.hear('hubfleet/1/virtual/han/home-2/2g4', frame)).toBe(true);
    expect(recorder.counts).toMatchObject({ frames: 1, interfaces: 2, leftOut: 1 });
    expect(decodePcapng(concatBytes(...kept)).map(({ block }) => block)).toEqual([
      'sectionHeader',
      'interfaceDescription',
      'interfaceDescription',
      'enhancedPacket',
    ]);
  });
});
