import type { JoinAuthority } from '../../emulator/functions/join-authority.js';
import type { Environment } from '../../emulator/han/air/radio-environments.js';
import { SharedAir } from '../../emulator/han/air/shared-air.js';
import {
  type EntityType,
  endpointDescriptions,
} from '../../emulator/han/joining/endpoint-descriptions.js';
import { Joiner } from '../../emulator/han/joining/joiner.js';
import { KeyEstablishmentService } from '../../emulator/han/joining/key-establishment-service.js';
import { formNetwork, type NetworkPlan } from '../../emulator/han/joining/network-former.js';
import { TrustCentre } from '../../emulator/han/joining/trust-centre.js';
import { ZdoServer } from '../../emulator/han/joining/zdo-server.js';
import { Directory, type Listing } from '../../emulator/han/stack/directory.js';
import { FrameNode } from '../../emulator/han/stack/frame-node.js';
import type { HanEntity } from '../../emulator/han/stack/han-entity.js';
import { NodeSecurity } from '../../emulator/han/stack/node-security.js';
import type { Store } from '../../emulator/ports/store.js';
import { MemoryStore } from '../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import type { KeyEstablishmentIdentity } from '../../protocols/zigbee/cbke/certificate.js';
import { TestCertificateAuthority } from '../../protocols/zigbee/cbke/issue-certificate.js';
import type { CryptographicSuite } from '../../protocols/zigbee/cbke/suite.js';
import { installCodeLinkKey, installCodeOf } from '../../protocols/zigbee/security/install-code.js';
import { neverBehind } from './never-behind.js';
import { linkTypeIeee802154, pcapOf } from './pcap.js';
import { nodeCryptoForTests } from './test-crypto.js';

export const hubEuis = {
  gpf: eui64('02fe120000000001'),
  chf: eui64('02fe120000000002'),
} as const;
export const deviceEuis = {
  esme: eui64('02fe120000000003'),
  gsme: eui64('02fe120000000004'),
  ihd: eui64('02fe120000000005'),
  ppmid: eui64('02fe120000000006'),
} as const;
export type DeviceName = keyof typeof deviceEuis;
export const deviceNames = Object.keys(deviceEuis) as DeviceName[];

/** A home's day begins here. */
export const startMs = Date.UTC(2026, 0, 5, 10);

const authorities = new Map<string, TestCertificateAuthority>();
const identities = new Map<string, KeyEstablishmentIdentity>();

/** A device's certificate; made once for all tests of a file, because it takes milliseconds. */
export function identityOf(
  eui: Eui64,
  suite: CryptographicSuite = 2,
  authority = 'home',
): KeyEstablishmentIdentity {
  const name = `${authority}/${suite}`;
  let issuing = authorities.get(name);
  if (issuing === undefined) {
    const seed = new TextEncoder().encode(authority);
    issuing = new TestCertificateAuthority(nodeCryptoForTests(), suite, seed);
    authorities.set(name, issuing);
  }
  const key = `${name}/${eui}`;
  const identity = identities.get(key) ?? issuing.issue(eui);
  identities.set(key, identity);
  return identity;
}

/** The link key of the install code that a device of the tests has on its label. */
export function labelKey(eui: Eui64): Uint8Array {
  const code = Uint8Array.from({ length: 16 }, (_, index) => eui.charCodeAt(index) ^ index);
  return installCodeLinkKey(nodeCryptoForTests(), installCodeOf(code));
}

/** A device log that tests write into as they like. */
export class TestAuthority implements JoinAuthority {
  readonly listed = new Map<Eui64, readonly Uint8Array[]>();
  readonly joinedKeys = new Map<Eui64, Uint8Array>();
  readonly heardAt = new Map<Eui64, number>();
  open = true;

  joiningKeys(device: Eui64): readonly Uint8Array[] {
    return this.open ? (this.listed.get(device) ?? []) : [];
  }
  joiningOpen(): boolean {
    return this.open;
  }
  isWhitelisted(device: Eui64): boolean {
    return this.listed.has(device);
  }
  joined(device: Eui64, linkKey: Uint8Array): void {
    this.joinedKeys.set(device, linkKey);
  }
  heard(device: Eui64, nowMs: number): void {
    this.heardAt.set(device, nowMs);
  }
}

