import type { Band } from '../../../protocols/bus/topics.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { EntityType } from '../joining/endpoint-descriptions.js';

/** Where an entity is to be found: the radio that carries it, and its endpoints there. */
export interface Listing {
  readonly entity: Eui64;
  readonly type: EntityType;
  readonly radio: Eui64;
  /** The usual one first. */
  readonly endpoints: readonly [number, ...number[]];
  /** True where the radio is off but for its own wake-ups: frames wait at the hub. */
  readonly sleepy: boolean;
  /** Radios of different bands reach each other through the hub, which is on both. */
  readonly band: Band;
}

/**
 * The entities of a home, as an installer knows them; one table for all nodes of the home. Entities
 * and radios are not the same: the hub's radio carries two, the CHF and the GPF, told apart by their
 * endpoints. Short addresses are no part of it: each node learns those for itself.
 */
export class Directory {
  private readonly byEntity = new Map<Eui64, Listing>();

  constructor(listings: Iterable<Listing> = []) {
    for (const listing of listings) this.add(listing);
  }

  /** Replaces what was known of the entity. */
  add(listing: Listing): void {
    this.byEntity.set(listing.entity, listing);
  }

  remove(entity: Eui64): void {
    this.byEntity.delete(entity);
  }

  find(entity: Eui64): Listing | undefined {
    return this.byEntity.get(entity);
  }

  /** Who is behind an endpoint of a radio. */
  at(radio: Eui64, endpoint: number): Listing | undefined {
    for (const listing of this.byEntity.values()) {
      if (listing.radio === radio && listing.endpoints.includes(endpoint)) return listing;
    }
    return undefined;
  }

  /** Any entity of a radio: they share its band and its sleep. */
  ofRadio(radio: Eui64): Listing | undefined {
    for (const listing of this.byEntity.values()) if (listing.radio === radio) return listing;
    return undefined;
  }

  listings(): IterableIterator<Listing> {
    return this.byEntity.values();
  }
}
