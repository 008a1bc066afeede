import { type Codec, decodeWith, encodeWith, struct } from '../codec/codec.js';
import { float32Le, u8, u16Le } from './fields.js';
import { taggedFields } from './tagged-fields.js';

/** How a frame went over the air. */
export interface TapRadio {
  /** IEEE 802.15.4 channel page: 0 is 2.4 GHz, 28 to 31 are GB's sub-GHz pages. */
  readonly page: number;
  readonly channel: number;
  /** Link quality, 0 to 255. */
  readonly lqi?: number | undefined;
  /** Received power in dBm. */
  readonly rssiDbm?: number | undefined;
}

export interface TapFrame {
  readonly radio: TapRadio;
  /** Without its frame check sequence. */
  readonly psdu: Uint8Array;
}

/** The frames have none, since none was sent. */
const fcsTypeNone = 0;
const version = 0;
/** Version, a reserved octet, length. */
const startOctets = 4;

const fields = taggedFields({
  fcsType: { tag: 0, value: u8 },
  rssDbm: { tag: 1, value: float32Le },
  channelAssignment: { tag: 3, value: struct({ channel: u16Le, page: u8 }) },
  lqi: { tag: 10, value: u8 },
});

/** A packet of LINKTYPE_IEEE802_15_4_TAP: header length, TLVs, frame. @see zigbee.md 2 */
const tap: Codec<TapFrame> = {
  decode(reader) {
    const at = reader.offset;
    if (reader.u8() !== version) reader.fail('not version 0', at);
    if (reader.u8() !== 0) reader.fail('reserved octet is not zero', at + 1);
    const length = reader.u16Le();
    if (length < startOctets) reader.fail(`length ${length}`, at + 2);
    const inner = reader.sub(length - startOctets);
    const { fcsType, rssDbm, channelAssignment, lqi } = fields.decode(inner);
    if (fcsType !== fcsTypeNone) reader.fail('want frames without FCS', at);
    if (channelAssignment === undefined) return reader.fail('no channel', at);
    const { page, channel } = channelAssignment;
    return { radio: { page, channel, lqi, rssiDbm: rssDbm }, psdu: reader.rest() };
  },
  encode(writer, { radio, psdu }) {
    const { page, channel, lqi, rssiDbm } = radio;
    const header = encodeWith(fields, {
      fcsType: fcsTypeNone,
      rssDbm: rssiDbm,
      channelAssignment: { channel, page },
      lqi,
    });
    writer.u8(version);
    writer.u8(0);
    writer.u16Le(startOctets + header.length);
    writer.bytes(header);
    writer.bytes(psdu);
  },
};

export function encodeTapFrame(frame: TapFrame): Uint8Array {
  return encodeWith(tap, frame, 'tap');
}

/** The frame is a view of `bytes`. */
export function decodeTapFrame(bytes: Uint8Array): TapFrame {
  return decodeWith(tap, bytes, 'tap');
}
