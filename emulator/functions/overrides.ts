/**
 * What sets one device's attributes apart from its type's model: values written by commands, values pinned by a tester,
 * faults. Empty, and free, for most devices.
 */
export class Overrides<V> {
  private values: Map<string, V> | undefined;
  private faults: Map<string, number> | undefined;

  /** The attribute now has this value, whatever the model would compute. */
  pin(key: string, value: V): void {
    this.values ??= new Map();
    this.values.set(key, value);
  }

  /** Every access to the member now ends with this result code or status. */
  fail(key: string, code: number): void {
    this.faults ??= new Map();
    this.faults.set(key, code);
  }

  release(key: string): void {
    this.values?.delete(key);
    this.faults?.delete(key);
  }

  valueOf(key: string): V | undefined {
    return this.values?.get(key);
  }

  faultOf(key: string): number | undefined {
    return this.faults?.get(key);
  }
}
