import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import type { Clock } from '../ports/clock.js';
import { UsageError } from '../ports/errors.js';
import type { EntityKeys, KeyStore } from '../ports/key-store.js';
import type { Store } from '../ports/store.js';
import { AccessControlBroker, type PublicKeyOf } from './access-control-broker.js';
import { counterFloorAt, OriginatorCounter } from './originator-counter.js';
import { Originators } from './originators.js';
import { type Party, ServiceUser } from './service-user.js';

export interface PartiesParts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly keys: KeyStore;
  readonly store: Store;
  readonly parties: readonly Party[];
  readonly publicKeyOf: PublicKeyOf;
  readonly counterFloorOf?: (party: Party) => bigint;
}

export interface HeadEndParties {
  readonly originators: Originators;
  readonly broker: AccessControlBroker;
  readonly keysOf: (party: Eui64) => EntityKeys | undefined;
}

/** The parties of a head end with their keys and counters. */
export function makeParties(parts: PartiesParts): HeadEndParties {
  const keys = new Map<Eui64, EntityKeys>();
  const users: ServiceUser[] = [];
  let broker: AccessControlBroker | undefined;
  for (const party of parts.parties) {
    const own = parts.keys.keysOf(party.eui);
    if (own === undefined) throw new UsageError(`no keys of ${party.name} (${party.eui})`);
    keys.set(party.eui, own);
    const floor = parts.counterFloorOf?.(party) ?? counterFloorAt(parts.clock.nowMs());
    const counter = new OriginatorCounter(parts.store, party.eui, floor);
    if (party.role !== 'accessControlBroker') users.push(new ServiceUser(party, own, counter));
    else if (broker === undefined) {
      broker = new AccessControlBroker(party, own, counter, parts.crypto, parts.publicKeyOf);
    } else throw new UsageError('a head end has one access control broker, not two');
  }
  if (broker === undefined) throw new UsageError('a head end needs an access control broker');
  return {
    originators: new Originators(users, broker),
    broker,
    keysOf: (party) => keys.get(party),
  };
}
