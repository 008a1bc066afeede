import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { RestoredNetwork } from '../functions/device-log.js';
import type { Timer } from '../ports/clock.js';
import { InvariantError } from '../ports/errors.js';
import type { RandomStream } from '../ports/random.js';
import type { Store } from '../ports/store.js';
import type { RadioChannel } from './air/radio.js';
import type { Environment, Place } from './air/radio-environments.js';
import { SharedAir } from './air/shared-air.js';
import type { Han, HanKey, HeardFrame } from './han.js';
import { type HanReport, nodeReport } from './han-report.js';
import { HomeRadio, type MembershipParts } from './joining/home-radio.js';
import { joinedLinkKey } from './joining/joined-keys.js';
import { drawJoinedNetwork, type JoinedNetwork } from './joining/joined-network.js';
import { formNetwork, subGhzChannels } from './joining/network-former.js';
import type { Directory, Listing } from './stack/directory.js';
import { FrameNode } from './stack/frame-node.js';
import type { HanEntity } from './stack/han-entity.js';
import type { NodeRole } from './stack/network-layer.js';
import { type HanCrypto, NodeSecurity } from './stack/node-security.js';
import { SubGhzClient } from './sub-ghz/sub-ghz-client.js';
import { HubSubGhzRadio } from './sub-ghz/sub-ghz-radio.js';

/** The injected world of one home network; `home` is the label of its chance. */
export interface FrameHanParts extends MembershipParts {
  /** Of a home that starts joined; one that forms its network draws its own. */
  readonly panId: number;
  /** Radio of the hub: also the extended PAN id. */
  readonly hub: Eui64;
  readonly directory: Directory;
  readonly store: Store;
  readonly crypto: HanCrypto;
  /** How radio fares in this home; ideal unless told. */
  readonly environment?: Environment | undefined;
  /** Where its radios are; needed only where radio is not ideal. */
  readonly places?: ReadonlyMap<Eui64, Place> | undefined;
  readonly publish: (psdu: Uint8Array, sender: Eui64, on: RadioChannel) => void;
  /** A frame of an entity that did not arrive, after all retries. */
  readonly onUndelivered: (from: Eui64, to: Eui64, clusterId: number, reason: string) => void;
}

/**
 * A home network of whole nodes: every frame of every layer is on the air. One radio for each device,
 * one for the hub with its two entities.
 */
export class FrameHan implements Han {
  readonly air: SharedAir;
  readonly subGhz: HubSubGhzRadio | undefined;
  private readonly subGhzClients: SubGhzClient[] = [];
  private readonly radios = new Map<Eui64, HomeRadio>();
  private readonly entities = new Map<Eui64, HanEntity>();
  private readonly timers = new Map<Eui64, Timer>();
  private stopped = false;
  private joined: JoinedNetwork | undefined;
  /** What networks are formed with; one formed later is another one. */
  private networkChance: RandomStream | undefined;

  constructor(private readonly parts: FrameHanParts) {
    const { random, home, clock } = parts;
    this.air = new SharedAir({
      publish: (psdu, { sender, page, channel }) => parts.publish(psdu, sender, { page, channel }),
      random: random.stream(home, 'air'),
      clock,
      ...(parts.environment === undefined ? {} : { environment: parts.environment }),
      ...(parts.places === undefined ? {} : { places: parts.places }),
    });
    for (const listing of parts.directory.listings()) {
      const { node } = this.radios.get(listing.radio) ?? this.makeRadio(listing);
      const entity = node.addEntity(listing.entity, listing.endpoints);
      this.entities.set(listing.entity, entity);
    }
    for (const radio of this.radios.values()) radio.attached();
    const onSubGhz = [...parts.directory.listings()].filter(({ band }) => band === '868');
    if (onSubGhz.length === 0) return;
    const { directory } = parts;
    const hub = this.radioOf(parts.hub).node;
    this.subGhz = new HubSubGhzRadio({ air: this.air, hub, directory, clock });
    for (const listing of onSubGhz) this.addSubGhzClient(listing);
  }

  private addSubGhzClient({ entity, radio, sleepy }: Listing): void {
    const { directory, clock, random, home } = this.parts;
    const hub = [...directory.listings()].find(({ type }) => type === 'chf')?.entity;
    if (hub === undefined) return;
    const member = this.radioOf(radio);
    const search = (): void => {
      if (member.joiner.state === 'joined') member.joiner.parentLost(member.node.nowMs());
    };
    this.subGhzClients.push(
      new SubGhzClient({
        node: member.node,
        entity: this.entityOf(entity),
        hub,
        sleepy,
        clock,
        random: random.stream(home, 'sub-ghz', entity),
        search,
      }),
    );
  }

  private makeRadio({ radio, sleepy, band }: Listing): HomeRadio {
    const { parts } = this;
    const role: NodeRole = radio === parts.hub ? 'coordinator' : sleepy ? 'end-device' : 'router';
    const node: FrameNode = new FrameNode({
      eui: radio,
      role,
      medium: this.air,
      directory: parts.directory,
      security: new NodeSecurity({
        eui: radio,
        crypto: parts.crypto,
        store: parts.store,
        joinedLinkKey: (partner) => this.joinedLinkKey(radio, partner),
      }),
      random: parts.random.stream(parts.home, 'radio', radio),
      nowMs: () => parts.clock.stopwatchMs(),
      wakeAt: (radioMs) => this.wakeNodeAt(node, radioMs),
    });
    node.hooks.onUndelivered = parts.onUndelivered;
    const channels = band === '868' ? subGhzChannels : undefined;
    // A hub without gas proxy function shows the certificate of its only entity.
    const entity = (): HanEntity => this.entities.get(radio) ?? this.firstOn(radio);
    const made = new HomeRadio(node, entity, parts, channels);
    this.radios.set(radio, made);
    return made;
  }

