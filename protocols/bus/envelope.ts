import { CodecError, under, within } from '../codec/codec-error.js';
import { type Eui64, eui64FromBytes, isEui64 } from '../codec/eui64.js';
import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';
import { type CborMap, majorTypes } from './cbor.js';
import {
  readByteString,
  readHead,
  readInteger,
  readMap,
  readTextString,
  readUnsigned,
} from './cbor-reader.js';
import {
  writeByteString,
  writeHead,
  writeInteger,
  writeMap,
  writeTextString,
  writeUnsigned,
} from './cbor-writer.js';
import {
  always,
  correlationLengthMax,
  type Envelope,
  envelopeLengthMax,
  envelopeVersion,
  type KindRule,
  keyNames,
  keys,
  kindCodes,
  kindRules,
  type QueryEnvelope,
  type Radio,
  senderKey,
} from './envelope-types.js';
import { parseTopic } from './topics.js';

function countOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The keys that `envelope` will show. */
function keysOf(envelope: Envelope, rule: KindRule): number {
  let set = rule.required;
  if (envelope.sender !== undefined) set |= senderKey;
  if (envelope.kind === 'frame') {
    if (envelope.radio.lqi !== undefined) set |= 1 << keys.lqi;
    if (envelope.radio.rssiDbm !== undefined) set |= 1 << keys.rssi;
  }
  return set;
}

function checkRange(writer: Writer, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    writer.fail(`${String(value)} is not an integer from ${low} to ${high}`);
  }
}

function checkText(fail: (reason: string) => never, key: number, text: string): void {
  if (key === keys.correlation) {
    if (text.length === 0 || text.length > correlationLengthMax) {
      fail(`not 1 to ${correlationLengthMax} characters`);
    }
    return;
  }
  const topic = parseTopic(text);
  if (topic?.plane !== 'control' || topic.role !== 'reply') fail('not a reply topic');
}

function writeKey(writer: Writer, key: number): void {
  writer.u8(key);
}

function writeRadio(writer: Writer, radio: Radio): void {
  writeKey(writer, keys.page);
  checkRange(writer, radio.page, 0, 31);
  writeUnsigned(writer, radio.page);
  writeKey(writer, keys.channel);
  checkRange(writer, radio.channel, 0, 255);
  writeUnsigned(writer, radio.channel);
  if (radio.lqi !== undefined) {
    writeKey(writer, keys.lqi);
    checkRange(writer, radio.lqi, 0, 255);
    writeUnsigned(writer, radio.lqi);
  }
  if (radio.rssiDbm !== undefined) {
    writeKey(writer, keys.rssi);
    checkRange(writer, radio.rssiDbm, -128, 127);
    writeInteger(writer, radio.rssiDbm);
  }
}

function writeText(writer: Writer, key: number, text: string | undefined): void {
  writeKey(writer, key);
  within(keyNames[key] as string, () => {
    if (typeof text !== 'string') return writer.fail('not a text string');
    checkText((reason) => writer.fail(reason), key, text);
    writeTextString(writer, text);
  });
}

/** The one writer of all envelopes: encoding is synchronous and its result a copy. */
const sharedWriter = new Writer(1024);

function writeBody(writer: Writer, envelope: Envelope): void {
  writeKey(writer, keys.body);
  try {
    if (envelope.kind === 'gbcs' || envelope.kind === 'frame') {
      writeByteString(writer, envelope.body);
    } else writeMap(writer, envelope.body);
  } catch (error) {
    throw under('body', error);
  }
}

