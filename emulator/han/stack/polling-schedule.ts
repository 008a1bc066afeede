import type { Mac } from '../mac/mac.js';
import type { ApsLayer } from './aps-layer.js';

/** Radio milliseconds; our choices. */
export const pollTiming = {
  /** Between two polls of a node that is awake. */
  pollIntervalMs: 100,
  /** After something came in: for what may follow, and for the sender to hear our acknowledgment. */
  quietMs: 600,
  /** After something went out, for its answer. */
  answerMs: 2_000,
  /** Polls in a row that nobody acknowledged. */
  failuresMax: 4,
} as const;

/**
 * When a sleepy node's radio is on. Woken, it asks its parent at short intervals for what waits
 * there, and goes back to sleep by itself when nothing has come, gone, or been due for a while.
 */
export class PollingSchedule {
  private quietAtMs = 0;
  private nextPollMs: number | undefined;
  private polling = false;
  private failures = 0;
  /** Polls on until told otherwise: the node is about to join, and knows no quiet yet. */
  held = false;

  constructor(
    private readonly mac: Mac,
    private readonly aps: ApsLayer,
    private readonly hooks: {
      onAwake(nowMs: number): void;
      onAsleep(nowMs: number): void;
      onParentLost(nowMs: number): void;
    },
  ) {}

  get asleep(): boolean {
    return !this.mac.awake;
  }

  /** Something is to be done; polling begins at once. */
  wake(nowMs: number): void {
    this.quietAtMs = Math.max(this.quietAtMs, nowMs + pollTiming.answerMs);
    if (this.mac.awake) return;
    this.mac.awake = true;
    this.nextPollMs = nowMs + pollTiming.pollIntervalMs;
    this.hooks.onAwake(nowMs);
  }

  /** The node sends of its own accord: its radio is on for that and for the answer. */
  sent(nowMs: number): void {
    this.wake(nowMs);
  }

  heard(nowMs: number): void {
    // What came need not be the answer: the time for that is not cut short.
    this.quietAtMs = Math.max(this.quietAtMs, nowMs + pollTiming.quietMs);
  }

  nextDeadlineMs(): number | undefined {
    return this.polling ? undefined : this.nextPollMs;
  }

  expire(nowMs: number): void {
    if (this.polling || this.nextPollMs === undefined || nowMs < this.nextPollMs) return;
    // Nobody goes to sleep on an unanswered poll: the parent is there, or it is lost.
    const quiet = nowMs >= this.quietAtMs && this.aps.waiting === 0 && this.failures === 0;
    if (quiet && !this.held) {
      this.sleep(nowMs);
      return;
    }
    this.polling = true;
    this.mac.poll(nowMs, (result, atMs) => this.polled(result, atMs));
  }

  private polled(result: 'data' | 'empty' | 'no-ack', nowMs: number): void {
    this.polling = false;
    // On a bus that is behind nobody answers in time: that says nothing of the parent.
    if (result !== 'no-ack') this.failures = 0;
    else if (this.mac.settled) this.failures++;
    if (this.failures >= pollTiming.failuresMax) {
      this.failures = 0;
      this.sleep(nowMs);
      this.hooks.onParentLost(nowMs);
      return;
    }
    // Where one frame waited there may be another.
    this.nextPollMs = result === 'data' ? nowMs : nowMs + pollTiming.pollIntervalMs;
  }

  private sleep(nowMs: number): void {
    this.nextPollMs = undefined;
    this.mac.awake = false;
    this.hooks.onAsleep(nowMs);
  }
}
