/**
 * The message bus as the emulator sees it: MQTT topics and byte payloads. Three makings pass one suite: memory
 * (synchronous, for simulation), embedded aedes, any MQTT broker.
 */
export interface Bus {
  /**
   * Queues one message, at most once delivery unless `atLeastOnce`. Never throws for a slow peer: beyond the queue
   * limit the message is dropped and counted in `stats().dropped`. The payload belongs to the bus from then on:
   * change no byte of it. Throws UsageError for a topic that is none.
   */
  publish(topic: string, payload: Uint8Array, options?: PublishOptions): void;
  /** Resolves when the subscription is in force. Filters are MQTT's (`+`, `#`). Handlers must not throw. */
  subscribe(filter: string, handler: BusHandler): Promise<Subscription>;
  /** Resolves when all that was published so far has left this process (or reached the subscribers in it). */
  flush(): Promise<void>;
  stats(): BusStats;
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly retain?: boolean;
  readonly atLeastOnce?: boolean;
}

/**
 * `retained` marks what the broker had kept from before the subscription; over a network it may come again. The payload
 * may be shared with other handlers: read only.
 */
export type BusHandler = (topic: string, payload: Uint8Array, retained: boolean) => void;

export interface Subscription {
  unsubscribe(): Promise<void>;
}

export interface BusStats {
  readonly published: number;
  readonly received: number;
  readonly dropped: number;
}
