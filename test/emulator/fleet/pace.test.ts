import { describe, expect, it } from 'vitest';
import { entitiesOfHome, startFleet } from '../../../emulator/fleet/start-fleet.js';
import { UsageError } from '../../../emulator/ports/errors.js';
import { DelayedAir } from '../../support/delayed-air.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { until } from '../../support/until.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const entities = entitiesOfHome(1);

describe('a bus that is seconds behind', () => {
  async function framesWith(delayMs: number) {
    const bus = new DelayedAir(delayMs);
    const {
      fleet,
      clock,
      until: passing,
    } = virtualFleet(bus, nodeCryptoForTests(), 'busy', 1, {
      world: { gasWakeIntervalMs: 86_400_000 },
    });
    bus.clock = clock;
    await fleet.start();
    const before = bus.frames;
    const outcome = await passing(
      fleet.send({ useCase: 'ECS17b', device: entities.esme, timeoutMs: 600_000 }),
    );
    clock.advance(120_000);
    const frames = bus.frames - before;
    await fleet.stop();
    return { outcome, frames };
  }

  it('makes answers late, and sets off no storm of repetitions', async () => {
    const idle = await framesWith(0);
    const busy = await framesWith(2_000);
    expect(idle.outcome).toMatchObject({ verdict: 'answered', succeeded: true });
    expect(busy.outcome).toMatchObject({ verdict: 'answered', succeeded: true });
    expect(busy.outcome.latencyMs).toBeGreaterThan(4_000);
    expect(idle.frames).toBeGreaterThan(100);
    expect(busy.frames).toBeLessThan(1.5 * idle.frames);
  });
});

describe('days that pass quickly', () => {
  it('leave a gas meter time to wake, poll and answer', async () => {
    const running = await startFleet({ homes: 1, port: 0, speed: 600, seed: 'quick' });
    const state = () =>
      running.devices().find(({ type }) => type === 'gsme')?.state as Record<string, unknown>;
    const outcome = await running.send({ useCase: 'GCS33', device: entities.gsme });
    expect(outcome).toMatchObject({ verdict: 'answered', succeeded: true });
    await until('it has woken by itself twice', () => (state().wakes as number) >= 3);
    expect(state()).toMatchObject({ executed: 1, mirror: 'configured' });
    expect(running.stats()).toMatchObject({ refused: 0, undeliverable: 0, joined: 5 });
    await running.stop();
  }, 20_000);
});

describe('startFleet', () => {
  it.each([
    [{ from: 'power-on', han: 'messages' }, /power-on goes with --han frames/],
    [{ radio: 'castle' }, /no radio environment 'castle'; there are ideal, flat, house/],
    [{ radio: 'constructor' }, /no radio environment/],
    [{ gasWakeIntervalMs: 999 }, /wake every 1 s to 24 h, not every 999 ms/],
    [{ gasWakeIntervalMs: 86_400_001 }, /wake every 1 s to 24 h/],
    [{ gasWakeIntervalMs: Number.NaN }, /wake every 1 s to 24 h/],
    [{ from: 'power-on', speed: 600 }, /a speed up to 120/],
    [{ han: 'messages', radio: 'house' }, /leaves the radio out/],
  ] as const)('refuses %j', async (options, message) => {
    const started = startFleet({ homes: 1, port: 0, ...options });
    await expect(started).rejects.toThrow(UsageError);
    await expect(started).rejects.toThrow(message);
  });

  it('brings up homes from power-on that join by themselves', async () => {
    const running = await startFleet({ homes: 2, port: 0, from: 'power-on', seed: 'new street' });
    expect(running.stats().joined).toBeLessThan(10);
    await running.whenJoined();
    expect(running.stats()).toMatchObject({ joined: 10, devices: 10, busProblems: 0 });
    const outcome = await running.send({ useCase: 'ECS17b', device: entities.esme });
    expect(outcome).toMatchObject({ succeeded: true });
    await running.stop();
  }, 30_000);
});
