import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Random } from '../../ports/random.js';

const keyOctets = 16;

/**
 * Link keys of a home that starts joined, as if key establishment had taken place long ago: between
 * the hub's radio and a device, or between two devices. Both ends derive the same from the seed.
 */
export function joinedLinkKey(random: Random, home: string, one: Eui64, other: Eui64): Uint8Array {
  const [first, second] = one < other ? [one, other] : [other, one];
  return random.stream(home, 'link-key', first, second).bytes(keyOctets);
}
