import type { BlockCipher } from './mmo.js';
import { hmacMmo } from './mmo.js';

/**
 * A link key with what is derived from it. Data is secured with the link key itself; the network key travels under
 * `keyTransport`, a link key under `keyLoad`. 16 octets each.
 */
export interface LinkKeySet {
  readonly data: Uint8Array;
  readonly keyTransport: Uint8Array;
  readonly keyLoad: Uint8Array;
}

const keyTransportInput = Uint8Array.of(0x00);
const keyLoadInput = Uint8Array.of(0x02);

/** @see zigbee.md 2 */
export function keyTransportKey(cipher: BlockCipher, linkKey: Uint8Array): Uint8Array {
  return hmacMmo(cipher, linkKey, keyTransportInput);
}

/** @see zigbee.md 2 */
export function keyLoadKey(cipher: BlockCipher, linkKey: Uint8Array): Uint8Array {
  return hmacMmo(cipher, linkKey, keyLoadInput);
}

/** Derive once and keep: it takes ten AES blocks. */
export function linkKeySet(cipher: BlockCipher, linkKey: Uint8Array): LinkKeySet {
  return {
    data: linkKey,
    keyTransport: keyTransportKey(cipher, linkKey),
    keyLoad: keyLoadKey(cipher, linkKey),
  };
}