  private firstOn(radio: Eui64): HanEntity {
    const listing = this.parts.directory.ofRadio(radio);
    return this.entityOf(listing?.entity ?? radio);
  }

  /** Radio time runs beside emulated time: the clock's timers are set in the latter. */
  private wakeNodeAt(node: FrameNode, radioMs: number): void {
    if (this.stopped) return;
    const { clock } = this.parts;
    const waitMs = Math.max(0, radioMs - clock.stopwatchMs()) * clock.speed;
    this.timers.get(node.eui)?.cancel();
    const timer = clock.at(clock.nowMs() + waitMs, () => {
      this.timers.delete(node.eui);
      node.tick();
    });
    this.timers.set(node.eui, timer);
  }

  /** All devices as if they had joined long ago: keys come out of the seed. */
  startJoined(): void {
    const { parts } = this;
    const joined = drawJoinedNetwork({ ...parts, radios: [...this.radios.keys()] });
    this.joined = joined;
    for (const { eui, shortAddress, network } of joined.members) {
      const radio = this.radioOf(eui);
      radio.node.security.setNetworkKey(joined.key);
      radio.node.startJoined(network, shortAddress, joined.addresses);
      radio.startJoined(parts.hub);
    }
    const hub = this.radioOf(parts.hub).node;
    for (const { eui, shortAddress, network } of joined.members) {
      const [channel] = network.channels;
      if (eui === parts.hub || channel === undefined) continue;
      hub.mac.expectNeighbour(shortAddress, channel, hub.nowMs());
    }
  }

  private joinedLinkKey(radio: Eui64, partner: Eui64): Uint8Array | undefined {
    if (this.joined === undefined || !this.radios.has(partner)) return undefined;
    return joinedLinkKey(this.parts.random, this.parts.home, radio, partner);
  }

  /** From the beginning: the hub forms its network, and the devices look for one that lets them in. */
  powerOn(restored?: RestoredNetwork): void {
    const { parts } = this;
    this.form(restored);
    for (const [eui, radio] of this.radios) if (eui !== parts.hub) radio.joiner.join();
  }

  /** The hub forms its network, its own or, restored, that of the hub before it. */
  form(restored?: RestoredNetwork): void {
    const { parts } = this;
    this.networkChance ??= parts.random.stream(parts.home, 'network', 'formed');
    const random = this.networkChance;
    const dual = [...parts.directory.listings()].some(({ band }) => band === '868');
    const [second] = dual ? [subGhzChannels[random.int(0, subGhzChannels.length - 1)]] : [];
    const { node } = this.radioOf(parts.hub);
    // Its trust centre is there before anybody asks.
    this.radioOf(parts.hub).trustCentre.describe();
    formNetwork(node, this.air, random, {
      ...(second === undefined ? {} : { alsoOn: [second] }),
      ...(restored === undefined ? {} : { extendedPanId: restored.hanIdentifier }),
    });
  }

  radioOf(radio: Eui64): HomeRadio {
    const found = this.radios.get(radio);
    if (found === undefined) throw new InvariantError(`${radio} has no radio in this home`);
    return found;
  }

  /** The radio that carries an entity. */
  carrierOf(entity: Eui64): HomeRadio {
    return this.radioOf(this.parts.directory.find(entity)?.radio ?? entity);
  }

  entityOf(entity: Eui64): HanEntity {
    const found = this.entities.get(entity);
    if (found === undefined) throw new InvariantError(`${entity} is not on this home network`);
    return found;
  }

  receive(psdu: Uint8Array, heard: HeardFrame): void {
    this.air.receive(psdu, heard.sender, heard);
  }

  wakeRadio(entity: Eui64): void {
    this.carrierOf(entity).node.wakeRadio();
  }

  *keys(): Iterable<HanKey> {
    const seen = new Set<string>();
    const { hub } = this.parts;
    for (const { node } of this.radios.values()) {
      // Made when first needed, in a home that starts joined; who captures must have them before.
      if (node.eui !== hub) node.security.linkKeyOf(hub);
      for (const { key, label } of node.security.keys()) {
        const text = key.join();
        if (seen.has(text)) continue;
        seen.add(text);
        yield { key, label: `${this.parts.home} ${label}` };
      }
    }
  }

  get framesTransmitted(): number {
    return this.air.stats.transmitted;
  }

  describe(): HanReport {
    const { directory } = this.parts;
    const nodes = [...this.radios.values()].map((radio) => nodeReport(radio, directory));
    const clients = this.subGhzClients.map((client) => client.describe());
    const subGhz = clients.length === 0 ? {} : { subGhz: clients };
    return { han: 'frames', nodes, ...subGhz, air: this.air.describe() };
  }

  stop(): void {
    this.stopped = true;
    this.air.stop();
    for (const client of this.subGhzClients) client.stop();
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }
}
