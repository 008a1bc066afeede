import { halfHourMs, halfHoursPerDay } from './demand.js';
import { hash32 } from './hash32.js';
import { purposes } from './household-habits.js';

/** How far the street's load pulls the voltage down, by hour, in tenths of a volt. */
const sagByHour = [
  6, 4, 3, 3, 3, 5, 12, 18, 16, 12, 11, 12, 14, 13, 12, 14, 20, 28, 32, 31, 27, 22, 15, 9,
];

/**
 * The voltage at a home's supply terminals, 232 to 244 V; the statutory band is 216.2 to 253 V.
 * All values are whole tenths of a volt (2,412 is 241.2 V).
 */
export class SupplyVoltage {
  readonly #home: number;

  constructor(home: number) {
    this.#home = home | 0;
  }

  /** Average RMS voltage of the half hour that `atMs` lies in, in tenths of a volt. */
  averageRmsVoltage(atMs: number): number {
    const halfHour = Math.floor(atMs / halfHourMs);
    const sag = sagByHour[(halfHour % halfHoursPerDay) >> 1] as number;
    const home = hash32(this.#home, purposes.voltage, 0) % 61;
    const now = hash32(this.#home, halfHour, purposes.voltage) % 21;
    return 2_370 + home - sag + (now - 10);
  }
}
