import type { IClientPublishOptions, MqttClient } from 'mqtt';
import { Fifo } from '../../protocols/bus/fifo.js';
import { isTopicFilter, isTopicText } from '../../protocols/bus/topic-filter.js';
import { TopicRouter } from '../../protocols/bus/topic-router.js';
import type { Bus, BusHandler, BusStats, PublishOptions, Subscription } from '../ports/bus.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { type MqttConnectionOptions, openConnection } from './mqtt-connection.js';

export interface MqttBusOptions extends MqttConnectionOptions {
  /** Messages waiting for the connection; one more is dropped. */
  readonly queueLengthMax?: number;
  /** Bytes; longer payloads are dropped, whether ours or others'. */
  readonly payloadLengthMax?: number;
  /** Gets what a handler throws; without it the process ends with that error. */
  readonly onHandlerError?: (error: unknown, topic: string) => void;
  /** Told when the connection is lost and when it is back. */
  readonly onConnection?: (state: 'lost' | 'back') => void;
}

interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer;
  readonly options: IClientPublishOptions;
}

/** One object for each combination: the client copies them for every message. */
const publishOptions = {
  plain: { qos: 0, retain: false },
  plainRetained: { qos: 0, retain: true },
  sure: { qos: 1, retain: false },
  sureRetained: { qos: 1, retain: true },
} as const satisfies { [name: string]: IClientPublishOptions };

/** Bytes given to the socket ahead of what it has sent; more waits in our own, bounded queue. */
const socketBytesMax = 256 * 1024;
/** Messages with delivery assured that the broker has not acknowledged yet. */
const unacknowledgedMax = 1_024;
/** How long `close` waits for what is on its way. */
const closeTimeoutMs = 2_000;

/**
 * The bus over the network: any MQTT 3.1.1 broker. The connection comes back by itself, subscriptions with it; what
 * was published meanwhile waits in a bounded queue. After each return (and each further subscription to a filter that
 * is in use) the broker sends its retained messages again, so those handlers must take repetition.
 */
export class MqttBus implements Bus {
  private readonly router: TopicRouter;
  private readonly queue = new Fifo<Outgoing>();
  private readonly queueLengthMax: number;
  private readonly payloadLengthMax: number;
  private readonly filters = new Map<string, number>();
  private readonly flushed: (() => void)[] = [];
  private unacknowledged = 0;
  private closed: Promise<void> | undefined;
  private published = 0;
  private received = 0;
  private dropped = 0;

  private constructor(
    private readonly client: MqttClient,
    options: MqttBusOptions,
  ) {
    this.router = new TopicRouter(options.onHandlerError);
    this.queueLengthMax = options.queueLengthMax ?? 262_144;
    this.payloadLengthMax = options.payloadLengthMax ?? 65_536;
    client.on('message', (topic, payload, packet) => {
      if (payload.length > this.payloadLengthMax) this.dropped++;
      else this.router.deliver(topic, payload, packet.retain);
    });
    this.watchStream();
    client.on('connect', () => {
      this.watchStream();
      this.pump();
      options.onConnection?.('back');
    });
    client.on('close', () => {
      if (this.closed === undefined) options.onConnection?.('lost');
    });
    // Errors while coming back: the client tries again, and `onConnection` has told of the loss.
    client.on('error', () => undefined);
  }

  /** Throws UsageError or EnvironmentError with one line that says what to do. */
  static async connect(options: MqttBusOptions): Promise<MqttBus> {
    return new MqttBus(await openConnection(options), options);
  }

  private watchStream(): void {
    this.client.stream.on('drain', () => this.pump());
  }

  publish(topic: string, payload: Uint8Array, options?: PublishOptions): void {
    if (!isTopicText(topic)) throw new UsageError(`'${topic}' is not a topic to publish to`);
    const refused =
      this.closed !== undefined ||
      payload.length > this.payloadLengthMax ||
      this.queue.length >= this.queueLengthMax;
    if (refused) {
      this.dropped++;
      return;
    }
    this.published++;
    const { plain, plainRetained, sure, sureRetained } = publishOptions;
    const retain = options?.retain === true;
    this.queue.push({
      topic,
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      options:
        options?.atLeastOnce === true
          ? retain
            ? sureRetained
            : sure
          : retain
            ? plainRetained
            : plain,
    });
    this.pump();
  }

  /** Gives the client what the socket can take; the rest waits for 'drain', an acknowledgement or the connection. */
  private pump(): void {
    const { client } = this;
    while (
      client.connected &&
      this.unacknowledged < unacknowledgedMax &&
      client.stream.writableLength < socketBytesMax
    ) {
      const next = this.queue.shift();
      if (next === undefined) break;
      if (next.options.qos === 1) {
        this.unacknowledged++;
        client.publish(next.topic, next.payload, next.options, () => {
          this.unacknowledged--;
          this.pump();
        });
      } else client.publish(next.topic, next.payload, next.options);
    }
    if (this.queue.length === 0 && this.unacknowledged === 0) {
      for (const resolve of this.flushed.splice(0)) resolve();
    }
  }

  async subscribe(filter: string, handler: BusHandler): Promise<Subscription> {
    if (!isTopicFilter(filter)) throw new UsageError(`'${filter}' is not a topic filter`);
    if (this.closed !== undefined) throw new UsageError('the bus is closed');
    const remove = this.router.add(filter, (topic, payload, retained) => {
      this.received++;
      handler(topic, payload, retained);
    });
    this.filters.set(filter, (this.filters.get(filter) ?? 0) + 1);
    try {
      const [granted] = await this.client.subscribeAsync(filter, { qos: 1 });
      if (granted !== undefined && granted.qos >= 128) throw new Error('not admitted');
    } catch (error) {
      remove();
      this.forget(filter);
      const reason = error instanceof Error ? error.message : String(error);
      throw new EnvironmentError(`the broker refuses the subscription to ${filter}: ${reason}`, {
        cause: error,
      });
    }
    let active = true;
    return {
      unsubscribe: async () => {
        if (!active) return;
        active = false;
        remove();
        if (this.forget(filter) && this.closed === undefined) {
          await this.client.unsubscribeAsync(filter);
        }
      },
    };
  }

  /** True if nobody here uses the filter any more. */
  private forget(filter: string): boolean {
    const left = (this.filters.get(filter) ?? 0) - 1;
    if (left > 0) this.filters.set(filter, left);
    else this.filters.delete(filter);
    return left <= 0;
  }

  /** While the connection is away, this waits for it (or for `close`). */
  async flush(): Promise<void> {
    if (this.queue.length > 0 || this.unacknowledged > 0) {
      await new Promise<void>((resolve) => this.flushed.push(resolve));
    }
    const { stream } = this.client;
    if (!this.client.connected || stream.writableLength === 0) return;
    // An empty write comes after all others; if the connection breaks first, its error says no more than that.
    await new Promise<void>((resolve) => stream.write(Buffer.alloc(0), () => resolve()));
  }

  stats(): BusStats {
    return { published: this.published, received: this.received, dropped: this.dropped };
  }

  /** Sends what it can within two seconds, then says goodbye to the broker (which then publishes no will). */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    if (this.client.connected) await before(closeTimeoutMs, this.flush());
    const ended = this.client.endAsync(!this.client.connected);
    await before(closeTimeoutMs, ended);
    this.client.stream.destroy();
    this.queue.clear();
    for (const resolve of this.flushed.splice(0)) resolve();
  }
}

/** Waits for `work`, but no longer than that. */
async function before(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
