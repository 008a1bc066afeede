import { expect, it } from 'vitest';
import type { FleetEvent } from '../../../emulator/fleet/fleet.js';
import { entitiesOfHome } from '../../../emulator/fleet/start-fleet.js';
import { FrameHan } from '../../../emulator/han/frame-han.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { virtualFleet } from '../../support/virtual-fleet.js';

it('a message that never reaches its meter is told by the hub function that sent it', async () => {
  const { fleet, clock } = virtualFleet(new MemoryBus(), nodeCryptoForTests(), 'undelivered', 1);
  const { chf, esme } = entitiesOfHome(1);
  const events: FleetEvent[] = [];
  await fleet.start();
  clock.advance(60_000);
  const han = fleet.homes[0]?.han;
  if (!(han instanceof FrameHan)) throw new Error('the home is not on the air');
  han.air.faults.block(esme, true);
  fleet.onDeviceEvent((event) => events.push(event));
  fleet.headEnd.issue({ useCase: 'ECS17b', device: esme });
  clock.advance(30_000);
  // Both the hub function and the proxy are on the hub's radio; the tunnel is the hub function's.
  const dropped = events.filter(({ name, device }) => name === 'frame-dropped' && device === chf);
  expect(dropped.map(({ detail }) => detail)).toContainEqual(
    expect.objectContaining({ to: esme, clusterId: 0x0704, reason: 'no-ack' }),
  );
  await fleet.stop();
});
