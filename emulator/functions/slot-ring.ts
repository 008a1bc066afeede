type Numbers = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Slots to begin with; the array grows as it fills. */
const firstLength = 64;

/**
 * One number for each of the newest `capacity` time slots, in a typed array that is made with the first number and grows
 * as slots come: thirteen months of half hours in 38 KB, the first day in a hundred octets. The largest number that fits
 * stands for "not known".
 */
export class SlotRing {
  private values: Numbers | undefined;
  private first = 0;
  /** One after the newest. */
  private end = 0;
  private readonly notKnown: number;

  constructor(
    private readonly octets: 2 | 4,
    private readonly capacity: number,
  ) {
    this.notKnown = 2 ** (8 * octets) - 1;
  }

  /** The first slot that is kept, and one after the last; equal while there is none. */
  get firstSlot(): number {
    return this.first;
  }

  get endSlot(): number {
    return this.end;
  }

  /** What is out of range is kept as the nearest number; a slot older than all that are kept is left out. */
  set(slot: number, value: number): void {
    this.begin(slot);
    if (slot < this.first) return;
    this.reach(slot + 1);
    const values = this.values as Numbers;
    values[slot % values.length] = Math.max(0, Math.min(value, this.notKnown - 1));
  }

  /** The first slot there is to be; without effect once there is one. */
  begin(slot: number): void {
    if (this.values !== undefined) return;
    this.values = this.make(Math.min(firstLength, this.capacity));
    this.first = slot;
    this.end = slot;
  }

  get(slot: number): number | undefined {
    if (this.values === undefined || slot < this.first || slot >= this.end) return undefined;
    const value = this.values[slot % this.values.length];
    return value === this.notKnown ? undefined : value;
  }

  /** Slots up to `end` are there from now on; those without a number are not known. */
  reach(end: number): void {
    if (this.values === undefined || end <= this.end) return;
    const from = Math.max(this.end, end - this.capacity);
    this.first = Math.max(this.first, end - this.capacity);
    if (end - this.first > (this.values as Numbers).length) this.grow(end - this.first);
    const values = this.values as Numbers;
    for (let slot = from; slot < end; slot++) values[slot % values.length] = this.notKnown;
    this.end = end;
  }

  private grow(length: number): void {
    const old = this.values as Numbers;
    const grown = this.make(Math.min(this.capacity, Math.max(length, old.length * 2)));
    for (let slot = this.first; slot < this.end; slot++) {
      grown[slot % grown.length] = old[slot % old.length] as number;
    }
    this.values = grown;
  }

  private make(length: number): Numbers {
    return this.octets === 2 ? new Uint16Array(length) : new Uint32Array(length);
  }
}
