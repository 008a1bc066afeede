import type { RadioChannel } from '../../emulator/han/air/radio.js';
import type { Environment, Place } from '../../emulator/han/air/radio-environments.js';
import { type FrameMeta, SharedAir } from '../../emulator/han/air/shared-air.js';
import { endpoints } from '../../emulator/han/joining/endpoints.js';
import { joinedLinkKey } from '../../emulator/han/joining/joined-keys.js';
import { Directory, type Listing } from '../../emulator/han/stack/directory.js';
import { FrameNode } from '../../emulator/han/stack/frame-node.js';
import type { HanEntity } from '../../emulator/han/stack/han-entity.js';
import type { NodeRole } from '../../emulator/han/stack/network-layer.js';
import { type HanCrypto, NodeSecurity } from '../../emulator/han/stack/node-security.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { neverBehind } from './never-behind.js';
import { nodeCryptoForTests } from './test-crypto.js';

export const panId = 0x1a62;
export const euis = {
  gpf: eui64('02fe110000000001'),
  chf: eui64('02fe110000000002'),
  esme: eui64('02fe110000000003'),
  gsme: eui64('02fe110000000004'),
  ppmid: eui64('02fe110000000005'),
  ihd: eui64('02fe110000000006'),
} as const;
export type HomeEntity = keyof typeof euis;
export const homeEntities = Object.keys(euis) as HomeEntity[];

export type HomeRadio = 'hub' | Exclude<HomeEntity, 'gpf' | 'chf'>;
/** The hub's radio is known by the GPF's identifier. */
export const radios: Readonly<Record<HomeRadio, { readonly eui: Eui64; readonly short: number }>> =
  {
    hub: { eui: euis.gpf, short: 0x0000 },
    esme: { eui: euis.esme, short: 0x4f21 },
    gsme: { eui: euis.gsme, short: 0x8a32 },
    ppmid: { eui: euis.ppmid, short: 0x1b43 },
    ihd: { eui: euis.ihd, short: 0xc354 },
  };
export const homeRadios = Object.keys(radios) as HomeRadio[];

export const radioOf = (entity: HomeEntity): HomeRadio =>
  entity === 'gpf' || entity === 'chf' ? 'hub' : entity;

export const channel20: RadioChannel = { page: 0, channel: 20 };
export const subGhzChannel: RadioChannel = { page: 28, channel: 3 };

export interface HomeFrame {
  readonly psdu: Uint8Array;
  readonly meta: FrameMeta;
  readonly atMs: number;
}

/** What comes back from the bus for a frame: nothing when it is lost. */
export type OnFrame = (psdu: Uint8Array, meta: FrameMeta, index: number) => Uint8Array[];

export interface JoinedHomeOptions {
  readonly seed?: string;
  readonly crypto?: HanCrypto;
  readonly environment?: Environment;
  readonly places?: ReadonlyMap<Eui64, Place>;
  /** Radios whose receiver is off between polls; the GSME unless told. */
  readonly sleepy?: readonly HomeRadio[];
  /** Radios on the sub-GHz band, reached through the hub. */
  readonly subGhz?: readonly HomeRadio[];
  readonly onFrame?: OnFrame;
}

export interface Arrival {
  readonly at: HomeEntity;
  readonly source: string;
  readonly clusterId: number;
  readonly zcl: string;
}

export const entityEndpoints: Readonly<Record<HomeEntity, readonly [number, ...number[]]>> = {
  gpf: [endpoints.gasSupplyInterface, endpoints.gasMirror],
  chf: [endpoints.commsHub],
  esme: [endpoints.device],
  gsme: [endpoints.device],
  ppmid: [endpoints.device],
  ihd: [endpoints.device],
};

const startMs = Date.UTC(2026, 0, 5, 10);

/**
 * A hub and its devices that joined long ago: whole nodes over one air, in virtual time. Frames go to
 * a bus and come back from it, one after the other as from the emulator's own, unless `onFrame` has
 * other ideas.
 */
export class JoinedHome {
  readonly clock = new VirtualClock(startMs);
  readonly random: SeededRandom;
  readonly air: SharedAir;
  readonly directory: Directory;
  readonly networkKey: { readonly key: Uint8Array; readonly sequenceNumber: number };
  readonly nodes: Readonly<Record<HomeRadio, FrameNode>>;
  readonly entities: Readonly<Record<HomeEntity, HanEntity>>;
  readonly stores: Readonly<Record<HomeRadio, MemoryStore>>;
  /** Every frame that was transmitted, in order, lost ones too. */
  readonly frames: HomeFrame[] = [];
  /** ZCL frames that reached an entity, in order. */
  readonly arrivals: Arrival[] = [];
  readonly undelivered: { readonly from: HomeRadio; readonly reason: string }[] = [];
  onFrame: OnFrame;
  private readonly bus: { readonly psdu: Uint8Array; readonly meta: FrameMeta }[] = [];
  private draining = false;

