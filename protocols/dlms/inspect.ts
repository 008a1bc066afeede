import { CodecError, within } from '../codec/codec-error.js';
import type { DlmsData } from './data.js';
import { shapeOf } from './shape.js';

/** Takes values apart; what is not of the wanted form throws CodecError with its path in the value (offset 0). */

type NumberData = Extract<DlmsData, { readonly value: number }>;

function wrong(data: DlmsData, wanted: string): CodecError {
  return new CodecError('', 0, `want ${wanted}, found ${shapeOf(data)}`);
}

/** The members of a structure of exactly `count`. */
export function membersOf(data: DlmsData, count: number): readonly DlmsData[] {
  if (data.type !== 'structure' || data.value.length !== count) {
    throw wrong(data, `structure of ${count}`);
  }
  return data.value;
}

/** Each element of an array, `read`. */
export function elementsOf<T>(data: DlmsData, read: (element: DlmsData) => T): T[] {
  if (data.type !== 'array') throw wrong(data, 'array');
  return data.value.map((element, index) => within(`[${index}]`, () => read(element)));
}

export function expectNoElements(data: DlmsData): void {
  if (data.type !== 'array' || data.value.length > 0) throw wrong(data, 'an empty array');
}

export function numberOf(data: DlmsData, type: NumberData['type']): number {
  if (data.type !== type) throw wrong(data, type);
  return data.value;
}

/** Hex of an octet-string, of `length` octets where given. */
export function octetsOf(data: DlmsData, length?: number): string {
  if (data.type !== 'octet-string') throw wrong(data, 'octet-string');
  if (length !== undefined && data.value.length !== 2 * length) {
    throw wrong(data, `octet-string(${length})`);
  }
  return data.value;
}

export function booleanOf(data: DlmsData): boolean {
  if (data.type !== 'boolean') throw wrong(data, 'boolean');
  return data.value;
}

export function expectNull(data: DlmsData): void {
  if (data.type !== 'null-data') throw wrong(data, 'null-data');
}

/** A member that always holds the same number. */
export function expectNumber(data: DlmsData, type: NumberData['type'], value: number): void {
  if (numberOf(data, type) !== value) {
    throw new CodecError('', 0, `want ${value}, found ${numberOf(data, type)}`);
  }
}

export function expectOctets(data: DlmsData, hex: string): void {
  if (octetsOf(data).toLowerCase() !== hex) {
    throw new CodecError('', 0, `want octets '${hex}', found '${octetsOf(data)}'`);
  }
}
