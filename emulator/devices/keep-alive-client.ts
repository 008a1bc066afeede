import type { Eui64 } from '../../protocols/codec/eui64.js';
import { keepAlive } from '../../protocols/zigbee/clusters/keep-alive.js';
import { attributeNumber } from '../functions/cluster-rows.js';
import type { RandomStream } from '../ports/random.js';
import type { ZclClient } from './zcl-client.js';

export interface KeepAliveListener {
  /** So many reads in a row were not answered. */
  onLost(): void;
}

const attributes = {
  base: attributeNumber(keepAlive, 'TCKeepAliveBase'),
  jitter: attributeNumber(keepAlive, 'TCKeepAliveJitter'),
} as const;

/** Until the hub has said its own. */
const keepAliveDefaults = { baseMinutes: 10, jitterSeconds: 300 } as const;
const minuteMs = 60_000;
/** Reads without an answer after which the hub is taken to be gone. */
const missesMax = 3;

/**
 * Reads the hub's Keep-Alive attributes at the interval that they tell, to notice when the hub is gone. Nothing else
 * happens at that interval: a home at rest costs little.
 *
 * @see device-behaviour.md 6.3
 */
export class KeepAliveClient {
  nextMs = 0;
  answered = 0;
  missed = 0;
  /** In a row. */
  private misses = 0;
  private isWaiting = false;
  private baseMinutes: number = keepAliveDefaults.baseMinutes;
  private jitterSeconds: number = keepAliveDefaults.jitterSeconds;

  constructor(
    private readonly client: ZclClient,
    private readonly hub: Eui64,
    private readonly random: RandomStream,
    private readonly listener: KeepAliveListener,
  ) {}

  start(firstMs: number): void {
    this.nextMs = firstMs;
  }

  poll(nowMs: number): void {
    if (nowMs < this.nextMs) return;
    const { client, hub, random } = this;
    const isLost = this.isWaiting && this.miss();
    const jitterMs = random.int(0, this.jitterSeconds) * 1000;
    this.nextMs = nowMs + this.baseMinutes * minuteMs + jitterMs;
    this.isWaiting = true;
    if (isLost) this.listener.onLost();
    client.readAttributes(hub, keepAlive.id, [attributes.base, attributes.jitter], (values) => {
      this.take(values.get(attributes.base), values.get(attributes.jitter));
    });
  }

  /** Returns whether it was one too many; then the count begins anew. */
  private miss(): boolean {
    this.missed++;
    this.misses++;
    if (this.misses < missesMax) return false;
    this.misses = 0;
    return true;
  }

  /** An answer is a sign of life whatever it says; an interval of nothing is none. */
  private take(base: unknown, jitter: unknown): void {
    this.answered++;
    this.isWaiting = false;
    this.misses = 0;
    if (typeof base === 'number' && base > 0) this.baseMinutes = base;
    if (typeof jitter === 'number') this.jitterSeconds = jitter;
  }
}
