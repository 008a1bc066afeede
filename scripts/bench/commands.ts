import { NodeCrypto } from '../../emulator/adapters/node-crypto.js';
import { type RunningFleet, startFleet } from '../../emulator/fleet/start-fleet.js';
import { concatBytes } from '../../protocols/codec/hex.js';
import { cpuMs, median, printTable, rateOf, rounded } from './measure.js';

/**
 * Commands answered per second, end to end: head end, WAN, hub, air, meter and back over the embedded broker, all
 * checks on; beside it the bare cryptographic operations of the same exchange, in alternating rounds of one run.
 */
const rounds = 5;
const roundMs = 1000;
const inFlightMax = 32;

/** What both ends do for a command: the sizes are those of the messages sent. */
function bareOperations() {
  const crypto = new NodeCrypto();
  const party = new Uint8Array(32).fill(1);
  const device = new Uint8Array(32).fill(2);
  const [partyPoint, devicePoint] = [crypto.publicKey(party), crypto.publicKey(device)];
  const kdfInput = new Uint8Array(69).fill(3);
  const message = new Uint8Array(60).fill(4);
  const signed = concatBytes(message, new Uint8Array(65));
  const iv = new Uint8Array(12);
  const nothing = new Uint8Array(0);
  const key = (): Uint8Array => crypto.sha256(kdfInput).subarray(0, 16);
  const makeAndCheck = (data: Uint8Array): void => {
    const mac = crypto.gcmSeal(key(), iv, data, nothing);
    if (crypto.gcmOpen(key(), iv, data, mac) === undefined) throw new Error('bad MAC');
  };
  const signAndVerify = (scalar: Uint8Array, point: Uint8Array): void => {
    const signature = crypto.sign(scalar, message);
    if (!crypto.verify(point, message, signature)) throw new Error('bad signature');
  };
  return {
    /** Command: signature and MAC. Response: signature. */
    critical: (): void => {
      signAndVerify(party, partyPoint);
      makeAndCheck(signed);
      signAndVerify(device, devicePoint);
    },
    /** Command: MAC. Response: MAC. */
    nonCritical: (): void => {
      makeAndCheck(message);
      makeAndCheck(message);
    },
  };
}

/** Commands of one use case answered per second, over all electricity meters in turn. */
async function answeredPerSecond(fleet: RunningFleet, useCase: string): Promise<number> {
  const meters = fleet.devices().filter((device) => device.type === 'esme');
  const start = cpuMs();
  let turn = 0;
  let answered = 0;
  let inFlight = 0;
  await new Promise<void>((resolve, reject) => {
    const next = (): void => {
      if (cpuMs() - start >= roundMs) {
        if (inFlight === 0) resolve();
        return;
      }
      while (inFlight < inFlightMax) {
        const meter = meters[turn++ % meters.length];
        inFlight++;
        fleet.fleet.headEnd.issue({ useCase, device: meter?.device ?? '' }, (outcome) => {
          inFlight--;
          if (outcome.verdict !== 'answered') reject(new Error(outcome.reason ?? outcome.verdict));
          answered++;
          if (answered % 8 === 0) setImmediate(next);
          else next();
        });
      }
    };
    next();
  });
  return (answered * 1000) / (cpuMs() - start);
}

export async function benchCommands(): Promise<void> {
  const bare = bareOperations();
  const fleet = await startFleet({ homes: 10, port: 0, routine: 'none', seed: 'bench' });
  try {
    const results = { critical: [] as number[], nonCritical: [] as number[] };
    const ceilings = { critical: [] as number[], nonCritical: [] as number[] };
    for (const useCase of ['ECS42', 'ECS45']) await answeredPerSecond(fleet, useCase);
    for (let round = 0; round < rounds; round++) {
      ceilings.critical.push(rateOf(bare.critical, roundMs / 2));
      results.critical.push(await answeredPerSecond(fleet, 'ECS42'));
      ceilings.nonCritical.push(rateOf(bare.nonCritical, roundMs / 2));
      results.nonCritical.push(await answeredPerSecond(fleet, 'ECS45'));
    }
    for (const kind of ['critical', 'nonCritical'] as const) {
      const rate = median(results[kind]);
      const ceiling = median(ceilings[kind]);
      const useCase = kind === 'critical' ? 'ECS42, signature and MAC' : 'ECS45, MAC only';
      printTable(`Commands end to end over the embedded bus: ${kind} (${useCase})`, [
        { what: 'commands answered per CPU second', value: rounded(rate) },
        { what: 'same cryptography bare, node:crypto, per CPU second', value: rounded(ceiling) },
        { what: 'ratio (aim: 0.35)', value: (rate / ceiling).toFixed(2) },
        {
          what: 'microseconds a command beyond the cryptography',
          value: (1e6 / rate - 1e6 / ceiling).toFixed(0),
        },
      ]);
    }
  } finally {
    await fleet.stop();
  }
}
