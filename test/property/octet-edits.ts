import type { RandomStream } from '../../emulator/ports/random.js';
import { fromHex, toHex } from '../../protocols/codec/hex.js';
import { tags } from '../../protocols/dlms/tags.js';

/**
 * One change to a message: `remove` octets at `at` make room for `insert` (hex). Every mutation is one of these, so that a
 * failing list of them can be printed, replayed and shrunk by leaving some out.
 */
export interface OctetEdit {
  readonly kind: string;
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** Positions past the end count as the end: edits stay meaningful when others before them are left out. */
export function applyOctetEdit(octets: Uint8Array, edit: OctetEdit): Uint8Array {
  const at = Math.min(edit.at, octets.length);
  const rest = Math.min(at + edit.remove, octets.length);
  const insert = fromHex(edit.insert);
  const edited = new Uint8Array(at + insert.length + octets.length - rest);
  edited.set(octets.subarray(0, at));
  edited.set(insert, at);
  edited.set(octets.subarray(rest), at + insert.length);
  return edited;
}

export function pick<T>(random: RandomStream, items: readonly T[]): T {
  return items[random.int(0, items.length - 1)] as T;
}

const hexOctet = (octet: number): string => toHex(Uint8Array.of(octet));

/** Length fields: short, long, longer than anything, not in their shortest form, indefinite, reserved. */
const lengthFields = [
  ...['00', '01', '7f', '80', '8100', '817f', '8180', '81ff', '82', '820000', '82007f', '8200ff'],
  ...['820100', '82ffff', '83000001', '83010000', '83ffffff', '84', '8400000001', '84ffffffff'],
  ...['88ffffffffffffffff', 'fe', 'ff', 'feff', 'ffff', 'ffff0f', '00ff', 'ff00'],
];

/** Identifier octets of A-XDR, DER and ZCL: one in place of another keeps the rest readable. */
const dlmsTags = Object.values(tags);
const derTags = [
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31],
  ...[0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xa3],
];
const zclTypes = [
  ...[0x00, 0x08, 0x10, 0x18, 0x20, 0x23, 0x25, 0x27, 0x2b, 0x2f, 0x30, 0x38, 0x39, 0x3a],
  ...[0x41, 0x42, 0x43, 0x44, 0x48, 0x4c, 0x50, 0x51, 0xe0, 0xe1, 0xe2, 0xf0, 0xf1, 0xff],
];
const tagSets: readonly (readonly number[])[] = [dlmsTags, derTags, zclTypes];

/** What opens a level of nesting; enough of them must end at a bound, not at the stack's end. */
const openings = [
  ...['0101', '0201', '0202', '13', '1302', '1301ffff', '3080', '300a', '30820100', 'a003'],
  ...['4801', '4c0100', '480100', '50480100', '4c01004c'],
];

interface Donors {
  /** Another message, or another content. */
  donor(random: RandomStream): Uint8Array;
}

type Kind = (octets: Uint8Array, random: RandomStream, donors: Donors) => Omit<OctetEdit, 'kind'>;

const place = (octets: Uint8Array, random: RandomStream): number => random.int(0, octets.length);

function indexOfAny(octets: Uint8Array, random: RandomStream, wanted: readonly number[]): number {
  const start = place(octets, random);
  for (let i = 0; i < octets.length; i++) {
    const at = (start + i) % octets.length;
    if (wanted.includes(octets[at] as number)) return at;
  }
  return start;
}

const kinds: Readonly<Record<string, Kind>> = {
  flipBit(octets, random) {
    const at = place(octets, random);
    const flipped = (octets[at] ?? 0) ^ (1 << random.int(0, 7));
    return { at, remove: 1, insert: hexOctet(flipped) };
  },
  setOctet: (octets, random) => ({
    at: place(octets, random),
    remove: 1,
    insert: hexOctet(
      random.int(0, 3) === 0 ? pick(random, [0, 0x7f, 0x80, 0xff]) : random.int(0, 255),
    ),
  }),
  increment(octets, random) {
    const at = place(octets, random);
    const step = pick(random, [1, 255]);
    return { at, remove: 1, insert: hexOctet(((octets[at] ?? 0) + step) & 0xff) };
  },
  truncate: (octets, random) => ({ at: place(octets, random), remove: 0xffff, insert: '' }),
  remove: (octets, random) => ({
    at: place(octets, random),
    remove: random.int(1, 12),
    insert: '',
  }),
  insert: (octets, random) => ({
    at: place(octets, random),
    remove: 0,
    insert: toHex(random.bytes(random.int(1, 12))),
  }),
  append: (octets, random) => ({
    at: octets.length,
    remove: 0,
    insert: toHex(random.bytes(random.int(1, 4))),
  }),
  lengthField: (octets, random) => ({
    at: place(octets, random),
    remove: 1,
    insert: pick(random, lengthFields),
  }),
  lengthOverwrite(octets, random) {
    const insert = pick(random, lengthFields);
    return { at: place(octets, random), remove: insert.length / 2, insert };
  },
  swapTag(octets, random) {
    const set = pick(random, tagSets);
    return { at: indexOfAny(octets, random, set), remove: 1, insert: hexOctet(pick(random, set)) };
  },
  repeat(octets, random) {
    const at = place(octets, random);
    const piece = toHex(octets.subarray(at, at + random.int(1, 40)));
    return { at, remove: 0, insert: piece.repeat(random.int(1, pick(random, [2, 60]))) };
  },
  splice(octets, random, donors) {
    const donor = donors.donor(random);
    const from = place(donor, random);
    const piece = donor.subarray(from, from + random.int(1, pick(random, [8, 80, 4000])));
    const remove = random.int(0, 1) === 0 ? piece.length : random.int(0, 80);
    return { at: place(octets, random), remove, insert: toHex(piece) };
  },
  joinTails(octets, random, donors) {
    const donor = donors.donor(random);
    const insert = toHex(donor.subarray(place(donor, random)));
    return { at: place(octets, random), remove: 0xffff, insert };
  },
  nest: (octets, random) => ({
    at: place(octets, random),
    remove: random.int(0, 2),
    insert: pick(random, openings).repeat(pick(random, [2, 9, 33, 300, 12_000])),
  }),
};

const kindNames = Object.keys(kinds);

/** Draws one change that fits `octets` as they are now. */
export function drawOctetEdit(octets: Uint8Array, random: RandomStream, donors: Donors): OctetEdit {
  const kind = pick(random, kindNames);
  return { kind, ...(kinds[kind] as Kind)(octets, random, donors) };
}
