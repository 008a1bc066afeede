import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Routine } from '../../../emulator/fleet/routine.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';
import type { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import { encodeEnvelope } from '../../../protocols/bus/envelope.js';
import { hanTopic, wanTopic } from '../../../protocols/bus/topics.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

/** Gas meters that wake while somebody watches. */
const world = { gasWakeIntervalMs: 4_000 };

/** Lets the routine end: what waits for a gas meter is answered after its next turn. */
async function drained(routine: Routine, clock: VirtualClock): Promise<void> {
  const idle = routine.drain();
  clock.advance(3 * world.gasWakeIntervalMs);
  await idle;
}

/** Runs a fleet for some emulated seconds; the hash is of every topic and payload on the bus, in order. */
async function trace(seed: string, seconds: number) {
  const bus = new MemoryBus();
  const hash = createHash('sha256');
  await bus.subscribe('#', (topic, payload) => {
    hash.update(topic);
    hash.update(payload);
  });
  const { fleet, clock } = virtualFleet(bus, nobleCrypto, seed, 1, { world });
  const random = new SeededRandom(seed).stream('routine');
  const routine = new Routine(fleet, clock, { perSecond: 1, random });
  await fleet.start();
  routine.start();
  clock.advance(seconds * 1000);
  await drained(routine, clock);
  const totals = { ...fleet.headEnd.totals(), routine: routine.totals() };
  await fleet.stop();
  return { hash: hash.digest('hex'), totals };
}

describe('a fleet in a simulated world', () => {
  it('puts the same bytes on the bus for the same seed, and others for another', async () => {
    const first = await trace('alpha', 20);
    const again = await trace('alpha', 20);
    const other = await trace('beta', 20);
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
    const all = { issued: 21, answered: 21, unsuccessful: 0, failed: 0, asleep: 0 };
    expect(first.totals.routine).toEqual(all);
  }, 60_000);

  it('answers every kind of routine command, with every check passed', async () => {
    const options = { world };
    const bus = new MemoryBus();
    const { fleet, clock } = virtualFleet(bus, nodeCryptoForTests(), 'routine', 3, options);
    const random = new SeededRandom('routine').stream('routine');
    const routine = new Routine(fleet, clock, { perSecond: 6, random });
    await fleet.start();
    routine.start();
    clock.advance(20_000);
    await drained(routine, clock);
    expect(routine.totals()).toMatchObject({ unsuccessful: 0, failed: 0, asleep: 0 });
    const totals = fleet.headEnd.totals();
    expect(totals.commands).toBeGreaterThan(100);
    expect(totals).toMatchObject({ errors: 0, timeouts: 0, unexpected: 0, pending: 0 });
    expect(totals.responses).toBe(totals.commands);
    expect(totals.signaturesVerified + totals.macsVerified).toBe(totals.commands);
    expect(fleet.stats()).toMatchObject({ refused: 0, undeliverable: 0, busProblems: 0 });
  });

  it('moves registers in the home’s own time, and shows them on the display', async () => {
    // A day is quick where nothing is on the air.
    const options = { world: { han: 'messages' } } as const;
    const bus = new MemoryBus();
    const { fleet, clock } = virtualFleet(bus, nodeCryptoForTests(), 'day', 1, options);
    await fleet.start();
    const state = (type: string) =>
      fleet.devices().find((device) => device.type === type)?.state as Record<string, number>;
    const before = state('esme').activeImportWh as number;
    clock.advance(24 * 3_600_000);
    const day = (state('esme').activeImportWh as number) - before;
    // A household takes between 1 and 60 kWh a day.
    expect(day).toBeGreaterThan(1_000);
    expect(day).toBeLessThan(60_000);
    const ihd = fleet.devices().find((device) => device.type === 'ihd');
    const lines = fleet.deviceOf(ihd?.device as never)?.render?.() ?? [];
    expect(lines.join('\n')).toMatch(/kWh/);
    await fleet.stop();
  });

  it('goes on when the bus carries nonsense', async () => {
    const bus = new MemoryBus();
    const { fleet } = virtualFleet(bus, nodeCryptoForTests(), 'nonsense', 1);
    await fleet.start();
    const hub = fleet.homes[0]?.hub as never;
    const down = wanTopic('virtual', hub, 'down');
    const air = hanTopic('virtual', 'home-1', '2g4');
    const sender = fleet.devices().find((d) => d.type === 'gsme')?.device as never;
    const radio = { page: 0, channel: 20 };
    const rubbish = [new Uint8Array(0), Uint8Array.of(0xff), new Uint8Array(300).fill(0xa1)];
    for (const bytes of rubbish) {
      bus.publish(down, bytes);
      bus.publish(air, bytes);
      bus.publish(down, encodeEnvelope({ kind: 'gbcs', timeMs: 0, sequence: 0, body: bytes }));
      bus.publish(
        air,
        encodeEnvelope({
          kind: 'frame',
          timeMs: 0,
          sequence: 0,
          sender,
          radio,
          body: bytes.subarray(0, 100),
        }),
      );
    }
    expect(fleet.stats().busProblems).toBe(6);
    expect(fleet.stats().refusals).toEqual({ malformed: 3 });
    const device = fleet.devices().find((d) => d.type === 'esme')?.device as string;
    expect(await fleet.send({ useCase: 'ECS45', device })).toMatchObject({ verdict: 'answered' });
    await fleet.stop();
  });
});
