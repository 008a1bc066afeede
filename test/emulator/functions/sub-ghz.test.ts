import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChannelChangeFlag,
  ChannelChangeProcedure,
  type ChannelChangeReason,
} from '../../../emulator/functions/sub-ghz-channel-change.js';
import {
  channelsOfMask,
  emptyMask,
  fullMask,
  maskOfChannel,
} from '../../../emulator/functions/sub-ghz-channels.js';
import {
  ChannelWatch,
  LostMeterWatch,
} from '../../../emulator/functions/sub-ghz-communications.js';
import {
  defaultSubGhzConfiguration,
  parseSubGhzConfiguration,
  subGhzConfigurationData,
} from '../../../emulator/functions/sub-ghz-configuration.js';
import { DutyCycleControl } from '../../../emulator/functions/sub-ghz-duty-cycle.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { data } from '../../../protocols/dlms/construct.js';
import { keyOfChannel, testSubGhzRadio } from '../../support/sub-ghz-radio.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const gsme = eui64('02fe110000000004');
const hcalcs = eui64('02fe110000000005');
const ppmid = eui64('02fe110000000006');
const all: readonly Eui64[] = [gsme, hcalcs, ppmid];
const settings = defaultSubGhzConfiguration;

describe('channel maps', () => {
  it('have the page in the upper five bits and its first channel in the lowest', () => {
    // From DBCH07 and DBCH04 of the official examples, and the numbers of a page's first channel.
    expect(maskOfChannel({ page: 28, channel: 0 })).toBe(0xe0000001);
    expect(channelsOfMask(0xe8000006)).toEqual([
      { page: 29, channel: 28 },
      { page: 29, channel: 29 },
    ]);
    expect(channelsOfMask(0xf0000001)).toEqual([{ page: 30, channel: 35 }]);
    expect(channelsOfMask(0xf8000001)).toEqual([{ page: 31, channel: 0 }]);
    expect([28, 29, 30, 31].map((page) => channelsOfMask(fullMask(page)).length)).toEqual([
      27, 8, 27, 27,
    ]);
    expect(emptyMask(31)).toBe(0xf8000000);
  });

  it('stand for the channel that they were made of, and for none outside Great Britain', () => {
    for (const page of [28, 29, 30, 31]) {
      for (const one of channelsOfMask(fullMask(page))) {
        expect(channelsOfMask(maskOfChannel(one))).toEqual([one]);
      }
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (mask) => {
        const page = mask >>> 27;
        const found = channelsOfMask(mask);
        return page >= 28 ? found.every((one) => one.page === page) : found.length === 0;
      }),
      { seed: 20261122 },
    );
  });
});

describe('configuration', () => {
  it('is what it was after a round trip', () => {
    const value = subGhzConfigurationData(settings);
    expect(parseSubGhzConfiguration(value)).toEqual(settings);
  });

  it.each([
    ['page29 names another page', { page29: settings.page28 }],
    ['no channel may be used', { page28: emptyMask(28) }],
    ['limited above critical', { limitedDutyCycleThreshold: 221 }],
  ])('is refused: %s', (why, change) => {
    const value = subGhzConfigurationData({ ...settings, ...change });
    expect(parseSubGhzConfiguration(value)).toBe(why);
  });

  it('of another shape is refused, not thrown over', () => {
    expect(parseSubGhzConfiguration(data.u8(0))).toBe('page28 is no number');
    expect(parseSubGhzConfiguration(data.structure(data.bits('')))).toBe('page28 is no number');
  });
});

