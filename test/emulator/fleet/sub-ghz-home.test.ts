import { describe, expect, it, vi } from 'vitest';
import type { Gpf } from '../../../emulator/devices/gpf/device.js';
import type { FleetEvent } from '../../../emulator/fleet/fleet.js';
import { checkHomeTemplate } from '../../../emulator/fleet/home-template.js';
import { maskOfChannel } from '../../../emulator/functions/sub-ghz-channels.js';
import type { LinkQualityReport } from '../../../emulator/functions/sub-ghz-radio.js';
import type { RadioChannel } from '../../../emulator/han/air/radio.js';
import { FrameHan } from '../../../emulator/han/frame-han.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { decodeEnvelope } from '../../../protocols/bus/envelope.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { linkTypeIeee802154, pcapOf } from '../../support/pcap.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { dissect, tsharkAvailable, zigbeeKeys } from '../../support/tshark.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const minuteMs = 60_000;
const halfHourMs = 30 * minuteMs;

const templateOf = (ppmid: '2g4' | '868') =>
  checkHomeTemplate(
    {
      version: 1,
      name: 'dual-band',
      devices: [
        { type: 'chf' },
        { type: 'gpf' },
        { type: 'esme' },
        { type: 'gsme', band: '868' },
        { type: 'hcalcs', band: '868' },
        { type: 'ppmid', band: ppmid },
      ],
    },
    'test',
  );

/** All 27 channels of page 28; figures as in the official example but for the duty cycle. */
const configuration = (limitedDutyCycleThreshold: number) => ({
  page28: Array.from({ length: 27 }, (_, channel) => channel),
  limitedDutyCycleThreshold,
  criticalDutyCycleThreshold: 220,
  channelChangesPerWeek: 5,
  gsmeCurfew: 7,
  quieterThreshold: 7,
  noisierThreshold: 12,
  poorCommunications: 6_000,
  poorCommunicationsPeriods: 4,
  noisePeriod: 100,
  failures: 4_000,
  retries: 3_000,
});

const detailOf = (detail: object) => detail as Readonly<Record<string, unknown>>;

async function dualBandHome(seed: string, ppmid: '2g4' | '868' = '868') {
  const bus = new MemoryBus();
  const template = templateOf(ppmid);
  const frames: Uint8Array[] = [];
  await bus.subscribe('#', (topic, payload) => {
    if (!topic.includes('/han/')) return;
    const envelope = decodeEnvelope(payload);
    if (envelope.kind === 'frame') frames.push(envelope.body.slice());
  });
  const { fleet, clock, until } = virtualFleet(bus, nodeCryptoForTests(), seed, 1, { template });
  const events: FleetEvent[] = [];
  fleet.onDeviceEvent((event) => events.push(event));
  await fleet.start();
  clock.advance(30_000);
  const [home] = fleet.homes;
  if (home === undefined || !(home.han instanceof FrameHan)) throw new Error('no home of frames');
  const { han } = home;
  const entity = (type: string) => {
    const found = fleet.devices().find((device) => device.type === type);
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  };
  const state = (type: string) => entity(type).state as Record<string, unknown>;
  const band = () => state('chf').subGhz as Record<string, unknown> & RadioChannel;
  const channelOf = (type: string) => han.carrierOf(entity(type).device).node.mac.channels[0];
  const alerts = () =>
    events
      .filter(({ name }) => name === 'alert-sent')
      .map(({ detail }) => detailOf(detail).alertCode);
  const send = (useCase: string, type: string, parameters?: Record<string, unknown>) => {
    const { device } = entity(type);
    const more = parameters === undefined ? {} : { parameters };
    const outcome = fleet.send({ useCase, device, timeoutMs: 3 * halfHourMs, ...more });
    // What it is for has to wait for its next turn; so may we, in one step.
    if (type === 'gsme') clock.advanceTo(Date.parse(String(state('gsme').nextWakeAt)));
    return until(outcome);
  };
  /** Events of devices that lost the hub or came back to it. */
  const membership = () => events.filter(({ name }) => name.startsWith('network-'));
  const airtimes = () =>
    Object.fromEntries(
      ['hcalcs', 'gsme', 'ppmid'].map((type) => [type, han.air.dutyCycleOf(entity(type).device)]),
    );
  return {
    fleet,
    clock,
    han,
    band,
    state,
    channelOf,
    alerts,
    send,
    entity,
    until,
    membership,
    airtimes,
    frames,
    keys: () => [...han.keys()].map(({ key }) => toHex(key)),
  };
}

