import { toHex } from '../../protocols/codec/hex.js';
import type { HomeKey } from './control-protocol.js';
import type { Home } from './home.js';

/** The keys of a home's network so far; none where it has no air. */
export function homeKeysOf({ name, han }: Home): HomeKey[] {
  return Array.from(han.keys(), ({ key, label }) => ({ home: name, key: toHex(key), label }));
}