describe('duty cycle', () => {
  function control() {
    const radio = testSubGhzRadio();
    for (const [index, device] of all.entries()) {
      radio.devices.set(device, { percent: index, sleepy: device === gsme });
    }
    const made = new DutyCycleControl();
    const at = (minute: number, percent: number) =>
      made.assess(percent, radio.clients(), settings, minute * minuteMs);
    return { made, radio, at };
  }

  it('limited: the busiest is silent, and for as long as that lasts', () => {
    const { made, at } = control();
    expect(at(0, 1.29)).toEqual({ state: 'normal', before: undefined, suspended: [], renewed: [] });
    expect(at(1, 1.3)).toMatchObject({ state: 'limited', before: 'normal', suspended: [ppmid] });
    expect(made.remainingMinutes(ppmid, 3.2 * minuteMs)).toBe(3);
    expect(at(4, 1.3)).toMatchObject({ suspended: [], renewed: [] });
    expect(at(6, 1.3)).toMatchObject({ suspended: [], renewed: [ppmid] });
    expect(at(11, 1.2)).toMatchObject({ state: 'normal', before: 'limited', renewed: [] });
    expect(made.remainingMinutes(ppmid, 11 * minuteMs)).toBe(0);
  });

  it('limited again before the first is heard: the next one, then the one that is first to speak', () => {
    const { at } = control();
    const suspended = [0, 1, 2, 3].flatMap((round) => {
      const outcome = at(round, 1.5);
      at(round + 0.5, 0);
      return outcome.suspended;
    });
    expect(suspended).toEqual([ppmid, hcalcs, gsme, ppmid]);
  });

  it('critical: all of them; back in limited one goes on being silent', () => {
    const { made, at } = control();
    expect(at(0, 1.5).suspended).toEqual([ppmid]);
    expect(at(1, 2.2)).toMatchObject({ state: 'critical', suspended: [gsme, hcalcs] });
    expect(at(5, 2.2)).toMatchObject({ renewed: [ppmid] });
    expect(at(6, 2.2)).toMatchObject({ renewed: [gsme, hcalcs] });
    expect(at(7, 1.5)).toMatchObject({ state: 'limited', before: 'critical', suspended: [] });
    expect(at(10, 1.5)).toMatchObject({ renewed: [] });
    expect(at(11, 1.5)).toMatchObject({ renewed: [hcalcs] });
    expect(made.remainingMinutes(gsme, 11 * minuteMs)).toBe(0);
  });

  it('whoever has left is forgotten', () => {
    const { made, radio, at } = control();
    at(0, 2.5);
    radio.devices.delete(ppmid);
    at(1, 2.5);
    expect(made.remainingMinutes(ppmid, minuteMs)).toBe(0);
    expect(made.remainingMinutes(gsme, minuteMs)).toBe(4);
  });

  it('never suspends more than it has to, whatever the duty cycle does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 60 }),
        (walk) => {
          const { made, at } = control();
          walk.forEach((percent, minute) => {
            const { state, suspended, renewed } = at(minute, percent);
            const silent = all.filter((one) => made.remainingMinutes(one, minute * minuteMs) > 0);
            if (state === 'critical') expect(silent).toEqual(all);
            if (state === 'limited') expect(silent.length).toBeGreaterThan(0);
            if (state === 'normal') expect([...suspended, ...renewed]).toEqual([]);
            if (state === 'limited') expect(suspended.length + renewed.length).toBeLessThan(2);
          });
        },
      ),
      { seed: 20261122 },
    );
  });
});

describe('channel change', () => {
  function procedure(changes: Partial<typeof settings> = {}) {
    const radio = testSubGhzRadio({ page: 28, channel: 3 });
    radio.noise.set('28/3', 20);
    const flags = new Set<ChannelChangeFlag>();
    const log: string[] = [];
    const made = new ChannelChangeProcedure({
      radio,
      configuration: () => ({ ...settings, ...changes }),
      wakePeriodMs: 30 * minuteMs,
      flag: (name, raised) => (raised ? flags.add(name) : flags.delete(name)),
      scanning: () => log.push('scan'),
      notChanged: (refusal) => log.push(refusal),
      changed: (channel, reason: ChannelChangeReason) =>
        log.push(`${keyOfChannel(channel)} ${reason}`),
    });
    return { radio, flags, log, made };
  }

  it('tells a sleepy meter before the scan, and before the change', () => {
    const { radio, flags, log, made } = procedure();
    radio.devices.set(gsme, { percent: 0, sleepy: true });
    radio.devices.set(hcalcs, { percent: 0, sleepy: false });
    expect(made.begin('requested', 0)).toBeUndefined();
    expect([...flags]).toEqual(['energyScanPending']);
    expect(made.begin('requested', 0)).toBe('under-way');
    made.read(hcalcs, 1);
    expect([made.stage, made.announced]).toEqual(['scan-pending', 0]);
    made.read(gsme, 2);
    expect([made.stage, [...flags]]).toEqual(['change-pending', ['channelChangePending']]);
    expect(made.announced).toBe(0xe0000001);
    made.read(hcalcs, 3);
    made.read(gsme, 4);
    expect(radio.channel.channel).toBe(3);
    made.expire(10_003);
    expect(radio.channel.channel).toBe(3);
    made.expire(10_004);
    expect(radio.channel).toEqual({ page: 28, channel: 0 });
    expect([flags.size, made.announced, made.stage]).toEqual([0, 0, 'idle']);
    expect(log).toEqual(['scan', '28/0 requested']);
  });

  it('waits one wake period, then two', () => {
    const { radio, made } = procedure();
    radio.devices.set(gsme, { percent: 0, sleepy: true });
    made.begin('noisierChannel', 0);
    expect(made.nextDeadlineMs()).toBe(30 * minuteMs);
    made.expire(30 * minuteMs);
    expect(made.nextDeadlineMs()).toBe(90 * minuteMs);
    made.expire(90 * minuteMs);
    made.expire(90 * minuteMs + 10_000);
    expect(radio.channel.channel).toBe(0);
  });

  it('without a sleepy meter all others have to have read it', () => {
    const { radio, made } = procedure();
    for (const device of [hcalcs, ppmid]) radio.devices.set(device, { percent: 0, sleepy: false });
    made.begin('requested', 0);
    made.read(hcalcs, 1);
    expect(made.stage).toBe('change-pending');
    made.read(ppmid, 2);
    expect(made.stage).toBe('settling');
  });

  it('takes the quietest channel, if that is quieter by the threshold', () => {
    const { radio, log, made } = procedure();
    for (let channel = 0; channel < 27; channel++) radio.noise.set(`28/${channel}`, 20 - 6.9);
    radio.noise.set('28/3', 20);
    made.begin('requested', 0);
    expect(log).toEqual(['scan', 'no-quieter-channel']);
    radio.noise.set('28/17', 13);
    made.begin('requested', 0);
    expect(made.announced).toBe(maskOfChannel({ page: 28, channel: 17 }));
  });

  it('so many times a week and no more', () => {
    const { radio, log, made } = procedure({ channelChangesPerWeek: 2 });
    const change = (atMs: number) => {
      radio.noise.clear();
      radio.noise.set(keyOfChannel(radio.channel), 40);
      const refusal = made.begin('requested', atMs);
      made.expire(atMs + 10_000);
      return refusal;
    };
    expect([change(0), change(hourMs), change(2 * hourMs)]).toEqual([
      undefined,
      undefined,
      'weekly-limit',
    ]);
    expect(change(7 * 24 * hourMs + 10_000)).toBeUndefined();
    expect(log.filter((line) => line.startsWith('28/'))).toHaveLength(3);
  });
});

