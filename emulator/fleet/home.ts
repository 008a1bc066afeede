import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { Chf, type HubHost } from '../devices/chf/device.js';
import type { Device, DeviceEventName } from '../devices/device.js';
import type { DeviceParts } from '../devices/device-parts.js';
import { Esme } from '../devices/esme/device.js';
import { Gpf } from '../devices/gpf/device.js';
import { Gsme } from '../devices/gsme/device.js';
import { Ihd } from '../devices/ihd/device.js';
import type { CounterGranularity } from '../functions/counters.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import { Air } from '../han/air.js';
import { endpoints, hubShortAddress } from '../han/endpoints.js';
import { GasHubTunnel, GasMeterTunnel } from '../han/gas-tunnel.js';
import type { HanEntity } from '../han/han-entity.js';
import { HanNode } from '../han/han-node.js';
import { type Neighbour, Neighbours } from '../han/neighbours.js';
import { type MessageTunnel, Tunnel } from '../han/tunnel.js';
import type { Clock, Timer } from '../ports/clock.js';
import { InvariantError } from '../ports/errors.js';
import type { KeyStore } from '../ports/key-store.js';
import type { Random } from '../ports/random.js';
import type { Store } from '../ports/store.js';
import type { HomeDeviceType, HomeTemplate } from './home-template.js';

/** The injected world that all homes of a fleet share. */
export interface HomeWorld {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly keys: KeyStore;
  readonly trustAnchorsOf: (type: HomeDeviceType) => TrustAnchorCells;
  readonly store: Store;
  readonly random: Random;
  readonly counterGranularity: CounterGranularity;
  /** Puts a frame of this home on the bus. */
  publishFrame(home: Home, psdu: Uint8Array, sender: Eui64): void;
  /** Sends a message of this home's hub up the WAN. */
  sendUp(home: Home, message: Uint8Array): void;
  event(home: Home, device: Device, name: DeviceEventName, detail: object): void;
}

export interface HomePlan {
  readonly name: string;
  readonly template: HomeTemplate;
  /** Personal area network of the home's HAN. */
  readonly panId: number;
  readonly entities: Readonly<Partial<Record<HomeDeviceType, Eui64>>>;
}

const gasTunnelId = 1;

/** One home: its devices, the air between them and the hub's tunnels. The only place where devices meet. */
export class Home {
  readonly name: string;
  readonly air: Air;
  readonly devices = new Map<Eui64, Device>();
  readonly hub: Eui64;
  private chf!: Chf;
  private readonly tunnels = new Map<Eui64, MessageTunnel>();
  private readonly hosts: Host[] = [];

  constructor(
    readonly plan: HomePlan,
    private readonly world: HomeWorld,
  ) {
    this.name = plan.name;
    this.hub = this.entity('chf');
    this.air = new Air((psdu, meta) => world.publishFrame(this, psdu, meta.sender));
    this.build();
  }

  /** The entity of a device type, which the template must name. */
  private entity(type: HomeDeviceType): Eui64 {
    const entity = this.plan.entities[type];
    if (entity === undefined) throw new InvariantError(`${this.plan.name} has no ${type}`);
    return entity;
  }

  private build(): void {
    const { plan, world } = this;
    const types = plan.template.devices.map((device) => device.type);
    const neighbours = new Neighbours(this.neighbourhood(types));
    const node = (shortAddress: number, eui: Eui64): HanNode => {
      const radio = new HanNode({
        medium: this.air,
        panId: plan.panId,
        shortAddress,
        eui,
        neighbours,
        nowMs: () => world.clock.stopwatchMs(),
      });
      this.air.attach(radio);
      return radio;
    };
    // The hub has one radio, known by its HAN address, which is the GPF's entity identifier too.
    const hubNode = node(hubShortAddress, plan.entities.gpf ?? this.hub);
    const chfEntity = hubNode.addEntity(this.hub, [endpoints.commsHub]);
    const parts = world.random.stream(plan.name, 'household').u32();
    for (const type of types) {
      const eui = this.entity(type);
      const han =
        type === 'chf'
          ? chfEntity
          : type === 'gpf'
            ? hubNode.addEntity(eui, [endpoints.gasSupplyInterface, endpoints.gasMirror])
            : node(neighbours.find(eui)?.shortAddress ?? 0, eui).addEntity(eui, [endpoints.device]);
      this.addDevice(type, eui, han, chfEntity, parts);
    }
  }

  private neighbourhood(types: readonly HomeDeviceType[]): Neighbour[] {
    let next = hubShortAddress + 1;
    return types.map((type) => ({
      entity: this.entity(type),
      shortAddress: type === 'chf' || type === 'gpf' ? hubShortAddress : next++,
      endpoints:
        type === 'chf'
          ? ([endpoints.commsHub] as const)
          : type === 'gpf'
            ? ([endpoints.gasSupplyInterface, endpoints.gasMirror] as const)
            : ([endpoints.device] as const),
    }));
  }

  private addDevice(
    type: HomeDeviceType,
    entity: Eui64,
    han: HanEntity,
    chfEntity: HanEntity,
    household: number,
  ): void {
    const host = new Host(this, this.world, han);
    this.hosts.push(host);
    const device = this.makeDevice(type, entity, host, household);
    host.device = device;
    this.devices.set(entity, device);
    han.onZcl = (from, clusterId, frame) => device.receiveZcl(from, clusterId, frame);
    if (device instanceof Chf) this.chf = device;
    else host.up = this.connect(device, han, chfEntity);
  }