export interface FrameHomeOptions {
  readonly seed?: string;
  readonly environment?: Environment;
  /** True: the bus does not hand this frame back. */
  readonly lose?: (psdu: Uint8Array, sender: Eui64) => boolean;
  readonly devices?: readonly DeviceName[];
  readonly authority?: JoinAuthority;
  readonly identities?: (eui: Eui64) => readonly KeyEstablishmentIdentity[];
  readonly installCodeKey?: (eui: Eui64) => Uint8Array;
}

export interface HomeEvent {
  readonly who: string;
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface HubParts {
  readonly node: FrameNode;
  readonly zdo: ZdoServer;
  readonly keyEstablishment: KeyEstablishmentService;
  readonly trustCentre: TrustCentre;
  readonly gpf: HanEntity;
  readonly chf: HanEntity;
}

export interface DeviceNode {
  readonly name: DeviceName;
  readonly node: FrameNode;
  readonly zdo: ZdoServer;
  readonly keyEstablishment: KeyEstablishmentService;
  readonly joiner: Joiner;
  readonly entity: HanEntity;
}

/**
 * A hub and its devices, whole nodes over one air, in virtual time that serves as radio time and as
 * emulated time. Frames go to a bus and come back from it at the same instant, unless lost.
 */
export class FrameHome {
  readonly clock = new VirtualClock(startMs);
  readonly random: SeededRandom;
  readonly air: SharedAir;
  readonly directory: Directory;
  readonly authority: JoinAuthority;
  readonly events: HomeEvent[] = [];
  /** Every frame that was transmitted, in order, lost ones too. */
  readonly frames: { readonly psdu: Uint8Array; readonly sender: Eui64; readonly atMs: number }[] =
    [];
  readonly devices: Readonly<Partial<Record<DeviceName, DeviceNode>>>;
  hub: HubParts;
  lose: (psdu: Uint8Array, sender: Eui64) => boolean;
  private readonly stores = new Map<Eui64, Store>();

  constructor(private readonly options: FrameHomeOptions = {}) {
    const { seed = 'frame-home', environment, devices = deviceNames } = options;
    this.random = new SeededRandom(seed);
    this.lose = options.lose ?? (() => false);
    this.authority = options.authority ?? authorityFor(devices);
    this.air = new SharedAir({
      publish: (psdu, { sender, page, channel }) => {
        const copy = psdu.slice();
        this.frames.push({ psdu: copy, sender, atMs: this.clock.nowMs() });
        if (this.lose(copy, sender)) return;
        this.clock.at(this.clock.nowMs(), () => this.air.receive(copy, sender, { page, channel }));
      },
      random: this.random.stream('air'),
      clock: this.clock,
      ...(environment === undefined ? {} : { environment }),
    });
    this.directory = new Directory([
      ...this.hubListings(hubEuis.gpf, hubEuis.chf),
      ...devices.map((name) => listing(deviceEuis[name], deviceEuis[name], name)),
    ]);
    this.hub = this.makeHub(hubEuis.gpf, hubEuis.chf);
    this.devices = Object.fromEntries(devices.map((name) => [name, this.makeDevice(name)]));
  }

  device(name: DeviceName): DeviceNode {
    const found = this.devices[name];
    if (found === undefined) throw new Error(`the home has no ${name}`);
    return found;
  }

  all(): DeviceNode[] {
    return Object.values(this.devices);
  }

  /** From power-on: the hub forms its network, the devices look for one. */
  powerOn(plan: NetworkPlan = {}): void {
    this.form(plan);
    for (const { joiner } of this.all()) joiner.join();
  }

  form(plan: NetworkPlan = {}): void {
    formNetwork(this.hub.node, this.air, this.random.stream('network', this.hub.node.eui), plan);
  }

  /** Lets time pass until `reached`; false if it is not within `limitMs`. */
  runUntil(reached: () => boolean, limitMs = 600_000): boolean {
    const endMs = this.clock.nowMs() + limitMs;
    while (!reached()) {
      if (this.clock.nowMs() >= endMs) return false;
      this.clock.advance(50);
    }
    return true;
  }

  allJoined(): boolean {
    return this.all().every(({ joiner }) => joiner.state === 'joined');
  }

