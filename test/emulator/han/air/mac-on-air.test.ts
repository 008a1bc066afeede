import { describe, expect, it } from 'vitest';
import {
  type Environment,
  environments,
  type Place,
} from '../../../../emulator/han/air/radio-environments.js';
import { SharedAir } from '../../../../emulator/han/air/shared-air.js';
import { Mac } from '../../../../emulator/han/mac/mac.js';
import { SeededRandom } from '../../../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../../../emulator/sim/virtual-clock.js';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { bytesOf } from '../../../support/codec-table.js';
import {
  channel20,
  displayEui,
  hubEui,
  meterEui,
  ToyUpper,
  toyPanId,
} from '../../../support/toy-medium.js';

const place = (x: number): Place => ({ x, y: 0, storey: 0, outdoors: false });
const places = new Map([
  [hubEui, place(0)],
  [meterEui, place(3)],
  [displayEui, place(-3)],
]);

/** A hub and two sleepy devices, with the MACs of the emulator, on the air of a home. */
function home(environment: Environment, seed: number) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = new SeededRandom(seed);
  const air: SharedAir = new SharedAir({
    publish: (psdu, meta) => air.receive(psdu, meta.sender, meta),
    random: random.stream('air'),
    clock,
    environment,
    places,
  });
  const node = (eui: Eui64, shortAddress: number) => {
    const upper = new ToyUpper();
    const options = { eui, medium: air, upper, random: random.stream(eui) };
    const mac = new Mac({ ...options, nowMs: () => clock.nowMs() });
    mac.channels = [channel20];
    mac.panId = toyPanId;
    mac.shortAddress = shortAddress;
    mac.rxOnWhenIdle = shortAddress === 0;
    air.attach(mac);
    return { mac, upper };
  };
  const hub = node(hubEui, 0x0000);
  hub.mac.coordinator = true;
  const meter = node(meterEui, 0x4f21);
  const display = node(displayEui, 0xc354);
  const run = (durationMs: number): void => {
    for (let ms = 0; ms < durationMs; ms++) {
      clock.advance(1);
      for (const { mac } of [hub, meter, display]) {
        const deadlineMs = mac.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
        if (deadlineMs <= clock.nowMs()) mac.expire(clock.nowMs());
      }
    }
  };
  return { air, clock, hub, meter, display, run };
}

describe('the MAC on the air of a home', () => {
  it.each(['ideal', 'flat', 'house'] as const)('sleepy devices that poll at once, %s', (name) => {
    const { air, clock, hub, meter, display, run } = home(environments[name], 7);
    const rounds = 100;
    const results: string[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const { mac } of [meter, display]) {
        hub.mac.send(mac.shortAddress, Uint8Array.of(round), true, clock.nowMs());
        mac.poll(clock.nowMs(), (result) => results.push(result));
      }
      run(3_000);
    }
    // Whatever collided was repeated, and nothing was heard twice or lost.
    const expected = Array.from({ length: rounds }, (_, i) => i.toString(16).padStart(2, '0'));
    expect(meter.upper.data.map(({ nsdu }) => nsdu)).toEqual(expected);
    expect(display.upper.data.map(({ nsdu }) => nsdu)).toEqual(expected);
    expect(results).toEqual(Array.from({ length: 2 * rounds }, () => 'data'));
    if (name === 'ideal') expect(air.stats).toMatchObject({ collided: 0, lost: 0 });
    else expect(air.stats.collided).toBeGreaterThan(0);
    expect(air.stats.abandoned).toBe(0);
  });

  it('tells its layer above when a radio is out of reach', () => {
    const { air, clock, hub, meter, run } = home(environments.house, 7);
    meter.mac.rxOnWhenIdle = true;
    air.place(meterEui, { x: 3, y: 0, storey: -9, outdoors: false });
    const ends: string[] = [];
    hub.mac.send(0x4f21, bytesOf('aa'), false, clock.nowMs(), (status) => ends.push(status));
    run(10_000);
    expect(ends).toEqual(['no-ack']);
    expect(air.stats).toMatchObject({ transmitted: 4, delivered: 0, lost: 4 });
  });
});
