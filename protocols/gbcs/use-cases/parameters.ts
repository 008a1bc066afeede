import { z } from 'zod';
import { isoToMs } from '../../codec/utc.js';
import { type RemotePartyRole, remotePartyRoles } from '../roles.js';
import { isDate, isTimeOfDay } from './wild-dates.js';

/**
 * The kinds of parameter that use cases take. zod because it validates, gives messages with a path, converts the text of
 * a command line, and describes itself for `--help`.
 */
const isTime = (text: string): boolean => isoToMs(text) !== undefined;

/** A moment, as ISO 8601 UTC with seconds: `2026-11-22T00:00:00Z`. */
export function time(description: string): z.ZodString {
  return z
    .string()
    .refine(isTime, { error: 'want a UTC time such as 2026-11-22T00:00:00Z' })
    .describe(description) as z.ZodString;
}

function timeOrNever(description: string): z.ZodString {
  return z
    .string()
    .refine((text) => text === 'never' || isTime(text), {
      error: 'want never or a UTC time such as 2026-11-22T00:00:00Z',
    })
    .describe(description) as z.ZodString;
}

/** A moment, or `never` for an end that is left open. */
export function openTime(description: string): z.ZodString {
  return timeOrNever(`${description}, or never`);
}

/** A moment or `never`, for messages in which "at once" is said by saying nothing. */
export function optionalTime(description: string): z.ZodString {
  return timeOrNever(`${description}: at once where left out, never cancels`);
}

/** A whole number; text from a command line is accepted. */
export function integer(low: number, high: number, description: string): z.ZodType<number> {
  return z.coerce.number().int().min(low).max(high).describe(`${description} (${low} to ${high})`);
}

/** A number with up to `places` digits behind the point; text from a command line is accepted. */
export function decimal(
  low: number,
  high: number,
  places: number,
  description: string,
): z.ZodType<number> {
  return z.coerce
    .number()
    .min(low)
    .max(high)
    .describe(`${description} (${low} to ${high}, up to ${places} digits behind the point)`);
}

/** Text of decimal digits, leading zeros kept. */
export function digits(low: number, high: number, description: string): z.ZodString {
  const count = low === high ? `${low}` : `${low} to ${high}`;
  return z
    .string()
    .regex(new RegExp(`^\\d{${low},${high}}$`), { error: `want ${count} digits` })
    .describe(`${description} (${count} digits)`);
}

/** Remote party roles; a command line gives them separated by commas. */
export function roles(description: string): z.ZodType<readonly RemotePartyRole[]> {
  const names = Object.keys(remotePartyRoles) as [RemotePartyRole, ...RemotePartyRole[]];
  const split = (value: unknown): unknown =>
    typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
  return z
    .preprocess(split, z.array(z.enum(names)).min(1).max(16))
    .describe(`${description} (${names.join(', ')})`);
}

export function role(description: string): z.ZodEnum<{ [K in RemotePartyRole]: K }> {
  const names = Object.keys(remotePartyRoles) as [RemotePartyRole, ...RemotePartyRole[]];
  return z.enum(names).describe(description) as z.ZodEnum<{ [K in RemotePartyRole]: K }>;
}

/** A 64-bit counter, as decimal text. */
export function counter(description: string): z.ZodType<string> {
  return z.coerce
    .string()
    .regex(/^\d{1,20}$/, { error: 'want a decimal counter of 64 bits' })
    .describe(`${description} (decimal, 64 bits)`);
}

/** DER as hex. */
export function certificate(description: string): z.ZodType<string> {
  const error = 'want the DER of a certificate as hex';
  return z
    .string()
    .toLowerCase()
    .regex(/^(?:[0-9a-f]{2})+$/, { error })
    .describe(`${description} (DER as hex)`);
}

/** `now` (at once), `never` (cancels what is pending) or a moment. */
export function activation(description: string): z.ZodType<string> {
  const words = new Set(['now', 'never']);
  return z
    .string()
    .refine((text) => words.has(text) || isTime(text), {
      error: 'want now, never or a UTC time such as 2026-11-22T00:00:00Z',
    })
    .default('now')
    .describe(`${description}: now, never (cancels what is pending) or a UTC time`);
}

