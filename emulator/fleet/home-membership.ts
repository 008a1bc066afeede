import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Device, DeviceEventName } from '../devices/device.js';
import type { DeviceLogChange } from '../functions/device-log.js';
import type { FrameHan } from '../han/frame-han.js';
import type { MembershipEvent } from '../han/joining/home-radio.js';
import type { JoinerState } from '../han/joining/joiner-states.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { HomeTunnels } from './home-tunnels.js';

export interface HomeMembershipParts {
  readonly han: FrameHan;
  readonly tunnels: HomeTunnels;
  readonly devices: ReadonlyMap<Eui64, Device>;
  /** The CHF: what the trust centre does is its doing. */
  readonly hub: Eui64;
  /** Radio of the hub. */
  readonly hubRadio: Eui64;
  /** Devices that speak with others directly, and with whom. */
  readonly partners: readonly (readonly [Eui64, Eui64])[];
  /** Whether all of them are on the network, and at work, from the start. */
  readonly startsJoined: boolean;
  readonly clock: Clock;
  readonly event: (device: Device, name: DeviceEventName, detail: object) => void;
}

/** What of joining and leaving is no good news. */
const problems: ReadonlySet<MembershipEvent> = new Set<MembershipEvent>([
  'join-refused',
  'key-establishment-failed',
  'partner-key-refused',
  'partner-key-missing',
  'no-network-found',
  'association-failed',
  'network-key-missing',
  'hub-silent',
  'network-lost',
  'rejoin-failed',
  'parent-lost',
]);

/** Where a joiner has given up, for good or for a long while. */
const awaitsOrder: ReadonlySet<JoinerState> = new Set<JoinerState>(['left', 'paused', 'lost']);

/** Radio time that a device which has joined gives its partners to do so, too. Our choice. */
const partnerWaitMs = 60_000;

/**
 * What a home does when its devices come and go: a device that has joined gets its tunnel and its
 * partners' keys, and then begins its work; one that is removed from the log is sent away.
 */
export class HomeMembership {
  private readonly started = new Set<Eui64>();
  private readonly joined = new Set<Eui64>();
  /** Devices that wait for a key shared with a partner before they begin. */
  private readonly waiting = new Map<Eui64, Set<Eui64>>();
  private readonly timers = new Set<Timer>();
  private stopped = false;

  constructor(private readonly parts: HomeMembershipParts) {
    if (!parts.startsJoined) return;
    for (const entity of parts.devices.keys()) {
      if (this.onHub(entity)) continue;
      this.joined.add(entity);
      this.started.add(entity);
    }
  }

  private onHub(entity: Eui64): boolean {
    return entity === this.parts.hub || entity === this.parts.hubRadio;
  }

  /** Devices on the network, the hub left out. */
  get joinedCount(): number {
    return this.joined.size;
  }

  onJoined(radio: Eui64): void {
    const { han, tunnels, partners } = this.parts;
    this.joined.add(radio);
    tunnels.open(radio);
    for (const [one, other] of partners) {
      if (one !== radio && other !== radio) continue;
      if (!this.joined.has(one) || !this.joined.has(other)) continue;
      // The one that asks is the one that will speak first.
      this.wait(one, other);
      han.radioOf(one).joiner.requestPartnerKey(other);
    }
    if (partners.some(([one]) => one === radio)) this.beginLater(radio);
    else this.begin(radio);
  }

  /** A partner that does not come keeps nobody from its work for ever. */
  private beginLater(entity: Eui64): void {
    if (this.stopped || this.started.has(entity)) return;
    const { clock } = this.parts;
    const timer = clock.at(clock.nowMs() + partnerWaitMs * clock.speed, () => {
      this.timers.delete(timer);
      if (this.joined.has(entity)) this.begin(entity);
    });
    this.timers.add(timer);
  }

  private wait(device: Eui64, partner: Eui64): void {
    const missing = this.waiting.get(device) ?? new Set();
    missing.add(partner);
    this.waiting.set(device, missing);
  }

  private begin(entity: Eui64): void {
    if (this.started.has(entity)) return;
    this.started.add(entity);
    this.parts.devices.get(entity)?.start();
  }

  onEvent(radio: Eui64, name: MembershipEvent, detail: Readonly<Record<string, unknown>>): void {
    const { devices, hub, hubRadio, tunnels } = this.parts;
    const entity = radio === hubRadio ? hub : radio;
    const device = devices.get(entity);
    if (device === undefined) return;
    const stream = problems.has(name) ? 'network-problem' : 'network-membership';
    this.parts.event(device, stream, { what: name, ...detail });
    if (name === 'partner-key' || name === 'partner-key-missing') {
      this.partnerKey(entity, detail.partner as Eui64);
    } else if (name === 'left') {
      this.joined.delete(entity);
      tunnels.close(entity);
    } else if (name === 'parent-lost') {
      this.joined.delete(entity);
    } else if (name === 'device-removed') {
      // One that could not be told still takes itself for a member.
      this.joined.delete(detail.device as Eui64);
    } else if (name === 'rejoined') {
      this.joined.add(entity);
      tunnels.open(entity);
    }
  }

  /** With its last partner's key, or without hope of it, a device begins. */
  private partnerKey(entity: Eui64, partner: Eui64): void {
    const missing = this.waiting.get(entity);
    missing?.delete(partner);
    if (missing === undefined || missing.size > 0) return;
    this.waiting.delete(entity);
    this.begin(entity);
  }

  /** The hub's device log has changed. */
  onLogChange(change: DeviceLogChange): void {
    if (change.kind === 'restored') this.restored();
    else if (change.kind === 'removed') this.removed(change.entity);
    else if (change.kind === 'added') this.added(change.entity);
  }

  private removed(entity: Eui64): void {
    const { tunnels, han, hubRadio } = this.parts;
    tunnels.close(entity);
    han.radioOf(hubRadio).trustCentre.removeDevice(entity);
  }

  /** Whoever has a device put into the log has it look for a network, too. */
  private added(entity: Eui64): void {
    const { devices, han } = this.parts;
    if (this.onHub(entity) || !devices.has(entity)) return;
    const { joiner } = han.carrierOf(entity);
    if (awaitsOrder.has(joiner.state)) joiner.join();
  }

  /** The hub goes on with the network of another: nobody is on it yet. */
  private restored(): void {
    for (const entity of this.joined) this.parts.tunnels.close(entity);
    this.joined.clear();
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }
}
