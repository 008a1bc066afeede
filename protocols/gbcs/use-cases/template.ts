import { CodecError, within } from '../../codec/codec-error.js';
import type { Eui64 } from '../../codec/eui64.js';
import { toHex } from '../../codec/hex.js';
import { show } from '../../codec/show.js';
import { isoToMs, msToUtc, secondsSince2000 } from '../../codec/utc.js';
import { writeUtf8 } from '../../codec/utf8.js';
import { Writer } from '../../codec/writer.js';

/**
 * Payload templates: a payload value (as the payload codecs take it) with places left open for parameters and for values of
 * the message's own header. Filling one is the whole of building a command: there is no function per message.
 */
export interface Place {
  readonly parameter: string;
  readonly as: Conversion;
}

export type Template<T> = T extends readonly (infer E)[]
  ? readonly Template<E>[] | Place
  : T extends object
    ? { readonly [K in keyof T]: Template<T[K]> } | Place
    : T | Place;

/** A place for parameter `parameter`, converted as the wire wants it. */
export function place(parameter: string, as: Conversion = 'same'): Place {
  return { parameter, as };
}

/** What a template can draw from besides the user's parameters. */
export interface HeaderValues {
  readonly originator: Eui64;
  readonly recipient: Eui64;
  readonly originatorCounter: bigint;
  /** When the command is made; also its issuer event id and message id in gas payloads. */
  readonly nowMs: number;
}

export type Conversion = keyof typeof conversions;

const nowWords = new Set(['now', 'immediate']);
const neverWords = new Set(['never', 'cancel']);

function timeMs(value: unknown): number {
  const ms = typeof value === 'string' ? isoToMs(value) : undefined;
  if (ms === undefined) {
    throw new CodecError('', 0, `${show(value)} is not a time such as 2026-11-22T00:00:00Z`);
  }
  return ms;
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** DLMS date-time, 12 octets: day of week, hundredths, deviation and status as GBCS always writes them. */
function dlmsDateTime(value: unknown): string {
  if (nowWords.has(String(value))) return '0000000000000000008000ff';
  if (neverWords.has(String(value))) return 'ffffffffffffffffff8000ff';
  const t = msToUtc(timeMs(value));
  const date = hexOf(t.year, 4) + hexOf(t.month, 2) + hexOf(t.day, 2);
  return `${date}ff${hexOf(t.hour, 2)}${hexOf(t.minute, 2)}${hexOf(t.second, 2)}008000ff`;
}

function generalizedTime(value: unknown): string {
  if (neverWords.has(String(value))) return '99991231235959Z';
  const t = msToUtc(timeMs(value));
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = String(t.year).padStart(4, '0') + two(t.month) + two(t.day);
  return `${date}${two(t.hour)}${two(t.minute)}${two(t.second)}Z`;
}

function textOctets(value: unknown): string {
  const writer = new Writer();
  writeUtf8(writer, String(value));
  return toHex(writer.finish());
}

function zclTime(value: unknown): number {
  if (nowWords.has(String(value))) return 0;
  if (neverWords.has(String(value))) return 0xffff_ffff;
  return secondsSince2000(timeMs(value));
}

const conversions = {
  same: (value: unknown): unknown => value,
  /** Text to the hex of its UTF-8 octets. */
  octets: textOctets,
  dlmsDateTime,
  generalizedTime,
  zclTime,
  secondsSince2000: (value: unknown): unknown => secondsSince2000(timeMs(value)),
} as const;

function headerValue(name: string, header: HeaderValues): unknown {
  switch (name) {
    case '$originator':
      return header.originator;
    case '$recipient':
      return header.recipient;
    case '$originatorCounter':
      return String(header.originatorCounter);
    case '$encryptionTransactionId':
      return `04${header.originatorCounter.toString(16).padStart(16, '0')}`;
    case '$issuerEventId':
      return secondsSince2000(header.nowMs);
    default:
      return undefined;
  }
}

function isPlace(node: object): node is Place {
  return 'parameter' in node && 'as' in node;
}

/**
 * Fills all places of a template.
 * @throws CodecError naming the path and the parameter that is missing or does not convert.
 */
export function fillTemplate(
  template: unknown,
  parameters: Readonly<Record<string, unknown>>,
  header: HeaderValues,
): unknown {
  if (template === null || typeof template !== 'object') return template;
  if (Array.isArray(template)) {
    return template.map((node, i) =>
      within(`[${i}]`, () => fillTemplate(node, parameters, header)),
    );
  }
  if (isPlace(template)) {
    const value = parameters[template.parameter] ?? headerValue(template.parameter, header);
    if (value === undefined)
      throw new CodecError('', 0, `parameter '${template.parameter}' is missing`);
    return within(template.parameter, () => conversions[template.as](value));
  }
  const filled: Record<string, unknown> = {};
  for (const [key, node] of Object.entries(template)) {
    filled[key] = fillTemplate(node, parameters, header);
  }
  return filled;
}
