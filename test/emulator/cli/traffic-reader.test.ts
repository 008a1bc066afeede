import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { type HanTraffic, type Traffic, TrafficDecoder } from '../../../emulator/cli/traffic.js';
import { trafficJson, trafficLine } from '../../../emulator/cli/traffic-lines.js';
import { type AskKeys, TrafficReader } from '../../../emulator/cli/traffic-reader.js';
import type { HomeKey } from '../../../emulator/fleet/control-protocol.js';
import { encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { hanTopic } from '../../../protocols/bus/topics.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import { apsFragment } from '../../../protocols/zigbee/aps-fragments.js';
import { bytesOf } from '../../support/codec-table.js';
import { type AirNode, SecuredAir } from '../../support/secured-air.js';

const hub: AirNode = { eui: '00db1000000001a1' as Eui64, short: 0x0000 };
const meter: AirNode = { eui: '00db1000000001a0' as Eui64, short: 0x3e4d };
const display: AirNode = { eui: '00db1000000001a7' as Eui64, short: 0x68a7 };
const networkKey: HomeKey = { home: 'home-1', key: '1f2e3d4c5b6a79880112233445566778', label: '' };
const key = fromHex(networkKey.key);
const topic = hanTopic('default', 'home-1', '2g4');
const reading = bytesOf('18 07 01 0000 00 25 d20400000000 0100 86');

function heard(body: Uint8Array): Uint8Array {
  return encodeEnvelope({
    kind: 'frame',
    timeMs: Date.UTC(2026, 10, 22, 1, 29, 6, 123),
    sequence: 0,
    sender: meter.eui,
    body,
    radio: { page: 0, channel: 20 },
  });
}

function lineOf(psdu: Uint8Array, keys: readonly HomeKey[] = [networkKey]): string {
  const decoder = new TrafficDecoder();
  decoder.addKeys(keys);
  return trafficLine(decoder.decode(topic, heard(psdu), false), picocolors.createColors(false));
}

describe('a line of the air', () => {
  const air = new SecuredAir();
  const said = (psdu: Uint8Array, keys?: readonly HomeKey[]): string =>
    lineOf(psdu, keys).replace(/^01:29:06\.123 ~ home-1\/2g4 +/, '');
  const from = (aps: Uint8Array, hop?: AirNode[]): Uint8Array =>
    air.data(meter, hub, aps, key, hop);

  it('says who, to whom, and what', () => {
    expect(lineOf(from(air.aps({}, reading)))).toBe(
      '01:29:06.123 ~ home-1/2g4   3e4d>0000 Metering ReadAttributesResponse ' +
        'CurrentSummationDelivered=1234 CurrentSummationReceived!86',
    );
  });

  it.each<[string, Uint8Array]>([
    [
      '3e4d>0000 Metering ReadAttributes CurrentSummationDelivered 0xfff0',
      from(air.aps({}, bytesOf('00 07 00 0000 f0ff'))),
    ],
    [
      '3e4d>0000 Metering DefaultResponse commandId 1, status 129',
      from(air.aps({}, bytesOf('00 07 0b 01 81'))),
    ],
    [
      '3e4d>0000 Tunneling CloseTunnel tunnelId 3',
      from(air.aps({ clusterId: 0x0704 }, bytesOf('11 05 01 0300'))),
    ],
    [
      '3e4d>0000 Tunneling TransferData GET',
      from(air.aps({ clusterId: 0x0704 }, bytesOf('11 05 02 0300 01'))),
    ],
    [
      '3e4d>0000 Tunneling fragment 1 of 3, 4 octets',
      from(air.aps({ clusterId: 0x0704, fragment: apsFragment(0, 3) }, bytesOf('11 05 02 03'))),
    ],
    [
      '3e4d>0000 cluster fc00 fragment 3 of ?, 1 octets',
      from(air.aps({ clusterId: 0xfc00, fragment: apsFragment(2, 3) }, bytesOf('11'))),
    ],
    [
      '3e4d>0000 Match_Desc_req nwkAddressOfInterest 0, profileId 265, inputClusters 1794, outputClusters',
      from(air.aps({ profileId: 0, clusterId: 6 }, bytesOf('01 0000 0901 01 0207 00'))),
    ],
    [
      '3e4d>68a7 (hop 3e4d>0000) Metering ReadAttributes CurrentSummationDelivered',
      air.data(meter, display, air.aps({}, bytesOf('00 07 00 0000')), key, [meter, hub]),
    ],
    [
      '3e4d>0000 malformed zcl.ReadAttributes.attributes[0].attributeId @0: need 2 bytes, have 1',
      from(air.aps({}, bytesOf('00 07 00 00'))),
    ],
    ['ack 7', bytesOf('02 00 07')],
    ['3e4d>0000 data-request', bytesOf('63 88 07 01 00 00 00 4d 3e 04')],
  ])('%s', (line, psdu) => {
    expect(said(psdu)).toBe(line);
  });

  it('says without keys that it is encrypted', () => {
    expect(said(from(air.aps({}, reading)), [])).toMatch(
      /^3e4d>0000 encrypted NWK \(no-key\), \d+ octets$/,
    );
  });

  it('is JSON with octets in hex', () => {
    const decoder = new TrafficDecoder();
    decoder.addKeys([networkKey]);
    const psdu = from(air.aps({ clusterId: 0x0704 }, bytesOf('11 05 02 0300 03 dd00')));
    const json = JSON.parse(JSON.stringify(trafficJson(decoder.decode(topic, heard(psdu), false))));
    expect(json).toMatchObject({
      time: '2026-11-22T01:29:06.123Z',
      plane: 'han',
      home: 'home-1',
      band: '2g4',
      sender: meter.eui,
      frame: {
        mac: { source: 0x3e4d },
        nwk: { header: { destination: 0 }, security: { verdict: 'ok', source: meter.eui } },
        aps: { header: { clusterId: 0x0704 } },
        content: { kind: 'zcl', tunnelled: { kind: 'put', message: 'dd00' } },
      },
    });
    expect(json.message).toBeUndefined();
  });
});

describe('reading with keys to be had', () => {
  const air = new SecuredAir();
  const frames = [0, 1, 2].map((number) =>
    heard(air.data(meter, hub, air.aps({}, bytesOf(`00 0${number} 00 0000`)), key)),
  );

  function reading(ask: AskKeys | undefined) {
    const taken: string[] = [];
    let nowMs = 0;
    const reader = new TrafficReader(new TrafficDecoder(), ask, () => nowMs);
    const take = (traffic: Traffic): void => {
      const { content } = (traffic as HanTraffic).frame;
      taken.push(content.kind === 'zcl' ? `zcl ${content.sequenceNumber}` : content.kind);
    };
    const read = (at: number): void => reader.read(topic, frames[at] as Uint8Array, false, take);
    return { taken, reader, read, pass: (ms: number) => (nowMs += ms) };
  }

  it('asks for them once, and lets what comes meanwhile wait, in order', async () => {
    const asked: string[] = [];
    let answer: (keys: HomeKey[]) => void = () => undefined;
    const { taken, read } = reading((home) => {
      asked.push(home);
      return new Promise((resolve) => (answer = resolve));
    });
    for (const at of [0, 1, 2]) read(at);
    expect(taken).toEqual([]);
    answer([networkKey]);
    await new Promise(setImmediate);
    expect([asked, taken]).toEqual([['home-1'], ['zcl 0', 'zcl 1', 'zcl 2']]);
  });

  it('does not ask again at once when there are none', async () => {
    let asked = 0;
    const { taken, read, pass } = reading(async () => {
      asked++;
      return [];
    });
    read(0);
    await new Promise(setImmediate);
    read(1);
    expect([asked, taken]).toEqual([1, ['closed', 'closed']]);
    pass(10_000);
    read(2);
    await new Promise(setImmediate);
    expect([asked, taken.length]).toEqual([2, 3]);
  });

  it('holds no more than its room, and nothing at the end', () => {
    const { taken, read, reader } = reading(() => new Promise(() => undefined));
    for (let count = 0; count < 4_096; count++) read(count % 3);
    expect(taken).toHaveLength(4_096);
    read(0);
    expect(taken).toHaveLength(4_097);
    const other = reading(() => new Promise(() => undefined));
    other.read(0);
    other.reader.release();
    reader.release();
    expect(other.taken).toEqual(['closed']);
  });

  it('asks nobody where there is nobody', () => {
    const { taken, read } = reading(undefined);
    read(0);
    expect(taken).toEqual(['closed']);
  });
});
