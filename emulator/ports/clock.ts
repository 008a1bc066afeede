/**
 * Emulated time. All behaviour of devices and head end is driven by it: nothing else in the emulator may read the
 * machine's clock or set a timer.
 */
export interface Clock {
  /** Emulated UTC in milliseconds since 1970. */
  nowMs(): number;
  /** Calls `task` once when emulated time reaches `atMs` (at once, but never inside this call, if it has passed). */
  at(atMs: number, task: () => void): Timer;
  /** Real elapsed milliseconds for measuring latency; a virtual clock returns its emulated time. */
  stopwatchMs(): number;
  /** Emulated milliseconds per real one; 1 in a virtual clock. */
  readonly speed: number;
}

export interface Timer {
  cancel(): void;
}
