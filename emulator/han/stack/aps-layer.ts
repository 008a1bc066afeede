import { decodeWith, encodeWith } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import {
  type ApsAcknowledgmentHeader,
  type ApsAddressing,
  type ApsCommandHeader,
  type ApsDataHeader,
  ApsHeader,
} from '../../../protocols/zigbee/aps.js';
import { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import {
  defaultReassemblyLimits,
  type ReassemblyDrop,
} from '../../../protocols/zigbee/aps-fragments.js';
import { isNwkBroadcast } from '../../../protocols/zigbee/nwk.js';
import type { KeyIdentifier } from '../../../protocols/zigbee/security/auxiliary-fields.js';
import {
  type ApsSecurity,
  type LayerFrame,
  openAps,
  readApsFrame,
  sealAps,
} from '../../../protocols/zigbee/security/frame-security.js';
import type { LinkKeySet } from '../../../protocols/zigbee/security/key-derivation.js';
import { earliest } from '../mac/mac-device.js';
import type { MacStatus } from '../mac/mac-upper.js';
import { ApsArrivals } from './aps-arrivals.js';
import { ApsSender, type ApsStatus, type ApsTransmission } from './aps-sender.js';
import { clusterRule } from './cluster-rules.js';
import type { NetworkLayer, NwkOrigin } from './network-layer.js';
import type { NodeSecurity } from './node-security.js';
import { plainFrame } from './plain-frame.js';
import { type ApsDrop, apsDropOfVerdict, apsDrops } from './stack-drops.js';

/** An APS command's way in: under which key, if any. */
export interface ApsCommandOrigin extends NwkOrigin {
  readonly keyIdentifier: KeyIdentifier | undefined;
}

/** What the node does with what arrives. Must not throw. */
export interface ApsUpper {
  /** A whole ASDU; a view, valid during the call. */
  onApsData(addressing: ApsAddressing, asdu: Uint8Array, origin: NwkOrigin, nowMs: number): void;
  onApsCommand(command: ApsCommand, origin: ApsCommandOrigin, nowMs: number): void;
  /** Next hop towards a node where it is another one. */
  viaOf(destination: number): number | undefined;
}

export interface ApsRequest {
  readonly destination: number;
  /** Needed for a link key. */
  readonly destinationEui: Eui64 | undefined;
  /** Next hop where it is not the destination. */
  readonly via?: number | undefined;
  readonly addressing: ApsAddressing;
  readonly secured: boolean;
  readonly acknowledged: boolean;
  /** The destination fetches its frames when it wakes: an answer takes longer. */
  readonly sleepy: boolean;
}

/** How an APS command is protected besides the network key. */
export interface ApsCommandProtection {
  readonly keys: LinkKeySet;
  readonly keyIdentifier: ApsSecurity['keyIdentifier'];
}

/**
 * The application support sublayer: link-key security, acknowledgments with retries, fragments in a
 * window of one block, duplicates. Sans I/O; time is an argument.
 */
export class ApsLayer {
  readonly dropped: Record<ApsDrop, number> = { ...apsDrops };
  private counter = 0;
  private arrivals: ApsArrivals | undefined;
  private sender: ApsSender | undefined;

  constructor(
    private readonly network: NetworkLayer,
    private readonly security: NodeSecurity,
    private readonly upper: ApsUpper,
  ) {}

  /** Fragmented transmissions of others given up, by reason. */
  get reassemblyDropped(): Readonly<Record<ReassemblyDrop, number>> | undefined {
    return this.arrivals?.reassemblyDropped;
  }

  /** Fragmented transmissions of others that are not complete. */
  get reassembling(): number {
    return this.arrivals?.reassembling ?? 0;
  }

  /** ASDUs that wait for their acknowledgment or their turn. */
  get waiting(): number {
    return this.sender?.waiting ?? 0;
  }

  nextDeadlineMs(): number | undefined {
    return earliest(this.sender?.nextDeadlineMs(), this.arrivals?.nextDeadlineMs());
  }

  expire(nowMs: number): void {
    this.arrivals?.expire(nowMs);
    this.sender?.expire(nowMs);
  }

  /** Gives up what waits for a node that left. */
  purge(destination: number, nowMs: number): void {
    this.sender?.purge(destination, nowMs);
  }

  /** `asdu` is copied where it must wait. `done` tells the end of an acknowledged one. */
  send(
    request: ApsRequest,
    asdu: Uint8Array,
    nowMs: number,
    done?: (status: ApsStatus, nowMs: number) => void,
  ): 'sent' | 'too-long' | 'no-key' | 'queue-full' {
    if (asdu.length > defaultReassemblyLimits.asduOctetsMax) return 'too-long';
    if (request.secured && !this.mayCarryData(request.destinationEui)) return 'no-key';
    this.sender ??= new ApsSender(
      (transmission, at) => this.transmitBlock(transmission, at),
      () => this.network.mac.settled,
    );
    const whole = this.sender.fitsWhole(request, asdu);
    const toMany = isNwkBroadcast(request.destination);
    // Nobody acknowledges what is for all, so that it cannot go block by block.
    if (toMany && !whole) return 'too-long';
    if (whole && (toMany || !request.acknowledged)) {
      const counter = this.nextCounter();
      this.transmitBlock({ request, block: asdu, counter, fragment: undefined }, nowMs);
      return 'sent';
    }
    return this.sender.add(request, asdu, this.nextCounter(), nowMs, done);
  }

  private nextCounter(): number {
    const counter = this.counter;
    this.counter = (counter + 1) & 0xff;
    return counter;
  }

  private keysOf(partner: Eui64 | undefined): LinkKeySet | undefined {
    return partner === undefined ? undefined : this.security.linkKeyOf(partner);
  }

  /** A key that was handed out with the device is good for nothing but getting a better one. */
  private mayCarryData(partner: Eui64 | undefined): boolean {
    const key = partner === undefined ? undefined : this.security.linkKeyOf(partner);
    return key !== undefined && key.kind !== 'preconfigured';
  }

  private transmitBlock(transmission: ApsTransmission, nowMs: number): void {
    const { request, block, counter, fragment } = transmission;
    const { addressing } = request;
    const toMany = isNwkBroadcast(request.destination);
    const header: ApsDataHeader = {
      type: 'data',
      delivery: toMany ? 'broadcast' : 'unicast',
      acknowledgmentRequest: !toMany && (request.acknowledged || fragment !== undefined),
      destinationEndpoint: addressing.destinationEndpoint,
      clusterId: addressing.clusterId,
      profileId: addressing.profileId,
      sourceEndpoint: addressing.sourceEndpoint,
      counter,
      fragment,
      auxiliaryHeader: undefined,
    };
    const keys = request.secured ? this.keysOf(request.destinationEui) : undefined;
    // The key may have gone while the frame waited: then so has its destination.
    if (request.secured && keys === undefined) return;
    this.transmit(header, block, keys, request.destination, request.via, nowMs);
  }

  private transmit(
    header: ApsHeader,
    payload: Uint8Array,
    keys: LinkKeySet | undefined,
    destination: number,
    via: number | undefined,
    nowMs: number,
  ): void {
    let octets: Uint8Array | undefined;
    if (keys === undefined) octets = plainFrame(ApsHeader, header, payload);
    else octets = this.seal(header, payload, { keys, keyIdentifier: 'data' }, via !== undefined);
    if (octets !== undefined) this.network.send(destination, octets, nowMs, {}, via);
  }

  /** A receiver beyond the next hop cannot tell from the network header whose frame it is: it is named. */
  private seal(
    header: ApsHeader,
    payload: Uint8Array,
    { keys, keyIdentifier }: ApsCommandProtection,
    namesSource: boolean,
  ): Uint8Array | undefined {
    const frameCounter = this.security.nextCounter('aps');
    if (frameCounter === undefined) {
      this.dropped.apsCounterUsedUp++;
      return undefined;
    }
    const source = this.network.eui;
    const how: ApsSecurity = { keys, keyIdentifier, source, namesSource, frameCounter };
    return sealAps(this.security.crypto, header, payload, how);
  }

  /** `networkSecured` is false only for a key on its way to a node that has none. */
  sendCommand(
    destination: number,
    command: ApsCommand,
    protection: ApsCommandProtection | undefined,
    networkSecured: boolean,
    nowMs: number,
    done?: (status: MacStatus, nowMs: number) => void,
  ): void {
    const header: ApsCommandHeader = {
      type: 'command',
      delivery: isNwkBroadcast(destination) ? 'broadcast' : 'unicast',
      acknowledgmentRequest: false,
      counter: this.nextCounter(),
      auxiliaryHeader: undefined,
    };
    const payload = encodeWith(ApsCommand, command, 'apsCommand');
    const octets =
      protection === undefined
        ? plainFrame(ApsHeader, header, payload)
        : this.seal(header, payload, protection, true);
    if (octets === undefined) {
      done?.('not-listening', nowMs);
      return;
    }
    this.network.send(destination, octets, nowMs, {
      secured: networkSecured,
      ...(done === undefined ? {} : { done }),
    });
  }

  /** From the network layer. */
  receive(apdu: Uint8Array, origin: NwkOrigin, nowMs: number): void {
    let frame: LayerFrame<ApsHeader>;
    try {
      frame = readApsFrame(apdu);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformedAps++;
      return;
    }
    const sender = frame.security?.source ?? origin.eui;
    const payload = this.open(frame, sender);
    if (payload === undefined) return;
    const { header } = frame;
    const keyIdentifier = frame.security?.keyIdentifier;
    if (!origin.secured && (header.type !== 'command' || keyIdentifier === undefined)) {
      // Only a key may come in the clear of the network, and it does not come in the clear itself.
      this.dropped.apsUnsecured++;
    } else if (header.type === 'command') {
      this.receiveCommand(payload, { ...origin, eui: sender, keyIdentifier }, nowMs);
    } else {
      // Whoever has the network key may say that he is anybody; a link key has one other holder.
      const signer = keyIdentifier === 'data' ? sender : undefined;
      if (header.type === 'acknowledgment') this.receiveAck(header, origin, signer, nowMs);
      else if (signer === undefined) this.receiveData(header, payload, origin, signer, nowMs);
      else this.receiveData(header, payload, { ...origin, eui: signer }, signer, nowMs);
    }
  }

  private receiveAck(
    header: ApsAcknowledgmentHeader,
    { source }: NwkOrigin,
    signer: Eui64 | undefined,
    nowMs: number,
  ): void {
    if (!this.sender?.acknowledged(source, signer, header, nowMs)) this.dropped.unexpectedAck++;
  }

  private open(frame: LayerFrame<ApsHeader>, sender: Eui64 | undefined): Uint8Array | undefined {
    const { security } = frame;
    const keys = security === undefined ? undefined : this.keysOf(sender);
    const counters = this.security.linkCounters();
    let opening = openAps(this.security.crypto, frame, keys, sender, counters);
    if (opening.verdict === 'mic-invalid') {
      const alternate = sender && this.security.alternateLinkKeyOf(sender);
      if (sender !== undefined && alternate !== undefined) {
        opening = openAps(this.security.crypto, frame, alternate, sender, counters);
        if (opening.verdict === 'ok') this.security.alternateLinkKeyUsed(sender);
      }
    }
    if (opening.verdict === 'unsecured') return opening.payload;
    if (opening.verdict === 'ok') {
      this.security.rememberLink(sender as Eui64, security?.frameCounter ?? 0);
      return opening.payload;
    }
    this.dropped[apsDropOfVerdict[opening.verdict]]++;
    return undefined;
  }

  private receiveCommand(payload: Uint8Array, origin: ApsCommandOrigin, nowMs: number): void {
    try {
      const command = decodeWith(ApsCommand, payload, 'apsCommand');
      this.upper.onApsCommand(command, origin, nowMs);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformedApsCommand++;
    }
  }

  /** `signer` is whose link key secured it, if any. */
  private receiveData(
    header: ApsDataHeader,
    payload: Uint8Array,
    origin: NwkOrigin,
    signer: Eui64 | undefined,
    nowMs: number,
  ): void {
    const { profileId, clusterId } = header;
    const wantsLinkKey = profileId !== 0 && clusterRule(clusterId).security === 'link';
    if (wantsLinkKey && !this.mayCarryData(signer)) {
      this.dropped.apsUnsecured++;
      return;
    }
    this.arrivals ??= new ApsArrivals();
    const arrival = this.arrivals.take(header, payload, origin, signer, nowMs);
    if (arrival === 'duplicate') this.dropped.duplicate++;
    else if (arrival === 'stray') this.dropped.strayFragment++;
    // A block that was not taken must come again.
    if (arrival === 'stray' || arrival === 'refused') return;
    this.acknowledge(header, origin, signer, nowMs);
    if (typeof arrival !== 'string') this.upper.onApsData(header, arrival, origin, nowMs);
  }

  private acknowledge(
    header: ApsDataHeader,
    origin: NwkOrigin,
    signer: Eui64 | undefined,
    nowMs: number,
  ): void {
    if (!header.acknowledgmentRequest || origin.broadcast) return;
    const { fragment } = header;
    const acknowledgment: ApsAcknowledgmentHeader = {
      type: 'acknowledgment',
      delivery: 'unicast',
      addressing: {
        destinationEndpoint: header.sourceEndpoint,
        clusterId: header.clusterId,
        profileId: header.profileId,
        sourceEndpoint: header.destinationEndpoint,
      },
      counter: header.counter,
      // The window is one block: its number, and one bit for it.
      fragment:
        fragment === undefined
          ? undefined
          : {
              first: fragment.first,
              blockNumber: fragment.first ? 0 : fragment.blockNumber,
              bitmap: 1,
            },
      auxiliaryHeader: undefined,
    };
    const keys = this.keysOf(signer);
    const via = this.upper.viaOf(origin.source);
    this.transmit(acknowledgment, nothing, keys, origin.source, via, nowMs);
  }
}

const nothing = new Uint8Array(0);
