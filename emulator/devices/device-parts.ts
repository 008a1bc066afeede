import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { CounterGranularity } from '../functions/counters.js';
import type { PartnerDevice } from '../functions/partner-devices.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { RandomStream } from '../ports/random.js';
import type { Store } from '../ports/store.js';
import type { DeviceHost } from './device.js';

/** The injected world of one device with a GBCS end. */
export interface DeviceParts {
  readonly entity: Eui64;
  /** The hub of its home; without it nobody tells the time or has firmware. */
  readonly hub?: Eui64 | undefined;
  readonly host: DeviceHost;
  readonly crypto: Crypto;
  readonly keys: EntityKeys;
  readonly trustAnchors: TrustAnchorCells;
  /** Devices of the home that it exchanges protected messages with: GSME and PPMID. */
  readonly partners?: readonly PartnerDevice[] | undefined;
  readonly store: Store;
  readonly counterGranularity: CounterGranularity;
  /** This device's own stream, for what differs from home to home. */
  readonly random: RandomStream;
  /** Seed of the household that the home's meters share. */
  readonly household: number;
}
