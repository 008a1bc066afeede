import type { Store } from '../ports/store.js';

/**
 * Device state in memory. It outlives `close`, so that a simulated restart can open the same object
 * again. Keys are kept by their first part: listing one device's entries does not walk those of the
 * fleet. Key order is that of UTF-16 code units, which for ASCII keys is byte order.
 */
export class MemoryStore implements Store {
  readonly #shelves = new Map<string, Map<string, Uint8Array>>();

  get(key: string): Uint8Array | undefined {
    return this.#shelves.get(firstPart(key))?.get(key);
  }

  put(key: string, value: Uint8Array): void {
    const name = firstPart(key);
    let shelf = this.#shelves.get(name);
    if (shelf === undefined) {
      shelf = new Map();
      this.#shelves.set(name, shelf);
    }
    shelf.set(key, value);
  }

  delete(key: string): void {
    const name = firstPart(key);
    const shelf = this.#shelves.get(name);
    shelf?.delete(key);
    if (shelf?.size === 0) this.#shelves.delete(name);
  }

  /** The entries as they are now: changes made while walking them do not show. */
  entries(prefix: string): Iterable<readonly [string, Uint8Array]> {
    const found: (readonly [string, Uint8Array])[] = [];
    for (const shelf of this.#shelvesFor(prefix)) {
      for (const entry of shelf) if (entry[0].startsWith(prefix)) found.push(entry);
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async close(): Promise<void> {
    // The contents stay; see above.
  }

  #shelvesFor(prefix: string): Iterable<Map<string, Uint8Array>> {
    if (!prefix.includes('/')) return this.#shelves.values();
    const shelf = this.#shelves.get(firstPart(prefix));
    return shelf === undefined ? [] : [shelf];
  }
}

function firstPart(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}
