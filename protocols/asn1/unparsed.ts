import { fromHex, toHex } from '../codec/hex.js';
import { octetString } from './primitives.js';
import { type Asn1Type, choice, type ValueOf } from './schema.js';
import { TlvReader } from './tlv.js';

/**
 * What is legal but not modelled: kept as hex under the one key `unparsed`, and so written back
 * unchanged.
 */

function skipElement(reader: TlvReader): void {
  const outer = reader.enterAny();
  reader.skip(reader.remaining);
  reader.leave(outer);
}

/** A whole TLV as hex; what is inside it is not looked at. */
export const anyElement: Asn1Type<string> = {
  accepts: (tag) => tag >= 0,
  decode(reader) {
    const at = reader.offset;
    skipElement(reader);
    return toHex(reader.source, at, reader.offset);
  },
  encode(writer, value) {
    const bytes = fromHex(value);
    // Only what would be read is written: one element in DER and nothing after it.
    const reader = new TlvReader(bytes);
    reader.beginSignedObject();
    skipElement(reader);
    reader.done();
    writer.bytes(bytes);
  },
};

/** `{ unparsed }` with the hex of a whole TLV. */
export const unparsedElement = choice({ unparsed: anyElement });
/** `{ unparsed }` with the hex of an OCTET STRING's content. */
export const unparsedOctets = choice({ unparsed: octetString() });

export type Unparsed = ValueOf<typeof unparsedElement>;

/** `type` where its tag stands, otherwise any element as `{ unparsed }`. */
export function orUnparsed<T>(type: Asn1Type<T>): Asn1Type<T | Unparsed> {
  return {
    accepts: (tag) => tag >= 0,
    decode: (reader) => (type.accepts(reader.peek()) ? type : unparsedElement).decode(reader),
    encode(writer, value) {
      if (isUnparsed(value)) unparsedElement.encode(writer, value);
      else type.encode(writer, value);
    },
  };
}

function isUnparsed(value: unknown): value is Unparsed {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'unparsed');
}
