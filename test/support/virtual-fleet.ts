import { Fleet } from '../../emulator/fleet/fleet.js';
import type { HomeWorld } from '../../emulator/fleet/home.js';
import { type HomeTemplate, loadHomeTemplate } from '../../emulator/fleet/home-template.js';
import { joiningWorld } from '../../emulator/fleet/joining-world.js';
import { entitiesOfHome } from '../../emulator/fleet/start-fleet.js';
import { TestPki } from '../../emulator/functions/test-pki.js';
import { trustAnchorCellsOf } from '../../emulator/functions/trust-anchor-cells.js';
import type { Bus } from '../../emulator/ports/bus.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { silentLog } from '../../emulator/sim/silent-log.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';

export interface VirtualFleetOptions {
  /** `dual-fuel-home` unless told. */
  readonly template?: HomeTemplate;
  readonly world?: Partial<Pick<HomeWorld, 'from' | 'han' | 'environment' | 'gasWakeIntervalMs'>>;
}

/** A whole fleet in a simulated world: nothing moves but what a test moves. */
export function virtualFleet(
  bus: Bus,
  crypto: Crypto,
  seed: string,
  homes: number,
  options: VirtualFleetOptions = {},
) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 7, 30));
  const pki = new TestPki({ seed, crypto });
  const store = new MemoryStore();
  const template = options.template ?? loadHomeTemplate('dual-fuel-home');
  const fleet = new Fleet(
    'virtual',
    bus,
    {
      clock,
      home: {
        clock,
        crypto,
        keys: pki,
        trustAnchorsOf: (type) => trustAnchorCellsOf(type, pki.trustAnchors()),
        store,
        random: new SeededRandom(seed),
        hanCrypto: nobleCrypto,
        ...joiningWorld(pki, seed),
        counterGranularity: 'perRoleAndMessageCode',
        ...options.world,
      },
      headEnd: {
        clock,
        crypto,
        keys: pki,
        publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
        certificateOf: (party) => pki.certificateOf(party, 'keyAgreement'),
        store,
        parties: pki.parties,
      },
    },
    Array.from({ length: homes }, (_, index) => ({
      name: `home-${index + 1}`,
      template,
      panId: index + 1,
      entities: entitiesOfHome(index + 1),
    })),
    silentLog,
  );
  /** Lets time pass in small steps until `work` is done; what it waits for needs time to happen. */
  const until = async <T>(work: Promise<T>, limitMs = 7_200_000): Promise<T> => {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    const endMs = clock.nowMs() + limitMs;
    while (!done && clock.nowMs() < endMs) {
      clock.advance(100);
      // What waits on promises gets its turn before time goes on.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!done) throw new Error(`not done within ${limitMs} ms of emulated time`);
    return settled;
  };
  return { fleet, clock, pki, until };
}
