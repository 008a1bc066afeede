import { describe, expect, it } from 'vitest';
import { type HanKind, hanKinds } from '../../../emulator/fleet/home.js';
import type { HomeDeviceType } from '../../../emulator/fleet/home-template.js';
import { entitiesOfHome } from '../../../emulator/fleet/start-fleet.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { hanFilter } from '../../../protocols/bus/topics.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

const day = { from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z' };

/** What the routine sends, and commands with long answers. */
const commands: readonly (readonly [string, HomeDeviceType, Record<string, unknown>?])[] = [
  ['ECS17b', 'esme'],
  ['GCS13a', 'gpf'],
  ['ECS17c', 'esme'],
  ['ECS42', 'esme'],
  ['ECS45', 'esme'],
  ['GCS33', 'gsme'],
  ['ECS70', 'esme', day],
  ['GCS28', 'gsme', day],
  ['ECS23', 'esme', day],
  ['ECS52', 'esme'],
  ['GCS38', 'gsme'],
  ['ECS52', 'chf'],
  ['ECS26c', 'esme'],
  ['ECS40', 'esme'],
  ['ECS50', 'esme', { number: '2468' }],
  ['CS02a', 'esme', { roles: ['supplier', 'networkOperator'] }],
  ['CCS07', 'chf'],
];

/** A morning's commands, one after the other; the gas meter wakes every ten seconds. */
async function morning(han: HanKind) {
  const bus = new MemoryBus();
  let frames = 0;
  await bus.subscribe(hanFilter('virtual'), () => frames++);
  const { fleet, clock, until } = virtualFleet(bus, nodeCryptoForTests(), 'both', 1, {
    world: { han, gasWakeIntervalMs: 10_000 },
  });
  const entities = entitiesOfHome(1);
  await fleet.start();
  clock.advance(30_000);
  const results = [];
  for (const [useCase, type, parameters = {}] of commands) {
    // Each at an instant of its own, the same in both.
    clock.advanceTo(Math.ceil((clock.nowMs() + 1) / 60_000) * 60_000);
    const outcome = await until(fleet.send({ useCase, device: entities[type], parameters }));
    const { verdict, succeeded, values, checks, originatorCounter } = outcome;
    results.push({ useCase, verdict, succeeded, values, checks, originatorCounter });
  }
  const stats = fleet.stats();
  await fleet.stop();
  return { results, frames, stats };
}

describe('a home network of frames and one of messages', () => {
  it('come to the same, command by command', async () => {
    const [frames, messages] = await Promise.all(hanKinds.map(morning));
    expect(frames?.results).toHaveLength(commands.length);
    for (const [index, result] of (frames?.results ?? []).entries()) {
      expect(result, result.useCase).toMatchObject({ verdict: 'answered' });
      expect(messages?.results[index], result.useCase).toEqual(result);
    }
    expect(frames?.stats).toMatchObject({ refused: 0, undeliverable: 0, joined: 5 });
    expect(messages?.stats).toMatchObject({ refused: 0, undeliverable: 0, joined: 5 });
    expect(frames?.frames).toBeGreaterThan(1_000);
    expect(messages?.frames).toBe(0);
  });
});
