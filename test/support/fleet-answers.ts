import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import { wanFilter } from '../../protocols/bus/topics.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import { filledExample } from './example-commands.js';
import { virtualFleet } from './virtual-fleet.js';

export interface FleetAnswers {
  /** All that hubs sent up, in order. */
  readonly messages: readonly Uint8Array[];
  /** Commands that were sent to a device of the home, and those among them that it answered. */
  readonly sent: readonly string[];
  readonly answered: readonly string[];
}

/** The example of every use case to every device of one emulated home that it is for, and what comes back. */
export async function fleetAnswers(crypto: Crypto): Promise<FleetAnswers> {
  const bus = new MemoryBus();
  const messages: Uint8Array[] = [];
  await bus.subscribe(wanFilter('virtual', 'up'), (_, payload) => {
    const envelope = decodeEnvelope(payload);
    if (envelope.kind === 'gbcs') messages.push(envelope.body);
  });
  const { fleet, clock, pki } = virtualFleet(bus, crypto, 'answers', 1);
  await fleet.start();
  clock.advance(60_000);
  const sent: string[] = [];
  const answered: string[] = [];
  for (const { name, code } of commandUseCases) {
    for (const { device, type } of fleet.devices()) {
      if (!code.targets.includes(type as never)) continue;
      const parameters = filledExample(name, pki);
      for (const originator of code.roles) {
        const request = { useCase: name, device, originator, parameters, timeoutMs: 5000 };
        const label = `${name} from ${originator} to ${type}`;
        sent.push(label);
        fleet.headEnd.issue(request, ({ verdict }) => {
          if (verdict === 'answered') answered.push(label);
        });
        clock.advance(1000);
      }
    }
  }
  clock.advance(60_000);
  await fleet.stop();
  return { messages, sent, answered };
}
