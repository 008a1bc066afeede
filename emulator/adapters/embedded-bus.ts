import { Fifo } from '../../protocols/bus/fifo.js';
import type { RetainedMessages } from '../../protocols/bus/retained-messages.js';
import { isTopicFilter, isTopicText } from '../../protocols/bus/topic-filter.js';
import { type TopicHandler, TopicRouter } from '../../protocols/bus/topic-router.js';
import type { Bus, BusHandler, BusStats, PublishOptions, Subscription } from '../ports/bus.js';
import { UsageError } from '../ports/errors.js';

/** What a bus needs of the broker it lives in. */
export interface HostBroker {
  readonly payloadLengthMax: number;
  readonly retained: RetainedMessages;
  /** Hands the message to every subscriber, outside and inside, before it returns. */
  forward(topic: string, payload: Uint8Array, options: PublishOptions | undefined): void;
  detach(bus: EmbeddedBus): void;
}

export interface EmbeddedBusOptions {
  /** Messages waiting to be handed to the broker; one more is dropped. */
  readonly queueLengthMax?: number;
  /** Gets what a handler throws; without it the process ends with that error. */
  readonly onHandlerError?: (error: unknown, topic: string) => void;
}

type Delivery =
  | {
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly options: PublishOptions | undefined;
    }
  | { readonly topic: string; readonly newcomer: TopicHandler };

/** Messages handed over in one go; then the sockets get their turn. */
const batchLength = 512;

/**
 * The bus of a process that runs the broker itself: no socket in between. Published messages go to the broker in order
 * and in batches between which the event loop runs, so neither a storm nor two handlers that answer each other for
 * ever can shut out the clients on the network or grow the stack.
 */
export class EmbeddedBus implements Bus {
  private readonly router: TopicRouter;
  private readonly queue = new Fifo<Delivery>();
  private readonly queueLengthMax: number;
  /** Who waits for a flush, and how many deliveries must have been made by then. */
  private readonly flushed: { readonly at: number; readonly resolve: () => void }[] = [];
  private delivered = 0;
  private scheduled = false;
  private closed = false;
  private published = 0;
  private received = 0;
  private dropped = 0;

  constructor(
    private readonly host: HostBroker,
    options: EmbeddedBusOptions = {},
  ) {
    this.queueLengthMax = options.queueLengthMax ?? 262_144;
    // Thrown outside the broker's own loops, which an error on its way through would leave in disorder.
    const raise = (error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    };
    this.router = new TopicRouter(options.onHandlerError ?? raise);
  }

  publish(topic: string, payload: Uint8Array, options?: PublishOptions): void {
    if (!isTopicText(topic)) throw new UsageError(`'${topic}' is not a topic to publish to`);
    const refused =
      this.closed ||
      payload.length > this.host.payloadLengthMax ||
      this.queue.length >= this.queueLengthMax;
    if (refused) {
      this.dropped++;
      return;
    }
    this.published++;
    this.queue.push({ topic, payload, options });
    this.schedule();
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
    for (const topic of this.host.retained.matching(filter)) this.queue.push({ topic, newcomer });
    const remove = this.router.add(filter, newcomer);
    this.schedule();
    return {
      unsubscribe: async () => {
        active = false;
        remove();
      },
    };
  }

  /** For the broker: a message has come in, from this bus or from anybody else. */
  deliver(topic: string, payload: Uint8Array): void {
    this.router.deliver(topic, payload, false);
  }

  private schedule(): void {
    if (this.scheduled || this.queue.length === 0) return;
    this.scheduled = true;
    setImmediate(() => this.pump());
  }

  private pump(): void {
    for (let i = 0; i < batchLength; i++) {
      const next = this.queue.shift();
      if (next === undefined) break;
      this.delivered++;
      if ('newcomer' in next) {
        const payload = this.host.retained.get(next.topic);
        if (payload !== undefined) this.router.call(next.newcomer, next.topic, payload, true);
      } else this.host.forward(next.topic, next.payload, next.options);
    }
    this.scheduled = false;
    this.schedule();
    while (this.flushed[0] !== undefined && this.flushed[0].at <= this.delivered) {
      this.flushed.shift()?.resolve();
    }
  }

  flush(): Promise<void> {
    if (this.queue.length === 0) return Promise.resolve();
    // Not until the queue is empty: on a busy bus it never is.
    const at = this.delivered + this.queue.length;
    return new Promise((resolve) => this.flushed.push({ at, resolve }));
  }

  stats(): BusStats {
    return { published: this.published, received: this.received, dropped: this.dropped };
  }

  /** What was published before still goes out; the broker stays up. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.flush();
    this.host.detach(this);
  }
}
