import { z } from 'zod';
import { isoToMs } from '../../codec/utc.js';
import { type RemotePartyRole, remotePartyRoles } from '../roles.js';

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

/** A whole number; text from a command line is accepted. */
export function integer(low: number, high: number, description: string): z.ZodType<number> {
  return z.coerce.number().int().min(low).max(high).describe(`${description} (${low} to ${high})`);
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