describe('whether a channel still serves', () => {
  function watch() {
    const radio = testSubGhzRadio();
    const made = new ChannelWatch(radio, () => settings);
    made.restart(0);
    return { radio, made };
  }

  it('noisier by the threshold than it was at its quietest', () => {
    const { radio, made } = watch();
    radio.noise.set('28/0', 11.9);
    expect(made.judge(minuteMs)).toBeUndefined();
    radio.noise.set('28/0', 12);
    expect(made.judge(2 * minuteMs)).toBe('noisierChannel');
    made.restart(2 * minuteMs);
    expect(made.judge(3 * minuteMs)).toBeUndefined();
  });

  it('the hub’s own transmissions, each period for itself', () => {
    const { radio, made } = watch();
    radio.counts = { transmissions: 100, failures: 39, retries: 29 };
    expect(made.judge(100 * minuteMs)).toBeUndefined();
    radio.counts = { transmissions: 200, failures: 79, retries: 29 };
    expect(made.judge(199 * minuteMs)).toBeUndefined();
    expect(made.judge(200 * minuteMs)).toBe('localFailures');
    radio.counts = { transmissions: 300, failures: 79, retries: 59 };
    expect(made.judge(300 * minuteMs)).toBe('localRetries');
    radio.counts = { transmissions: 310, failures: 89, retries: 99 };
    // Ten frames tell nothing.
    expect(made.judge(400 * minuteMs)).toBeUndefined();
  });

  it('what a device reports, over as many half hours as configured', () => {
    const { made } = watch();
    const report = { device: hcalcs, transmissions: 10, failures: 6, retries: 0 };
    for (let count = 0; count < 3; count++) made.reported(report);
    expect(made.judge(minuteMs)).toBeUndefined();
    made.reported(report);
    expect(made.judge(minuteMs)).toBe('poorCommunications');
    made.reported({ ...report, failures: 0 });
    expect(made.judge(minuteMs)).toBeUndefined();
  });

  it('a gas meter is lost after its curfew, and told of after three searches, once', () => {
    const made = new LostMeterWatch(30 * minuteMs, () => settings);
    made.heard(0);
    expect(made.hasFailed(7 * hourMs + 89 * minuteMs)).toBe(false);
    expect(made.hasFailed(7 * hourMs + 90 * minuteMs)).toBe(true);
    expect(made.hasFailed(9 * hourMs)).toBe(false);
    made.heard(10 * hourMs);
    made.channelChanged(10 * hourMs + 1);
    expect(made.hasFailed(11.5 * hourMs)).toBe(false);
    expect(made.hasFailed(11.5 * hourMs + 1)).toBe(true);
  });
});
