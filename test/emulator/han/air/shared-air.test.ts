import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environments } from '../../../../emulator/han/air/radio-environments.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { bytesOf } from '../../../support/codec-table.js';
import { counts, radioHome, testRadio } from '../../../support/radio-home.js';

const channel20 = { page: 0, channel: 20 };
const stranger = eui64('02fe1100000000ff');
const toHub = bytesOf('6188 07 621a 0000 214f');
const toMeter = bytesOf('4188 01 621a 214f 0000');
const toAll = bytesOf('4188 01 621a ffff 0000');
const acknowledgment = (sequence: number) => Uint8Array.of(0x02, 0x00, sequence);

describe('the air of a home: hand-over', () => {
  it('puts what a radio transmits on the bus, and lets nobody hear it before it comes back', () => {
    const { air, published, hub, meter, display } = radioHome({ loop: false });
    air.transmit(hub, toMeter, channel20);
    expect(published).toEqual([{ psdu: toMeter, meta: { sender: hub.eui, ...channel20 } }]);
    expect(published[0]?.psdu).toBe(toMeter);
    expect(counts(hub, meter, display)).toEqual([0, 0, 0]);
    air.receive(toMeter, hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([0, 1, 0]);
    expect(meter.heard[0]?.reception).toEqual({ ...channel20, lqi: 255, rssiDbm: -35 });
  });

  it('is in doubt while frames of its own are on the bus, for one that is lost until the next', () => {
    const { air, hub, meter } = radioHome({ loop: false });
    expect(air.settled).toBe(true);
    air.transmit(hub, toMeter, channel20);
    air.receive(toAll, stranger, channel20);
    expect(air.settled).toBe(false);
    air.receive(toMeter, hub.eui, channel20);
    expect(air.settled).toBe(true);
    air.transmit(hub, toMeter, channel20);
    air.transmit(meter, acknowledgment(7), channel20);
    air.transmit(hub, toAll, channel20);
    // The first one is lost: the second came back, and a bus keeps the order.
    air.receive(acknowledgment(7), meter.eui, channel20);
    expect(air.settled).toBe(false);
    air.receive(toAll, hub.eui, channel20);
    expect(air.settled).toBe(true);
  });

  it('tells the channel of each frame', () => {
    const { air, published, hub } = radioHome({ loop: false });
    air.transmit(hub, toAll, channel20);
    air.transmit(hub, toAll, { page: 28, channel: 3 });
    expect(published.map(({ meta }) => [meta.page, meta.channel])).toEqual([
      [0, 20],
      [28, 3],
    ]);
  });

  it('prefers what the bus says of a frame', () => {
    const { air, hub, meter } = radioHome();
    air.receive(toMeter, hub.eui, { ...channel20, lqi: 90, rssiDbm: -81 });
    air.receive(toMeter, hub.eui, { ...channel20 });
    expect(meter.heard.map(({ reception }) => [reception.lqi, reception.rssiDbm])).toEqual([
      [90, -81],
      [255, -35],
    ]);
  });

  it('gives a broadcast to all but its sender, and so a beacon', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(toAll, hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([0, 1, 1]);
    air.receive(bytesOf('0080 01 621a 0000 ffcf 0000'), meter.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([1, 1, 2]);
    expect(air.stats).toMatchObject({ received: 2, delivered: 4, unheard: 0 });
  });

  it('finds a radio by its extended address', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(bytesOf('63cc 01 621a ff0000000011fe02 010000000011fe02'), hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([0, 0, 0]);
    expect(air.stats.unheard).toBe(1);
    air.receive(bytesOf('63cc 01 621a 030000000011fe02 010000000011fe02'), hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([0, 1, 0]);
  });

  it('finds an extended address with high bits in both halves', () => {
    const { air, hub } = radioHome();
    const high = testRadio(0xffff, 'fedcba98f6543210');
    air.attach(high);
    air.receive(bytesOf('63cc 01 621a 103254f698badcfe 010000000011fe02'), hub.eui, channel20);
    expect(high.heard).toHaveLength(1);
  });

  it('passes by radios that sleep or are tuned elsewhere, and counts them', () => {
    const { air, hub, meter, display } = radioHome();
    meter.awake = false;
    display.tuned = 11;
    air.receive(toMeter, hub.eui, channel20);
    air.receive(toAll, hub.eui, channel20);
    expect(counts(meter, display)).toEqual([0, 0]);
    expect(air.stats).toMatchObject({ received: 2, delivered: 0, asleep: 3, unheard: 0 });
    meter.awake = true;
    air.receive(toMeter, hub.eui, channel20);
    expect(meter.heard).toHaveLength(1);
  });

  it('takes frames of radios it does not know, and carries none of detached ones', () => {
    const { air, published, meter } = radioHome({ loop: false });
    air.receive(toMeter, stranger, channel20);
    expect(meter.heard).toHaveLength(1);
    air.detach(meter);
    air.receive(toMeter, stranger, channel20);
    air.transmit(meter, toAll, channel20);
    expect(published).toEqual([]);
    expect(air.stats).toMatchObject({ received: 2, delivered: 1, unheard: 1 });
  });

  it('lets radios come and go while a frame is being delivered', () => {
    const { air, hub, display } = radioHome();
    const late = testRadio(0x7777, '02fe110000000007');
    const leaver = testRadio(0x6666, '02fe110000000008');
    leaver.onFrame = () => {
      air.detach(leaver);
      air.attach(late);
    };
    air.detach(display);
    air.attach(leaver);
    air.attach(display);
    air.receive(toAll, hub.eui, channel20);
    expect(counts(display, late)).toEqual([1, 0]);
    air.receive(toAll, hub.eui, channel20);
    expect(counts(display, late)).toEqual([2, 1]);
  });

  it('is silent once stopped', () => {
    const { air, published, hub, meter } = radioHome({ loop: false });
    air.stop();
    air.transmit(hub, toMeter, channel20);
    air.receive(toMeter, hub.eui, channel20);
    expect(published).toEqual([]);
    expect(meter.heard).toEqual([]);
  });
});

describe('the air of a home: acknowledgments', () => {
  it('gives one to the radio that awaits it, and only once', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(toHub, meter.eui, channel20);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([1, 1, 0]);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([1, 2, 1]);
  });

  it('tells apart two that await the same number, by who came first', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(toHub, display.eui, channel20);
    air.receive(toHub, meter.eui, channel20);
    air.receive(toHub, display.eui, channel20);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([1, 0]);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([1, 1]);
  });

  it('knows by the extended address of a stranger, and not by its short one', () => {
    const { air, meter, hub, display } = radioHome();
    const extended = bytesOf('63cc 09 621a ff0000000011fe02 030000000011fe02');
    air.receive(extended, meter.eui, channel20);
    air.receive(acknowledgment(9), stranger, channel20);
    expect(counts(hub, meter, display)).toEqual([0, 1, 0]);
    air.receive(bytesOf('6188 0a 621a 9999 214f'), meter.eui, channel20);
    air.receive(acknowledgment(10), stranger, channel20);
    expect(counts(hub, meter, display)).toEqual([1, 2, 1]);
  });

  it('gives one that a stranger awaits to nobody here', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(toHub, stranger, channel20);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(hub, meter, display)).toEqual([1, 0, 0]);
    expect(air.stats.unheard).toBe(1);
  });

  it('forgets after 64 frames, and what was not asked for', () => {
    const { air, hub, meter, display } = radioHome();
    air.receive(toHub, meter.eui, channel20);
    for (let i = 0; i < 64; i++) air.receive(toMeter, stranger, channel20);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([65, 1]);
    air.receive(bytesOf('4188 08 621a 0000 214f'), meter.eui, channel20);
    air.receive(acknowledgment(8), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([66, 2]);
  });

  it('awaits none for a frame that its radio did not hear', () => {
    const { air, hub, meter, display } = radioHome();
    hub.awake = false;
    air.receive(toHub, meter.eui, channel20);
    air.receive(acknowledgment(7), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([1, 1]);
  });

  it('remembers a bounded number', () => {
    const { air, hub, meter, display } = radioHome();
    for (let i = 0; i < 40; i++) {
      const sequence = i.toString(16).padStart(2, '0');
      air.receive(bytesOf(`6188 ${sequence} 621a 0000 214f`), meter.eui, channel20);
    }
    air.receive(acknowledgment(39), hub.eui, channel20);
    air.receive(acknowledgment(24), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([2, 0]);
    air.receive(acknowledgment(23), hub.eui, channel20);
    expect(counts(meter, display)).toEqual([3, 1]);
  });
});

describe('the air of a home: an ideal one disturbed', () => {
  it('loses nothing, however many send at one moment', () => {
    const { air, hub, meter, display } = radioHome();
    for (let i = 0; i < 500; i++) {
      air.transmit(meter, toHub, channel20);
      air.transmit(display, toHub, channel20);
    }
    expect(hub.heard).toHaveLength(1_000);
    expect(air.stats).toMatchObject({ lost: 0, collided: 0, deferred: 0, abandoned: 0 });
  });

  it('loses half of the frames at a margin of 3 dB, the same half for the same seed', () => {
    const run = (seed: number) => {
      const { air, hub, meter } = radioHome({ seed });
      air.faults.setNoise(channel20, -120);
      air.faults.attenuate(hub.eui, meter.eui, 59);
      const heard = [];
      for (let i = 0; i < 2_000; i++) {
        air.receive(toMeter, hub.eui, channel20);
        heard.push(meter.heard.length);
      }
      expect(air.stats.delivered + air.stats.lost).toBe(2_000);
      expect(meter.heard[0]?.reception).toMatchObject({ rssiDbm: -94, lqi: 19 });
      return heard;
    };
    const first = run(1);
    // Standard deviation of the count is 22.
    expect(Math.abs((first.at(-1) ?? 0) - 1_000)).toBeLessThan(90);
    expect(run(1)).toEqual(first);
    expect(run(2)).not.toEqual(first);
  });

  it('hears nothing below its sensitivity, and everything once the wall is gone', () => {
    const { air, hub, meter } = radioHome();
    air.faults.attenuate(meter.eui, hub.eui, 62);
    for (let i = 0; i < 100; i++) air.receive(toMeter, hub.eui, channel20);
    expect(air.stats).toMatchObject({ delivered: 0, lost: 100 });
    expect(air.link(hub.eui, meter.eui, channel20)).toMatchObject({ loss: 1, rssiDbm: -97 });
    air.faults.attenuate(hub.eui, meter.eui, 0);
    air.receive(toMeter, hub.eui, channel20);
    expect(meter.heard).toHaveLength(1);
  });

  it('is drowned by a jammer that is strong enough, on its channel only', () => {
    const { air, hub, meter } = radioHome();
    air.faults.jam(channel20, -30);
    for (let i = 0; i < 50; i++) air.receive(toMeter, hub.eui, channel20);
    expect(air.stats.lost).toBe(50);
    expect(air.energyOn(channel20)).toBe(255);
    meter.tuned = 25;
    air.receive(toMeter, hub.eui, { page: 0, channel: 25 });
    expect(meter.heard).toHaveLength(1);
    meter.tuned = 20;
    air.faults.jam(channel20, undefined);
    air.receive(toMeter, hub.eui, channel20);
    expect(meter.heard).toHaveLength(2);
  });

  it('cuts off a blocked radio both ways', () => {
    const { air, hub, meter, display } = radioHome();
    air.faults.block(meter.eui, true);
    air.receive(toMeter, hub.eui, channel20);
    air.receive(toHub, meter.eui, channel20);
    air.receive(toHub, display.eui, channel20);
    expect(counts(hub, meter)).toEqual([1, 0]);
    expect(air.stats.blocked).toBe(2);
    air.faults.block(meter.eui, false);
    air.receive(toMeter, hub.eui, channel20);
    expect(meter.heard).toHaveLength(1);
  });

  it('has channels of different noise, for a hub to choose by', () => {
    const scan = (seed: number) => {
      const { air } = radioHome({ seed });
      return Array.from({ length: 16 }, (_, i) => air.energyOn({ page: 0, channel: 11 + i }));
    };
    expect(new Set(scan(1)).size).toBeGreaterThan(8);
    expect(scan(1)).toEqual(scan(1));
    expect(scan(1)).not.toEqual(scan(2));
    // -98 to -80 dBm, four to the dB.
    for (const energy of scan(3)) expect(energy).toBeGreaterThanOrEqual(8);
    for (const energy of scan(3)) expect(energy).toBeLessThanOrEqual(80);
  });

  it('accounts for sub-GHz airtime of its own radios once, and of strangers', () => {
    const { air, clock, hub, meter } = radioHome();
    const subGhz = { page: 28, channel: 3 };
    const frame = new Uint8Array(125);
    frame.set(toMeter);
    for (let i = 0; i < 100; i++) air.transmit(hub, frame, subGhz);
    for (let i = 0; i < 50; i++) air.receive(frame, stranger, subGhz);
    air.transmit(meter, frame, channel20);
    // 100 frames of 10.64 ms in 3,600 s.
    expect(air.dutyCycleOf(hub.eui)).toBeCloseTo(0.0295556, 6);
    expect(air.dutyCycleOf(hub.eui, 28)).toBeCloseTo(0.0295556, 6);
    expect(air.dutyCycleOf(stranger)).toBeCloseTo(0.0147778, 6);
    expect(air.dutyCycleOf(meter.eui)).toBe(0);
    clock.advance(61 * 60_000);
    expect(air.dutyCycleOf(hub.eui)).toBe(0);
  });

  it('describes itself in JSON', () => {
    const { air, hub, meter } = radioHome();
    air.transmit(hub, toMeter, channel20);
    air.faults.block(meter.eui, true);
    const report = air.describe();
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      environment: 'ideal',
      radios: [{ eui: hub.eui, page: 0, channel: 20, dutyCyclePercent: 0 }, {}, {}],
      faults: { blocked: [meter.eui] },
      counts: { transmitted: 1, delivered: 1 },
    });
    expect(report.links.map(({ a, b, loss }) => [a, b, loss])).toEqual([
      [hub.eui, meter.eui, 1],
      [hub.eui, eui64('02fe110000000006'), 0],
    ]);
  });
});

