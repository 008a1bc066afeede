import { type Codec, type Decoded, struct } from '../../protocols/codec/codec.js';
import { type Eui64, readEui64, writeEui64 } from '../../protocols/codec/eui64.js';

/** Entries of the device log and of the historic one (device-behaviour.md 2.1). */
export const deviceLogEntriesMax = 16;
export const historicEntriesMax = 15;

const eui: Codec<Eui64> = { decode: readEui64, encode: writeEui64 };

const u8: Codec<number> = {
  decode: (reader) => reader.u8(),
  encode: (writer, value) => writer.u8(value),
};

/** Milliseconds since 1970, in 8 octets. */
const instant: Codec<number> = {
  decode: (reader) => Number(reader.u64()),
  encode: (writer, value) => writer.u64(BigInt(Math.trunc(value))),
};

const flag: Codec<boolean> = {
  decode(reader) {
    const at = reader.offset;
    const octet = reader.u8();
    if (octet > 1) reader.fail('neither 0 nor 1', at);
    return octet === 1;
  },
  encode: (writer, value) => writer.u8(value ? 1 : 0),
};

/** An install code or a link key: 16 octets, copied out of what is decoded. */
const octets16: Codec<Uint8Array> = {
  decode: (reader) => reader.bytes(16).slice(),
  encode(writer, value) {
    if (value.length !== 16) writer.fail(`16 octets are due, not ${value.length}`);
    writer.bytes(value);
  },
};

function optional<T>(inner: Codec<T>): Codec<T | undefined> {
  return {
    decode: (reader) => (flag.decode(reader) ? inner.decode(reader) : undefined),
    encode(writer, value) {
      flag.encode(writer, value !== undefined);
      if (value !== undefined) inner.encode(writer, value);
    },
  };
}

function list<T>(inner: Codec<T>, countMax: number): Codec<readonly T[]> {
  return {
    decode(reader) {
      const at = reader.offset;
      const count = reader.u8();
      if (count > countMax) reader.fail(`${count} entries, at most ${countMax}`, at);
      return Array.from({ length: count }, () => inner.decode(reader));
    },
    encode(writer, values) {
      if (values.length > countMax) writer.fail(`${values.length} entries, at most ${countMax}`);
      writer.u8(values.length);
      for (const value of values) inner.encode(writer, value);
    },
  };
}

const joinWindow = struct({
  fromMs: instant,
  /** Up to here the key from the historic log counts, after it the install code. */
  installCodeFromMs: instant,
  toMs: instant,
});

const entry = struct({
  entity: eui,
  typeCode: optional(u8),
  installCode: optional(octets16),
  window: optional(joinWindow),
  linkKey: optional(octets16),
  linkKeyHash: optional(octets16),
  restored: flag,
  lastContactMs: optional(instant),
});

const historicEntry = struct({
  entity: eui,
  linkKey: optional(octets16),
  linkKeyHash: optional(octets16),
});

/** Everything of a hub's device log that a restart must find again, as the store has it. */
export const deviceLogRecord = struct({
  hanIdentifier: eui,
  entries: list(entry, deviceLogEntriesMax),
  historic: list(historicEntry, historicEntriesMax),
});

export type DeviceLogRecord = Decoded<typeof deviceLogRecord>;
export type EntryRecord = Decoded<typeof entry>;
export type HistoricRecord = Decoded<typeof historicEntry>;
export type JoinWindow = Decoded<typeof joinWindow>;

/** The store's key of a hub's device log. */
export function deviceLogKey(hub: Eui64): string {
  return `${hub}/device-log`;
}
