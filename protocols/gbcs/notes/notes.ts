/**
 * What a decoded value means to people, beside what it is: names, times as UTC, scaled values. Notes hang on the objects
 * of a decoded message; written into a copy of it they are further members, which encoding ignores.
 */
export class Notes {
  private readonly byObject = new Map<object, Record<string, unknown>>();

  /** Adds to what is noted of an object. Undefined members are left out. */
  add(object: object, note: Readonly<Record<string, unknown>>): void {
    const known = this.byObject.get(object) ?? {};
    for (const [name, value] of Object.entries(note)) {
      if (value !== undefined) known[name] = value;
    }
    this.byObject.set(object, known);
  }

  of(object: unknown): Readonly<Record<string, unknown>> | undefined {
    return typeof object === 'object' && object !== null ? this.byObject.get(object) : undefined;
  }

  /** A copy with the notes in it. What was decoded is never overwritten. */
  apply<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => this.apply(element)) as T;
    const copy: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) copy[name] = this.apply(member);
    for (const [name, note] of Object.entries(this.of(value) ?? {})) {
      if (!Object.hasOwn(copy, name)) copy[name] = note;
    }
    return copy as T;
  }
}
