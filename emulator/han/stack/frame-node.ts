import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsAddressing } from '../../../protocols/zigbee/aps.js';
import { smartEnergyProfileId } from '../../../protocols/zigbee/aps.js';
import type { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import { isNwkBroadcast } from '../../../protocols/zigbee/nwk.js';
import type { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import {
  decodeZdo,
  encodeZdo,
  type ZdoMessage,
  zdoClusterId,
  zdoEndpoint,
  zdoProfileId,
} from '../../../protocols/zigbee/zdo/zdo.js';
import type { RandomStream } from '../../ports/random.js';
import type { Medium, Radio, Reception } from '../air/radio.js';
import { Mac } from '../mac/mac.js';
import type { MacTiming } from '../mac/mac-timing.js';
import type { MacStatus } from '../mac/mac-upper.js';
import { linkQualityOf } from '../sub-ghz/link-quality-notify.js';
import { type ApsCommandOrigin, ApsLayer, type ApsUpper } from './aps-layer.js';
import type { ApsStatus } from './aps-sender.js';
import { clusterRule } from './cluster-rules.js';
import type { Directory } from './directory.js';
import type { FrameNodeHooks } from './frame-node-hooks.js';
import { HanEntity, type SendVerdict, type ZclCarrier } from './han-entity.js';
import {
  coordinatorAddress,
  type HanNetwork,
  NetworkLayer,
  type NetworkUpper,
  type NodeRole,
  type NwkOrigin,
} from './network-layer.js';
import type { NodeSecurity } from './node-security.js';
import { ParkedFrames } from './parked-frames.js';
import { PollingSchedule } from './polling-schedule.js';
import { type NodeDrop, nodeDrops } from './stack-drops.js';

/** A part of the stack that acts when its time has come. */
export interface TimedPart {
  nextDeadlineMs(): number | undefined;
  expire(nowMs: number): void;
}

export interface FrameNodeOptions {
  /** Of the radio; the hub's is its HAN address, which is also the GPF's entity identifier. */
  readonly eui: Eui64;
  readonly role: NodeRole;
  readonly medium: Medium;
  readonly directory: Directory;
  readonly security: NodeSecurity;
  readonly random: RandomStream;
  /** Radio time, `Clock.stopwatchMs`: frames cross the bus in real time however fast the day passes. */
  readonly nowMs: () => number;
  /** Asks for `tick` at this radio time; a later call replaces an earlier one. */
  readonly wakeAt: (radioMs: number) => void;
  readonly macTiming?: Partial<MacTiming>;
}

const broadcastEndpoint = 0xff;
const accessDenied = { status: 2, shortAddress: 0xffff } as const;

/**
 * The whole ZigBee stack of one radio, from ZCL frames of its entities down to IEEE 802.15.4 frames
 * on the medium, and back. It does no I/O and owns no timer: `tick` is to be called when it asked for.
 * Nothing that it receives makes it throw; what leads nowhere is counted by its reason.
 */
export class FrameNode implements Radio, ZclCarrier, NetworkUpper, ApsUpper {
  readonly eui: Eui64;
  readonly mac: Mac;
  readonly network: NetworkLayer;
  readonly aps: ApsLayer;
  readonly hooks: FrameNodeHooks = {};
  readonly dropped: Record<NodeDrop, number> = { ...nodeDrops };
  /** Replaced, never grown: an array that grows takes room for many more. */
  private entities: readonly HanEntity[] = [];
  private parts: readonly TimedPart[];
  private readonly polling: PollingSchedule | undefined;
  private parked: ParkedFrames | undefined;
  private armedMs = Number.POSITIVE_INFINITY;
  private zdoSequence = 0;

  constructor(private readonly options: FrameNodeOptions) {
    const { eui, role, medium, security, random, nowMs, macTiming } = options;
    this.eui = eui;
    this.network = new NetworkLayer(eui, role, security);
    this.mac = new Mac({
      eui,
      medium: this.mediumFor(medium),
      upper: this.network,
      random,
      nowMs,
      ...(macTiming === undefined ? {} : { timing: macTiming }),
    });
    this.network.mac = this.mac;
    this.network.upper = this;
    this.aps = new ApsLayer(this.network, security, this);
    this.mac.rxOnWhenIdle = role !== 'end-device';
    this.parts = [this.mac, this.aps];
    if (role === 'end-device') {
      this.polling = new PollingSchedule(this.mac, this.aps, {
        onAwake: (at) => this.hooks.onAwake?.(at),
        onAsleep: (at) => this.hooks.onAsleep?.(at),
        onParentLost: (at) => this.hooks.onParentLost?.(at),
      });
      this.parts = [...this.parts, this.polling];
    }
    medium.attach(this);
  }

  /** The radio on the medium is the node: whatever is heard may change what it waits for. */
  private mediumFor(medium: Medium): Medium {
    return {
      attach: () => medium.attach(this),
      detach: () => medium.detach(this),
      transmit: (_mac, psdu, on) => medium.transmit(this, psdu, on),
      energyOn: (channel) => medium.energyOn(channel),
      get settled() {
        return medium.settled ?? true;
      },
    };
  }

  get shortAddress(): number {
    return this.mac.shortAddress;
  }

  listens(page: number, channel: number): boolean {
    return this.mac.listens(page, channel);
  }

  receive(psdu: Uint8Array, reception: Reception): void {
    this.mac.receive(psdu, reception);
    this.reschedule();
  }

  get security(): NodeSecurity {
    return this.options.security;
  }

  get directory(): Directory {
    return this.options.directory;
  }

  get role(): NodeRole {
    return this.options.role;
  }

  get random(): RandomStream {
    return this.options.random;
  }

  get joined(): boolean {
    return this.network.joined;
  }

  nowMs(): number {
    return this.options.nowMs();
  }

  /** Puts an entity on this radio: one on a device, the CHF and the GPF on the hub. */
  addEntity(eui: Eui64, endpoints: readonly [number, ...number[]]): HanEntity {
    const entity = new HanEntity(this, eui, endpoints);
    this.entities = [...this.entities, entity];
    return entity;
  }

  get endpoints(): readonly number[] {
    return this.entities.flatMap((entity) => entity.endpoints);
  }

  addPart(part: TimedPart): void {
    this.parts = [...this.parts, part];
  }

  /** Begins as a node that joined before: keys are in its security already. */
  startJoined(
    network: HanNetwork,
    shortAddress: number,
    others: Iterable<readonly [Eui64, number]>,
  ): void {
    this.network.enter(network, shortAddress);
    for (const [eui, short] of others) {
      if (eui === this.eui) continue;
      if (this.role !== 'coordinator') this.network.addresses.add(eui, short);
      else this.network.addChild(eui, short, this.directory.ofRadio(eui)?.sleepy === true);
    }
  }

  /** Takes the radio off the air for good. */
  dispose(): void {
    this.options.medium.detach(this);
  }

  /** Asks `tick` for the earliest that any part waits for. */
  reschedule(): void {
    let earliest = Number.POSITIVE_INFINITY;
    for (const part of this.parts) {
      const deadline = part.nextDeadlineMs();
      if (deadline !== undefined && deadline < earliest) earliest = deadline;
    }
    const parked = this.parked?.nextDeadlineMs();
    if (parked !== undefined && parked < earliest) earliest = parked;
    // One that is asked for too early asks again; most deadlines pass without anything to do.
    if (earliest >= this.armedMs) return;
    this.armedMs = earliest;
    this.options.wakeAt(earliest);
  }

  tick(): void {
    this.armedMs = Number.POSITIVE_INFINITY;
    const nowMs = this.nowMs();
    for (const part of this.parts) part.expire(nowMs);
    this.parked?.expire(nowMs);
    this.reschedule();
  }

  /** A sleepy node: radio on, until there has been nothing to do for a while. */
  wakeRadio(): void {
    this.polling?.wake(this.nowMs());
    this.reschedule();
  }

  /** Keeps a sleepy node's radio on, polling, while `held`. */
  holdAwake(held: boolean): void {
    if (this.polling === undefined) return;
    this.polling.held = held;
    if (held) this.wakeRadio();
  }

  get asleep(): boolean {
    return this.polling?.asleep === true;
  }

  /** For the entities; they hold the public face. */
  send(
    sourceEndpoint: number,
    destination: Eui64,
    clusterId: number,
    asdu: Uint8Array,
    endpoint?: number,
  ): SendVerdict {
    const listing = this.directory.find(destination);
    if (listing === undefined) return 'unknown-destination';
    const destinationEndpoint = endpoint ?? listing.endpoints[0];
    const addressing: ApsAddressing = {
      destinationEndpoint,
      clusterId,
      profileId: smartEnergyProfileId,
      sourceEndpoint,
    };
    if (listing.radio === this.eui) {
      // Between the entities of one radio nothing goes on the air.
      this.dispatch(this.eui, addressing, asdu);
      return 'sent';
    }
    if (!this.joined) return 'not-joined';
    const verdict = this.sendTo(listing.radio, addressing, asdu, (reason) =>
      this.hooks.onUndelivered?.(this.entityAt(sourceEndpoint), destination, clusterId, reason),
    );
    this.reschedule();
    return verdict;
  }

  /** Who on this radio sends from an endpoint. */
  private entityAt(endpoint: number): Eui64 {
    return this.entities.find(({ endpoints }) => endpoints.includes(endpoint))?.eui ?? this.eui;
  }

  private sendTo(
    radio: Eui64,
    addressing: ApsAddressing,
    asdu: Uint8Array,
    undelivered: (reason: string) => void,
  ): SendVerdict {
    const nowMs = this.nowMs();
    const shortAddress = this.network.addresses.shortOf(radio);
    if (shortAddress === undefined) {
      this.parked ??= new ParkedFrames();
      const send = (kept: Uint8Array): void => {
        const verdict = this.sendTo(radio, addressing, kept, undelivered);
        if (verdict !== 'sent') undelivered(verdict);
      };
      const parked = this.parked.add(radio, asdu, nowMs, send, undelivered);
      if (parked) this.hooks.onUnknownAddress?.(radio, nowMs);
      return parked ? 'sent' : 'queue-full';
    }
    const rule = clusterRule(addressing.clusterId);
    this.polling?.sent(nowMs);
    const { sleepy = false } = this.directory.ofRadio(radio) ?? {};
    const request = {
      destination: shortAddress,
      destinationEui: radio,
      via: this.viaOf(shortAddress),
      addressing,
      secured: rule.security === 'link',
      acknowledged: rule.acknowledged,
      sleepy,
    };
    return this.aps.send(request, asdu, nowMs, (status: ApsStatus) => {
      if (status !== 'success') undelivered(status);
    });
  }

  /** Whatever the hub carries goes through it: other bands, and nodes that are asleep. */
  viaOf(destination: number): number | undefined {
    if (destination === coordinatorAddress || this.role === 'coordinator') return undefined;
    if (isNwkBroadcast(destination)) return undefined;
    if (this.role === 'end-device') return coordinatorAddress;
    const radio = this.network.addresses.euiOf(destination);
    const other = radio === undefined ? undefined : this.directory.ofRadio(radio);
    if (other === undefined) return undefined;
    const own = this.directory.ofRadio(this.eui);
    return other.sleepy || own?.band !== other.band ? coordinatorAddress : undefined;
  }

  /** Sends a message of the ZigBee Device Profile; returns its transaction sequence number. */
  sendZdo(
    destination: number,
    message: Omit<ZdoMessage, 'transactionSequence'> & { readonly transactionSequence?: number },
  ): number {
    const transactionSequence = message.transactionSequence ?? this.zdoSequence;
    if (message.transactionSequence === undefined) {
      this.zdoSequence = (this.zdoSequence + 1) & 0xff;
    }
    const whole = { ...message, transactionSequence } as ZdoMessage;
    const addressing: ApsAddressing = {
      destinationEndpoint: zdoEndpoint,
      clusterId: zdoClusterId(whole.name),
      profileId: zdoProfileId,
      sourceEndpoint: zdoEndpoint,
    };
    const nowMs = this.nowMs();
    this.polling?.sent(nowMs);
    const request = {
      destination,
      destinationEui: undefined,
      via: this.viaOf(destination),
      addressing,
      secured: false,
      acknowledged: false,
      sleepy: false,
    };
    this.aps.send(request, encodeZdo(whole), nowMs);
    this.reschedule();
    return transactionSequence;
  }

  onNwkData(apdu: Uint8Array, origin: NwkOrigin, nowMs: number): void {
    this.polling?.heard(nowMs);
    this.aps.receive(apdu, origin, nowMs);
  }

  onNwkCommand(command: NwkCommand, origin: NwkOrigin, nowMs: number): void {
    this.polling?.heard(nowMs);
    if (this.hooks.onNwkCommand === undefined) this.dropped.unexpectedCommand++;
    else this.hooks.onNwkCommand(command, origin, nowMs);
  }

  onAddress(eui: Eui64, _shortAddress: number, _nowMs: number): void {
    this.parked?.release(eui);
  }

  onApsData(addressing: ApsAddressing, asdu: Uint8Array, origin: NwkOrigin, nowMs: number): void {
    if (origin.eui !== undefined) this.hooks.onHeard?.(origin.eui, nowMs);
    if (addressing.profileId === zdoProfileId) {
      this.receiveZdo(addressing.clusterId, asdu, origin, nowMs);
    } else if (addressing.profileId !== smartEnergyProfileId) {
      this.dropped.otherProfile++;
    } else if (origin.eui === undefined) {
      this.dropped.unknownSource++;
    } else {
      this.dispatch(origin.eui, addressing, asdu);
    }
  }

  onApsCommand(command: ApsCommand, origin: ApsCommandOrigin, nowMs: number): void {
    if (this.hooks.onApsCommand === undefined) this.dropped.unexpectedCommand++;
    else this.hooks.onApsCommand(command, origin, nowMs);
  }

  private receiveZdo(clusterId: number, asdu: Uint8Array, origin: NwkOrigin, nowMs: number): void {
    let message: ZdoMessage;
    try {
      message = decodeZdo(clusterId, asdu);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformedZdo++;
      return;
    }
    if (message.name === 'Device_annce') {
      this.network.learn(message.fields.ieeeAddress, message.fields.nwkAddress, nowMs);
    }
    const counts = this.hooks.onLinkQuality && linkQualityOf(message);
    if (counts === undefined) this.hooks.onZdo?.(message, origin, nowMs);
    else if (origin.eui !== undefined) this.hooks.onLinkQuality?.(origin.eui, counts);
  }

  private dispatch(radio: Eui64, addressing: ApsAddressing, asdu: Uint8Array): void {
    const { sourceEndpoint, destinationEndpoint, clusterId } = addressing;
    const source = this.directory.at(radio, sourceEndpoint);
    if (source === undefined) {
      this.dropped.unknownSource++;
      return;
    }
    let taken = false;
    for (const entity of this.entities) {
      const everyone = destinationEndpoint === broadcastEndpoint;
      if (!everyone && !entity.endpoints.includes(destinationEndpoint)) continue;
      taken = true;
      entity.deliver(source.entity, clusterId, asdu);
    }
    if (!taken) this.dropped.unknownEndpoint++;
  }

  onAssociationRequest(
    device: Eui64,
    capability: number,
    reception: Reception,
    nowMs: number,
  ): { readonly status: number; readonly shortAddress: number } {
    const answer = this.hooks.onAssociationRequest?.(device, capability, reception, nowMs);
    return answer ?? accessDenied;
  }

  onAssociationAnswered(
    device: Eui64,
    shortAddress: number,
    status: MacStatus,
    nowMs: number,
  ): void {
    this.hooks.onAssociationAnswered?.(device, shortAddress, status, nowMs);
  }

  onPolled(shortAddress: number, nowMs: number): void {
    this.hooks.onPolled?.(shortAddress, nowMs);
  }

  /** Everything that came in and led nowhere, by layer and reason; zeros left out. */
  drops(): Record<string, number> {
    const all: Record<string, number> = {};
    const { reassemblyDropped } = this.aps;
    const tables: readonly Readonly<Record<string, number>>[] = [
      this.mac.dropped,
      this.network.dropped,
      this.aps.dropped,
      reassemblyDropped ?? {},
      this.dropped,
    ];
    for (const table of tables) {
      for (const [reason, count] of Object.entries(table)) {
        if (count > 0) all[reason] = (all[reason] ?? 0) + count;
      }
    }
    return all;
  }
}
