import type { Codec } from '../../codec/codec.js';
import type { Writer } from '../../codec/writer.js';
import { items, lengthOf, u16 } from '../fields.js';
import type { Field } from '../record.js';

/** What a ZDO response says first; the rest of the standard's codes as they are needed. */
export const zdoStatuses = {
  success: 0x00,
  invalidRequestType: 0x80,
  deviceNotFound: 0x81,
  invalidEndpoint: 0x82,
  notActive: 0x83,
  notSupported: 0x84,
  timeout: 0x85,
  noMatch: 0x86,
  noEntry: 0x88,
  noDescriptor: 0x89,
  insufficientSpace: 0x8a,
  notPermitted: 0x8b,
  tableFull: 0x8c,
  notAuthorised: 0x8d,
} as const;

/** Must be there if the earlier field `status` is success; a refusal mostly leaves it off. */
export function onSuccess<T>(codec: Codec<T>): Field<T | undefined> {
  return {
    decode: (reader, record) =>
      record.status === zdoStatuses.success || reader.remaining > 0
        ? codec.decode(reader)
        : undefined,
    encode(writer, value, record) {
      if (value !== undefined) codec.encode(writer, value);
      else if (record.status === zdoStatuses.success) writer.fail('missing in a success');
    },
  };
}

/** The devices associated with one, from a place of its list on. */
export interface AssociatedDevices {
  /** 0 where the list is empty. */
  readonly startIndex: number;
  /** Short addresses. */
  readonly addresses: readonly number[];
}

const shortAddresses = items(u16);

/** The count stands before the start index, which an empty list does without. */
export const AssociatedDevices: Codec<AssociatedDevices> = {
  decode(reader) {
    const count = reader.u8();
    if (count === 0) return { startIndex: 0, addresses: [] };
    return { startIndex: reader.u8(), addresses: shortAddresses.decode(reader, count) };
  },
  encode(writer: Writer, value: AssociatedDevices | null) {
    if (value === null) writer.fail('not a list of devices');
    const { startIndex, addresses } = value;
    const count = lengthOf(writer, addresses, 0xff);
    writer.u8(count);
    if (count > 0) writer.u8(startIndex);
    else if (startIndex !== 0) writer.fail('an empty list starts at 0');
    shortAddresses.encode(writer, addresses);
  },
};