function writeEnvelope(writer: Writer, envelope: Envelope): void {
  if (typeof envelope !== 'object' || envelope === null) writer.fail('not an envelope');
  const code = kindCodes.get(envelope.kind);
  if (code === undefined) throw new CodecError('kind', 0, `'${String(envelope.kind)}' is unknown`);
  if (envelope.kind === 'frame' && typeof envelope.radio !== 'object') {
    throw new CodecError('radio', 0, 'missing in kind frame');
  }
  const rule = kindRules[code] as KindRule;
  const shown = keysOf(envelope, rule);
  writeHead(writer, majorTypes.map, countOf(shown));
  // Keys ascend, as the deterministic encoding wants; all are below 24 and so one byte each.
  writer.u8(keys.version);
  writer.u8(envelopeVersion);
  writer.u8(keys.kind);
  writer.u8(code);
  writer.u8(keys.time);
  writeUnsigned(writer, envelope.timeMs);
  writer.u8(keys.sequence);
  writeUnsigned(writer, envelope.sequence);
  if (envelope.sender !== undefined) {
    writer.u8(keys.sender);
    writer.u8((majorTypes.bytes << 5) | 8);
    if (!isEui64(envelope.sender))
      writer.fail('sender is not an EUI-64 of 16 lower-case hex digits');
    writer.hex(envelope.sender);
  }
  writeBody(writer, envelope);
  if (envelope.kind === 'frame') writeRadio(writer, envelope.radio);
  const { correlation, replyTo } = envelope as Partial<QueryEnvelope>;
  if (shown & (1 << keys.correlation)) writeText(writer, keys.correlation, correlation);
  if (shown & (1 << keys.replyTo)) writeText(writer, keys.replyTo, replyTo);
}

/**
 * The envelope's bytes: CBOR in the deterministic encoding of RFC 8949 4.2 (shortest integers, ascending keys, definite
 * lengths). Throws only CodecError.
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const writer = sharedWriter.reset();
  try {
    writeEnvelope(writer, envelope);
    if (writer.offset > envelopeLengthMax) {
      writer.fail(`${writer.offset} bytes are more than ${envelopeLengthMax}`);
    }
  } catch (error) {
    throw under('envelope', error);
  }
  return writer.finish();
}

/** Fields as they come off the wire, in whatever order; one instance serves all decoding. */
class Fields {
  seen = 0;
  kind = 0;
  timeMs = 0;
  sequence = 0;
  sender: Eui64 | undefined;
  bodyAt = 0;
  bytes: Uint8Array | undefined;
  map: CborMap | undefined;
  page = 0;
  channel = 0;
  lqi: number | undefined;
  rssiDbm: number | undefined;
  correlation = '';
  replyTo = '';

  reset(): void {
    this.seen = 0;
    this.sender = undefined;
    this.bytes = undefined;
    this.map = undefined;
    this.lqi = undefined;
    this.rssiDbm = undefined;
  }
}

const fields = new Fields();

/**
 * Senders interned by their two halves: a fleet's traffic comes from few senders, and 16 characters of hex cost more
 * than all the rest of an envelope. Bounded: a newcomer takes the place of whoever sits there.
 */
const internedSlots = 16_384;
const internedHigh = new Int32Array(internedSlots);
const internedLow = new Int32Array(internedSlots);
const interned: (Eui64 | undefined)[] = new Array<undefined>(internedSlots).fill(undefined);

function readSender(reader: Reader): Eui64 {
  const at = reader.offset;
  const length = readHead(reader, majorTypes.bytes, 'a byte string');
  if (length !== 8) reader.fail(`${length} bytes are not an EUI-64`, at);
  const start = reader.offset;
  const high = reader.i32();
  const low = reader.i32();
  const slot = (Math.imul(high, 31) ^ low ^ (low >>> 14)) & (internedSlots - 1);
  const known = interned[slot];
  if (known !== undefined && internedHigh[slot] === high && internedLow[slot] === low) return known;
  const eui = eui64FromBytes(reader.source, start);
  internedHigh[slot] = high;
  internedLow[slot] = low;
  interned[slot] = eui;
  return eui;
}

function ranged(reader: Reader, at: number, value: number, low: number, high: number): number {
  if (value < low || value > high) reader.fail(`${value} is not from ${low} to ${high}`, at);
  return value;
}

function readText(reader: Reader, key: number): string {
  const at = reader.offset;
  const text = readTextString(reader);
  checkText((reason) => reader.fail(reason, at), key, text);
  return text;
}

function readBody(reader: Reader, into: Fields): void {
  into.bodyAt = reader.offset;
  const major = reader.peek() >> 5;
  if (major === majorTypes.bytes) into.bytes = readByteString(reader);
  else if (major === majorTypes.map) into.map = readMap(reader);
  else {
    reader.need(1);
    reader.fail('neither a byte string nor a map');
  }
}

