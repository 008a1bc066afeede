/**
 * MurmurHash3 (x86, 32 bit) of two words: chance that can be looked up at any place without walking
 * there, as `hash32(home, halfHour, purpose)`. For plausible behaviour, not for secrets. All three
 * count modulo 2^32. Returns an unsigned 32-bit integer.
 */
export function hash32(seed: number, first: number, second: number): number {
  let hash = addWord(addWord(seed, first), second) ^ 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function addWord(hash: number, word: number): number {
  const scattered = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scattered << 15) | (scattered >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
