import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';

/** A device as the head end knows it. */
export interface DeviceRecord {
  readonly device: Eui64;
  readonly type: DeviceType;
  /** The communications hub through which it is reached; a hub's own record names itself. */
  readonly hub: Eui64;
  readonly home: string;
}

/** The head end's list of devices: what they are and which hub carries their messages. */
export class Inventory {
  private readonly records = new Map<Eui64, DeviceRecord>();

  constructor(records: Iterable<DeviceRecord> = []) {
    for (const record of records) this.put(record);
  }

  get size(): number {
    return this.records.size;
  }

  /** Adds a device, or replaces what was known of it. */
  put(record: DeviceRecord): void {
    this.records.set(record.device, record);
  }

  remove(device: Eui64): boolean {
    return this.records.delete(device);
  }

  find(device: Eui64): DeviceRecord | undefined {
    return this.records.get(device);
  }

  /** @throws UsageError when the device is not known. */
  get(device: Eui64): DeviceRecord {
    const record = this.records.get(device);
    if (record !== undefined) return record;
    throw new UsageError(`device ${device} is not in the inventory (${this.size} devices are)`);
  }

  all(): IterableIterator<DeviceRecord> {
    return this.records.values();
  }
}
