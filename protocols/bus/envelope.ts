import { CodecError, under, within } from '../codec/codec-error.js';
import type { Eui64 } from '../codec/eui64.js';
import { show } from '../codec/show.js';
import { type CborMap, majorTypes } from './cbor.js';
import { decodeFields, encodeFields, viewOf, type WireFields } from './cbor-codec.js';
import { argumentOf, guardItem, headEnd } from './cbor-guard.js';
import { integerForCborX, mapForCborX, textForCborX, valueFromCborX } from './cbor-values.js';
import {
  always,
  correlationLengthMax,
  type Envelope,
  envelopeLengthMax,
  envelopeVersion,
  type FieldRule,
  fieldRules,
  type KindRule,
  keyNames,
  keys,
  kindCodes,
  kindRules,
  type QueryEnvelope,
  senderKey,
} from './envelope-types.js';
import { senderBytes, senderOf } from './senders.js';
import { parseTopic } from './topics.js';

/** Why the text will not do for that key, if so. */
function textProblem(key: number, text: string): string | undefined {
  if (key === keys.correlation) {
    const fits = text.length > 0 && text.length <= correlationLengthMax;
    return fits ? undefined : `not 1 to ${correlationLengthMax} characters`;
  }
  const topic = parseTopic(text);
  const isReply = topic?.plane === 'control' && topic.role === 'reply';
  return isReply ? undefined : 'not a reply topic';
}

