import { type Codec, type Decoded, encodeWith, mapped, struct } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import { Reader } from '../codec/reader.js';
import { readPadding, text, u8, u16Le, u32Le, writePadding } from './fields.js';
import { taggedFields } from './tagged-fields.js';

/**
 * pcapng, as much of it as a capture of ours has: one little-endian section, interfaces, packets that were not cut short.
 * The reader is as strict as the writer and knows nothing else.
 */

/** Registered link types (LINKTYPE_…) of our interfaces. */
export const linkTypes = {
  /** Octets with the name of the Wireshark dissector that reads them (LINKTYPE_WIRESHARK_UPPER_PDU). */
  exportedPdu: 252,
  /** IEEE 802.15.4 frames with metadata (LINKTYPE_IEEE802_15_4_TAP). */
  ieee802154Tap: 283,
} as const;

/** Time stamps count milliseconds: the value of `timeResolution`, a power of ten. */
export const millisecondResolution = 3;
/** The value of `packetFlags`, as whoever captures sees it. */
export const packetDirections = { inbound: 1, outbound: 2 } as const;

const endOfOptions = 0;
const byteOrderMagic = 0x1a2b3c4d;
const majorVersion = 1;
const minorVersion = 0;
/** Nobody knows beforehand: all ones. */
const unknownSectionLength = 0xffff_ffff;

function fixed(codec: Codec<number>, wanted: number): Codec<void> {
  return {
    decode(reader) {
      const at = reader.offset;
      const found = codec.decode(reader);
      if (found !== wanted) reader.fail(`${found} is not ${wanted}`, at);
    },
    encode: (writer) => codec.encode(writer, wanted),
  };
}

/** Units of the interface's resolution since 1970: two halves, the high one first. */
const timestamp: Codec<number> = {
  decode(reader) {
    const at = reader.offset;
    const value = reader.u32Le() * 0x1_0000_0000 + reader.u32Le();
    if (!Number.isSafeInteger(value)) reader.fail('later than 2^53-1 units', at);
    return value;
  },
  encode(writer, value) {
    if (!Number.isSafeInteger(value) || value < 0) writer.fail(`${value} is no time stamp`);
    writer.u32Le(Math.floor(value / 0x1_0000_0000));
    writer.u32Le(value % 0x1_0000_0000);
  },
};

/** Captured length, original length (the same, as we cut nothing), octets, padding. */
const wholePacket: Codec<Uint8Array> = {
  decode(reader) {
    const at = reader.offset;
    const length = reader.u32Le();
    if (reader.u32Le() !== length) reader.fail('a packet that was cut short', at);
    const octets = reader.bytes(length);
    readPadding(reader, length);
    return octets;
  },
  encode(writer, octets) {
    writer.u32Le(octets.length);
    writer.u32Le(octets.length);
    writer.bytes(octets);
    writePadding(writer, octets.length);
  },
};

const sectionHeader = mapped(
  struct({
    byteOrder: fixed(u32Le, byteOrderMagic),
    major: fixed(u16Le, majorVersion),
    minor: fixed(u16Le, minorVersion),
    lengthLow: fixed(u32Le, unknownSectionLength),
    lengthHigh: fixed(u32Le, unknownSectionLength),
    options: taggedFields(
      {
        hardware: { tag: 2, value: text },
        operatingSystem: { tag: 3, value: text },
        application: { tag: 4, value: text },
      },
      endOfOptions,
    ),
  }),
  ({ options }) => ({ options }),
  ({ options }) => ({
    byteOrder: undefined,
    major: undefined,
    minor: undefined,
    lengthLow: undefined,
    lengthHigh: undefined,
    options,
  }),
);

const interfaceDescription = mapped(
  struct({
    linkType: u16Le,
    reserved: fixed(u16Le, 0),
    /** 0: no limit. */
    snapLength: u32Le,
    options: taggedFields(
      {
        name: { tag: 2, value: text },
        description: { tag: 3, value: text },
        timeResolution: { tag: 9, value: u8 },
      },
      endOfOptions,
    ),
  }),
  ({ linkType, snapLength, options }) => ({ linkType, snapLength, options }),
  (value) => ({ ...value, reserved: undefined }),
);

const enhancedPacket = struct({
  /** Counts the interface descriptions of the section from 0. */
  interfaceId: u32Le,
  timestamp,
  octets: wholePacket,
  options: taggedFields({ packetFlags: { tag: 2, value: u32Le } }, endOfOptions),
});

const blocks = {
  sectionHeader: { type: 0x0a0d0d0a, body: sectionHeader },
  interfaceDescription: { type: 1, body: interfaceDescription },
  enhancedPacket: { type: 6, body: enhancedPacket },
} as const;

type Blocks = typeof blocks;
export type PcapngBlock = {
  [K in keyof Blocks]: { readonly block: K } & Readonly<Decoded<Blocks[K]['body']>>;
}[keyof Blocks];

const namesByType: ReadonlyMap<number, keyof Blocks> = new Map(
  Object.entries(blocks).map(([name, { type }]) => [type, name as keyof Blocks]),
);

/** Type, length, body and the length once more. */
const blockFrameOctets = 12;

export const pcapngBlock: Codec<PcapngBlock> = {
  decode(reader) {
    const at = reader.offset;
    const type = reader.u32Le();
    const block = namesByType.get(type);
    if (block === undefined) return reader.fail(`block type ${type} is unknown here`, at);
    try {
      const length = reader.u32Le();
      if (length < blockFrameOctets || length % 4 !== 0) reader.fail(`length ${length}`, at + 4);
      const inner = reader.sub(length - blockFrameOctets);
      const body = blocks[block].body.decode(inner);
      inner.done();
      if (reader.u32Le() !== length) reader.fail('the lengths differ', reader.offset - 4);
      return { block, ...body } as PcapngBlock;
    } catch (error) {
      throw under(block, error);
    }
  },
  encode(writer, value) {
    const { type, body } = blocks[value.block];
    const octets = encodeWith(body as Codec<PcapngBlock>, value, value.block);
    const length = blockFrameOctets + octets.length;
    writer.u32Le(type);
    writer.u32Le(length);
    writer.bytes(octets);
    writer.u32Le(length);
  },
};

export function encodePcapngBlock(block: PcapngBlock): Uint8Array {
  return encodeWith(pcapngBlock, block, 'pcapng');
}

/**
 * The blocks of a whole file: one section, in which every packet comes after the description of its interface. Octets of
 * packets are views of `bytes`.
 */
export function decodePcapng(bytes: Uint8Array): PcapngBlock[] {
  const reader = new Reader(bytes);
  const all: PcapngBlock[] = [];
  let interfaces = 0;
  try {
    while (reader.remaining > 0 || all.length === 0) {
      const at = reader.offset;
      const block = pcapngBlock.decode(reader);
      if ((block.block === 'sectionHeader') !== (all.length === 0)) {
        reader.fail('want one section header, first of all', at);
      }
      if (block.block === 'interfaceDescription') interfaces++;
      if (block.block === 'enhancedPacket' && block.interfaceId >= interfaces) {
        reader.fail(`interface ${block.interfaceId} is not described`, at);
      }
      all.push(block);
    }
    return all;
  } catch (error) {
    throw under('pcapng', error);
  }
}
