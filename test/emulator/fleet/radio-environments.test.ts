import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Routine } from '../../../emulator/fleet/routine.js';
import { environmentNamed } from '../../../emulator/han/air/radio-environments.js';
import { FrameHan } from '../../../emulator/han/frame-han.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';
import { hanFilter } from '../../../protocols/bus/topics.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import { nobleCrypto } from '../../../protocols/crypto/noble-crypto.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const minuteMs = 60_000;

function homeIn(radio: string, bus = new MemoryBus(), crypto: Crypto = nodeCryptoForTests()) {
  const world = { environment: environmentNamed(radio) };
  return virtualFleet(bus, crypto, radio, 1, { world });
}

/** A while of the routine in one home of such a building, and what became of every command. */
async function routineIn(radio: string, minutes: number, crypto?: Crypto) {
  const bus = new MemoryBus();
  const hash = createHash('sha256');
  await bus.subscribe(hanFilter('virtual'), (_topic, payload) => {
    hash.update(payload);
  });
  const { fleet, clock, until } = homeIn(radio, bus, crypto);
  const random = new SeededRandom(radio).stream('routine');
  const routine = new Routine(fleet, clock, { perSecond: 0.02, random });
  await fleet.start();
  routine.start();
  clock.advance(minutes * minuteMs);
  await until(routine.drain());
  clock.advance(31 * minuteMs);
  const totals = { ...fleet.headEnd.totals(), routine: routine.totals() };
  const stats = fleet.stats();
  const han = fleet.homes[0]?.han;
  if (!(han instanceof FrameHan)) throw new Error('a home of frames is due');
  await fleet.stop();
  return { totals, stats, hash: hash.digest('hex'), air: { ...han.air.stats }, clock };
}

describe('a home where radio is not ideal', () => {
  it.each(['flat', 'house', 'thick-walls', 'meter-room'])(
    'an hour in a %s: every command is answered, or it is said why not',
    async (radio) => {
      const { totals, stats, air, clock } = await routineIn(radio, 60);
      const { issued, answered, failed, asleep } = totals.routine;
      expect(issued).toBeGreaterThan(60);
      expect(answered + failed + asleep).toBe(issued);
      expect(totals).toMatchObject({ pending: 0, errors: 0, unexpected: 0, timeouts: failed });
      // Only a gas meter is ever out of reach: hub and electricity meter share a wall.
      expect(failed).toBeLessThanOrEqual(3);
      if (radio !== 'thick-walls' && radio !== 'meter-room') expect(failed).toBe(0);
      // Something was lost, and the home did not shout itself hoarse over it.
      expect(air.lost + air.collided).toBeGreaterThan(10);
      expect(air.transmitted).toBeLessThan(40_000);
      expect(stats).toMatchObject({ refused: 0, busProblems: 0 });
      expect(clock.pending).toBe(0);
    },
  );

  it('puts the same frames on the air for the same seed', async () => {
    // Its signatures are deterministic.
    const first = await routineIn('house', 10, nobleCrypto);
    const again = await routineIn('house', 10, nobleCrypto);
    expect(first.air.transmitted).toBeGreaterThan(1_000);
    expect(again).toMatchObject({ hash: first.hash, air: first.air, totals: first.totals });
    expect((await routineIn('flat', 10, nobleCrypto)).hash).not.toBe(first.hash);
  });

  it('lets displays have their readings', async () => {
    const { fleet, clock } = homeIn('house');
    await fleet.start();
    clock.advance(5 * minuteMs);
    const ihd = fleet.devices().find(({ type }) => type === 'ihd');
    expect(ihd?.state).toMatchObject({ electricity: { unit: 'kWh', stale: false } });
    const before = fleet.stats().framesOnAir;
    clock.advance(10 * minuteMs);
    // No more than on an ideal air, a few repetitions apart.
    expect(fleet.stats().framesOnAir - before).toBeLessThan(2_000);
    await fleet.stop();
  });
});
