/**
 * A device's own clock: the home's time plus what it is off. A command sets it from the hub's time when that lies in the
 * interval given (device-behaviour.md 1.12); the hub's time is the home's time.
 */
export type ClockReliability = 'reliable' | 'invalid' | 'unreliable';

export class DeviceClock {
  private offsetMs = 0;
  private state: ClockReliability = 'reliable';

  constructor(private readonly hubTimeMs: () => number) {}

  /** By so much it is ahead of the home's time. */
  get aheadMs(): number {
    return this.offsetMs;
  }

  nowMs(): number {
    return this.hubTimeMs() + this.offsetMs;
  }

  get reliability(): ClockReliability {
    return this.state;
  }

  /** Makes the clock run wrong: for faults and tests. */
  disturb(offsetMs: number, reliability: ClockReliability): void {
    this.offsetMs = offsetMs;
    this.state = reliability;
  }

  /** Moves the clock by so much; whether it is to be trusted stays as it was. */
  adjust(byMs: number): void {
    this.offsetMs += byMs;
  }

  /** Takes the hub's time if it lies between the two, both included; otherwise leaves the clock and doubts it. */
  setWithin(fromMs: number, toMs: number): boolean {
    const hub = this.hubTimeMs();
    if (hub < fromMs || hub > toMs) {
      this.state = 'unreliable';
      return false;
    }
    this.offsetMs = 0;
    this.state = 'reliable';
    return true;
  }
}
