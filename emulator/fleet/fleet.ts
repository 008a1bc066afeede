import { decodeEnvelope, encodeEnvelope } from '../../protocols/bus/envelope.js';
import {
  type Band,
  bands,
  deviceEventTopic,
  type EventStream,
  hanFilter,
  hanTopic,
  parseTopic,
} from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type {
  CommandOutcome,
  CommandRequest,
  HeadEndTotals,
  UnsolicitedMessage,
} from '../dcc/command-outcome.js';
import { commission } from '../dcc/commissioning.js';
import { HeadEnd } from '../dcc/head-end.js';
import { Inventory } from '../dcc/inventory.js';
import { alertEvent } from '../dcc/unsolicited.js';
import { type IssuedUtrn, UtrnIssuer } from '../dcc/utrn-issuer.js';
import type { Device, DeviceDescription, DeviceEventName } from '../devices/device.js';
import type { RadioChannel } from '../han/air/radio.js';
import type { Bus, Subscription } from '../ports/bus.js';
import type { Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { HeadEndWanLink, HubWanLink } from '../wan/wan-link.js';
import { FirmwareDesk } from './firmware-desk.js';
import type { FleetWorld } from './fleet-world.js';
import { Home, type HomePlan } from './home.js';

/** A device as `hubfleet devices` and the control plane show it. */
export interface DeviceSummary {
  readonly home: string;
  readonly type: string;
  readonly device: Eui64;
  readonly hub: Eui64;
  readonly state: DeviceDescription;
}

export interface FleetStats {
  readonly homes: number;
  readonly devices: number;
  /** Devices that are on their home network, those of the hub included. */
  readonly joined: number;
  readonly headEnd: HeadEndTotals;
  /** Commands that devices executed and refused. */
  readonly executed: number;
  readonly refused: number;
  /** Refusals by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly undeliverable: number;
  readonly framesOnAir: number;
  /** Bus messages that are no envelope, of the wrong kind, or for nobody here. */
  readonly busProblems: number;
}

export interface FleetEvent {
  readonly home: string;
  readonly device: Eui64;
  readonly type: string;
  readonly name: DeviceEventName;
  readonly timeMs: number;
  readonly detail: object;
}

/** Which stream of the events plane an event of a device goes to; others stay in the process. */
const streams: Readonly<Partial<Record<DeviceEventName, EventStream>>> = {
  started: 'lifecycle',
  'supply-changed': 'lifecycle',
  'clock-set': 'lifecycle',
  'device-log-changed': 'lifecycle',
  'firmware-changed': 'lifecycle',
  'load-switched': 'lifecycle',
  'command-refused': 'refusal',
  'network-membership': 'lifecycle',
  'network-problem': 'refusal',
  'message-undeliverable': 'refusal',
  'frame-dropped': 'refusal',
  fault: 'refusal',
};

/** Of a fleet on the air; the others begin to talk one after the other, so that they need not wait for each other. */
const homesStartedAtOnce = 50;
/** Real milliseconds between them. */
const startPaceMs = 100;

/** Bus messages dropped that are told one by one; of those beyond, one in so many. */
const problemsTold = 100;

/** Homes whose devices are put into the log at the same time. */
const commissionsAtOnce = 16;

/** Channel page 0 is 2.4 GHz, all others of a home are sub-GHz. */
function bandOf(page: number): Band {
  return page === 0 ? '2g4' : '868';
}

/**
 * Homes and head end on one bus. Knows neither broker nor process: those are given by `startFleet` or by a test.
 */
export class Fleet {
  readonly headEnd: HeadEnd;
  readonly homes: readonly Home[];
  /** Brings firmware to the hubs. */
  readonly firmware: FirmwareDesk;
  private readonly utrnIssuer: UtrnIssuer;
  private readonly homesByAir = new Map<string, Home>();
  private readonly airs = new Map<Home, Readonly<Record<Band, string>>>();
  private readonly sequences = new Map<string, number>();
  private readonly listeners = new Set<(event: FleetEvent) => void>();
  private readonly subscriptions: Subscription[] = [];
  private readonly headEndLink: HeadEndWanLink;
  private readonly hubLink: HubWanLink;
  private readonly counts = { executed: 0, refused: 0, undeliverable: 0, busProblems: 0 };
  private readonly refusals: Record<string, number> = {};
  private readonly awaitingJoin: (() => void)[] = [];
  private readonly starting = new Set<Timer>();
  private stopped = false;

  constructor(
    readonly name: string,
    private readonly bus: Bus,
    private readonly world: FleetWorld,
    plans: readonly HomePlan[],
    private readonly log: Log,
  ) {
    const { clock } = world;
    const onProblem = (topic: string, reason: string): void => this.busProblem(topic, reason);
    this.headEndLink = new HeadEndWanLink({ bus, clock, fleet: name, onProblem });
    this.hubLink = new HubWanLink({ bus, clock, fleet: name, onProblem });
    const inventory = new Inventory();
    this.homes = plans.map((plan) => this.makeHome(plan, inventory));
    this.firmware = new FirmwareDesk(world, this.homes);
    this.utrnIssuer = new UtrnIssuer(world.headEnd, inventory);
    this.headEnd = new HeadEnd({
      ...world.headEnd,
      wan: this.headEndLink,
      inventory,
      log,
      onUnsolicited: (message) => this.onUnsolicited(message),
    });
    this.headEndLink.onMessage((hub, message) => this.headEnd.onMessage(hub, message));
  }

  private makeHome(plan: HomePlan, inventory: Inventory): Home {
    const home = new Home(plan, {
      ...this.world.home,
      publishFrame: (from, psdu, sender, on) => this.publishFrame(from, psdu, sender, on),
      sendUp: (from, message) => this.hubLink.send(from.hub, message),
      event: (from, device, eventName, detail) => this.onEvent(from, device, eventName, detail),
    });
    const [first, second] = bands.map((band) => hanTopic(this.name, home.name, band)) as [
      string,
      string,
    ];
    this.homesByAir.set(first, home);
    this.homesByAir.set(second, home);
    this.airs.set(home, { '2g4': first, '868': second });
    this.hubLink.attach(home.hub, (message) => home.receiveDown(message));
    for (const device of home.devices.values()) {
      inventory.put({
        device: device.entity,
        type: device.type,
        hub: home.hub,
        home: home.name,
      });
    }
    return home;
  }

  /** Resolves when everything is subscribed and the devices have started; those of a big fleet go on starting. */
  async start(): Promise<void> {
    const hear = (topic: string, payload: Uint8Array): void => this.hearFrame(topic, payload);
    this.subscriptions.push(await this.bus.subscribe(hanFilter(this.name), hear));
    await this.headEndLink.open();
    await this.hubLink.open();
    for (const [index, home] of this.homes.entries()) {
      for (const device of home.devices.values()) this.publishPresence(home, device, 'online');
      if (this.world.home.han === 'messages' || index < homesStartedAtOnce) home.start();
      else this.startLater(home, (index - homesStartedAtOnce + 1) * startPaceMs);
    }
    await this.bus.flush();
  }

  private startLater(home: Home, realMs: number): void {
    const { clock } = this.world;
    const timer = clock.at(clock.nowMs() + realMs * clock.speed, () => {
      this.starting.delete(timer);
      home.start();
    });
    this.starting.add(timer);
  }

  /**
   * Has the head end put the devices of every home into the device log of its hub, so that they may join: some homes at
   * once, each device after the other. For homes that start from power-on.
   */
  async commission(): Promise<void> {
    const { homes } = this;
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let home = homes[next++]; home !== undefined; home = homes[next++]) {
        if (this.stopped) return;
        await this.commissionHome(home);
      }
    };
    await Promise.all(Array.from({ length: commissionsAtOnce }, worker));
  }

  /** Resolves when every device of every home is on its network, or when the fleet is stopped. */
  whenJoined(): Promise<void> {
    if (this.stopped || this.homes.every((home) => home.allJoined)) return Promise.resolve();
    return new Promise((resolve) => this.awaitingJoin.push(resolve));
  }

  /** Looks at the whole fleet only when one home more is complete. */
  private settleJoinedWith(home: Home): void {
    if (this.awaitingJoin.length > 0 && home.allJoined) this.settleJoined();
  }

  private settleJoined(): void {
    if (this.awaitingJoin.length === 0) return;
    if (!this.stopped && !this.homes.every((home) => home.allJoined)) return;
    for (const resolve of this.awaitingJoin.splice(0)) resolve();
  }

  private async commissionHome(home: Home): Promise<void> {
    const devices = [...home.devices.values()].map(({ entity: device, type }) => ({
      device,
      type,
      installCode: this.world.home.installCodeOf(device),
    }));
    const { admitted, outcomes } = await commission(this.headEnd, { hub: home.hub, devices });
    if (admitted) return;
    const reasons = outcomes.filter(({ succeeded }) => !succeeded).map(({ reason }) => reason);
    this.log.warn(
      { home: home.name, reasons },
      'not every device could be put into the device log',
    );
  }

  /** Takes all devices off the bus. The bus itself belongs to whoever gave it. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.starting) timer.cancel();
    this.settleJoined();
    this.headEnd.close();
    for (const home of this.homes) home.stop();
    for (const home of this.homes) {
      for (const device of home.devices.values()) this.publishPresence(home, device, 'offline');
    }
    for (const subscription of this.subscriptions.splice(0)) await subscription.unsubscribe();
    await this.headEndLink.close();
    await this.hubLink.close();
    await this.bus.flush();
  }

  /** @throws UsageError when no command comes of the request. */
  send(request: CommandRequest): Promise<CommandOutcome> {
    return this.headEnd.send(request);
  }

  /** @throws UsageError for a device that takes no top-up and for an amount that no token carries. */
  issueUtrn(device: Eui64, pence: number): IssuedUtrn {
    return this.utrnIssuer.issue(device, pence);
  }

  devices(): DeviceSummary[] {
    return this.homes.flatMap((home) => this.devicesOf(home));
  }

  devicesOf(home: Home): DeviceSummary[] {
    return [...home.devices.values()].map((device) => ({
      home: home.name,
      type: device.type,
      device: device.entity,
      hub: home.hub,
      state: device.describe(),
    }));
  }

  deviceOf(entity: Eui64): Device | undefined {
    const record = this.headEnd.inventory.find(entity);
    return this.homes.find((home) => home.name === record?.home)?.devices.get(entity);
  }

  stats(): FleetStats {
    return {
      homes: this.homes.length,
      devices: this.homes.reduce((sum, home) => sum + home.devices.size, 0),
      joined: this.homes.reduce((sum, home) => sum + home.devicesJoined, 0),
      headEnd: this.headEnd.totals(),
      executed: this.counts.executed,
      refused: this.counts.refused,
      refusals: { ...this.refusals },
      undeliverable: this.counts.undeliverable,
      framesOnAir: this.homes.reduce((sum, home) => sum + home.han.framesTransmitted, 0),
      busProblems: this.counts.busProblems,
    };
  }

  /** Hears every event of every device; returns the way to stop. */
  onDeviceEvent(listener: (event: FleetEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private nextSequence(sender: string): number {
    const sequence = this.sequences.get(sender) ?? 0;
    this.sequences.set(sender, (sequence + 1) >>> 0);
    return sequence;
  }

  private publishFrame(home: Home, psdu: Uint8Array, sender: Eui64, radio: RadioChannel): void {
    const timeMs = this.world.clock.nowMs();
    const sequence = this.nextSequence(sender);
    const envelope = encodeEnvelope({ kind: 'frame', timeMs, sequence, sender, body: psdu, radio });
    const topics = this.airs.get(home);
    if (topics !== undefined) this.bus.publish(topics[bandOf(radio.page)], envelope);
  }

  private hearFrame(topic: string, payload: Uint8Array): void {
    const home = this.homesByAir.get(topic);
    if (home === undefined) {
      // The air of a home that another process runs, or no home at all.
      if (parseTopic(topic) === undefined) this.busProblem(topic, 'not a topic of the HAN plane');
      return;
    }
    try {
      const envelope = decodeEnvelope(payload);
      if (envelope.kind !== 'frame') {
        this.busProblem(topic, `an envelope of kind ${envelope.kind} on the HAN plane`);
      } else if (envelope.sender === undefined) {
        this.busProblem(topic, 'a frame without a sender');
      } else {
        home.receiveFrame(envelope.body, { ...envelope.radio, sender: envelope.sender });
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.busProblem(topic, error.message);
    }
  }

  private busProblem(topic: string, reason: string): void {
    const count = ++this.counts.busProblems;
    // A flood is counted, and told now and then.
    if (count > problemsTold && count % problemsTold !== 0) return;
    this.log.warn({ topic, reason, count }, 'bus message dropped');
  }

  private onEvent(home: Home, device: Device, name: DeviceEventName, detail: object): void {
    if (name === 'command-executed') this.counts.executed++;
    // The event is the joining device's; its home counts it afterwards.
    if (name === 'network-membership') queueMicrotask(() => this.settleJoinedWith(home));
    if (name === 'message-undeliverable') this.counts.undeliverable++;
    if (name === 'command-refused') {
      this.counts.refused++;
      const { reason } = detail as { reason: string };
      this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
    }
    const timeMs = this.world.clock.nowMs();
    const event = {
      home: home.name,
      device: device.entity,
      type: device.type,
      name,
      timeMs,
      detail,
    };
    for (const listener of this.listeners) listener(event);
    const stream = streams[name];
    if (stream !== undefined) this.publishEvent(device, stream, name, detail);
  }

  /** What the head end made of an alert goes to the alert stream of the device that raised it. */
  private onUnsolicited(message: UnsolicitedMessage): void {
    if (message.kind !== 'alert') return;
    const device = this.deviceOf(message.device);
    if (device === undefined) return;
    this.publishEvent(device, 'alert', 'alert-received', alertEvent(message));
  }

  private publishEvent(
    device: Device,
    stream: EventStream,
    name: DeviceEventName | 'alert-received',
    detail: object,
  ): void {
    const sender = device.entity;
    this.bus.publish(
      deviceEventTopic(this.name, sender, stream),
      encodeEnvelope({
        kind: 'event',
        timeMs: this.world.clock.nowMs(),
        sequence: this.nextSequence(sender),
        sender,
        body: { event: name, type: device.type, detail: JSON.parse(JSON.stringify(detail)) },
      }),
      { atLeastOnce: true },
    );
  }

  private publishPresence(home: Home, device: Device, state: 'online' | 'offline'): void {
    const sender = device.entity;
    this.bus.publish(
      deviceEventTopic(this.name, sender, 'presence'),
      encodeEnvelope({
        kind: 'presence',
        timeMs: this.world.clock.nowMs(),
        sequence: this.nextSequence(sender),
        sender,
        body: { state, type: device.type, home: home.name, hub: home.hub },
      }),
      { retain: true, atLeastOnce: true },
    );
  }
}
