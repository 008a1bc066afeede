import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { SubGhzConfiguration } from './sub-ghz-configuration.js';
import type { SubGhzClient } from './sub-ghz-radio.js';

/** How much of its share of the band a hub has used. */
export type DutyCycleState = 'normal' | 'limited' | 'critical';

/** For how long a device is told to be silent; 1 to 255 may be chosen (device-behaviour.md 2.6). */
const defaultSuspensionMinutes = 5;
const minuteMs = 60_000;

/** What one look at the duty cycle leads to. */
export interface DutyCycleOutcome {
  readonly state: DutyCycleState;
  /** Undefined where it has not changed. */
  readonly before: DutyCycleState | undefined;
  /** Devices that are to be told to be silent from now on, for `suspensionMinutes`. */
  readonly suspended: readonly Eui64[];
  /** Devices whose silence, about to end, goes on for as long again. */
  readonly renewed: readonly Eui64[];
}

/**
 * Keeps a hub within its duty cycle. Limited: the busiest device not yet suspended has to be silent,
 * or the one whose suspension ends first where all are; critical: all of them. A suspension that
 * ends while its state lasts is renewed; in the normal state all run out.
 *
 * @see device-behaviour.md 2.6
 */
export class DutyCycleControl {
  private readonly endsMs = new Map<Eui64, number>();
  private current: DutyCycleState = 'normal';

  constructor(private readonly suspensionMinutes = defaultSuspensionMinutes) {}

  get state(): DutyCycleState {
    return this.current;
  }

  /** Of whoever is suspended, the minutes that remain, rounded up; 0 for anybody else. */
  remainingMinutes(device: Eui64, nowMs: number): number {
    const endMs = this.endsMs.get(device);
    return endMs === undefined ? 0 : Math.max(0, Math.ceil((endMs - nowMs) / minuteMs));
  }

  /** The next end of a suspension. */
  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const endMs of this.endsMs.values()) if (next === undefined || endMs < next) next = endMs;
    return next;
  }

  assess(
    dutyCyclePercent: number,
    clients: readonly SubGhzClient[],
    configuration: SubGhzConfiguration,
    nowMs: number,
  ): DutyCycleOutcome {
    const state = stateOf(dutyCyclePercent, configuration);
    const before = state === this.current ? undefined : this.current;
    this.current = state;
    const ended = this.endedBy(nowMs, clients);
    const renewed = state === 'normal' ? [] : this.renewed(ended, clients, nowMs);
    const suspended = this.chosen(state, before, clients, nowMs);
    for (const device of suspended) this.suspend(device, nowMs);
    return { state, before, suspended, renewed };
  }

  /** Whose silence is over, and forgets who has left the home. */
  private endedBy(nowMs: number, clients: readonly SubGhzClient[]): readonly Eui64[] {
    const ended: Eui64[] = [];
    for (const [device, endMs] of this.endsMs) {
      const present = clients.some((client) => client.device === device);
      if (present && endMs > nowMs) continue;
      this.endsMs.delete(device);
      if (present) ended.push(device);
    }
    return ended;
  }

  private renewed(
    ended: readonly Eui64[],
    clients: readonly SubGhzClient[],
    nowMs: number,
  ): readonly Eui64[] {
    if (this.current === 'critical') {
      for (const device of ended) this.suspend(device, nowMs);
      return ended;
    }
    // Back from critical: one goes on being silent, the others may speak.
    if (this.endsMs.size > 0) return [];
    const one = busiest(clients.filter(({ device }) => ended.includes(device)));
    if (one === undefined) return [];
    this.suspend(one, nowMs);
    return [one];
  }

  private chosen(
    state: DutyCycleState,
    before: DutyCycleState | undefined,
    clients: readonly SubGhzClient[],
    nowMs: number,
  ): readonly Eui64[] {
    const free = clients.filter(({ device }) => !this.endsMs.has(device));
    if (state === 'critical') return free.map(({ device }) => device);
    // Also where the one that was silent has left.
    const due = state === 'limited' && (before === 'normal' || this.endsMs.size === 0);
    if (!due) return [];
    const one = busiest(free) ?? this.firstToEnd(nowMs);
    return one === undefined ? [] : [one];
  }

  private firstToEnd(nowMs: number): Eui64 | undefined {
    let first: Eui64 | undefined;
    let leastMs = Number.POSITIVE_INFINITY;
    for (const [device, endMs] of this.endsMs) {
      if (endMs - nowMs >= leastMs) continue;
      first = device;
      leastMs = endMs - nowMs;
    }
    return first;
  }

  private suspend(device: Eui64, nowMs: number): void {
    this.endsMs.set(device, nowMs + this.suspensionMinutes * minuteMs);
  }
}

function stateOf(percent: number, configuration: SubGhzConfiguration): DutyCycleState {
  const hundredths = percent * 100;
  if (hundredths >= configuration.criticalDutyCycleThreshold) return 'critical';
  return hundredths >= configuration.limitedDutyCycleThreshold ? 'limited' : 'normal';
}

function busiest(clients: readonly SubGhzClient[]): Eui64 | undefined {
  let found: Eui64 | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const client of clients) {
    const airtime = client.airtimePercent();
    if (airtime <= most) continue;
    found = client.device;
    most = airtime;
  }
  return found;
}
