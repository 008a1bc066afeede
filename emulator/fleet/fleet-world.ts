import type { HeadEndParts } from '../dcc/head-end.js';
import type { Clock } from '../ports/clock.js';
import type { HomeWorld } from './home.js';

/** Everything a fleet is given from outside: the ports, and what follows from the PKI. */
export interface FleetWorld {
  readonly clock: Clock;
  readonly home: Omit<HomeWorld, 'publishFrame' | 'sendUp' | 'event'>;
  readonly headEnd: Omit<HeadEndParts, 'wan' | 'inventory' | 'log'>;
}
