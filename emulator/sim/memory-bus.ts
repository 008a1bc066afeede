import { Fifo } from '../../protocols/bus/fifo.js';
import { RetainedMessages } from '../../protocols/bus/retained-messages.js';
import { isTopicFilter, isTopicText } from '../../protocols/bus/topic-filter.js';
import { type TopicHandler, TopicRouter } from '../../protocols/bus/topic-router.js';
import type { Bus, BusHandler, BusStats, PublishOptions, Subscription } from '../ports/bus.js';
import { UsageError } from '../ports/errors.js';

export interface MemoryBusOptions {
  /** Messages waiting while others are delivered; one more is dropped. */
  readonly queueLengthMax?: number;
  /** Bytes; a longer payload is dropped. */
  readonly payloadLengthMax?: number;
  /** Gets what a handler throws; without it the error passes through the outermost `publish`. */
  readonly onHandlerError?: (error: unknown, topic: string) => void;
}

type Delivery =
  | { readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean }
  | { readonly topic: string; readonly newcomer: TopicHandler };

/**
 * The bus inside one process, for simulation: synchronous and deterministic. A message published within a delivery
 * waits its turn, and the outermost `publish` returns when all have had theirs: one FIFO for everything.
 */
export class MemoryBus implements Bus {
  private readonly router: TopicRouter;
  private readonly retained = new RetainedMessages();
  private readonly queue = new Fifo<Delivery>();
  private readonly queueLengthMax: number;
  private readonly payloadLengthMax: number;
  private draining = false;
  private closed = false;
  private published = 0;
  private received = 0;
  private dropped = 0;

  constructor(options: MemoryBusOptions = {}) {
    this.router = new TopicRouter(options.onHandlerError);
    this.queueLengthMax = options.queueLengthMax ?? 262_144;
    this.payloadLengthMax = options.payloadLengthMax ?? 65_536;
  }

  publish(topic: string, payload: Uint8Array, options?: PublishOptions): void {
    if (!isTopicText(topic)) throw new UsageError(`'${topic}' is not a topic to publish to`);
    const refused =
      this.closed ||
      payload.length > this.payloadLengthMax ||
      this.queue.length >= this.queueLengthMax;
    if (refused) {
      this.dropped++;
      return;
    }
    this.published++;
    this.queue.push({ topic, payload, retain: options?.retain === true });
    this.drain();
  }

  async subscribe(filter: string, handler: BusHandler): Promise<Subscription> {
    if (!isTopicFilter(filter)) throw new UsageError(`'${filter}' is not a topic filter`);
    if (this.closed) throw new UsageError('the bus is closed');
    let active = true;
    const newcomer: TopicHandler = (topic, payload, retained) => {
      if (!active) return;
      this.received++;
      handler(topic, payload, retained);
    };
    for (const topic of this.retained.matching(filter)) this.queue.push({ topic, newcomer });
    const remove = this.router.add(filter, newcomer);
    this.drain();
    return {
      unsubscribe: async () => {
        active = false;
        remove();
      },
    };
  }

  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        this.deliver(next);
      }
    } finally {
      this.draining = false;
    }
  }

  private deliver(delivery: Delivery): void {
    const { topic } = delivery;
    if ('newcomer' in delivery) {
      // The value of now, not of when it subscribed: what was published in between comes after.
      const payload = this.retained.get(topic);
      if (payload !== undefined) this.router.call(delivery.newcomer, topic, payload, true);
      return;
    }
    if (delivery.retain) this.retained.set(topic, delivery.payload);
    this.router.deliver(topic, delivery.payload, false);
  }

  /** Nothing to wait for: all has been delivered when the outermost `publish` returns. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  stats(): BusStats {
    return { published: this.published, received: this.received, dropped: this.dropped };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.queue.clear();
  }
}
