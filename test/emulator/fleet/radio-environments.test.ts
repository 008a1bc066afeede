import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Routine } from '../../../emulator/fleet/routine.js';
import { environmentNamed } from '../../../emulator/han/radio-environments.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';
import { hanFilter } from '../../../protocols/bus/topics.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const minuteMs = 60_000;

/** A while of the routine in one home of such a building, and what became of every command. */
async function routineIn(radio: string, minutes: number, perSecond: number) {
  const bus = new MemoryBus();
  const hash = createHash('sha256');
  let frames = 0;
  await bus.subscribe(hanFilter('virtual'), (_topic, payload) => {
    frames++;
    hash.update(payload);
  });
  const { fleet, clock, until } = virtualFleet(bus, nodeCryptoForTests(), radio, 1, {
    world: { environment: environmentNamed(radio) },
  });
  const random = new SeededRandom(radio).stream('routine');
  const routine = new Routine(fleet, clock, { perSecond, random });
  await fleet.start();
  routine.start();
  clock.advance(minutes * minuteMs);
  await until(routine.drain());
  clock.advance(31 * minuteMs);
  const totals = { ...fleet.headEnd.totals(), routine: routine.totals() };
  const stats = fleet.stats();
  const air = fleet.homes[0]?.han.describe() as { readonly air: { counts: object } };
  await fleet.stop();
  return { totals, stats, frames, hash: hash.digest('hex'), counts: air.air.counts, clock };
}

describe('a home where radio is not ideal', () => {
  it.each(['flat', 'house', 'thick-walls', 'meter-room'])(
    'an hour in a %s: every command is answered, or it is said why not',
    async (radio) => {
      const { totals, stats, frames, counts, clock } = await routineIn(radio, 60, 0.02);
      console.log(radio, JSON.stringify({ totals, stats, frames, counts }));
      expect(frames).toBeGreaterThan(1_000);
      expect(totals.pending).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );
});
