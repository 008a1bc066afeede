/**
 * How many recent ASDUs a node remembers; far fewer than the 256 after which a sender's counter
 * comes round.
 */
const windowLength = 16;

/**
 * Longer than any repetition on the air takes, shorter than a restarted sender takes to reuse a
 * counter. Our choice.
 */
const windowMs = 8_000;

/** The last few (source, counter) pairs of a node, by which a repeated frame is known. */
export class DuplicateWindow {
  private readonly keys: number[] = [];
  private readonly times: number[] = [];
  private next = 0;

  has(source: number, counter: number, nowMs: number): boolean {
    const at = this.keys.indexOf((source << 8) | counter);
    return at >= 0 && nowMs - (this.times[at] as number) < windowMs;
  }

  add(source: number, counter: number, nowMs: number): void {
    const key = (source << 8) | counter;
    const known = this.keys.indexOf(key);
    const at = known >= 0 ? known : this.next;
    this.keys[at] = key;
    this.times[at] = nowMs;
    if (known < 0) this.next = (this.next + 1) % windowLength;
  }
}
