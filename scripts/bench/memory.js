import { startFleet } from '../../dist/emulator/fleet/start-fleet.js';

/**
 * Bytes a home costs, after it has answered commands: `node --expose-gc scripts/bench/memory.js frames|messages`.
 * JavaScript, and over the built emulator, because a loader that compiles on the way changes what is measured. Prints
 * one JSON object.
 */
const han = process.argv[2] === 'messages' ? 'messages' : 'frames';
const homes = han === 'messages' ? 1_000 : 200;
/** Until the displays of every home have read their meters once. */
const settleMs = 20_000;

function used() {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// Whatever is paid once, for the first home of a process, is not what a home costs.
const warm = await startFleet({ homes: 2, port: 0, seed: 'warm', han });
await warm.send({
  useCase: 'ECS42',
  device: warm.devices().find((d) => d.type === 'esme')?.device ?? '',
});
await warm.stop();

const before = used();
const fleet = await startFleet({ homes, port: 0, seed: 'memory', han });
await new Promise((resolve) => setTimeout(resolve, settleMs));
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