  constructor(readonly options: JoinedHomeOptions = {}) {
    const { seed = 'joined-home', environment, places, sleepy = ['gsme'] } = options;
    const { subGhz = [], onFrame } = options;
    this.random = new SeededRandom(seed);
    this.onFrame = onFrame ?? ((psdu) => [psdu]);
    this.air = new SharedAir({
      publish: (psdu, meta) => this.publish(psdu, meta),
      random: this.random.stream('air'),
      clock: this.clock,
      ...(environment && { environment }),
      ...(places && { places }),
    });
    this.directory = new Directory(
      homeEntities.map((name): Listing => {
        const radio = radioOf(name);
        const band = subGhz.includes(radio) ? '868' : '2g4';
        return {
          entity: euis[name],
          type: name,
          radio: radios[radio].eui,
          endpoints: entityEndpoints[name],
          sleepy: sleepy.includes(radio),
          band,
        };
      }),
    );
    this.networkKey = { key: this.random.stream('network').bytes(16), sequenceNumber: 0 };
    this.stores = perRadio(() => new MemoryStore());
    this.nodes = perRadio((name) => this.makeNode(name));
    this.entities = Object.fromEntries(
      homeEntities.map((name) => [name, this.makeEntity(name)]),
    ) as Record<HomeEntity, HanEntity>;
  }

  private publish(psdu: Uint8Array, meta: FrameMeta): void {
    const copy = psdu.slice();
    const index = this.frames.length;
    this.frames.push({ psdu: copy, meta, atMs: this.clock.nowMs() });
    for (const heard of this.onFrame(copy, meta, index)) this.inject(heard, meta);
  }

  /** Puts a frame on the bus, as if `sender` had sent it. */
  inject(psdu: Uint8Array, meta: FrameMeta): void {
    this.bus.push({ psdu, meta });
    if (this.draining) return;
    this.draining = true;
    try {
      for (let next = this.bus.shift(); next !== undefined; next = this.bus.shift()) {
        this.air.receive(next.psdu, next.meta.sender, next.meta);
      }
    } finally {
      this.draining = false;
    }
  }

  /** A node, with what its store kept, in the place of the one there was. */
  private makeNode(name: HomeRadio): FrameNode {
    const { sleepy = ['gsme'], subGhz = [], crypto = nodeCryptoForTests() } = this.options;
    const { eui, short } = radios[name];
    const role: NodeRole =
      name === 'hub' ? 'coordinator' : sleepy.includes(name) ? 'end-device' : 'router';
    const security = new NodeSecurity({
      eui,
      crypto,
      store: this.stores[name],
      joinedLinkKey: (partner) =>
        homeRadios.some((radio) => radios[radio].eui === partner)
          ? this.linkKey(eui, partner)
          : undefined,
    });
    let timer: { cancel(): void } | undefined;
    const node: FrameNode = new FrameNode({
      eui,
      role,
      medium: neverBehind(this.air),
      directory: this.directory,
      security,
      random: this.random.stream('radio', eui),
      nowMs: () => this.clock.stopwatchMs(),
      wakeAt: (radioMs) => {
        timer?.cancel();
        timer = this.clock.at(radioMs, () => {
          timer = undefined;
          node.tick();
        });
      },
    });
    node.hooks.onUndelivered = (_from, _destination, _cluster, reason) => {
      this.undelivered.push({ from: name, reason });
    };
    security.setNetworkKey(this.networkKey);
    const own = subGhz.includes(name) ? subGhzChannel : channel20;
    const hub = subGhz.length > 0 ? [channel20, subGhzChannel] : [channel20];
    const network = {
      panId,
      extendedPanId: euis.gpf,
      channels: name === 'hub' ? hub : [own],
    };
    const addresses = homeRadios.map((radio) => [radios[radio].eui, radios[radio].short] as const);
    node.startJoined(network, short, addresses);
    if (name === 'hub') {
      for (const radio of subGhz) {
        node.mac.expectNeighbour(radios[radio].short, subGhzChannel, this.clock.nowMs());
      }
    }
    return node;
  }

  private makeEntity(name: HomeEntity): HanEntity {
    const entity = this.nodes[radioOf(name)].addEntity(euis[name], entityEndpoints[name]);
    entity.onZcl = (source, clusterId, zcl) => {
      this.arrivals.push({ at: name, source, clusterId, zcl: toHex(zcl) });
    };
    return entity;
  }

  linkKey(one: Eui64, other: Eui64): Uint8Array {
    return joinedLinkKey(this.random, 'home', one, other);
  }

  /** Every key a dissector needs, in hex. */
  keys(): string[] {
    const pairs = homeRadios.flatMap((one, index) =>
      homeRadios.slice(index + 1).map((other) => [radios[one].eui, radios[other].eui] as const),
    );
    const links = pairs.map(([one, other]) => toHex(this.linkKey(one, other)));
    return [toHex(this.networkKey.key), ...links];
  }

  /** Lets time pass. */
  run(durationMs: number): void {
    this.clock.advance(durationMs);
  }

  /** One exchange each way between hub and every device: whether all of it arrived, once. */
  works(): boolean {
    const before = this.arrivals.length;
    const frame = Uint8Array.of(0x00, before & 0xff, 0x00, 0x00, 0x00);
    let expected = 0;
    for (const name of homeEntities) {
      if (radioOf(name) === 'hub') continue;
      for (const cluster of [0x0700, 0x0704]) {
        const down = this.entities.chf.sendZcl(euis[name], cluster, frame);
        const up = this.entities[name].sendZcl(euis.chf, cluster, frame);
        if (down !== 'sent' || up !== 'sent') return false;
        expected += 2;
      }
      this.nodes[radioOf(name)].wakeRadio();
      this.run(3_000);
    }
    return this.arrivals.length - before === expected;
  }
}

function perRadio<T>(make: (name: HomeRadio) => T): Readonly<Record<HomeRadio, T>> {
  return Object.fromEntries(homeRadios.map((name) => [name, make(name)])) as Record<HomeRadio, T>;
}

/** Octets that tell where they belong. */
export function pattern(length: number, salt = 3): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 31 + salt) & 0xff);
}