describe.each(['ideal', 'house'] as const)('the air of a home: bad input, %s', (name) => {
  const environment = environments[name];

  it.each([
    ['tooShort', ''],
    ['tooShort', '4188'],
    ['tooShort', '4188 01 621a 21'],
    ['tooShort', '63cc 01 621a 030000000011fe'],
    ['tooLong', '4188 01 621a 214f 0000'.padEnd(600, '0')],
    ['unknownType', '4788 01 621a 214f 0000'],
    ['reservedAddressing', '4184 01 621a 214f 0000'],
  ] as const)('drops and counts what it cannot carry: %s', (reason, wire) => {
    const { air, clock, published, hub, meter } = radioHome({ environment, loop: false });
    air.receive(bytesOf(wire), hub.eui, channel20);
    air.transmit(hub, bytesOf(wire), channel20);
    clock.advance(1_000);
    expect(published).toEqual([]);
    expect(meter.heard).toEqual([]);
    expect(air.stats.dropped[reason]).toBe(2);
  });

  it('accounts for every frame of noise, and never throws', () => {
    const { air, clock, hub, meter, display } = radioHome({ environment, loop: false });
    const senders = [hub.eui, meter.eui, display.eui, stranger];
    const frame = fc.record({
      noise: fc.uint8Array({ maxLength: 140 }),
      // Mostly frames that are nearly good.
      start: fc.constantFrom([], [0x61, 0x88], [0x02, 0x00], [0x63, 0xcc], [0x41, 0x88, 1, 0, 0]),
      sender: fc.constantFrom(...senders),
      page: fc.constantFrom(0, 28, 31),
    });
    const property = fc.property(frame, ({ noise, start, sender, page }) => {
      const psdu = Uint8Array.of(...start, ...noise);
      const before = air.stats.received + sum(air.stats.dropped);
      air.receive(psdu, sender, { page, channel: 20 });
      air.transmit(hub, psdu, { page, channel: 20 });
      expect(air.stats.received + sum(air.stats.dropped)).toBeGreaterThan(before);
      clock.advance(20);
    });
    fc.assert(property, { seed: 20261122, numRuns: 2_000 });
    JSON.stringify(air.describe());
  });
});

function sum(dropped: Readonly<Record<string, number>>): number {
  return Object.values(dropped).reduce((total, count) => total + count, 0);
}
