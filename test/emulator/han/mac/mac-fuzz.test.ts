import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joiningMax } from '../../../../emulator/han/mac/mac-coordinator.js';
import { indirectMax } from '../../../../emulator/han/mac/mac-indirect-queue.js';
import { macNeighboursMax } from '../../../../emulator/han/mac/mac-neighbours.js';
import type { HeardBeacon } from '../../../../emulator/han/mac/mac-scan.js';
import { bytesOf } from '../../../support/codec-table.js';
import {
  channel20,
  displayEui,
  meterEui,
  ToyMedium,
  type ToyNode,
  toyHub,
  toyJoined,
  toyNode,
} from '../../../support/toy-medium.js';

const reception = { ...channel20, lqi: 100, rssiDbm: -70 };

/** A hub, a sleepy device that joins and polls again and again, and one that has joined. */
function home() {
  const medium = new ToyMedium();
  const hub = toyHub(medium);
  const meter = toyNode(medium, meterEui);
  const display = toyJoined(medium, displayEui, 0xc354);
  return { medium, hub, meter, display, nodes: [hub, meter, display] };
}

/** Lets the meter scan, join, poll and send, with something for it at the hub. */
function live({ medium, hub, meter }: ReturnType<typeof home>): void {
  const { mac } = meter;
  mac.scan([channel20], medium.nowMs, (heard, scannedMs) => {
    const target = heard[0] as HeardBeacon | undefined;
    if (target === undefined) return;
    mac.associate(target, 0x80, scannedMs, (_result, shortAddress, joinedMs) => {
      for (let i = 0; i < 2; i++) hub.mac.send(shortAddress, bytesOf('aabb'), true, joinedMs);
      mac.poll(joinedMs, (_polled, polledMs) => {
        mac.send(0x0000, bytesOf('ccdd'), false, polledMs);
        hub.mac.send(0xffff, bytesOf('eeff'), false, polledMs);
      });
    });
  });
}

function expectBounded(nodes: readonly ToyNode[]): void {
  for (const { mac } of nodes) {
    const { neighbours, underWay, indirect } = mac.describe();
    expect(neighbours).toBeLessThanOrEqual(macNeighboursMax);
    expect(underWay).toBeLessThanOrEqual(32);
    expect(indirect.waiting).toBeLessThanOrEqual(indirectMax);
  }
}

/** After all that noise, a frame still goes from hub to display and back. */
function expectWellAgain({ medium, hub, display, nodes }: ReturnType<typeof home>): void {
  medium.run(60_000);
  for (const { mac } of nodes) expect(mac.nextDeadlineMs()).toBeUndefined();
  const ends: string[] = [];
  hub.mac.send(0xc354, bytesOf('0123'), false, medium.nowMs, (status) => ends.push(status));
  display.mac.send(0x0000, bytesOf('4567'), false, medium.nowMs, (status) => ends.push(status));
  medium.run(1_000);
  expect(ends).toEqual(['success', 'success']);
  expect(display.upper.data.at(-1)?.nsdu).toBe('0123');
  expect(hub.upper.data.at(-1)?.nsdu).toBe('4567');
}

function mutants(psdu: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let length = 0; length < psdu.length; length++) all.push(psdu.slice(0, length));
  for (let bit = 0; bit < psdu.length * 8; bit++) {
    const flipped = psdu.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    all.push(flipped);
  }
  return all;
}

describe('noise on the air of a home', () => {
  it('every truncation and every flipped bit of every frame throws nothing and leaves no trace', () => {
    const quiet = home();
    live(quiet);
    quiet.medium.run(5_000);
    const wire = quiet.medium.frames.map(({ psdu }) => psdu);
    expect(wire.length).toBeGreaterThan(12);
    expect(quiet.meter.upper.data.length).toBeGreaterThan(0);

    const noisy = home();
    let heard = 0;
    for (const psdu of wire) {
      live(noisy);
      for (const mutant of mutants(psdu)) {
        for (const { mac } of noisy.nodes) mac.receive(mutant, reception);
        noisy.medium.run(7);
        heard++;
      }
      expectBounded(noisy.nodes);
    }
    expect(heard).toBeGreaterThan(1_300);
    expectWellAgain(noisy);
  });

  it('random octets throw nothing and fill no memory', () => {
    const noisy = home();
    const { medium, nodes } = noisy;
    const control = fc.constantFrom(0x61, 0x63, 0x02, 0x12, 0x00, 0x03, 0x23, 0x41);
    const modes = fc.constantFrom(0x88, 0x08, 0x80, 0xc8, 0xcc, 0x8c, 0x00);
    const plausible = fc
      .tuple(control, modes, fc.nat(255), fc.uint8Array({ maxLength: 40 }))
      .map(([low, high, number, rest]) =>
        Uint8Array.of(low, high, number, 0x62, 0x1a, 0x00, 0x00, ...rest),
      );
    const noise = fc.oneof(fc.uint8Array({ maxLength: 140 }), plausible);
    const property = fc.property(noise, fc.nat(50), (psdu, pauseMs) => {
      for (const { mac } of nodes) mac.receive(psdu, reception);
      medium.run(pauseMs);
      medium.frames.length = 0;
      expectBounded(nodes);
    });
    live(noisy);
    fc.assert(property, { seed: 20261122, numRuns: 5_000 });
    expectWellAgain(noisy);
    const reasons = nodes.flatMap(({ mac }) =>
      Object.entries(mac.dropped).flatMap(([reason, count]) => (count > 0 ? [reason] : [])),
    );
    expect(new Set(reasons).size).toBeGreaterThanOrEqual(7);
  });

  it('a flood of strangers neither fills the memory nor loses the neighbours in use', () => {
    const { hub, medium, nodes } = home();
    for (let i = 0; i < 5_000; i++) {
      const low = i & 0xff;
      const high = i >> 8;
      medium.nowMs = i;
      hub.mac.receive(Uint8Array.of(0x61, 0x88, low, 0x62, 0x1a, 0, 0, low, high, 1), reception);
      hub.mac.receive(
        Uint8Array.of(
          0x23,
          0xc8,
          low,
          0x62,
          0x1a,
          0,
          0,
          0xff,
          0xff,
          low,
          high,
          1,
          2,
          3,
          4,
          5,
          6,
          1,
          0,
        ),
        reception,
      );
      if (i % 10 === 0) {
        hub.mac.receive(Uint8Array.of(0x61, 0x88, low, 0x62, 0x1a, 0, 0, 0x54, 0xc3, i), reception);
      }
      medium.frames.length = 0;
    }
    expectBounded(nodes);
    expect(hub.mac.neighbour(0xc354)).toBeDefined();
    expect(hub.mac.describe().indirect.waiting).toBe(joiningMax);
    const ends: string[] = [];
    hub.mac.send(0x4f21, bytesOf('aa'), true, medium.nowMs, (status) => ends.push(status));
    expect(ends).toEqual([]);
    medium.run(10_000);
    expect(hub.mac.describe().indirect.waiting).toBe(0);
  });
});