function fail(key: number, reason: string, offset = 0): never {
  throw new CodecError(keyNames[key] as string, offset, reason);
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

/** One map for each kind and set of keys, filled anew for each envelope: encoding is synchronous. */
const maps: (Map<number, unknown> | undefined)[] = [];

/** A map of these keys, which ascend as the deterministic encoding wants; version and kind are filled in. */
function mapOf(code: number, set: number): Map<number, unknown> {
  const slot = (code << keyNames.length) | set;
  const known = maps[slot];
  if (known !== undefined) return known;
  const made = new Map<number, unknown>();
  for (let key = 0; key < keyNames.length; key++) if (set & (1 << key)) made.set(key, undefined);
  maps[slot] = made.set(keys.version, envelopeVersion).set(keys.kind, code);
  return made;
}

function checkedInteger(key: number, value: number): number | bigint {
  const { low, high } = fieldRules[key] as FieldRule;
  if (!Number.isInteger(value) || value < low || value > high) {
    fail(key, `${show(value)} is not an integer from ${low} to ${high}`);
  }
  return integerForCborX(value);
}

function checkedText(key: number, text: string | undefined): string {
  if (typeof text !== 'string') return fail(key, 'not a text string');
  const problem = textProblem(key, text);
  if (problem !== undefined) fail(key, problem);
  return within(keyNames[key] as string, () => textForCborX(text));
}

function checkedBody(envelope: Envelope): unknown {
  try {
    if (envelope.kind !== 'gbcs' && envelope.kind !== 'frame') return mapForCborX(envelope.body);
  } catch (error) {
    throw under('body', error);
  }
  if (!(envelope.body instanceof Uint8Array)) fail(keys.body, 'not a byte string');
  return envelope.body;
}

function fieldsOf(envelope: Envelope): Map<number, unknown> {
  if (typeof envelope !== 'object' || envelope === null) {
    throw new CodecError('', 0, 'not an envelope');
  }
  const code = kindCodes.get(envelope.kind);
  if (code === undefined) return fail(keys.kind, `${show(envelope.kind)} is unknown`);
  if (
    envelope.kind === 'frame' &&
    (typeof envelope.radio !== 'object' || envelope.radio === null)
  ) {
    throw new CodecError('radio', 0, 'missing in kind frame');
  }
  const set = keysOf(envelope, kindRules[code] as KindRule);
  // Before the shared map is touched: a getter in a body may encode an envelope of its own.
  const body = checkedBody(envelope);
  const fields = mapOf(code, set);
  fields.set(keys.time, checkedInteger(keys.time, envelope.timeMs));
  fields.set(keys.sequence, checkedInteger(keys.sequence, envelope.sequence));
  if (envelope.sender !== undefined) fields.set(keys.sender, senderBytes(envelope.sender));
  fields.set(keys.body, body);
  if (envelope.kind === 'frame') {
    const { page, channel, lqi, rssiDbm } = envelope.radio;
    fields.set(keys.page, checkedInteger(keys.page, page));
    fields.set(keys.channel, checkedInteger(keys.channel, channel));
    if (lqi !== undefined) fields.set(keys.lqi, checkedInteger(keys.lqi, lqi));
    if (rssiDbm !== undefined) fields.set(keys.rssi, checkedInteger(keys.rssi, rssiDbm));
  }
  const { correlation, replyTo } = envelope as Partial<QueryEnvelope>;
  if (set & (1 << keys.correlation)) {
    fields.set(keys.correlation, checkedText(keys.correlation, correlation));
  }
  if (set & (1 << keys.replyTo)) fields.set(keys.replyTo, checkedText(keys.replyTo, replyTo));
  return fields;
}

/**
 * The envelope's bytes: CBOR in the deterministic encoding of RFC 8949 4.2 (shortest integers, ascending keys, definite
 * lengths), except that numbers which are no safe integers are floating point of 64 bits whatever they are. Throws only
 * CodecError.
 *
 * The bytes are never written again. Those of gbcs and frame envelopes may share their `ArrayBuffer`.
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  try {
    const fields = fieldsOf(envelope);
    return encodeFields(fields, envelope.kind === 'gbcs' || envelope.kind === 'frame');
  } catch (error) {
    throw under('envelope', error);
  }
}

/** Where the values of the envelope under the guard begin; decoding is synchronous. */
const offsets = new Int32Array(keyNames.length);

/** Passes over the value of a field, which must be of the field's type. */
function guardField(bytes: Uint8Array, at: number, key: number): number {
  offsets[key] = at;
  const { types, complaint } = fieldRules[key] as FieldRule;
  if (at < bytes.length && (types & (1 << ((bytes[at] as number) >> 5))) === 0) {
    throw new CodecError('', at, complaint);
  }
  return guardItem(bytes, at);
}

/** Passes over a whole envelope, whose fields are of their types; returns the set of their keys. */
function guardFields(bytes: Uint8Array): number {
  let at = headEnd(bytes, 0);
  if ((bytes[0] as number) >> 5 !== majorTypes.map) throw new CodecError('', 0, 'not a map');
  const count = argumentOf(bytes, 0, at);
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const keyAt = at;
    at = headEnd(bytes, keyAt);
    if ((bytes[keyAt] as number) >> 5 !== majorTypes.unsigned) {
      throw new CodecError('', keyAt, 'not an unsigned integer');
    }
    const key = argumentOf(bytes, keyAt, at);
    if (key >= keyNames.length) {
      throw new CodecError('', keyAt, `key ${key} is unknown in version ${envelopeVersion}`);
    }
    if (seen & (1 << key)) fail(key, 'the same key twice', keyAt);
    seen |= 1 << key;
    try {
      at = guardField(bytes, at, key);
    } catch (error) {
      throw under(keyNames[key] as string, error);
    }
  }
  if (at !== bytes.length) {
    throw new CodecError('', at, `${bytes.length - at} trailing bytes`);
  }
  return seen;
}

function firstOf(set: number): number {
  return keyNames.findIndex((_, key) => set & (1 << key));
}

function integer(key: number, value: unknown): number {
  const number = Number(value);
  const { low, high } = fieldRules[key] as FieldRule;
  if (number < low || number > high) {
    const tooLarge = high === Number.MAX_SAFE_INTEGER;
    fail(
      key,
      tooLarge ? 'more than 2^53-1' : `${number} is not from ${low} to ${high}`,
      offsets[key],
    );
  }
  return number;
}

