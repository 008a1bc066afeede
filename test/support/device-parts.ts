import type { DeviceParts } from '../../emulator/devices/device-parts.js';
import { FixedKeys } from '../../emulator/functions/fixed-keys.js';
import type { PartnerDevice } from '../../emulator/functions/partner-devices.js';
import { TrustAnchorCells } from '../../emulator/functions/trust-anchor-cells.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';
import { nodeCryptoForTests } from './test-crypto.js';
import type { TestHome } from './test-home.js';

function keysOf(entity: Eui64): FixedKeys {
  const last = Number.parseInt(entity.slice(-2), 16) + 1;
  const crypto = nodeCryptoForTests();
  const material = {
    entity,
    signingPrivateKey: new Uint8Array(32).fill(last),
    agreementPrivateKey: new Uint8Array(32).fill(last + 1),
  };
  return new FixedKeys(material, crypto);
}

/** Everything that a device needs to run in a `TestHome`; its keys follow from the last octet of its identifier. */
export function deviceParts(home: TestHome, entity: Eui64): DeviceParts {
  return {
    entity,
    host: home.host(entity),
    crypto: nodeCryptoForTests(),
    keys: keysOf(entity),
    trustAnchors: new TrustAnchorCells([]),
    store: new MemoryStore(),
    counterGranularity: 'perRoleAndMessageCode',
    random: new SeededRandom(20261122).stream(entity),
    household: 4711,
  };
}

/** The same device as another one knows it. */
export function partner(entity: Eui64, type: DeviceType): PartnerDevice {
  return { entity, type, agreementPublicKey: () => keysOf(entity).agreementPublicKey() };
}
