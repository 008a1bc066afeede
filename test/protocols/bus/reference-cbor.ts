import { Decoder, Encoder } from 'cbor-x';

const common = { useRecords: false, tagUint8Array: false } as const;
const objects = new Decoder({ ...common, mapsAsObjects: true });
const maps = new Encoder({ ...common, mapsAsObjects: false });

/** cbor-x gives every 64-bit integer as bigint; we only those that are not safe as numbers. */
function narrow(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(narrow);
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [narrow(key), narrow(item)]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, narrow(item)]));
}

/** An outside opinion on our bytes, and bytes that are not ours. */
export const referenceCbor = {
  /** Maps as objects. */
  plain: (bytes: Uint8Array): unknown => narrow(objects.decode(bytes)),
  /** Maps as Map, in the order of the wire. */
  map: (bytes: Uint8Array): unknown => narrow(maps.decode(bytes)),
  encode: (value: unknown): Uint8Array => Uint8Array.from(maps.encode(value)),
};
