const slabOctets = 16_384;

let slab = new Uint8Array(slabOctets);
let used = 0;

/**
 * Zeroed octets for something that soon passes on, such as a frame on its way to the bus: a view of
 * a slab shared with others of the kind. An allocation of its own costs several times more, and a
 * home's air makes several a message. Whoever keeps such octets for long keeps the whole slab: copy
 * them instead.
 */
export function transientOctets(count: number): Uint8Array {
  if (count > slabOctets / 8) return new Uint8Array(count);
  if (used + count > slabOctets) {
    slab = new Uint8Array(slabOctets);
    used = 0;
  }
  const octets = slab.subarray(used, used + count);
  used += count;
  return octets;
}
