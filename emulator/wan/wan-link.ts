import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import { envelopeLengthMax } from '../../protocols/bus/envelope-types.js';
import { parseTopic, type WanDirection, wanFilter, wanTopic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Bus, Subscription } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';

export interface WanLinkParts {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Name of the fleet in topics. */
  readonly fleet: string;
  /** Gets what came over the bus and is no GBCS envelope, or is for nobody here. Must not throw. */
  readonly onProblem?: (topic: string, reason: string) => void;
}

export interface WanLinkStats {
  readonly sent: number;
  readonly received: number;
  /** Envelopes that do not parse, are of another kind, or came on a topic that is none. */
  readonly malformed: number;
  /** Messages for hubs that are not here. */
  readonly unrouted: number;
  /** Messages too long to send. */
  readonly oversized: number;
}

/** Octets around a message in its envelope, at most: head, keys, time, sequence and sender. */
const envelopeOverheadMax = 64;
const messageLengthMax = envelopeLengthMax - envelopeOverheadMax;

type Receive = (hub: Eui64, message: Uint8Array) => void;

/** Hubs whose topics are remembered; beyond it all are forgotten and worked out again. */
const topicsMax = 262_144;

/** One end of the WAN plane: GBCS messages of all hubs of a fleet over one wildcard subscription. */
abstract class WanLink {
  private readonly topicsByHub = new Map<Eui64, string>();
  private readonly hubsByTopic = new Map<string, Eui64>();
  private readonly counts = { sent: 0, received: 0, malformed: 0, unrouted: 0, oversized: 0 };
  private subscription: Subscription | undefined;
  private sequence = 0;

  protected constructor(
    protected readonly parts: WanLinkParts,
    private readonly sends: WanDirection,
    private readonly hears: WanDirection,
  ) {}

  /** Resolves when messages are heard. */
  async open(): Promise<void> {
    const { bus, fleet } = this.parts;
    const filter = wanFilter(fleet, this.hears);
    this.subscription = await bus.subscribe(filter, (topic, payload) => this.hear(topic, payload));
  }

  async close(): Promise<void> {
    await this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  stats(): WanLinkStats {
    return { ...this.counts };
  }

  /** Whether somebody took the message. */
  protected abstract receive(hub: Eui64, message: Uint8Array): boolean;

  /** @param sender Named in the envelope; a head end is no device and names none. */
  protected publish(hub: Eui64, message: Uint8Array, sender: Eui64 | undefined): void {
    const topic = this.topicOf(hub);
    if (message.length > messageLengthMax) {
      this.counts.oversized++;
      this.parts.onProblem?.(topic, `message of ${message.length} bytes is too long to send`);
      return;
    }
    const { bus, clock } = this.parts;
    const sequence = this.sequence++;
    const timeMs = clock.nowMs();
    bus.publish(topic, encodeEnvelope({ kind: 'gbcs', timeMs, sequence, sender, body: message }));
    this.counts.sent++;
  }

  private hear(topic: string, payload: Uint8Array): void {
    const hub = this.hubOf(topic);
    if (hub === undefined) {
      this.malformed(topic, 'not a topic of the WAN plane');
      return;
    }
    const message = this.messageIn(topic, payload);
    if (message === undefined) return;
    this.counts.received++;
    if (this.receive(hub, message)) return;
    this.counts.unrouted++;
    this.parts.onProblem?.(topic, `hub ${hub} is not here`);
  }

  private messageIn(topic: string, payload: Uint8Array): Uint8Array | undefined {
    try {
      const envelope = decodeEnvelope(payload);
      if (envelope.kind === 'gbcs') return envelope.body;
      this.malformed(topic, `an envelope of kind ${envelope.kind} on the WAN plane`);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.malformed(topic, error.message);
    }
    return undefined;
  }

  private malformed(topic: string, reason: string): void {
    this.counts.malformed++;
    this.parts.onProblem?.(topic, reason);
  }

  private topicOf(hub: Eui64): string {
    let topic = this.topicsByHub.get(hub);
    if (topic === undefined) {
      topic = wanTopic(this.parts.fleet, hub, this.sends);
      if (this.topicsByHub.size >= topicsMax) this.topicsByHub.clear();
      this.topicsByHub.set(hub, topic);
    }
    return topic;
  }

  private hubOf(topic: string): Eui64 | undefined {
    const known = this.hubsByTopic.get(topic);
    if (known !== undefined) return known;
    const parsed = parseTopic(topic);
    if (parsed?.plane !== 'wan') return undefined;
    if (this.hubsByTopic.size >= topicsMax) this.hubsByTopic.clear();
    this.hubsByTopic.set(topic, parsed.hub);
    return parsed.hub;
  }
}

/** The head end's end: sends down to any hub, hears what all hubs send up. A `WanPort`. */
export class HeadEndWanLink extends WanLink {
  private receiver: Receive | undefined;

  constructor(parts: WanLinkParts) {
    super(parts, 'down', 'up');
  }

  /** Who gets what hubs send; before it is set, messages count as unrouted. */
  onMessage(receiver: Receive): void {
    this.receiver = receiver;
  }

  send(hub: Eui64, message: Uint8Array): void {
    this.publish(hub, message, undefined);
  }

  protected receive(hub: Eui64, message: Uint8Array): boolean {
    this.receiver?.(hub, message);
    return this.receiver !== undefined;
  }
}

/** The hubs' end: one link carries the messages of all hubs of a process. */
export class HubWanLink extends WanLink {
  private readonly receivers = new Map<Eui64, (message: Uint8Array) => void>();

  constructor(parts: WanLinkParts) {
    super(parts, 'up', 'down');
  }

  /** `receiver` must not throw. */
  attach(hub: Eui64, receiver: (message: Uint8Array) => void): void {
    this.receivers.set(hub, receiver);
  }

  detach(hub: Eui64): void {
    this.receivers.delete(hub);
  }

  send(hub: Eui64, message: Uint8Array): void {
    this.publish(hub, message, hub);
  }

  protected receive(hub: Eui64, message: Uint8Array): boolean {
    const receiver = this.receivers.get(hub);
    receiver?.(message);
    return receiver !== undefined;
  }
}
