import { exampleParameters } from '../../emulator/cli/use-case-examples.js';
import { HeadEnd } from '../../emulator/dcc/head-end.js';
import { Inventory } from '../../emulator/dcc/inventory.js';
import type { AuthorityId } from '../../emulator/functions/test-authorities.js';
import type { EndEntityKeyUsage, TestPki } from '../../emulator/functions/test-pki.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import { deviceTypes } from '../../protocols/gbcs/use-cases/use-case.js';

const placeholder = /<certificate: (\w+)(?: (\w+))?>/g;

/** The example of a use case, with certificates of a PKI where it has their names. */
export function filledExample(useCase: string, pki: TestPki): Readonly<Record<string, unknown>> {
  return filled(exampleParameters(useCase), pki) as Readonly<Record<string, unknown>>;
}

function filled(value: unknown, pki: TestPki): unknown {
  if (Array.isArray(value)) return value.map((element) => filled(element, pki));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, filled(of, pki)]));
  }
  return typeof value === 'string' ? filledText(value, pki) : value;
}

export function filledText(text: string, pki: TestPki): string {
  return text.replaceAll(placeholder, (_, entity: string, usage?: string) => {
    if (usage === undefined) return toHex(pki.authorityCertificate(entity as AuthorityId));
    const prepayment = usage === 'prePaymentTopUp';
    const keyUsage = prepayment ? 'keyAgreement' : (usage as EndEntityKeyUsage);
    return toHex(pki.certificateOf(eui64(entity), keyUsage, prepayment));
  });
}

export interface ExampleCommand {
  readonly useCase: string;
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** A device of every type, in the first home. */
const devices = deviceTypes.map((type, index) => ({
  device: eui64(`00db1000000001a${index}`),
  type,
  hub: eui64('00db1000000001a0'),
  home: 'home-1',
}));

/**
 * The example of every use case, protected by the head end itself: to every type of device that it is for, from every
 * role that may send it.
 */
export function exampleCommands(pki: TestPki, crypto: Crypto): ExampleCommand[] {
  const headEnd = new HeadEnd({
    clock: new VirtualClock(Date.UTC(2026, 10, 22)),
    crypto,
    keys: pki,
    publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
    certificateOf: (party) => pki.certificateOf(party, 'keyAgreement'),
    store: new MemoryStore(),
    wan: { send: () => undefined },
    parties: pki.parties,
    inventory: new Inventory(devices),
  });
  const commands: ExampleCommand[] = [];
  for (const { name, code } of commandUseCases) {
    const parameters = filledExample(name, pki);
    for (const { device, type } of devices.filter((one) => code.targets.includes(one.type))) {
      // What customers send inside the home, and what no party may, a tester's broker sends.
      const unchecked = code.roles.length === 0;
      const originators = unchecked ? (['accessControlBroker'] as const) : code.roles;
      for (const originator of originators) {
        const request = { useCase: name, device, originator, parameters, unchecked };
        // The whole of it: a long one leaves in blocks.
        const { bytes } = headEnd.issue(request);
        commands.push({ useCase: name, label: `${name} from ${originator} to ${type}`, bytes });
      }
    }
  }
  headEnd.close();
  return commands;
}
