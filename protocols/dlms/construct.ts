import { toHex } from '../codec/hex.js';
import type { DlmsData, DlmsTypeDescription } from './data.js';
import { obisHex, obisKey } from './obis.js';
import { dateTimeHex } from './time.js';

type Of<T extends DlmsData['type']> = Extract<DlmsData, { readonly type: T }>;
type Simple = Exclude<DlmsData['type'], 'array' | 'structure' | 'compact-array'>;
type CompactArray = Of<'compact-array'>;

const nullData: DlmsData = Object.freeze({ type: 'null-data' });

/** A-XDR values in few words. Ranges are checked when they are encoded. */
export const data = {
  nullData,
  bool: (value: boolean): DlmsData => ({ type: 'boolean', value }),
  u8: (value: number): DlmsData => ({ type: 'unsigned', value }),
  u16: (value: number): DlmsData => ({ type: 'long-unsigned', value }),
  u32: (value: number): DlmsData => ({ type: 'double-long-unsigned', value }),
  u64: (value: bigint): DlmsData => ({ type: 'long64-unsigned', value: value.toString() }),
  i8: (value: number): DlmsData => ({ type: 'integer', value }),
  i16: (value: number): DlmsData => ({ type: 'long', value }),
  i32: (value: number): DlmsData => ({ type: 'double-long', value }),
  i64: (value: bigint): DlmsData => ({ type: 'long64', value: value.toString() }),
  enum: (value: number): DlmsData => ({ type: 'enum', value }),
  /** Text of 0 and 1, first bit first. */
  bits: (value: string): DlmsData => ({ type: 'bit-string', value }),
  octets: (value: Uint8Array | string): DlmsData => ({
    type: 'octet-string',
    value: typeof value === 'string' ? value : toHex(value),
  }),
  visible: (value: string): DlmsData => ({ type: 'visible-string', value }),
  utf8: (value: string): DlmsData => ({ type: 'utf8-string', value }),
  /** An octet-string(6) logical name from `0-0:1.0.0.255`. */
  obis: (instanceId: string): DlmsData => ({
    type: 'octet-string',
    value: obisHex(obisKey(instanceId)),
  }),
  /** An octet-string(12) date-time. */
  dateTime: (utcMs: number): DlmsData => ({ type: 'octet-string', value: dateTimeHex(utcMs) }),
  array: (...value: DlmsData[]): DlmsData => ({ type: 'array', value }),
  structure: (...value: DlmsData[]): DlmsData => ({ type: 'structure', value }),
  /** Elements must be as described; a profile buffer, for example. */
  compactArray: (description: DlmsTypeDescription, value: readonly DlmsData[]): CompactArray => ({
    type: 'compact-array',
    description,
    value,
  }),
} as const;

/** Type descriptions of compact arrays. */
export const types = {
  simple: (type: Simple): DlmsTypeDescription => ({ type }),
  structure: (...elements: DlmsTypeDescription[]): DlmsTypeDescription => ({
    type: 'structure',
    elements,
  }),
  array: (count: number, element: DlmsTypeDescription): DlmsTypeDescription => ({
    type: 'array',
    count,
    element,
  }),
} as const;
