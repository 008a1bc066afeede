import { CodecError } from '../../../protocols/codec/codec-error.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import { Reader } from '../../../protocols/codec/reader.js';
import { readUtf8 } from '../../../protocols/codec/utf8.js';
import type { GbzFields, GbzValue } from '../../../protocols/gbcs/gbz-types.js';

/** Attribute values by attribute id; what another device sends may be of any type. */
export type Values = ReadonlyMap<number, GbzValue>;

export function integerAt(values: Values, attributeId: number): number | undefined {
  const value = values.get(attributeId);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** Text of an octet string attribute (hex) or a character string; undefined where it is no text. */
export function textAt(values: Values, attributeId: number): string | undefined {
  return textOf(values.get(attributeId));
}

function textOf(value: GbzValue | undefined): string | undefined {
  if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/.test(value)) return undefined;
  try {
    const bytes = fromHex(value);
    return printable(readUtf8(new Reader(bytes), bytes.length));
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

/** Text of a string attribute or field; undefined for the forms that stand for octets or for none. */
export function stringOf(value: GbzValue | undefined): string | undefined {
  return typeof value === 'string' ? printable(value) : undefined;
}

/** One line for a screen: no control characters, whoever sent it. */
function printable(text: string): string {
  return text.replace(/\p{C}+/gu, ' ').trim();
}

export function numberField(fields: GbzFields, name: string): number {
  const value = fields[name];
  return typeof value === 'number' ? value : 0;
}

export function listField(fields: GbzFields, name: string): readonly GbzFields[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as readonly GbzFields[]) : [];
}
