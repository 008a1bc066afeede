import { within } from '../codec/codec-error.js';
import { data } from './construct.js';
import type { DlmsData } from './data.js';
import { expectNoElements, expectNumber, expectOctets, membersOf, numberOf } from './inspect.js';

/** The selector of a range_descriptor: of a profile's buffer (class 7 attribute 2), entries by time. */
export const rangeSelector = 1;

/** What entries are restricted by: attribute 2 of a Data object that stands for the entry's time. */
const restrictingObject = { classId: 1, obisHex: '00005e2c64ff', attribute: 2 } as const;

export interface TimeRange {
  /** Seconds since 2000-01-01T00:00:00Z; both ends belong to the range. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** The selection of a log read: entries from one time to another. @see dlms.md 4 */
export function rangeDescriptor(fromSeconds: number, toSeconds: number): DlmsData {
  const { classId, obisHex, attribute } = restrictingObject;
  return data.structure(
    data.structure(data.u16(classId), data.octets(obisHex), data.i8(attribute), data.u16(0)),
    data.u32(fromSeconds),
    data.u32(toSeconds),
    data.array(),
  );
}

/** Throws CodecError for any other selection. */
export function parseRangeDescriptor(selection: DlmsData): TimeRange {
  const [object, from, to, columns] = membersOf(selection, 4) as [
    DlmsData,
    DlmsData,
    DlmsData,
    DlmsData,
  ];
  within('[0]', () => checkRestrictingObject(object));
  const fromSeconds = within('[1]', () => numberOf(from, 'double-long-unsigned'));
  const toSeconds = within('[2]', () => numberOf(to, 'double-long-unsigned'));
  within('[3]', () => expectNoElements(columns));
  return { fromSeconds, toSeconds };
}

function checkRestrictingObject(object: DlmsData): void {
  const [classId, obis, attribute, index] = membersOf(object, 4) as [
    DlmsData,
    DlmsData,
    DlmsData,
    DlmsData,
  ];
  expectNumber(classId, 'long-unsigned', restrictingObject.classId);
  expectOctets(obis, restrictingObject.obisHex);
  expectNumber(attribute, 'integer', restrictingObject.attribute);
  expectNumber(index, 'long-unsigned', 0);
}
