import { startFleet } from '../../emulator/fleet/start-fleet.js';

/**
 * Bytes a home costs, after it has answered commands: run as `node --expose-gc --import tsx scripts/bench/memory.ts`.
 * Prints one JSON object.
 */
const homes = 2000;

function used(): number {
  for (let i = 0; i < 4; i++) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// Whatever is paid once, for the first home of a process, is not what a home costs.
const warm = await startFleet({ homes: 2, port: 0, seed: 'warm' });
await warm.send({
  useCase: 'ECS42',
  device: warm.devices().find((d) => d.type === 'esme')?.device ?? '',
});
await warm.stop();

const before = used();
const fleet = await startFleet({ homes, port: 0, seed: 'memory' });
const started = used();
for (const { type, device } of fleet.devices()) {
  if (type === 'esme') {
    await fleet.send({ useCase: 'ECS42', device });
    await fleet.send({ useCase: 'ECS17b', device });
  }
  if (type === 'gpf') await fleet.send({ useCase: 'GCS13a', device });
}
const busy = used();
process.stdout.write(
  `${JSON.stringify({
    homes,
    bytesPerHomeStarted: Math.round((started - before) / homes),
    bytesPerHomeBusy: Math.round((busy - before) / homes),
  })}\n`,
);
await fleet.stop();
