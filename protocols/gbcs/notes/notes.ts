/**
 * What a decoded value means to people, beside what it is: names, times as UTC, scaled values. Notes hang on the objects
 * of a decoded message; written into a copy of it they are further members, which encoding ignores.
 */
export class Notes {
  private readonly byObject = new Map<object, Record<string, unknown>>();

  /** Adds to what is noted of an object. Undefined members are left out. */
  add(object: object, note: Readonly<Record<string, unknown>>): void {
    let known = this.byObject.get(object);
    for (const name in note) {
      const value = note[name];
      if (value === undefined) continue;
      if (known === undefined) {
        known = {};
        this.byObject.set(object, known);
      }
      known[name] = value;
    }
  }

  of(object: unknown): Readonly<Record<string, unknown>> | undefined {
    return typeof object === 'object' && object !== null ? this.byObject.get(object) : undefined;
  }

  /** A copy with the notes in it; what bears none is not copied. What was decoded is never overwritten. */
  apply<T>(value: T): T {
    if (typeof value !== 'object' || value === null || this.byObject.size === 0) return value;
    return (Array.isArray(value) ? this.applyToList(value) : this.applyToRecord(value)) as T;
  }

  private applyToList(list: readonly unknown[]): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const element = list[i];
      const noted = typeof element === 'object' ? this.apply(element) : element;
      if (noted === element) continue;
      copy ??= list.slice();
      copy[i] = noted;
    }
    return copy ?? list;
  }

  private applyToRecord(record: object): object {
    let copy: Record<string, unknown> | undefined;
    for (const name in record) {
      const member = (record as Record<string, unknown>)[name];
      if (typeof member !== 'object') continue;
      const noted = this.apply(member);
      if (noted === member) continue;
      copy ??= { ...record };
      copy[name] = noted;
    }
    const notes = this.byObject.get(record);
    return notes === undefined ? (copy ?? record) : { ...notes, ...(copy ?? record) };
  }
}
