import { decodeWith, encodeWith } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Beacon } from '../../../protocols/zigbee/beacon.js';
import { broadcastMacAddress, type MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import { isNwkBroadcast, NwkHeader } from '../../../protocols/zigbee/nwk.js';
import { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import {
  type LayerFrame,
  openNwk,
  readNwkFrame,
  sealNwk,
} from '../../../protocols/zigbee/security/frame-security.js';
import type { RadioChannel, Reception } from '../air/radio.js';
import type { Mac } from '../mac/mac.js';
import type { MacStatus, MacUpper } from '../mac/mac-upper.js';
import { AddressMap } from './address-map.js';
import { DuplicateWindow } from './duplicates.js';
import { networkBeacon } from './network-beacon.js';
import type { NodeSecurity } from './node-security.js';
import { plainFrame } from './plain-frame.js';
import { type NwkDrop, nwkDropOfVerdict, nwkDrops } from './stack-drops.js';

/** The hub forms the network; mains-powered devices are routers, sleepy ones end devices. */
export type NodeRole = 'coordinator' | 'router' | 'end-device';

export const coordinatorAddress = 0x0000;
export const noShortAddress = 0xffff;
/** Broadcast to every node whose receiver stays on. */
export const broadcastToListening = 0xfffd;

/** What a node must know to take part in a network. */
export interface HanNetwork {
  readonly panId: number;
  /** The hub's EUI-64, or that of the hub which it replaced. */
  readonly extendedPanId: Eui64;
  readonly channels: readonly RadioChannel[];
}

/** Where a NWK frame came from, and how far it is to be trusted. */
export interface NwkOrigin {
  readonly source: number;
  /** Of the source, where this node knows it. */
  readonly eui: Eui64 | undefined;
  /** Opened with the network key. */
  readonly secured: boolean;
  readonly broadcast: boolean;
}

/** What the layers above do with what arrives. They must not throw. */
export interface NetworkUpper {
  /** `apdu` is a view, valid during the call. */
  onNwkData(apdu: Uint8Array, origin: NwkOrigin, nowMs: number): void;
  onNwkCommand(command: NwkCommand, origin: NwkOrigin, nowMs: number): void;
  /** A short address not known before, or another one. */
  onAddress(eui: Eui64, shortAddress: number, nowMs: number): void;
  onAssociationRequest: MacUpper['onAssociationRequest'];
  onAssociationAnswered: MacUpper['onAssociationAnswered'];
  /** Coordinator only: a device asks for what waits, under its short address. */
  onPolled(shortAddress: number, nowMs: number): void;
}

export interface NwkSendOptions {
  /** Default true; false only for what goes to or comes from a node without the network key. */
  readonly secured?: boolean;
  /** Puts our EUI-64 into the header: the receiver may not know us by our short address. */
  readonly namesSource?: boolean;
  /** The same of the destination, beside our own. */
  readonly destinationEui?: Eui64;
  readonly done?: (status: MacStatus, nowMs: number) => void;
}

/** Twice the greatest depth of a ZigBee PRO network. */
const initialRadius = 30;

/**
 * The network layer of a node in a star around the hub: every radio reaches those of its own band,
 * and the hub all of them. The hub relays between bands and to sleepy children.
 *
 * not kept: route discovery and link status (no route is longer than two hops), multicast.
 */
export class NetworkLayer implements MacUpper {
  readonly addresses = new AddressMap();
  readonly dropped: Record<NwkDrop, number> = { ...nwkDrops };
  network: HanNetwork | undefined;
  /** A node that waits for the network key takes frames in the clear. */
  awaitsKey = false;
  relayed = 0;
  private sequenceNumber = 0;
  /** Of a coordinator: whether they are sleepy. */
  private children: Map<Eui64, boolean> | undefined;
  private broadcasts: DuplicateWindow | undefined;
  /** How many broadcasts have been secured. */
  private broadcastsSecured = 0;
  mac!: Mac;
  upper!: NetworkUpper;

  constructor(
    readonly eui: Eui64,
    readonly role: NodeRole,
    private readonly security: NodeSecurity,
  ) {}

  get joined(): boolean {
    return this.network !== undefined && this.security.networkKey !== undefined;
  }

  /** Takes part in a network from now on, as the node with this address. */
  enter(network: HanNetwork, shortAddress: number): void {
    this.network = network;
    this.mac.panId = network.panId;
    this.mac.channels = network.channels;
    this.mac.shortAddress = shortAddress;
    this.mac.coordinator = this.role === 'coordinator';
  }

  /** Goes on in the same network on other channels; nobody is told. */
  retune(channels: readonly RadioChannel[]): void {
    if (this.network === undefined) return;
    this.network = { ...this.network, channels };
    this.mac.channels = channels;
  }

  exit(): void {
    this.network = undefined;
    this.mac.shortAddress = noShortAddress;
    this.addresses.clear();
    this.children = undefined;
    this.security.forgetNetwork();
  }

  /** Coordinator: keeps in mind what a device that joined is. */
  addChild(eui: Eui64, shortAddress: number, sleepy: boolean): void {
    this.addresses.add(eui, shortAddress);
    this.children ??= new Map();
    this.children.set(eui, sleepy);
  }

  removeChild(eui: Eui64): void {
    this.children?.delete(eui);
    const shortAddress = this.addresses.shortOf(eui);
    if (shortAddress === undefined) return;
    this.addresses.remove(eui);
    this.mac.purge(shortAddress);
  }

  isSleepyChild(shortAddress: number): boolean {
    if (this.children === undefined) return false;
    const eui = this.addresses.euiOf(shortAddress);
    return eui !== undefined && this.children.get(eui) === true;
  }

  /** Sends an APS frame. `via` is the next hop where it is not the destination itself. */
  send(
    destination: number,
    payload: Uint8Array,
    nowMs: number,
    options: NwkSendOptions = {},
    via = destination,
  ): void {
    this.transmit('data', destination, payload, nowMs, options, via);
  }

  sendCommand(
    destination: number,
    command: NwkCommand,
    nowMs: number,
    options: NwkSendOptions = {},
  ): void {
    const payload = encodeWith(NwkCommand, command, 'nwkCommand');
    this.transmit('command', destination, payload, nowMs, options, destination);
  }

  private transmit(
    type: NwkHeader['type'],
    destination: number,
    payload: Uint8Array,
    nowMs: number,
    { secured = true, namesSource = false, destinationEui, done }: NwkSendOptions,
    via: number,
  ): void {
    const sequenceNumber = this.sequenceNumber;
    this.sequenceNumber = (sequenceNumber + 1) & 0xff;
    const header: NwkHeader = {
      type,
      discoverRoute: 0,
      endDeviceInitiator: this.role === 'end-device',
      destination,
      source: this.mac.shortAddress,
      radius: initialRadius,
      sequenceNumber,
      destinationEui,
      sourceEui: namesSource || destinationEui !== undefined ? this.eui : undefined,
      sourceRoute: undefined,
      auxiliaryHeader: undefined,
    };
    this.pass(header, payload, secured, via, nowMs, done);
  }

  /** Secures a frame and gives it to the MAC. */
  private pass(
    header: NwkHeader,
    payload: Uint8Array,
    secured: boolean,
    via: number,
    nowMs: number,
    done?: (status: MacStatus, nowMs: number) => void,
  ): void {
    const nsdu = secured ? this.seal(header, payload) : plainFrame(NwkHeader, header, payload);
    if (nsdu === undefined) {
      this.dropped.nwkNotSecured++;
      done?.('not-listening', nowMs);
      return;
    }
    if (isNwkBroadcast(header.destination)) {
      if (secured) this.broadcastsSecured++;
      this.mac.send(broadcastMacAddress, nsdu, false, nowMs, done);
    } else {
      const renew = secured ? this.renewal(header, nsdu, payload) : undefined;
      this.mac.send(via, nsdu, this.isSleepyChild(via), nowMs, done, renew);
    }
  }

  /**
   * A frame may wait, for others to the same node or for a sleepy node to wake; a broadcast that goes
   * out meanwhile has the higher frame counter, and whoever has heard it would take the frame that
   * waited for a replay. Such a frame is secured anew when its turn comes.
   */
  private renewal(
    header: NwkHeader,
    nsdu: Uint8Array,
    payload: Uint8Array,
  ): () => Uint8Array | undefined {
    const { broadcastsSecured } = this;
    return () => {
      if (broadcastsSecured === this.broadcastsSecured) return undefined;
      const renewed = this.seal(header, payload);
      return renewed?.length === nsdu.length ? renewed : undefined;
    };
  }

  private seal(header: NwkHeader, payload: Uint8Array): Uint8Array | undefined {
    const { networkKey, crypto } = this.security;
    if (networkKey === undefined) return undefined;
    const frameCounter = this.security.nextCounter('nwk');
    if (frameCounter === undefined) return undefined;
    return sealNwk(crypto, header, payload, {
      key: networkKey.key,
      keySequenceNumber: networkKey.sequenceNumber,
      source: this.eui,
      frameCounter,
    });
  }

  onMacData(
    nsdu: Uint8Array,
    source: MacAddress,
    _destination: MacAddress,
    _reception: Reception,
    nowMs: number,
  ): void {
    let frame: LayerFrame<NwkHeader>;
    try {
      frame = readNwkFrame(nsdu);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformedNwk++;
      return;
    }
    const payload = this.open(frame, source, nowMs);
    if (payload !== undefined) this.deliver(frame, payload, source, nowMs);
  }

  /** What a frame carries, if it is to be believed. */
  private open(
    frame: LayerFrame<NwkHeader>,
    hop: MacAddress,
    nowMs: number,
  ): Uint8Array | undefined {
    const { header, security } = frame;
    if (security === undefined) {
      // A network in the clear exists for a moment only: while a key is on its way, or asked for.
      if (this.awaitsKey || (this.role === 'coordinator' && header.type === 'command')) {
        return frame.body;
      }
      this.dropped.nwkUnsecured++;
      return undefined;
    }
    const { source: eui, keySequenceNumber = 0 } = security;
    const key = this.security.networkKeyNumbered(keySequenceNumber);
    if (key === undefined || eui === undefined) {
      this.dropped.nwkNoKey++;
      return undefined;
    }
    const counters = this.security.networkCounters(keySequenceNumber);
    const opening = openNwk(this.security.crypto, frame, key, counters);
    if (opening.verdict === 'ok' || opening.verdict === 'unsecured') {
      this.security.rememberNetwork(keySequenceNumber, eui, security.frameCounter);
      this.security.networkKeyUsed(keySequenceNumber);
      // Whoever sent it directly has told both his addresses under the network key.
      if (hop === header.source) this.learn(eui, header.source, nowMs);
      return opening.payload;
    }
    this.dropped[nwkDropOfVerdict[opening.verdict]]++;
    return undefined;
  }

  /** Also for what ZDO messages tell. An address that can be nobody else's is not believed. */
  learn(eui: Eui64, shortAddress: number, nowMs: number): void {
    if (this.addresses.shortOf(eui) === shortAddress) return;
    if (shortAddress === this.mac.shortAddress || isNwkBroadcast(shortAddress)) return;
    if (eui === this.eui) return;
    this.addresses.add(eui, shortAddress, true);
    this.upper.onAddress(eui, shortAddress, nowMs);
  }

  private deliver(
    frame: LayerFrame<NwkHeader>,
    payload: Uint8Array,
    hop: MacAddress,
    nowMs: number,
  ): void {
    const { header } = frame;
    const { destination, source } = header;
    const secured = frame.security !== undefined;
    const broadcast = isNwkBroadcast(destination);
    if (broadcast) {
      if (source === this.mac.shortAddress || this.heardBefore(header, payload, nowMs)) {
        this.dropped.duplicateBroadcast++;
        return;
      }
      if (secured && this.mac.channels.length > 1) this.relay(header, payload, nowMs);
    } else if (source === this.mac.shortAddress) {
      this.dropped.forgedSource++;
      return;
    } else if (destination !== this.mac.shortAddress) {
      if (this.role === 'coordinator' && secured) this.relay(header, payload, nowMs);
      else this.dropped.notForUs++;
      return;
    }
    const named = hop === source ? frame.security?.source : undefined;
    const origin: NwkOrigin = {
      source,
      eui: named ?? header.sourceEui ?? this.addresses.euiOf(source),
      secured,
      broadcast,
    };
    if (header.type === 'data') this.upper.onNwkData(payload, origin, nowMs);
    else this.deliverCommand(payload, origin, nowMs);
  }

  private deliverCommand(payload: Uint8Array, origin: NwkOrigin, nowMs: number): void {
    try {
      const command = decodeWith(NwkCommand, payload, 'nwkCommand');
      this.upper.onNwkCommand(command, origin, nowMs);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformedNwkCommand++;
    }
  }

  private heardBefore(
    { source, sequenceNumber }: NwkHeader,
    payload: Uint8Array,
    nowMs: number,
  ): boolean {
    this.broadcasts ??= new DuplicateWindow();
    if (this.broadcasts.has(source, sequenceNumber, payload, nowMs)) return true;
    this.broadcasts.add(source, sequenceNumber, payload, nowMs);
    return false;
  }

  private relay(header: NwkHeader, payload: Uint8Array, nowMs: number): void {
    const { destination, radius } = header;
    if (radius <= 1) {
      this.dropped.radiusUsedUp++;
    } else if (!isNwkBroadcast(destination) && this.addresses.euiOf(destination) === undefined) {
      this.dropped.notForUs++;
    } else {
      this.relayed++;
      this.pass({ ...header, radius: radius - 1 }, payload, true, destination, nowMs);
    }
  }

  onAssociationRequest(
    device: Eui64,
    capability: number,
    reception: Reception,
    nowMs: number,
  ): { readonly status: number; readonly shortAddress: number } {
    return this.upper.onAssociationRequest(device, capability, reception, nowMs);
  }

  onAssociationAnswered(
    device: Eui64,
    shortAddress: number,
    status: MacStatus,
    nowMs: number,
  ): void {
    this.upper.onAssociationAnswered(device, shortAddress, status, nowMs);
  }

  onPolled(source: MacAddress, nowMs: number): void {
    if (typeof source === 'number') this.upper.onPolled(source, nowMs);
  }

  beacon(): Beacon {
    return networkBeacon(this.network?.extendedPanId ?? this.eui, this.mac.associationPermit);
  }
}
