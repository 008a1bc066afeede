import { Fleet } from '../../emulator/fleet/fleet.js';
import { loadHomeTemplate } from '../../emulator/fleet/home-template.js';
import { entitiesOfHome } from '../../emulator/fleet/start-fleet.js';
import { TestPki } from '../../emulator/functions/test-pki.js';
import { trustAnchorCellsOf } from '../../emulator/functions/trust-anchor-cells.js';
import type { Bus } from '../../emulator/ports/bus.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { silentLog } from '../../emulator/sim/silent-log.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';

/** A whole fleet in a simulated world: nothing moves but what a test moves. */
export function virtualFleet(bus: Bus, crypto: Crypto, seed: string, homes: number) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 7, 30));
  const pki = new TestPki({ seed, crypto });
  const store = new MemoryStore();
  const template = loadHomeTemplate('dual-fuel-home');
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
        counterGranularity: 'perRoleAndMessageCode',
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
  return { fleet, clock, pki };
}
