import { describe, expect, it } from 'vitest';
import type { CommandOutcome } from '../../../emulator/dcc/command-outcome.js';
import { type HanKind, hanKinds } from '../../../emulator/fleet/home.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import type { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const halfHourMs = 1_800_000;

async function gasHome(seed: string, han: HanKind, gasWakeIntervalMs?: number) {
  const options = { world: { han, gasWakeIntervalMs } };
  const { fleet, clock } = virtualFleet(new MemoryBus(), nodeCryptoForTests(), seed, 1, options);
  await fleet.start();
  clock.advance(30_000);
  const summary = (type: string) => fleet.devices().find((device) => device.type === type);
  const state = (type: string) => summary(type)?.state as Record<string, unknown>;
  const gsme = summary('gsme')?.device as string;
  return { fleet, clock, gsme, state, turn: () => Date.parse(String(state('gsme').nextWakeAt)) };
}

/** Lets a promise of the head end settle: it needs no time but a turn of the event loop. */
async function settled(outcome: Promise<CommandOutcome>): Promise<CommandOutcome | undefined> {
  const nothing = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  return Promise.race([outcome, nothing]);
}

async function answerBy(outcome: Promise<CommandOutcome>, clock: VirtualClock, atMs: number) {
  clock.advanceTo(atMs);
  return settled(outcome);
}

describe.each(hanKinds)('a gas meter that sleeps, its home carrying %s', (han) => {
  it('has a mirror within seconds of the start', async () => {
    const { fleet, state } = await gasHome('mirror', han);
    expect(state('gsme')).toMatchObject({ mirror: 'configured', wakes: 1 });
    expect(state('gpf')).toMatchObject({ mirror: 'granted', reports: 1, supply: 'enabled' });
    await fleet.stop();
  });

  it('gets its command at the next wake and not before', async () => {
    const { fleet, clock, gsme, state, turn } = await gasHome('sleepy', han);
    const dueMs = turn();
    const sentMs = clock.nowMs();
    const outcome = fleet.send({ useCase: 'GCS33', device: gsme, timeoutMs: 3 * halfHourMs });
    expect(await answerBy(outcome, clock, dueMs - 1)).toBeUndefined();
    expect(state('gpf').messagesPending).toBe(1);
    const answer = await answerBy(outcome, clock, dueMs + 15_000);
    expect(answer).toMatchObject({ verdict: 'answered' });
    expect(state('gsme')).toMatchObject({ executed: 1, wakes: 2 });
    expect(state('gpf').messagesPending).toBe(0);
    // The response time is what the wake cycle says, and the second that the radio then needs.
    expect(answer?.latencyMs).toBeGreaterThanOrEqual(dueMs - sentMs);
    expect(answer?.latencyMs).toBeLessThan(dueMs - sentMs + 2_000);
    await fleet.stop();
  });

  it('takes all that waits in one wake', async () => {
    const { fleet, clock, gsme, state, turn } = await gasHome('many', han);
    const timeoutMs = 3 * halfHourMs;
    const outcomes = ['GCS33', 'GCS38', 'GCS32', 'GCS39'].map((useCase) =>
      fleet.send({ useCase, device: gsme, timeoutMs }),
    );
    const dueMs = turn();
    clock.advanceTo(dueMs - 1);
    expect(state('gpf').messagesPending).toBe(4);
    expect(state('gsme').executed).toBe(0);
    clock.advanceTo(dueMs + 30_000);
    const answers = await Promise.all(outcomes.map(settled));
    expect(answers.map((answer) => answer?.verdict)).toEqual(Array(4).fill('answered'));
    expect(state('gsme')).toMatchObject({ executed: 4, supply: 'armed' });
    // Shut and armed while its radio was on: the mirror knows.
    expect(state('gpf')).toMatchObject({ supply: 'armed', messagesPending: 0 });
    await fleet.stop();
  });

  it('has its turns as often as it is told', async () => {
    const { fleet, clock, gsme, state, turn } = await gasHome('often', han, 10_000);
    const wakes = state('gsme').wakes as number;
    const outcome = fleet.send({ useCase: 'GCS33', device: gsme });
    expect(await answerBy(outcome, clock, turn() + 2_000)).toMatchObject({ verdict: 'answered' });
    clock.advance(48_000);
    expect(state('gsme').wakes).toBe(wakes + 6);
    await fleet.stop();
  });

  it('keeps its hub’s time and its proxy’s logs for the morning', async () => {
    const { fleet, clock, state } = await gasHome('morning', han);
    clock.advanceTo(Date.UTC(2026, 0, 5, 10));
    const reports = state('gsme').wakes;
    expect(state('gsme')).toMatchObject({ wakes: reports, clock: 'reliable' });
    expect(state('gpf')).toMatchObject({ reports, snapshotsLogged: 0 });
    expect(state('gpf').halfHoursLogged).toBeGreaterThanOrEqual(4);
    expect(fleet.stats()).toMatchObject({ refused: 0, undeliverable: 0 });
    await fleet.stop();
  });
});
