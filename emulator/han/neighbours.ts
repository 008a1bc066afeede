import type { Eui64 } from '../../protocols/codec/eui64.js';

/**
 * Where an entity is to be found: the radio that carries it and its endpoints there, the usual one
 * first.
 */
export interface Neighbour {
  readonly entity: Eui64;
  readonly shortAddress: number;
  readonly endpoints: readonly [number, ...number[]];
}

/**
 * Who is where in the home, both ways. Entities and radios are not the same: the hub has one radio
 * at short address 0000 and carries two entities on it, the CHF and the GPF, told apart by their
 * endpoints. In the joined start-up state the nodes of a home share one table.
 */
export class Neighbours {
  private readonly byEntity = new Map<Eui64, Neighbour>();
  private readonly byAddress = new Map<number, Neighbour>();

  constructor(neighbours: Iterable<Neighbour> = []) {
    for (const neighbour of neighbours) this.add(neighbour);
  }

  /** Replaces what was known of the entity. */
  add(neighbour: Neighbour): void {
    this.remove(neighbour.entity);
    this.byEntity.set(neighbour.entity, neighbour);
    for (const endpoint of neighbour.endpoints) {
      this.byAddress.set(addressKey(neighbour.shortAddress, endpoint), neighbour);
    }
  }

  remove(entity: Eui64): void {
    const neighbour = this.byEntity.get(entity);
    if (neighbour === undefined) return;
    this.byEntity.delete(entity);
    for (const endpoint of neighbour.endpoints) {
      const key = addressKey(neighbour.shortAddress, endpoint);
      if (this.byAddress.get(key) === neighbour) this.byAddress.delete(key);
    }
  }

  find(entity: Eui64): Neighbour | undefined {
    return this.byEntity.get(entity);
  }

  at(shortAddress: number, endpoint: number): Neighbour | undefined {
    return this.byAddress.get(addressKey(shortAddress, endpoint));
  }
}

function addressKey(shortAddress: number, endpoint: number): number {
  return (shortAddress << 8) | endpoint;
}
