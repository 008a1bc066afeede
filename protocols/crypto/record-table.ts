/**
 * A hash table of fixed-size records, key ‖ value, in one block of bytes: no object per entry, so that a hundred
 * thousand entries cost their bytes and a four-byte slot or two. Records are numbered from 0 in order of arrival; there
 * is no removal but `clear`.
 */
export class RecordTable {
  private records: Uint8Array;
  /** Open addressing with linear probing; holds record number + 1, 0 where free. Length is a power of two. */
  private slots: Int32Array;
  private count = 0;

  constructor(
    private readonly keyLength: number,
    private readonly valueLength: number,
  ) {
    this.records = new Uint8Array(initialRecords * (keyLength + valueLength));
    this.slots = new Int32Array(2 * initialRecords);
  }

  get size(): number {
    return this.count;
  }

  /** Number of the record with this key; -1 when there is none. */
  find(key: Uint8Array): number {
    return (this.slots[this.slotOf(key, 0)] as number) - 1;
  }

  /** Number of the record with this key, which gets `value`; a new one if need be. */
  put(key: Uint8Array, value: Uint8Array): number {
    if (2 * (this.count + 1) > this.slots.length) this.grow();
    const slot = this.slotOf(key, 0);
    if (this.slots[slot] === 0) this.slots[slot] = ++this.count;
    const record = (this.slots[slot] as number) - 1;
    const at = record * (this.keyLength + this.valueLength);
    this.records.set(key, at);
    this.records.set(value, at + this.keyLength);
    return record;
  }

  /** A copy of a record's value. */
  value(record: number): Uint8Array {
    const at = record * (this.keyLength + this.valueLength) + this.keyLength;
    return this.records.slice(at, at + this.valueLength);
  }

  clear(): void {
    this.slots.fill(0);
    this.count = 0;
  }

  /** The slot that holds the key found in `source` at `start`, or the free one where it belongs. */
  private slotOf(source: Uint8Array, start: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(source, start, this.keyLength) & mask;
    for (;;) {
      const number = this.slots[slot] as number;
      if (number === 0 || this.hasKey(number - 1, source, start)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private hasKey(record: number, source: Uint8Array, start: number): boolean {
    const at = record * (this.keyLength + this.valueLength);
    for (let i = 0; i < this.keyLength; i++) {
      if (this.records[at + i] !== source[start + i]) return false;
    }
    return true;
  }

  private grow(): void {
    const records = new Uint8Array(2 * this.records.length);
    records.set(this.records);
    this.records = records;
    this.slots = new Int32Array(2 * this.slots.length);
    for (let record = 0; record < this.count; record++) {
      const at = record * (this.keyLength + this.valueLength);
      this.slots[this.slotOf(records, at)] = record + 1;
    }
  }
}

const initialRecords = 32;

/** FNV-1a, with a last mix because only low bits choose the slot. */
function hash(source: Uint8Array, start: number, length: number): number {
  let sum = 0x811c9dc5;
  for (let i = start; i < start + length; i++)
    sum = Math.imul(sum ^ (source[i] as number), 0x01000193);
  return sum ^ (sum >>> 15);
}