function text(key: number, value: unknown): string {
  const problem = textProblem(key, value as string);
  return problem === undefined ? (value as string) : fail(key, problem, offsets[key]);
}

/** The rule of the kind, whose keys and body these are. */
function ruleOf(seen: number, wire: WireFields): KindRule {
  const missingAlways = always & ~seen;
  if (missingAlways !== 0) fail(firstOf(missingAlways), 'missing');
  const version = integer(keys.version, wire.version);
  if (version !== envelopeVersion) {
    fail(keys.version, `version ${version} is unknown`, offsets[keys.version]);
  }
  const kind = integer(keys.kind, wire.kind);
  const rule = kindRules[kind];
  if (rule === undefined) return fail(keys.kind, `kind ${kind} is unknown`, offsets[keys.kind]);
  const missing = rule.required & ~seen;
  if (missing !== 0) fail(firstOf(missing), `missing in kind ${rule.name}`);
  const alien = firstOf(seen & ~(rule.required | rule.optional));
  if (alien >= 0) fail(alien, `has no place in kind ${rule.name}`, offsets[alien]);
  if (wire.body instanceof Uint8Array !== (rule.body === 'bytes')) {
    const wanted = rule.body === 'bytes' ? 'a byte string' : 'a map';
    fail(keys.body, `kind ${rule.name} wants ${wanted}`, offsets[keys.body]);
  }
  return rule;
}

function senderIn(wire: WireFields): Eui64 | undefined {
  const bytes = wire.sender as Uint8Array | undefined;
  if (bytes === undefined) return undefined;
  if (bytes.length === 8) return senderOf(bytes);
  return fail(keys.sender, `${bytes.length} bytes are not an EUI-64`, offsets[keys.sender]);
}

function assemble(kind: KindRule['name'], wire: WireFields, source: Uint8Array): Envelope {
  const timeMs = integer(keys.time, wire.time);
  const sequence = integer(keys.sequence, wire.sequence);
  const sender = senderIn(wire);
  if (kind === 'gbcs' || kind === 'frame') {
    const body = viewOf(source, wire.body as Uint8Array);
    if (kind === 'gbcs') return { kind, timeMs, sequence, sender, body };
    const page = integer(keys.page, wire.page);
    const channel = integer(keys.channel, wire.channel);
    const lqi = wire.lqi === undefined ? undefined : integer(keys.lqi, wire.lqi);
    const rssiDbm = wire.rssi === undefined ? undefined : integer(keys.rssi, wire.rssi);
    return { kind, timeMs, sequence, sender, body, radio: { page, channel, lqi, rssiDbm } };
  }
  const body = valueFromCborX(wire.body, (bytes) => viewOf(source, bytes)) as CborMap;
  if (kind === 'event' || kind === 'presence') return { kind, timeMs, sequence, sender, body };
  const correlation = text(keys.correlation, wire.correlation);
  if (kind === 'reply') return { kind, timeMs, sequence, sender, correlation, body };
  const replyTo = text(keys.replyTo, wire.replyTo);
  return { kind, timeMs, sequence, sender, correlation, replyTo, body };
}

/**
 * The envelope in `bytes`. Throws only CodecError: for what is not CBOR, an unknown version, kind or key, a missing or
 * superfluous key, a wrong type, trailing bytes, or more than `envelopeLengthMax` bytes.
 *
 * A guard looks at all bytes before cbor-x decodes any (`cbor-guard.ts` says why). Keys may come in any order and
 * integers in longer forms than needed, since many CBOR libraries cannot help it; `encodeEnvelope` never writes such.
 * Byte strings are views of `bytes`: copy what you keep.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  try {
    if (bytes.length > envelopeLengthMax) {
      throw new CodecError('', 0, `${bytes.length} bytes are more than ${envelopeLengthMax}`);
    }
    const seen = guardFields(bytes);
    const wire = decodeFields(bytes);
    return assemble(ruleOf(seen, wire).name, wire, bytes);
  } catch (error) {
    throw under('envelope', error);
  }
}
