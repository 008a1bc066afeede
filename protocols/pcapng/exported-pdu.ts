import { type Codec, decodeWith, encodeWith } from '../codec/codec.js';
import { readUtf8, utf8Length, writeUtf8 } from '../codec/utf8.js';
import { writePadding } from './fields.js';

/** Octets for the Wireshark dissector of that name, without any layer below. */
export interface ExportedPdu {
  readonly dissector: string;
  readonly octets: Uint8Array;
}

/** The dissector of one GBCS message as it goes over the WAN. */
export const gbcsDissector = 'gbcs_message';

const dissectorNameTag = 12;
const paddingTo = 4;

/**
 * A packet of LINKTYPE_WIRESHARK_UPPER_PDU with one tag, the dissector's name, which is filled up with zeros that count as
 * its length; tag 0 ends the tags. Big-endian whatever the file is. @see zigbee.md 3
 */
const exportedPdu: Codec<ExportedPdu> = {
  decode(reader) {
    const at = reader.offset;
    if (reader.u16() !== dissectorNameTag) reader.fail("want the dissector's name", at);
    const length = reader.u16();
    const octets = reader.bytes(length);
    const end = octets.indexOf(0);
    const nameLength = end < 0 ? length : end;
    reader.offset = at + 4;
    const dissector = readUtf8(reader, nameLength);
    if (length !== nameLength + (-nameLength & (paddingTo - 1))) {
      reader.fail('the name is not padded to four octets', at + 2);
    }
    for (let i = nameLength; i < length; i++) {
      if (reader.u8() !== 0) reader.fail('padding is not zero', reader.offset - 1);
    }
    if (reader.u16() !== 0 || reader.u16() !== 0) reader.fail('want the end of the tags');
    return { dissector, octets: reader.rest() };
  },
  encode(writer, { dissector, octets }) {
    const nameLength = utf8Length(dissector);
    if (dissector.includes('\0')) writer.fail('a zero in the name');
    writer.u16(dissectorNameTag);
    writer.u16(nameLength + (-nameLength & (paddingTo - 1)));
    writeUtf8(writer, dissector);
    writePadding(writer, nameLength);
    writer.u16(0);
    writer.u16(0);
    writer.bytes(octets);
  },
};

export function encodeExportedPdu(pdu: ExportedPdu): Uint8Array {
  return encodeWith(exportedPdu, pdu, 'exportedPdu');
}

/** The octets are a view of `bytes`. */
export function decodeExportedPdu(bytes: Uint8Array): ExportedPdu {
  return decodeWith(exportedPdu, bytes, 'exportedPdu');
}
