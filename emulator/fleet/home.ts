import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { KeyEstablishmentIdentity } from '../../protocols/zigbee/cbke/certificate.js';
import { functionalNotificationFlags } from '../../protocols/zigbee/clusters/notification-flags.js';
import { Chf } from '../devices/chf/device.js';
import type { MeterFlag } from '../devices/chf/sub-ghz.js';
import type { Device, DeviceEventName } from '../devices/device.js';
import { Gpf } from '../devices/gpf/device.js';
import type { RestoredNetwork } from '../functions/device-log.js';
import type { JoinAuthority } from '../functions/join-authority.js';
import type { SubGhzRadio } from '../functions/sub-ghz-radio.js';
import type { RadioChannel } from '../han/air/radio.js';
import type { Environment } from '../han/air/radio-environments.js';
import { FrameHan } from '../han/frame-han.js';
import type { Han, HeardFrame } from '../han/han.js';
import { joinedLinkKey } from '../han/joining/joined-keys.js';
import { MessageHan } from '../han/message-han.js';
import { Directory } from '../han/stack/directory.js';
import type { HanCrypto } from '../han/stack/node-security.js';
import type { Clock } from '../ports/clock.js';
import { type DeviceWorld, entityOf, HomeDevices } from './home-devices.js';
import { HomeHost, type HostedHome } from './home-host.js';
import { hubRadio, listingsOf, placesOf } from './home-listings.js';
import { HomeMembership } from './home-membership.js';
import type { HomeDeviceType, HomeTemplate } from './home-template.js';
import { HomeTunnels } from './home-tunnels.js';

/** How homes carry what their devices say to each other. */
export const hanKinds = ['frames', 'messages'] as const;
export type HanKind = (typeof hanKinds)[number];

/** How homes begin: as if their devices had joined long ago, or with a hub that has just got power. */
export const beginnings = ['joined', 'power-on'] as const;
export type Beginning = (typeof beginnings)[number];

/** The injected world that all homes of a fleet share. */
export interface HomeWorld extends DeviceWorld {
  readonly clock: Clock;
  /** Of the home network; frames are short, and a cipher that is quick with short ones pays. */
  readonly hanCrypto: HanCrypto;
  /** Default `frames`. */
  readonly han?: HanKind | undefined;
  /** Default `joined`. */
  readonly from?: Beginning | undefined;
  /** How radio fares in the homes; ideal unless told. */
  readonly environment?: Environment | undefined;
  /** Certificates of a radio for key establishment, one a suite. */
  identitiesOf(radio: Eui64): readonly KeyEstablishmentIdentity[];
  /** 16 octets, without the CRC: what is printed on a device. */
  installCodeOf(device: Eui64): Uint8Array;
  /** The link key that an install code stands for. */
  labelKeyOf(device: Eui64): Uint8Array;
  /** Puts a frame of this home on the bus. */
  publishFrame(home: Home, psdu: Uint8Array, sender: Eui64, on: RadioChannel): void;
  /** Sends a message of this home's hub up the WAN. */
  sendUp(home: Home, message: Uint8Array): void;
  event(home: Home, device: Device, name: DeviceEventName, detail: object): void;
}

export interface HomePlan {
  readonly name: string;
  readonly template: HomeTemplate;
  /** Personal area network of a home that starts joined. */
  readonly panId: number;
  readonly entities: Readonly<Partial<Record<HomeDeviceType, Eui64>>>;
}

/** One home: its devices, the network between them and the hub's tunnels. The only place where devices meet. */
export class Home implements HostedHome {
  readonly name: string;
  readonly han: Han;
  readonly devices = new Map<Eui64, Device>();
  readonly hub: Eui64;
  readonly clock: Clock;
  private chf!: Chf;
  private gpf: Gpf | undefined;
  private readonly tunnels: HomeTunnels;
  private readonly membership: HomeMembership | undefined;
  private readonly hosts: HomeHost[] = [];
  private readonly startsJoined: boolean;