  eventsOf(who: string): string[] {
    return this.events.filter((event) => event.who === who).map(({ name }) => name);
  }

  count(name: string): number {
    return this.events.filter((event) => event.name === name).length;
  }

  pcap(): Uint8Array {
    return pcapOf(
      this.frames.map(({ psdu }) => psdu),
      linkTypeIeee802154,
    );
  }

  /** Another hub in the place of the one there was: new radio, new keys, nothing remembered. */
  swapHub(gpf: Eui64, chf: Eui64): void {
    this.hub.node.dispose();
    this.directory.remove(this.hub.gpf.eui);
    this.directory.remove(this.hub.chf.eui);
    for (const one of this.hubListings(gpf, chf)) this.directory.add(one);
    this.hub = this.makeHub(gpf, chf);
  }

  private hubListings(gpf: Eui64, chf: Eui64): Listing[] {
    return [listing(gpf, gpf, 'gpf'), listing(chf, gpf, 'chf')];
  }

  private makeNode(eui: Eui64, role: FrameNode['role']): FrameNode {
    const store = this.stores.get(eui) ?? new MemoryStore();
    this.stores.set(eui, store);
    let timer: { cancel(): void } | undefined;
    const node: FrameNode = new FrameNode({
      eui,
      role,
      medium: neverBehind(this.air),
      directory: this.directory,
      security: new NodeSecurity({ eui, crypto: nodeCryptoForTests(), store }),
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
    return node;
  }

  private keyEstablishmentOf(node: FrameNode, entity: HanEntity): KeyEstablishmentService {
    const { identities = (eui: Eui64) => [identityOf(eui)] } = this.options;
    return new KeyEstablishmentService({
      node,
      entity,
      identities: () => identities(node.eui),
      random: this.random.stream('ephemeral', node.eui),
    });
  }

  private makeHub(gpfEui: Eui64, chfEui: Eui64): HubParts {
    const node = this.makeNode(gpfEui, 'coordinator');
    const gpf = node.addEntity(gpfEui, endpointsOf('gpf'));
    const chf = node.addEntity(chfEui, endpointsOf('chf'));
    const { gpf: supply, chf: hub } = endpointDescriptions;
    const zdo = new ZdoServer({ node, endpoints: [...supply, ...hub] });
    const keyEstablishment = this.keyEstablishmentOf(node, gpf);
    const trustCentre = new TrustCentre({
      node,
      keyEstablishment,
      authority: this.authority,
      random: this.random.stream('trust-centre', gpfEui),
      clock: this.clock,
      onEvent: (name, detail) => this.events.push({ who: 'hub', name, detail }),
    });
    return { node, zdo, keyEstablishment, trustCentre, gpf, chf };
  }

  private makeDevice(name: DeviceName): DeviceNode {
    const eui = deviceEuis[name];
    const node = this.makeNode(eui, name === 'gsme' ? 'end-device' : 'router');
    const entity = node.addEntity(eui, endpointsOf(name));
    const zdo = new ZdoServer({ node, endpoints: endpointDescriptions[name] });
    const keyEstablishment = this.keyEstablishmentOf(node, entity);
    const { installCodeKey = labelKey } = this.options;
    const joiner = new Joiner({
      node,
      zdo,
      keyEstablishment,
      preconfiguredLinkKey: () => installCodeKey(eui),
      random: this.random.stream('joiner', eui),
      clock: this.clock,
      onEvent: (event, detail) => this.events.push({ who: name, name: event, detail }),
    });
    return { name, node, zdo, keyEstablishment, joiner, entity };
  }
}

function endpointsOf(type: EntityType): [number, ...number[]] {
  const [first, ...others] = endpointDescriptions[type].map(({ endpoint }) => endpoint);
  if (first === undefined) throw new Error(`${type} has no endpoint`);
  return [first, ...others];
}

function listing(entity: Eui64, radio: Eui64, type: EntityType): Listing {
  const endpoints = endpointsOf(type);
  return { entity, radio, endpoints, sleepy: type === 'gsme', band: '2g4', type };
}

function authorityFor(devices: readonly DeviceName[]): TestAuthority {
  const authority = new TestAuthority();
  for (const name of devices) {
    authority.listed.set(deviceEuis[name], [labelKey(deviceEuis[name])]);
  }
  return authority;
}