function readField(reader: Reader, key: number, into: Fields): void {
  const at = reader.offset;
  switch (key) {
    case keys.version: {
      const version = readUnsigned(reader);
      if (version !== envelopeVersion) reader.fail(`version ${version} is unknown`, at);
      return;
    }
    case keys.kind:
      into.kind = readUnsigned(reader);
      if (kindRules[into.kind] === undefined) reader.fail(`kind ${into.kind} is unknown`, at);
      return;
    case keys.time:
      into.timeMs = readUnsigned(reader);
      return;
    case keys.sequence:
      into.sequence = readUnsigned(reader);
      return;
    case keys.sender:
      into.sender = readSender(reader);
      return;
    case keys.body:
      readBody(reader, into);
      return;
    case keys.page:
      into.page = ranged(reader, at, readUnsigned(reader), 0, 31);
      return;
    case keys.channel:
      into.channel = ranged(reader, at, readUnsigned(reader), 0, 255);
      return;
    case keys.lqi:
      into.lqi = ranged(reader, at, readUnsigned(reader), 0, 255);
      return;
    case keys.rssi:
      into.rssiDbm = ranged(reader, at, readInteger(reader), -128, 127);
      return;
    case keys.correlation:
      into.correlation = readText(reader, key);
      return;
    default:
      into.replyTo = readText(reader, key);
  }
}

function readFields(reader: Reader, into: Fields): void {
  const count = readHead(reader, majorTypes.map, 'a map');
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const key = readUnsigned(reader);
    if (key >= keyNames.length) {
      reader.fail(`key ${key} is unknown in version ${envelopeVersion}`, at);
    }
    try {
      if (into.seen & (1 << key)) reader.fail('the same key twice', at);
      into.seen |= 1 << key;
      readField(reader, key, into);
    } catch (error) {
      throw under(keyNames[key] as string, error);
    }
  }
  reader.done();
}

function firstOf(set: number): string {
  return keyNames.find((_, key) => set & (1 << key)) as string;
}

/** Whether the keys and the body are those of the kind. */
function checkRule(found: Fields): void {
  const missingAlways = always & ~found.seen;
  if (missingAlways !== 0) throw new CodecError(firstOf(missingAlways), 0, 'missing');
  const rule = kindRules[found.kind] as KindRule;
  const missing = rule.required & ~found.seen;
  if (missing !== 0) throw new CodecError(firstOf(missing), 0, `missing in kind ${rule.name}`);
  const alien = found.seen & ~(rule.required | rule.optional);
  if (alien !== 0) throw new CodecError(firstOf(alien), 0, `has no place in kind ${rule.name}`);
  if (found[rule.body] === undefined) {
    const wanted = rule.body === 'bytes' ? 'a byte string' : 'a map';
    throw new CodecError('body', found.bodyAt, `kind ${rule.name} wants ${wanted}`);
  }
}

function assemble(found: Fields): Envelope {
  const { timeMs, sequence, sender: from } = found;
  const bytes = found.bytes as Uint8Array;
  const map = found.map as CborMap;
  const { correlation, replyTo } = found;
  const kind = (kindRules[found.kind] as KindRule).name;
  switch (kind) {
    case 'gbcs':
      return { kind, timeMs, sequence, sender: from, body: bytes };
    case 'frame': {
      const { page, channel, lqi, rssiDbm } = found;
      const radio = { page, channel, lqi, rssiDbm };
      return { kind, timeMs, sequence, sender: from, body: bytes, radio };
    }
    case 'event':
    case 'presence':
      return { kind, timeMs, sequence, sender: from, body: map };
    case 'query':
    case 'fault':
      return { kind, timeMs, sequence, sender: from, correlation, replyTo, body: map };
    case 'reply':
      return { kind, timeMs, sequence, sender: from, correlation, body: map };
  }
}

/**
 * The envelope in `bytes`. Throws only CodecError: for what is not CBOR, an unknown version, kind or key, a missing or
 * superfluous key, a wrong type, trailing bytes, or more than `envelopeLengthMax` bytes.
 *
 * Keys may come in any order and integers in longer forms than needed, since many CBOR libraries cannot help it;
 * `encodeEnvelope` never writes such. Byte strings are views of `bytes`: copy what you keep.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  try {
    if (bytes.length > envelopeLengthMax) {
      throw new CodecError('', 0, `${bytes.length} bytes are more than ${envelopeLengthMax}`);
    }
    const reader = new Reader(bytes);
    fields.reset();
    readFields(reader, fields);
    checkRule(fields);
    return assemble(fields);
  } catch (error) {
    throw under('envelope', error);
  }
}