  constructor(
    readonly plan: HomePlan,
    private readonly world: HomeWorld,
  ) {
    this.name = plan.name;
    this.clock = world.clock;
    this.hub = entityOf(plan, 'chf');
    this.startsJoined = world.from !== 'power-on';
    this.han = this.makeHan(new Directory(listingsOf(plan)));
    this.tunnels = new HomeTunnels({
      clock: world.clock,
      hub: this.han.entityOf(this.hub),
      joined: this.startsJoined,
      onUp: (from, message) => this.forward(from, message),
      onGasPending: (_meter, pending) => this.gpf?.setMessagesPending(pending),
      onGasExpired: (meter, message) => this.expired(meter, message),
    });
    this.build();
    this.membership = this.makeMembership();
  }

  private makeHan(directory: Directory): Han {
    const { plan, world } = this;
    if (world.han === 'messages') return new MessageHan(directory);
    const han = new FrameHan({
      home: plan.name,
      panId: plan.panId,
      hub: hubRadio(plan),
      directory,
      clock: world.clock,
      random: world.random,
      store: world.store,
      crypto: world.hanCrypto,
      environment: world.environment,
      places: placesOf(plan, world.environment, world.random.stream(plan.name, 'places')),
      authority: this.authority(),
      identitiesOf: (radio) => world.identitiesOf(radio),
      labelKeyOf: (radio) => world.labelKeyOf(radio),
      onEvent: (radio, name, detail) => this.membership?.onEvent(radio, name, detail),
      onJoined: (radio) => this.membership?.onJoined(radio),
      publish: (psdu, sender, on) => world.publishFrame(this, psdu, sender, on),
      onUndelivered: (from, to, clusterId, reason) => this.undelivered(from, to, clusterId, reason),
    });
    if (this.startsJoined) han.startJoined();
    return han;
  }

  /** The hub's device log, which is made after the network that asks it. */
  private authority(): JoinAuthority {
    return {
      joiningKeys: (device, nowMs) =>
        this.hasRoomFor(device) ? this.chf.deviceLog.joiningKeys(device, nowMs) : [],
      joiningOpen: (nowMs) => this.chf.deviceLog.joiningOpen(nowMs),
      isWhitelisted: (device) => this.chf.deviceLog.isWhitelisted(device),
      joined: (device, linkKey, nowMs) => this.chf.deviceLog.joined(device, linkKey, nowMs),
      heard: (device, nowMs) => this.chf.deviceLog.heard(device, nowMs),
    };
  }

  /** On the hub's radio of the device's band. */
  private hasRoomFor(device: Eui64): boolean {
    const { template, entities } = this.plan;
    const found = template.devices.find(({ type }) => entities[type] === device);
    return found?.band !== '868' || this.chf.admitsToSubGhz(device);
  }

  private build(): void {
    const { plan, world } = this;
    const types = plan.template.devices.map((device) => device.type);
    const making = new HomeDevices(plan, world, this.startsJoined ? this.known(types) : []);
    for (const type of types) {
      const entity = entityOf(plan, type);
      const han = this.han.entityOf(entity);
      const host = new HomeHost(this, han);
      this.hosts.push(host);
      const device = making.make(type, entity, host);
      host.device = device;
      this.devices.set(entity, device);
      han.onZcl = (from, clusterId, frame) => device.receiveZcl(from, clusterId, frame);
      if (device instanceof Chf) this.chf = device;
      else if (type !== 'ihd') host.up = this.tunnels.connect(device, han);
      if (device instanceof Gpf) this.gpf = device;
      const onHub = type === 'chf' || type === 'gpf';
      if (onHub && this.subGhz !== undefined) {
        han.screens = (from, clusterId, frame) => this.chf.screensZcl(from, clusterId, frame);
      }
    }
  }

  /** What the hub's log holds of devices that joined long ago. */
  private known(types: readonly HomeDeviceType[]) {
    const { plan, world } = this;
    return types
      .filter((type) => type !== 'chf')
      .map((type) => {
        const entity = entityOf(plan, type);
        const linkKey = (): Uint8Array =>
          joinedLinkKey(world.random, plan.name, hubRadio(plan), entity);
        return { entity, type, linkKey };
      });
  }

