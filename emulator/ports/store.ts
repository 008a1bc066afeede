/**
 * Persistence of device state that must survive a restart (counters, keys, logs). Keys are text with `/` between
 * their parts (`00db…a0/counter/2`); values are bytes and belong to the store once put.
 */
export interface Store {
  get(key: string): Uint8Array | undefined;
  put(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** All entries whose key starts with `prefix`, in key order. */
  entries(prefix: string): Iterable<readonly [string, Uint8Array]>;
  close(): Promise<void>;
}
