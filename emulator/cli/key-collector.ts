import type { HomeKey } from '../fleet/control-protocol.js';
import { EnvironmentError } from '../ports/errors.js';

/** All keys that there are by now. @throws EnvironmentError where nobody answers any more */
export type KeySource = () => Promise<readonly HomeKey[]>;

const shortestWaitMs = 1_000;
const longestWaitMs = 30_000;

/**
 * Asks for keys as long as a capture lasts: at its start, now and then (a fleet may end first), and at its end. The less
 * news there is, the seldomer.
 */
export class KeyCollector {
  private timer: NodeJS.Timeout | undefined;
  private collecting: Promise<void> = Promise.resolve();
  private waitMs = shortestWaitMs;

  /** `take` says how many of the keys were news. */
  constructor(
    private readonly source: KeySource,
    private readonly take: (keys: readonly HomeKey[]) => Promise<number>,
  ) {}

  /** @throws EnvironmentError when there is nobody to ask, or nowhere to put the keys */
  async start(): Promise<void> {
    await this.take(await this.source());
    this.plan();
  }

  private plan(): void {
    this.timer = setTimeout(() => {
      this.collecting = this.collect().then(() => {
        if (this.timer !== undefined) this.plan();
      });
    }, this.waitMs);
    this.timer.unref();
  }

  private async collect(): Promise<void> {
    try {
      const news = await this.take(await this.source());
      this.waitMs = news > 0 ? shortestWaitMs : Math.min(2 * this.waitMs, longestWaitMs);
    } catch {
      // Nothing is lost yet: the last time, at the end, is the one that tells.
      this.waitMs = longestWaitMs;
    }
  }

  /** False when nobody answered any more: what was learned before is all there is. @throws as `take` does */
  async stop(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.collecting;
    let keys: readonly HomeKey[];
    try {
      keys = await this.source();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      return false;
    }
    await this.take(keys);
    return true;
  }
}
