import type { HomeKey } from '../fleet/control-protocol.js';
import type { ControlClient } from './control-client.js';
import type { Traffic, TrafficDecoder } from './traffic.js';

/** The keys of one home, as a running fleet has them now. Must not fail. */
export type AskKeys = (home: string) => Promise<readonly HomeKey[]>;

/** None where no fleet answers, or none with such a home: the frames of others stay closed. */
export function askKeysOf(client: ControlClient): AskKeys {
  return (home) => client.hanKeys(home).catch(() => []);
}

/** Between two questions for the same home: when the first brought something, and when not. */
const waitAfterNewsMs = 1_000;
const waitWithoutNewsMs = 10_000;
/** Bus messages that wait for an answer; beyond it they are taken as they are. */
const heldMax = 4_096;
/** Homes of which it is known when they were asked for. */
const homesMax = 16_384;

interface Held {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  readonly take: (traffic: Traffic) => void;
}

/**
 * Decodes what goes over a bus, in order. When a frame finds no key, the home's keys are asked for, since devices join and
 * keys change, and what comes meanwhile waits, so that nothing is called encrypted that a moment later can be read.
 */
export class TrafficReader {
  private readonly nextAskMs = new Map<string, number>();
  private held: Held[] | undefined;

  constructor(
    readonly decoder: TrafficDecoder,
    private readonly ask?: AskKeys,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** `payload` must stay as it is. */
  read(
    topic: string,
    payload: Uint8Array,
    retained: boolean,
    take: (traffic: Traffic) => void,
  ): void {
    if (this.held !== undefined) {
      this.held.push({ topic, payload, retained, take });
      if (this.held.length >= heldMax) this.release();
      return;
    }
    const traffic = this.decoder.decode(topic, payload, retained);
    const home = closedHome(traffic);
    if (home === undefined || !this.mayAsk(home)) {
      take(traffic);
      return;
    }
    this.held = [{ topic, payload, retained, take }];
    void this.fetch(home).then(() => this.release());
  }

  /** Takes what still waits as it is. */
  release(): void {
    const { held } = this;
    this.held = undefined;
    for (const { topic, payload, retained, take } of held ?? []) {
      this.read(topic, payload, retained, take);
    }
  }

  private mayAsk(home: string): boolean {
    if (this.ask === undefined) return false;
    return this.nowMs() >= (this.nextAskMs.get(home) ?? Number.NEGATIVE_INFINITY);
  }

  private async fetch(home: string): Promise<void> {
    if (this.nextAskMs.size >= homesMax) this.nextAskMs.clear();
    // Until there is an answer, nobody asks again.
    this.nextAskMs.set(home, Number.POSITIVE_INFINITY);
    const news = this.decoder.addKeys((await this.ask?.(home)) ?? []);
    this.nextAskMs.set(home, this.nowMs() + (news > 0 ? waitAfterNewsMs : waitWithoutNewsMs));
  }
}

function closedHome(traffic: Traffic): string | undefined {
  if (traffic.plane !== 'han' || 'error' in traffic) return undefined;
  const { content } = traffic.frame;
  const inner = content.kind === 'aps-command' ? content.carried?.content : undefined;
  return (inner ?? content).kind === 'closed' ? traffic.home : undefined;
}
