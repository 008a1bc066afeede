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

type Kind = 'critical' | 'nonCritical';
const useCases: Readonly<Record<Kind, string>> = { critical: 'ECS42', nonCritical: 'ECS45' };
const titles: Readonly<Record<Kind, string>> = {
  critical: 'critical (ECS42, signature and MAC)',
  nonCritical: 'non-critical (ECS45, MAC only)',
};

/**
 * Over both makings of the home network in turn: whole ZCL messages from device to device, and every frame of every
 * layer on the air, secured, acknowledged, in fragments.
 */
export async function benchCommands(): Promise<void> {
  const bare = bareOperations();
  const hans = ['messages', 'frames'] as const;
  const fleets = {
    messages: await startFleet({ homes: 10, port: 0, seed: 'bench', han: 'messages' }),
    frames: await startFleet({ homes: 10, port: 0, seed: 'bench', han: 'frames' }),
  };
  try {
    for (const kind of ['critical', 'nonCritical'] as const) {
      const rates = { messages: [] as number[], frames: [] as number[], bare: [] as number[] };
      for (const han of hans) await answeredPerSecond(fleets[han], useCases[kind]);
      for (let round = 0; round < rounds; round++) {
        rates.bare.push(rateOf(bare[kind], roundMs / 2));
        for (const han of hans) {
          rates[han].push(await answeredPerSecond(fleets[han], useCases[kind]));
        }
      }
      report(kind, median(rates.messages), median(rates.frames), median(rates.bare));
    }
  } finally {
    for (const han of hans) await fleets[han].stop();
  }
}

function report(kind: Kind, messages: number, frames: number, ceiling: number): void {
  const beyond = (rate: number): string => (1e6 / rate - 1e6 / ceiling).toFixed(0);
  printTable(`Commands end to end over the embedded bus: ${titles[kind]}`, [
    { what: 'same cryptography bare, node:crypto, per CPU second', value: rounded(ceiling) },
    { what: 'answered per CPU second, --han messages', value: rounded(messages) },
    {
      what: '  ratio to the bare cryptography (aim: 0.35)',
      value: (messages / ceiling).toFixed(2),
    },
    { what: '  microseconds a command beyond it', value: beyond(messages) },
    { what: 'answered per CPU second, --han frames', value: rounded(frames) },
    { what: '  ratio to the bare cryptography', value: (frames / ceiling).toFixed(2) },
    { what: '  ratio to --han messages', value: (frames / messages).toFixed(2) },
  ]);
}
