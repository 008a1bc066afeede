import { describe, expect, it } from 'vitest';
import type { RadioChannel } from '../../../../emulator/han/air/radio.js';
import {
  type Environment,
  environments,
  type Place,
} from '../../../../emulator/han/air/radio-environments.js';
import { type Eui64, eui64 } from '../../../../protocols/codec/eui64.js';
import { bytesOf } from '../../../support/codec-table.js';
import { counts, radioHome } from '../../../support/radio-home.js';

const channel20: RadioChannel = { page: 0, channel: 20 };
/** Data requests, which ask for an acknowledgment. */
const meterPoll = bytesOf('6388 11 621a 0000 214f 04');
const displayPoll = bytesOf('6388 22 621a 0000 54c3 04');
const acknowledgmentOf = (psdu: Uint8Array) => Uint8Array.of(0x02, 0x00, psdu[2] as number);
/** The longest frame: 4.256 ms on the air. */
const long = (sequence: number) => {
  const psdu = new Uint8Array(125);
  psdu.set(bytesOf(`4188 ${sequence.toString(16).padStart(2, '0')} 621a 0000 214f`));
  return psdu;
};

/** Nothing but contention: no walls that matter, no shadowing, no noise of its own. */
const clear: Environment = {
  ...environments.house,
  residualLoss: 0,
  shadowingDb: { twoPointFour: 0, subGhz: 0 },
  gapNoiseDbm: [-110, -110],
};

const hubEui = eui64('02fe110000000001');
const meterEui = eui64('02fe110000000003');
const displayEui = eui64('02fe110000000006');
const place = (x: number): Place => ({ x, y: 0, storey: 0, outdoors: false });
const places = (meter: number, display: number): ReadonlyMap<Eui64, Place> =>
  new Map([
    [hubEui, place(0)],
    [meterEui, place(meter)],
    [displayEui, place(display)],
  ]);

/** The hub acknowledges what it hears, as its MAC would. */
function answering(home: ReturnType<typeof radioHome>): ReturnType<typeof radioHome> {
  const { air, hub } = home;
  hub.onFrame = (psdu) => air.transmit(hub, acknowledgmentOf(psdu), channel20);
  return home;
}

/** Meter and display are heard alike by the hub, and by each other. */
const evenHome = (seed: number) => radioHome({ seed, environment: clear, places: places(3, -3) });

