import type { Eui64 } from '../codec/eui64.js';
import { type CborMap, majorTypes } from './cbor.js';

export const envelopeVersion = 1;
/** Bytes of a whole envelope. The longest GBCS message (a firmware block aside) is a few KiB. */
export const envelopeLengthMax = 65_536;
/** Characters of a correlation id. */
export const correlationLengthMax = 64;

/** What every envelope says of itself. */
interface Sent {
  /** The sender's own emulated UTC, milliseconds since 1970. */
  readonly timeMs: number;
  /** Counts the sender's envelopes, from 0 at its start: a gap is a loss, a step back is a restart. */
  readonly sequence: number;
  /** Absent where the sender is no device (tools, the head end's operators). */
  readonly sender?: Eui64 | undefined;
}

/** How a frame went over the air. */
export interface Radio {
  /** IEEE 802.15.4 channel page: 0 is 2.4 GHz; GB's sub-GHz pages are 28 to 31. */
  readonly page: number;
  readonly channel: number;
  /** Link quality 0 to 255, where somebody measured it. */
  readonly lqi?: number | undefined;
  /** Received power in dBm, -128 to 127, where somebody measured it. */
  readonly rssiDbm?: number | undefined;
}

/** WAN plane: one GBCS message. */
export interface GbcsEnvelope extends Sent {
  readonly kind: 'gbcs';
  readonly body: Uint8Array;
}

/** HAN plane: one IEEE 802.15.4 frame (PSDU without its frame check sequence). */
export interface FrameEnvelope extends Sent {
  readonly kind: 'frame';
  readonly body: Uint8Array;
  readonly radio: Radio;
}

/** Events plane. */
export interface EventEnvelope extends Sent {
  readonly kind: 'event';
  readonly body: CborMap;
}

/** Events plane, retained. */
export interface PresenceEnvelope extends Sent {
  readonly kind: 'presence';
  readonly body: CborMap;
}

/** Control plane: a question, to be answered at `replyTo` with the same `correlation`. */
export interface QueryEnvelope extends Sent {
  readonly kind: 'query';
  readonly correlation: string;
  /** A reply topic of the grammar; nothing else is accepted, so that no request can steer an answer elsewhere. */
  readonly replyTo: string;
  readonly body: CborMap;
}

/** Control plane: an order to go wrong, answered like a query. */
export interface FaultEnvelope extends Sent {
  readonly kind: 'fault';
  readonly correlation: string;
  readonly replyTo: string;
  readonly body: CborMap;
}

/** Control plane: the answer to a query or fault. */
export interface ReplyEnvelope extends Sent {
  readonly kind: 'reply';
  readonly correlation: string;
  readonly body: CborMap;
}

export type Envelope =
  | GbcsEnvelope
  | FrameEnvelope
  | EventEnvelope
  | PresenceEnvelope
  | QueryEnvelope
  | ReplyEnvelope
  | FaultEnvelope;

export type EnvelopeKind = Envelope['kind'];

/** Keys of the map on the wire. All are below 24, so each takes one byte. */
export const keys = {
  version: 0,
  kind: 1,
  time: 2,
  sequence: 3,
  sender: 4,
  body: 5,
  page: 6,
  channel: 7,
  lqi: 8,
  rssi: 9,
  correlation: 10,
  replyTo: 11,
} as const;

/** Names by key. */
export const keyNames = Object.keys(keys) as (keyof typeof keys)[];

/** What a field may hold. */
export interface FieldRule {
  /** Major types, one bit each. */
  readonly types: number;
  /** Said of another type. */
  readonly complaint: string;
  /** Of integers. */
  readonly low: number;
  readonly high: number;
}

function field(complaint: string, types: readonly number[], low = 0, high = 0): FieldRule {
  return { complaint, types: types.reduce((set, type) => set | (1 << type), 0), low, high };
}

const { unsigned, negative, bytes, text, map } = majorTypes;
const unsignedUpTo = (high: number) => field('not an unsigned integer', [unsigned], 0, high);
const someText = field('not a text string', [text]);

const fieldRulesByName: { readonly [Name in keyof typeof keys]: FieldRule } = {
  version: unsignedUpTo(Number.MAX_SAFE_INTEGER),
  kind: unsignedUpTo(Number.MAX_SAFE_INTEGER),
  time: unsignedUpTo(Number.MAX_SAFE_INTEGER),
  sequence: unsignedUpTo(Number.MAX_SAFE_INTEGER),
  sender: field('not a byte string', [bytes]),
  body: field('neither a byte string nor a map', [bytes, map]),
  page: unsignedUpTo(31),
  channel: unsignedUpTo(255),
  lqi: unsignedUpTo(255),
  rssi: field('not an integer', [unsigned, negative], -128, 127),
  correlation: someText,
  replyTo: someText,
};

/** By key. */
export const fieldRules: readonly FieldRule[] = keyNames.map((name) => fieldRulesByName[name]);

/** The set of these keys, one bit each. */
function keySet(...names: (keyof typeof keys)[]): number {
  return names.reduce((set, name) => set | (1 << keys[name]), 0);
}

export interface KindRule {
  readonly name: EnvelopeKind;
  /** `bytes` is a byte string, `map` a map with text keys. */
  readonly body: 'bytes' | 'map';
  readonly required: number;
  readonly optional: number;
}

/** Keys that every envelope has. */
export const always = keySet('version', 'kind', 'time', 'sequence', 'body');
export const senderKey = keySet('sender');

/** By code on the wire. */
export const kindRules: readonly (KindRule | undefined)[] = [
  undefined,
  { name: 'gbcs', body: 'bytes', required: always, optional: senderKey },
  {
    name: 'frame',
    body: 'bytes',
    required: always | keySet('page', 'channel'),
    optional: senderKey | keySet('lqi', 'rssi'),
  },
  { name: 'event', body: 'map', required: always, optional: senderKey },
  { name: 'presence', body: 'map', required: always, optional: senderKey },
  {
    name: 'query',
    body: 'map',
    required: always | keySet('correlation', 'replyTo'),
    optional: senderKey,
  },
  { name: 'reply', body: 'map', required: always | keySet('correlation'), optional: senderKey },
  {
    name: 'fault',
    body: 'map',
    required: always | keySet('correlation', 'replyTo'),
    optional: senderKey,
  },
];

export const kindCodes: ReadonlyMap<string, number> = new Map(
  kindRules.flatMap((rule, code) => (rule === undefined ? [] : [[rule.name, code] as const])),
);