describe('a home on two bands', () => {
  it('works on both: commands reach devices on either', async () => {
    const home = await dualBandHome('both');
    expect(home.band().page).toBe(28);
    expect(await home.send('CS08', 'hcalcs')).toMatchObject({ verdict: 'answered' });
    expect(await home.send('GCS33', 'gsme')).toMatchObject({ verdict: 'answered' });
    expect(await home.send('DBCH01', 'chf')).toMatchObject({ verdict: 'answered' });
    await home.fleet.stop();
  });

  it('leaves a jammed channel, and all go on on the new one', async () => {
    const home = await dualBandHome('jammed', '2g4');
    const before = { page: home.band().page, channel: home.band().channel };
    home.clock.advance(5 * minuteMs);
    home.han.air.faults.jam(before, -20);
    home.clock.advance(minuteMs + 1_000);
    expect(home.band().channelChange).toBe('scan-pending');
    home.clock.advance(halfHourMs);
    expect(home.band().channelChange).toBe('change-pending');
    home.clock.advance(2 * halfHourMs + minuteMs);
    const after = { page: home.band().page, channel: home.band().channel };
    expect(after).not.toEqual(before);
    expect(home.alerts()).toEqual(['0x8f27', '0x8f26']);
    // Nobody could read where the hub went: all have to search.
    home.clock.advance(2 * halfHourMs);
    for (const type of ['gsme', 'hcalcs']) {
      expect(home.channelOf(type), type).toEqual(after);
    }
    const came = home
      .membership()
      .map(({ device, detail }) => `${device} ${detailOf(detail).what}`);
    for (const type of ['gsme', 'hcalcs']) {
      expect(came).toContain(`${home.entity(type).device} rejoined`);
    }
    expect(await home.send('CS08', 'hcalcs')).toMatchObject({ verdict: 'answered' });
    expect(await home.send('GCS33', 'gsme')).toMatchObject({ verdict: 'answered' });
    await home.fleet.stop();
  });

  it('tells its devices first: they go with the hub, and nobody has to search', async () => {
    const home = await dualBandHome('told');
    const before = { page: home.band().page, channel: home.band().channel };
    // 10 dB above silence: enough to prefer another channel, not enough to lose a frame.
    home.han.air.faults.setNoise(before, -90);
    const gpf = home.fleet.homes[0]?.devices.get(home.entity('gpf').device) as Gpf;
    const flagged = vi.spyOn(gpf, 'setFlags');
    expect(await home.send('DBCH05', 'chf')).toMatchObject({ verdict: 'answered' });
    expect(home.band().channelChange).toBe('scan-pending');
    const woken = () => Date.parse(String(home.state('gsme').nextWakeAt));
    home.clock.advanceTo(woken() + 5_000);
    expect(home.band().channelChange).toBe('change-pending');
    home.clock.advanceTo(woken() + 5_000);
    expect(home.band()).toMatchObject({ ...before, channelChange: 'settling' });
    home.clock.advance(minuteMs);
    const after = { page: home.band().page, channel: home.band().channel };
    expect(after).not.toEqual(before);
    // In the mirror's answer to the meter: bit 25 before the scan, bit 26 before the change.
    expect(flagged.mock.calls.filter(([mask]) => mask >= 1 << 25)).toEqual([
      [1 << 25, true],
      [1 << 25, false],
      [1 << 26, true],
      [1 << 26, false],
    ]);
    // Those that are awake miss an answer within a minute, the sleepy one moves before its next word.
    home.clock.advance(2 * minuteMs);
    for (const type of ['hcalcs', 'ppmid']) expect(home.channelOf(type), type).toEqual(after);
    expect(home.channelOf('gsme')).toEqual(before);
    expect(await home.send('CS08', 'hcalcs')).toMatchObject({ verdict: 'answered' });
    expect(await home.send('GCS33', 'gsme')).toMatchObject({ verdict: 'answered' });
    expect(home.channelOf('gsme')).toEqual(after);
    expect(home.alerts()).toEqual(['0x8f28', '0x8f27', '0x8f26']);
    expect(home.membership()).toEqual([]);
    await home.fleet.stop();
  });

  it('silences the busiest device while its duty cycle is used up', async () => {
    const home = await dualBandHome('busy', '2g4');
    // Remote messages to the load controller bring the hub's duty cycle above 0.02 per cent.
    for (let round = 0; round < 30; round++) await home.send('CS08', 'hcalcs');
    expect(home.band().dutyCyclePercent).toBeGreaterThan(0.02);
    const { hcalcs = 0, gsme = 0 } = home.airtimes();
    expect(hcalcs).toBeGreaterThan(gsme);
    expect(home.band()).toMatchObject({ state: 'normal', suspended: [] });
    const outcome = await home.send('DBCH04', 'chf', configuration(2));
    expect(outcome).toMatchObject({ verdict: 'answered' });
    home.clock.advance(minuteMs);
    const { device } = home.entity('hcalcs');
    expect(home.band()).toMatchObject({ state: 'limited', suspended: [device] });
    expect(home.alerts()).toEqual(['0x8f2a', '0x8f20']);
    // Nobody may speak to it from outside.
    const refused = home.fleet.send({ useCase: 'CS08', device, timeoutMs: 1_000 });
    expect(await home.until(refused)).toMatchObject({ verdict: 'timeout' });
    expect(home.alerts().at(-1)).toBe('0x8f2c');
    // The hour has not passed: renewed again and again, and told once.
    home.clock.advance(20 * minuteMs);
    expect(home.band()).toMatchObject({ state: 'limited', suspended: [device] });
    expect(home.alerts()).toHaveLength(3);
    // The frames of the beginning are out of the hour, and the last suspension has run out.
    home.clock.advance(50 * minuteMs);
    expect(home.band()).toMatchObject({ state: 'normal', suspended: [] });
    expect(home.alerts().at(-1)).toBe('0x8f21');
    expect(await home.send('CS08', 'hcalcs')).toMatchObject({ verdict: 'answered' });
    await home.fleet.stop();
  });

  it('a display that has to be silent holds back what it would say', async () => {
    const home = await dualBandHome('display');
    home.clock.advance(40 * minuteMs);
    const before = home.airtimes().ppmid ?? 0;
    expect(home.band().dutyCyclePercent).toBeGreaterThan(0.1);
    await home.send('DBCH04', 'chf', configuration(10));
    home.clock.advance(minuteMs);
    const { device } = home.entity('ppmid');
    expect(home.band()).toMatchObject({ state: 'limited', suspended: [device] });
    home.clock.advance(40 * minuteMs);
    // It was told each five minutes, and obeyed: nothing of it had to be refused.
    expect(home.band().framesRefused).toBe(0);
    expect(home.airtimes().ppmid).toBeLessThan(before);
    await home.fleet.stop();
  });

  it.skipIf(!tsharkAvailable)('says nothing that tshark objects to', async () => {
    const home = await dualBandHome('tshark', '2g4');
    const present = { page: home.band().page, channel: home.band().channel };
    for (let round = 0; round < 8; round++) await home.send('CS08', 'hcalcs');
    await home.send('DBCH04', 'chf', configuration(0));
    home.clock.advance(12 * minuteMs);
    expect(home.band()).toMatchObject({ state: 'limited' });
    home.han.air.faults.setNoise(present, -90);
    await home.send('DBCH05', 'chf');
    home.clock.advance(2 * halfHourMs + minuteMs);
    expect(home.band().channel).not.toBe(present.channel);
    const pcap = pcapOf(home.frames, linkTypeIeee802154);
    const options = zigbeeKeys(...home.keys());
    const faults = '_ws.malformed || _ws.expert || zbee_sec.encrypted_payload';
    expect(dissect(pcap, ['frame.number', '_ws.col.Info'], faults, options)).toEqual([]);
    const fields = [
      'zbee_zcl_se.sub_ghz.cmd.srv_rx.id',
      'zbee_zcl_se.sub_ghz.cmd.srv_tx.id',
      'zbee_zcl_se.sub_ghz.zcl_messages_suspension_period',
      'zbee_zcl_se.sub_ghz.attr_id',
      'zbee_zcl.attr.bitmap32',
    ];
    const rows = dissect(pcap, fields, 'zbee_aps.cluster == 0x070b', options);
    const questions = rows.filter(([asked]) => asked === '0x00');
    const silences = rows.filter(([, told]) => told === '0x00').map((row) => row[2]);
    // The meter asks once and may speak; the load controller is told before it has asked.
    expect(questions).toHaveLength(1);
    expect(silences[0]).toBe('0');
    expect(new Set(silences)).toEqual(new Set(['0', '5']));
    const maps = new Set(rows.map((row) => row[4]).filter((map) => map !== ''));
    const announced = `0x${maskOfChannel(home.band()).toString(16)}`;
    const masks = '0xe7ffffff,0xe8000000,0xf0000000,0xf8000000';
    expect(maps).toEqual(new Set([`0x00000000,${masks}`, `${announced},${masks}`]));
    await home.fleet.stop();
  });

  it('has its devices report how they are heard, each half hour', async () => {
    const home = await dualBandHome('reports', '2g4');
    const reports: LinkQualityReport[] = [];
    home.han.subGhz?.onLinkQuality((report) => reports.push(report));
    home.clock.advance(35 * minuteMs);
    // The load controller; a meter asleep is not judged by its failures.
    expect(reports.map(({ device }) => device)).toEqual([home.entity('hcalcs').device]);
    expect(reports[0]).toMatchObject({ failures: 0, retries: 0 });
    expect(reports[0]?.transmissions).toBeGreaterThan(0);
    await home.fleet.stop();
  });

  it('costs a home without devices there nothing', async () => {
    const { fleet } = virtualFleet(new MemoryBus(), nodeCryptoForTests(), 'single', 1);
    const [home] = fleet.homes;
    expect(home?.subGhz).toBeUndefined();
    const chf = fleet.devices().find(({ type }) => type === 'chf');
    expect(chf?.state).not.toHaveProperty('subGhz');
    await fleet.stop();
  });
});
