import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import type { Store } from '../ports/store.js';

/**
 * How finely a device keeps its anti-replay counters. Which of the two GBCS prescribes is not certain in the reference
 * ([mem?], device-behaviour.md 1.3), so it is an option; the default is the finer one, which refuses less.
 */
export type CounterGranularity = 'perRole' | 'perRoleAndMessageCode';

function toBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function fromBytes(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
}

/** The counters of one device, kept in the store so that a restart forgets none. */
export class DeviceCounters {
  constructor(
    private readonly store: Store,
    private readonly entity: Eui64,
    private readonly granularity: CounterGranularity,
  ) {}

  private key(role: RemotePartyRole, messageCode: number): string {
    const base = `${this.entity}/execution-counter/${role}`;
    return this.granularity === 'perRole' ? base : `${base}/${messageCode}`;
  }

  /** The highest counter executed for `role` (and message code); undefined before the first. */
  executed(role: RemotePartyRole, messageCode: number): bigint | undefined {
    const stored = this.store.get(this.key(role, messageCode));
    return stored === undefined ? undefined : fromBytes(stored);
  }

  setExecuted(role: RemotePartyRole, messageCode: number, counter: bigint): void {
    this.store.put(this.key(role, messageCode), toBytes(counter));
  }

  /** The highest counter executed for `role` under any message code: the floor that CS02a reports. */
  highestExecuted(role: RemotePartyRole): bigint {
    let highest = 0n;
    for (const [, value] of this.store.entries(`${this.entity}/execution-counter/${role}`)) {
      const counter = fromBytes(value);
      if (counter > highest) highest = counter;
    }
    return highest;
  }

  /** Next value of the device's own originator counter (alerts, keys it chooses itself); never goes back. */
  nextOwn(): bigint {
    const key = `${this.entity}/originator-counter`;
    const stored = this.store.get(key);
    const next = (stored === undefined ? 0n : fromBytes(stored)) + 1n;
    this.store.put(key, toBytes(next));
    return next;
  }
}