/** A date whose parts may be left open: `2026-11-22`, `*-12-25`, `*-*-* Mon`. */
export function date(description: string): z.ZodString {
  return z
    .string()
    .refine(isDate, { error: 'want a date such as 2026-11-22, *-12-25 or *-*-* Mon' })
    .describe(`${description}, such as 2026-11-22 or *-12-25`) as z.ZodString;
}

export function timeOfDay(description: string): z.ZodString {
  return z
    .string()
    .refine(isTimeOfDay, { error: 'want a time of day such as 07:30 or 07:30:15' })
    .describe(`${description}, such as 07:30`) as z.ZodString;
}

/** An alert or event code, such as `810D`. */
export function alertCode(description: string): z.ZodString {
  return z
    .string()
    .regex(/^[0-9A-Fa-f]{4}$/, { error: 'want an alert code such as 810D' })
    .describe(`${description} (4 hex digits)`);
}

export function text(low: number, high: number, description: string): z.ZodString {
  return z.string().min(low).max(high).describe(`${description} (${low} to ${high} characters)`);
}

/** Octets as hex, case and separating hyphens free. */
export function hex(octets: number, description: string): z.ZodType<string> {
  const tidy = (value: unknown): unknown =>
    typeof value === 'string' ? value.replaceAll('-', '').toLowerCase() : value;
  const pattern = new RegExp(`^[0-9a-f]{${2 * octets}}$`);
  return z
    .preprocess(tidy, z.string().regex(pattern, { error: `want ${2 * octets} hex digits` }))
    .describe(`${description} (${octets} octets of hex)`);
}

/** One of several words. */
export function word<const T extends string>(
  words: readonly [T, ...T[]],
  description: string,
): z.ZodEnum<{ [K in T]: K }> {
  return z.enum(words).describe(description);
}

/** True or false; a command line may say yes and no, too. */
export function flag(description: string): z.ZodType<boolean> {
  const said: Readonly<Record<string, boolean>> = {
    true: true,
    yes: true,
    false: false,
    no: false,
  };
  const plain = (value: unknown): unknown =>
    typeof value === 'string' ? (said[value] ?? value) : value;
  return z.preprocess(plain, z.boolean()).describe(description);
}

/** A structured value; a command line gives it as JSON text, lists of plain values also separated by commas. */
function structured<T extends z.ZodType>(schema: T) {
  const parse = (value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    if (/^\s*[[{]/.test(value)) return parseJson(value);
    const isList = schema.type === 'array' && value !== '';
    return isList ? value.split(',').map((part) => part.trim()) : value;
  };
  return z.preprocess(parse, schema);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    // Left as text, which the schema then refuses with the parameter's name.
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}

export function list<T extends z.ZodType>(
  element: T,
  low: number,
  high: number,
  description: string,
): z.ZodType<readonly z.output<T>[]> {
  return structured(z.array(element).min(low).max(high)).describe(
    `${description} (${low === high ? low : `${low} to ${high}`} of them)`,
  );
}

export function object<T extends z.ZodRawShape>(shape: T, description: string) {
  return structured(z.strictObject(shape)).describe(description);
}

/** A value for each of several keys; a command line gives it as JSON text. */
export function table<T extends z.ZodType>(key: z.ZodString, value: T, description: string) {
  return structured(z.record(key, value)).describe(description);
}

/** What stands where a parameter is not given; its description stays. */
export function byDefault<T>(schema: z.ZodType<T>, value: T): z.ZodType<T> {
  const { description } = schema;
  const defaulted = schema.default(value as never);
  return description === undefined ? defaulted : defaulted.describe(description);
}

/** A parameter without which the message lacks a part; its description stays. */
export function optionally<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  const { description } = schema;
  return description === undefined ? schema.optional() : schema.optional().describe(description);
}
