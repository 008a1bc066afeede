import { NodeCrypto } from '../../emulator/adapters/node-crypto.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';

let shared: Crypto | undefined;

/** One node:crypto making for all tests of a file: its key caches are worth keeping. */
export function nodeCryptoForTests(): Crypto {
  shared ??= new NodeCrypto();
  return shared;
}