  /** Opens the way of remote party messages between hub and device; returns the device's end of it. */
  private connect(
    device: Device,
    han: HanEntity,
    chfEntity: HanEntity,
  ): ((message: Uint8Array) => void) | undefined {
    const { entity, type } = device;
    if (type === 'ihd') return undefined;
    if (type === 'gpf') {
      // On the hub itself: nothing goes over the air.
      this.tunnels.set(entity, directTunnel(device));
      return (message) => this.chf.forward(entity, message);
    }
    const [hubEnd, deviceEnd] =
      type === 'gsme' ? gasTunnels(han, chfEntity) : plainTunnels(han, chfEntity);
    hubEnd.onMessage = (message) => this.chf.forward(entity, message);
    deviceEnd.onMessage = (message) => device.receiveMessage(message);
    this.tunnels.set(entity, hubEnd);
    return (message) => {
      deviceEnd.send(message);
    };
  }

  private makeDevice(type: HomeDeviceType, entity: Eui64, host: Host, household: number): Device {
    const { world, plan } = this;
    if (type === 'ihd') {
      return new Ihd({
        entity,
        host,
        esme: plan.entities.esme,
        gpf: plan.entities.gpf,
      });
    }
    const keys = world.keys.keysOf(entity);
    if (keys === undefined) throw new InvariantError(`the key store has no keys of ${entity}`);
    const parts: DeviceParts = {
      entity,
      host,
      crypto: world.crypto,
      keys,
      trustAnchors: world.trustAnchorsOf(type),
      store: world.store,
      counterGranularity: world.counterGranularity,
      random: world.random.stream(entity),
      household,
    };
    switch (type) {
      case 'chf': {
        const others = plan.template.devices.filter((other) => other.type !== 'chf');
        const deviceLog = others.map((other) => ({
          entity: this.entity(other.type),
          type: other.type,
        }));
        return new Chf({ ...parts, host, deviceLog });
      }
      case 'gpf':
        return new Gpf({ ...parts, gsme: plan.entities.gsme });
      case 'gsme':
        return new Gsme({ ...parts, gpf: this.entity('gpf') });
      case 'esme':
        return new Esme(parts);
    }
  }

  start(): void {
    for (const device of this.devices.values()) device.start();
  }

  stop(): void {
    for (const host of this.hosts) host.stop();
  }

  /** A message from the WAN. */
  receiveDown(message: Uint8Array): void {
    this.chf.receiveMessage(message);
  }

  /** Down the tunnel to a device. */
  deliver(to: Eui64, message: Uint8Array): string {
    return this.tunnels.get(to)?.send(message) ?? 'no-tunnel';
  }
}

function directTunnel(device: Device): MessageTunnel {
  return {
    send: (message) => {
      device.receiveMessage(message);
      return 'sent';
    },
    onMessage: () => undefined,
  };
}

function plainTunnels(han: HanEntity, hub: HanEntity): [MessageTunnel, MessageTunnel] {
  const tunnelId = 0;
  return [
    new Tunnel({ entity: hub, peer: han.eui, role: 'client', tunnelId, open: true }),
    new Tunnel({ entity: han, peer: hub.eui, role: 'server', tunnelId, open: true }),
  ];
}

function gasTunnels(han: HanEntity, hub: HanEntity): [MessageTunnel, MessageTunnel] {
  const tunnelId = gasTunnelId;
  return [
    new GasHubTunnel(
      new Tunnel({ entity: hub, peer: han.eui, role: 'server', tunnelId, open: true }),
    ),
    new GasMeterTunnel(
      new Tunnel({ entity: han, peer: hub.eui, role: 'client', tunnelId, open: true }),
    ),
  ];
}

/** One device's host: its way to the air, the hub, the clock and the events plane. */
class Host implements HubHost {
  device!: Device;
  /** Where its remote party messages go; the hub's own go to the WAN. */
  up: ((message: Uint8Array) => void) | undefined;
  private timer: Timer | undefined;

  constructor(
    private readonly home: Home,
    private readonly world: HomeWorld,
    private readonly han: HanEntity,
  ) {}

  nowMs(): number {
    return this.world.clock.nowMs();
  }

  sendMessage(message: Uint8Array): void {
    if (this.up === undefined) this.world.sendUp(this.home, message);
    else this.up(message);
  }

  sendZcl(to: Eui64, clusterId: number, frame: Uint8Array): void {
    const verdict = this.han.sendZcl(to, clusterId, frame);
    if (verdict !== 'sent') this.event('frame-dropped', { to, clusterId, reason: verdict });
  }

  wakeAt(atMs: number): void {
    this.timer?.cancel();
    this.timer = this.world.clock.at(atMs, () => {
      this.timer = undefined;
      this.device.wake();
    });
  }

  event(name: DeviceEventName, detail: object): void {
    this.world.event(this.home, this.device, name, detail);
  }

  deliver(to: Eui64, message: Uint8Array): string {
    return this.home.deliver(to, message);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