  private makeMembership(): HomeMembership | undefined {
    const { han, plan, world } = this;
    if (!(han instanceof FrameHan)) return undefined;
    const { esme, ihd, ppmid, hcalcs } = plan.entities;
    const membership = new HomeMembership({
      han,
      tunnels: this.tunnels,
      devices: this.devices,
      hub: this.hub,
      hubRadio: hubRadio(plan),
      partners: [ihd, ppmid, hcalcs].flatMap((device) =>
        device === undefined || esme === undefined ? [] : [[device, esme] as const],
      ),
      startsJoined: this.startsJoined,
      clock: world.clock,
      event: (device, name, detail) => this.event(device, name, detail),
    });
    this.chf.deviceLog.onChange((change) => membership.onLogChange(change));
    return membership;
  }

  /** Devices that have joined begin their work; of a home from power-on, those of the hub. */
  start(): void {
    if (this.startsJoined || !(this.han instanceof FrameHan)) {
      for (const device of this.devices.values()) device.start();
      return;
    }
    this.chf.start();
    this.gpf?.start();
    this.han.powerOn();
  }

  /** How many devices are on the network, those of the hub included. */
  get devicesJoined(): number {
    if (this.membership === undefined) return this.devices.size;
    const onHub = this.gpf === undefined ? 1 : 2;
    return onHub + this.membership.joinedCount;
  }

  get allJoined(): boolean {
    return this.devicesJoined >= this.devices.size;
  }

  stop(): void {
    for (const host of this.hosts) host.stop();
    this.membership?.stop();
    this.tunnels.stop();
    this.han.stop();
  }

  /** A message from the WAN. */
  receiveDown(message: Uint8Array): void {
    this.chf.receiveMessage(message);
  }

  /** A frame of this home from the bus. */
  receiveFrame(psdu: Uint8Array, heard: HeardFrame): void {
    this.han.receive(psdu, heard);
  }

  sendUp(message: Uint8Array): void {
    this.world.sendUp(this, message);
  }

  /** What is for the gas meter passes the gas proxy function, which looks at it. */
  deliver(to: Eui64, message: Uint8Array): string {
    if (to === this.plan.entities.gsme) this.gpf?.tapCommand(message);
    return this.tunnels.deliver(to, message);
  }

  private forward(from: Eui64, message: Uint8Array): void {
    if (from === this.plan.entities.gsme) this.gpf?.tapResponse(message);
    this.chf.forward(from, message);
  }

  wakeRadio(entity: Eui64): void {
    this.han.wakeRadio(entity);
  }

  fetchMessages(meter: Eui64): void {
    this.tunnels.fetch(meter);
  }

  /** A device that hears nothing of its hub any more looks for its network. */
  parentLost(entity: Eui64): void {
    if (!(this.han instanceof FrameHan)) return;
    const { joiner, node } = this.han.carrierOf(entity);
    joiner.parentLost(node.nowMs());
  }

  /** The network of the hub that this one replaces goes on here. */
  restoreNetwork(network: RestoredNetwork): void {
    if (this.han instanceof FrameHan) this.han.form(network);
  }

  get subGhz(): SubGhzRadio | undefined {
    return this.han.subGhz;
  }

  flagGasMeter(flag: MeterFlag, raised: boolean): void {
    this.gpf?.setFlags(functionalNotificationFlags[flag], raised);
  }

  event(device: Device, name: DeviceEventName, detail: object): void {
    this.world.event(this, device, name, detail);
  }

  private undelivered(from: Eui64, to: Eui64, clusterId: number, reason: string): void {
    const device = this.devices.get(from);
    if (device !== undefined) this.event(device, 'frame-dropped', { to, clusterId, reason });
  }

  private expired(meter: Eui64, { length }: Uint8Array): void {
    const detail = { entity: meter, reason: 'not-fetched', octets: length };
    this.event(this.chf, 'message-undeliverable', detail);
  }
}