describe('frames that take their time', () => {
  it('arrive when they end, acknowledgments a turnaround later', () => {
    const { air, clock, hub, meter } = evenHome(1);
    const start = clock.nowMs();
    let heardAtMs = 0;
    hub.onFrame = () => {
      heardAtMs = clock.nowMs();
    };
    air.transmit(meter, long(1), channel20);
    expect(hub.heard).toHaveLength(0);
    clock.advance(50);
    expect(hub.heard).toHaveLength(1);
    // Backoff of 0 to 2.24 ms, turnaround 0.192 ms, 4.256 ms on the air, rounded up by the clock.
    expect(heardAtMs - start).toBeGreaterThanOrEqual(5);
    expect(heardAtMs - start).toBeLessThanOrEqual(7);
  });

  it('are copied, and keep their order', () => {
    const { air, clock, hub, meter } = evenHome(1);
    const psdu = long(0);
    for (let i = 0; i < 20; i++) {
      psdu[2] = i;
      air.transmit(meter, psdu, channel20);
    }
    psdu.fill(0xee);
    clock.advance(1_000);
    expect(hub.heard.map((frame) => frame.psdu[2])).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  it('wait for each other when their senders hear each other', () => {
    const totals = { delivered: 0, collided: 0, deferred: 0 };
    for (let seed = 0; seed < 100; seed++) {
      const { air, clock, meter, display } = evenHome(seed);
      air.transmit(meter, long(1), channel20);
      clock.advance(3);
      air.transmit(display, long(2), channel20);
      clock.advance(100);
      totals.delivered += air.stats.delivered;
      totals.collided += air.stats.collided;
      totals.deferred += air.stats.deferred;
    }
    // The first sends for 4.256 ms from 0.192 to 2.432 ms on; the second senses at 3 to 5.24 ms.
    expect(totals.deferred).toBeGreaterThan(60);
    expect(totals).toMatchObject({ delivered: 200, collided: 0 });
  });

  it('destroy each other when their senders are hidden from each other', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { air, clock, hub, meter, display } = evenHome(seed);
      air.faults.attenuate(meter.eui, display.eui, 100);
      air.transmit(meter, long(1), channel20);
      clock.advance(2);
      air.transmit(display, long(2), channel20);
      clock.advance(100);
      expect(hub.heard).toHaveLength(0);
      expect(air.stats).toMatchObject({ collided: 2, deferred: 0 });
    }
  });

  it('are not disturbed by another channel', () => {
    const { air, clock, hub, meter, display } = evenHome(1);
    air.faults.attenuate(meter.eui, display.eui, 100);
    hub.listens = () => true;
    air.transmit(meter, long(1), channel20);
    air.transmit(display, long(2), { page: 0, channel: 25 });
    clock.advance(100);
    expect(hub.heard).toHaveLength(2);
  });

  it('are given up after five occupied channels, and never sent into a jammer', () => {
    const { air, clock, published, meter } = evenHome(1);
    air.faults.jam(channel20, -60);
    air.transmit(meter, long(1), channel20);
    clock.advance(1_000);
    expect(published).toEqual([]);
    expect(air.stats).toMatchObject({ transmitted: 0, deferred: 1, abandoned: 1 });
    air.faults.jam(channel20, undefined);
    air.transmit(meter, long(2), channel20);
    clock.advance(1_000);
    expect(air.stats).toMatchObject({ transmitted: 1, delivered: 1 });
  });

  it('are bounded, waiting or flying', () => {
    const { air, clock, published, meter, hub } = evenHome(1);
    for (let i = 0; i < 500; i++) air.transmit(meter, long(i & 0xff), channel20);
    expect(air.stats.abandoned).toBe(500 - 64);
    clock.advance(5_000);
    expect(published.filter(({ meta }) => meta.sender === meter.eui)).toHaveLength(64);
    for (let i = 0; i < 500; i++) air.receive(long(i & 0xff), meterEui, channel20);
    expect(air.stats.abandoned).toBe(500 - 64 + 500 - 64);
    clock.advance(5_000);
    expect(clock.pending).toBe(0);
    expect(hub.heard).toHaveLength(64);
  });

  it('of a detached radio are forgotten, and all when the air stops', () => {
    const { air, clock, published, meter, display, hub } = evenHome(1);
    air.transmit(meter, long(1), channel20);
    air.detach(meter);
    clock.advance(100);
    expect(published).toEqual([]);
    air.transmit(display, long(2), channel20);
    clock.advance(3);
    air.stop();
    expect(clock.pending).toBe(0);
    clock.advance(100);
    expect(hub.heard).toEqual([]);
  });

  it('are heard from a slow bus as from a quick one', () => {
    const { air, clock, published, hub, meter } = answering(
      radioHome({ environment: clear, places: places(3, -3), loop: false }),
    );
    air.transmit(meter, meterPoll, channel20);
    clock.advance(40);
    expect(published).toHaveLength(1);
    air.receive(meterPoll, meter.eui, channel20);
    clock.advance(1);
    expect(hub.heard).toHaveLength(1);
    expect(published).toHaveLength(2);
    air.receive(acknowledgmentOf(meterPoll), hub.eui, channel20);
    clock.advance(2);
    expect(meter.heard).toHaveLength(1);
  });

  it('are each counted once, whatever became of them', () => {
    for (const name of ['flat', 'house', 'thick-walls', 'meter-room'] as const) {
      const { air, clock, meter, display, hub } = radioHome({ environment: environments[name] });
      air.faults.attenuate(meter.eui, hub.eui, 30);
      for (let i = 0; i < 300; i++) {
        hub.awake = i % 7 !== 0;
        air.transmit(meter, long(i & 0xff), channel20);
        air.transmit(display, displayPoll, { page: 28, channel: 20 });
        air.receive(meterPoll, displayEui, channel20);
        clock.advance(i % 20);
      }
      clock.advance(5_000);
      const { delivered, unheard, asleep, blocked, lost, collided, abandoned } = air.stats;
      const ends = delivered + unheard + asleep + blocked + lost + collided;
      expect(ends + abandoned).toBe(900);
      expect(ends).toBe(air.stats.received);
    }
  });

  it('collide with those of another process too', () => {
    const { air, clock, hub } = evenHome(1);
    const stranger = eui64('02fe1100000000ff');
    air.place(stranger, place(-3));
    air.receive(meterPoll, meterEui, channel20);
    air.receive(displayPoll, stranger, channel20);
    clock.advance(10);
    expect(hub.heard).toHaveLength(0);
    expect(air.stats.collided).toBe(2);
  });
});

