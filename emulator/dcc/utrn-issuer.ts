import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import {
  makeUtrn,
  type UtrnValueClass,
  utrnCounterMax,
  utrnValueMax,
} from '../../protocols/gbcs/utrn.js';
import { UsageError } from '../ports/errors.js';
import type { EntityKeys, KeyStore } from '../ports/key-store.js';
import type { Store } from '../ports/store.js';
import type { PublicKeyOf } from './access-control-broker.js';
import type { Inventory } from './inventory.js';
import type { Party } from './service-user.js';

export interface UtrnIssuerParts {
  readonly crypto: Crypto;
  readonly keys: KeyStore;
  readonly store: Store;
  readonly parties: readonly Party[];
  readonly publicKeyOf: PublicKeyOf;
}

/** A number that a customer can type in. */
export interface IssuedUtrn {
  /** Twenty digits. */
  readonly utrn: string;
  readonly device: Eui64;
  readonly supplier: Eui64;
  readonly pence: number;
  readonly utrnCounter: number;
}

const pencePerPound = 100;
/** The meter deduces the counter from ten bits of it, so that a supplier begins at the bottom of a new meter's window. */
const firstCounter = 1;

/** The shop: sells top-ups for the meters of a fleet, under the key of the supplier that they trust. */
export class UtrnIssuer {
  constructor(
    private readonly parts: UtrnIssuerParts,
    private readonly inventory: Inventory,
  ) {}

  /** @throws UsageError for a device that takes no top-up and for an amount that no token carries. */
  issue(device: Eui64, pence: number): IssuedUtrn {
    const { type } = this.inventory.get(device);
    if (type !== 'esme' && type !== 'gsme') {
      throw new UsageError(`device ${device} (${type}) takes no top-ups: only meters do`);
    }
    const [valueClass, value] = tokenValue(pence);
    const [supplier, keys] = this.supplier();
    const utrnCounter = this.nextCounter(supplier, device);
    const publicKey = this.parts.publicKeyOf(device, 'keyAgreement');
    if (publicKey === undefined)
      throw new UsageError(`no certificate of device ${device} is known`);
    const z = keys.sharedSecret(publicKey);
    const topUp = { supplier, device, utrnCounter, valueClass, value };
    return {
      utrn: makeUtrn(this.parts.crypto, z, topUp),
      device,
      supplier,
      pence,
      utrnCounter,
    };
  }

  /** The first supplier, which is the one that devices trust. */
  private supplier(): readonly [Eui64, Pick<EntityKeys, 'sharedSecret'>] {
    for (const { role, eui } of this.parts.parties) {
      const keys = role === 'supplier' ? this.parts.keys.prepaymentKeysOf?.(eui) : undefined;
      if (keys !== undefined) return [eui, keys];
    }
    throw new UsageError('no supplier of this fleet has a key for top-ups');
  }

  /** One row of counters for each meter: no other bounds how far the ten bits in a token may jump. */
  private nextCounter(supplier: Eui64, device: Eui64): number {
    const key = `${supplier}/utrn-counter/${device}`;
    const stored = this.parts.store.get(key);
    const last =
      stored === undefined ? firstCounter - 1 : new DataView(stored.slice().buffer).getUint32(0);
    if (last >= utrnCounterMax) throw new UsageError(`device ${device} has had all its top-ups`);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, last + 1);
    this.parts.store.put(key, bytes);
    return last + 1;
  }
}

/** Pence where they fit, whole pounds above. */
function tokenValue(pence: number): readonly [UtrnValueClass, number] {
  if (Number.isInteger(pence) && pence > 0) {
    if (pence <= utrnValueMax) return ['pence', pence];
    const pounds = pence / pencePerPound;
    if (Number.isInteger(pounds) && pounds <= utrnValueMax) return ['pounds', pounds];
  }
  throw new UsageError(
    `a top-up is of 1 to ${utrnValueMax} pence, or of up to ${utrnValueMax} whole pounds`,
  );
}
