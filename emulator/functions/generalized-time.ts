import { CodecError } from '../../protocols/codec/codec-error.js';
import { isoToMs, msToIso } from '../../protocols/codec/utc.js';

/** The time in ASN.1 payloads that stands for "never": it cancels what was planned (device-behaviour.md 1.11). */
export const neverGeneralizedTime = '99991231235959Z';

const timeParts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Milliseconds since 1970 of `YYYYMMDDhhmmssZ`. @throws CodecError for a day that no calendar has */
export function parseGeneralizedTime(path: string, text: string): number {
  const ms = isoToMs(text.replace(timeParts, '$1-$2-$3T$4:$5:$6Z'));
  if (ms === undefined) throw new CodecError(path, 0, `'${text}' is no day of the calendar`);
  return ms;
}

/** `YYYYMMDDhhmmssZ`. */
export function generalizedTime(ms: number): string {
  return msToIso(ms).replace(/[-:T]/g, '');
}