describe('sleepy polls at the same moment', () => {
  const rounds = 800;

  function poll(home: ReturnType<typeof radioHome>, everyMs = 1_000): boolean {
    const { air, clock, meter, display, hub } = home;
    const before = hub.heard.length;
    air.transmit(meter, meterPoll, channel20);
    air.transmit(display, displayPoll, channel20);
    clock.advance(everyMs);
    return hub.heard.length === before + 2;
  }

  it('collide when both draw the same of eight backoffs', () => {
    const home = answering(evenHome(20261122));
    let good = 0;
    for (let round = 0; round < rounds; round++) if (poll(home)) good++;
    const { stats } = home.air;
    // One in eight of 800: 100, of a standard deviation of 9.4; both frames are lost.
    expect(stats.collided).toBe(2 * (rounds - good));
    expect(Math.abs(rounds - good - 100)).toBeLessThan(38);
    // A poll lasts 0.576 ms; with turnaround and acknowledgment the channel is taken for 1.312 ms.
    // So the later one waits when it is one to four periods of 0.32 ms behind: 44 in 64.
    expect(Math.abs(stats.deferred - 550)).toBeLessThan(53);
    expect(stats).toMatchObject({ abandoned: 0, lost: 0 });
    // Each acknowledgment went to the radio that awaited it.
    expect(counts(home.meter, home.display)).toEqual([good, good]);
  });

  it('get through when they are repeated', () => {
    const home = answering(evenHome(3));
    while (poll(home)) expect(home.hub.heard.length).toBeLessThan(200);
    expect(home.air.stats.collided).toBe(2);
    let repetitions = 1;
    while (!poll(home)) repetitions++;
    expect(repetitions).toBeLessThan(6);
  });

  it('end alike for the same seed', () => {
    const run = (seed: number) => {
      const home = answering(evenHome(seed));
      return Array.from({ length: 200 }, () => poll(home));
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it('spare the stronger where it is strong enough', () => {
    // 2 m and one wall less than 16 m: 18 and 20 dB; the display is 38 dB weaker at the hub.
    const home = answering(radioHome({ seed: 1, environment: clear, places: places(2, -16) }));
    for (let round = 0; round < rounds; round++) poll(home);
    expect(home.air.link(hubEui, meterEui, channel20).rssiDbm).toBeCloseTo(8 - 46.02, 1);
    expect(home.air.link(hubEui, displayEui, channel20).rssiDbm).toBeCloseTo(8 - 84.08, 1);
    const from = (sequence: number): number =>
      home.hub.heard.filter(({ psdu }) => psdu[2] === sequence).length;
    expect(from(0x11)).toBe(rounds);
    expect(from(0x22)).toBe(rounds - home.air.stats.collided);
    expect(home.air.stats.collided).toBeGreaterThan(60);
  });

  it('never collide on an ideal air', () => {
    const home = answering(radioHome({ seed: 1 }));
    for (let round = 0; round < rounds; round++) expect(poll(home)).toBe(true);
    expect(home.air.stats).toMatchObject({ collided: 0, lost: 0, deferred: 0 });
  });

  it('are not heard by a hub that is sending itself', () => {
    const { air, clock, hub, meter } = evenHome(1);
    // The meter is in another process, and does not hear the hub.
    air.detach(meter);
    air.faults.attenuate(hub.eui, meter.eui, 100);
    air.transmit(hub, bytesOf(`4188 01 621a ffff 0000 ${'00'.repeat(100)}`), channel20);
    clock.advance(2);
    air.receive(meterPoll, meterEui, { ...channel20, rssiDbm: -60 });
    clock.advance(50);
    expect(hub.heard).toHaveLength(0);
    expect(air.stats.collided).toBe(1);
  });
});
