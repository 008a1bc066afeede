import { decodeWith, encodeWith } from '../../protocols/codec/codec.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { transientOctets } from '../../protocols/codec/transient-octets.js';
import { Writer } from '../../protocols/codec/writer.js';
import {
  type ApsAcknowledgmentHeader,
  type ApsAddressing,
  type ApsCommandHeader,
  type ApsDataHeader,
  ApsHeader,
} from '../../protocols/zigbee/aps.js';
import { ApsCommand } from '../../protocols/zigbee/aps-command.js';
import {
  ApsReassembler,
  defaultReassemblyLimits,
  type ReassemblyDrop,
  type ReassemblyLimits,
} from '../../protocols/zigbee/aps-fragments.js';
import { psduOctetsMax } from '../../protocols/zigbee/ieee802154.js';
import { isNwkBroadcast } from '../../protocols/zigbee/nwk.js';
import type { KeyIdentifier } from '../../protocols/zigbee/security/auxiliary-fields.js';
import {
  type ApsSecurity,
  type LayerFrame,
  openAps,
  readApsFrame,
  type SecurityVerdict,
  sealAps,
} from '../../protocols/zigbee/security/frame-security.js';
import type { LinkKeySet } from '../../protocols/zigbee/security/key-derivation.js';
import { ApsSender, type ApsStatus, type ApsTransmission } from './aps-sender.js';
import { clusterRule } from './cluster-rules.js';
import { DuplicateWindow, type FrameSource } from './duplicates.js';
import { earliest } from './mac-device.js';
import type { MacStatus } from './mac-upper.js';
import type { NetworkLayer, NwkOrigin } from './network-layer.js';
import type { NodeSecurity } from './node-security.js';

export type ApsDrop =
  | 'malformedAps'
  | 'malformedApsCommand'
  | 'apsUnsecured'
  | 'apsNoKey'
  | 'apsReplayed'
  | 'apsPeerLimit'
  | 'apsMicInvalid'
  | 'duplicate'
  | 'unexpectedAck'
  /** A later block of a transmission whose beginning is not here. */
  | 'strayFragment'
  /** Ours, not sent: the counter of the link keys is used up. */
  | 'apsCounterUsedUp';

export const apsDrops: Readonly<Record<ApsDrop, 0>> = {
  malformedAps: 0,
  malformedApsCommand: 0,
  apsUnsecured: 0,
  apsNoKey: 0,
  apsReplayed: 0,
  apsPeerLimit: 0,
  apsMicInvalid: 0,
  duplicate: 0,
  unexpectedAck: 0,
  strayFragment: 0,
  apsCounterUsedUp: 0,
};

const dropOfVerdict: Readonly<Record<Exclude<SecurityVerdict, 'ok' | 'unsecured'>, ApsDrop>> = {
  replayed: 'apsReplayed',
  'peer-limit': 'apsPeerLimit',
  'mic-invalid': 'apsMicInvalid',
  'no-key': 'apsNoKey',
};

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

const scratch = new Writer(psduOctetsMax);

function plainAps(header: ApsHeader, payload: Uint8Array): Uint8Array {
  const writer = scratch.reset();
  ApsHeader.encode(writer, header);
  const { offset } = writer;
  const octets = transientOctets(offset + payload.length);
  writer.copyTo(octets);
  octets.set(payload, offset);
  return octets;
}

/**
 * A transmission goes on as long as its sender waits for acknowledgments, eight seconds at a time
 * where it sleeps, and has up to some twenty blocks. Our choice.
 */
const reassemblyLimits: ReassemblyLimits = { ...defaultReassemblyLimits, lifetimeMs: 60_000 };

/**
 * The application support sublayer: link-key security, acknowledgments with retries, fragments in a
 * window of one block, duplicates. Sans I/O; time is an argument.
 */
export class ApsLayer {
  readonly dropped: Record<ApsDrop, number> = { ...apsDrops };
  private counter = 0;
  private duplicates: DuplicateWindow | undefined;
  /**
   * Apart for what is secured with link keys: whoever has the network key only cannot keep that out.
   */
  private reassembler: ApsReassembler | undefined;
  private linkReassembler: ApsReassembler | undefined;
  private sender: ApsSender | undefined;

  constructor(
    private readonly network: NetworkLayer,
    private readonly security: NodeSecurity,
    private readonly upper: ApsUpper,
  ) {}

  /** Fragmented transmissions given up, by reason. */
  get reassemblyDropped(): Readonly<Record<ReassemblyDrop, number>> | undefined {
    const [one, other] = [this.reassembler?.dropped, this.linkReassembler?.dropped];
    if (one === undefined || other === undefined) return one ?? other;
    return {
      full: one.full + other.full,
      superseded: one.superseded + other.superseded,
      expired: one.expired + other.expired,
      inconsistent: one.inconsistent + other.inconsistent,
      tooLong: one.tooLong + other.tooLong,
    };
  }

  /** Fragmented transmissions of others that are not complete. */
  get reassembling(): number {
    return (this.reassembler?.pending ?? 0) + (this.linkReassembler?.pending ?? 0);
  }

  /** ASDUs that wait for their acknowledgment or their turn. */
  get waiting(): number {
    return this.sender?.waiting ?? 0;
  }

  nextDeadlineMs(): number | undefined {
    const joining = earliest(
      this.reassembler?.nextDeadlineMs(),
      this.linkReassembler?.nextDeadlineMs(),
    );
    return earliest(this.sender?.nextDeadlineMs(), joining);
  }

  expire(nowMs: number): void {
    this.reassembler?.expire(nowMs);
    this.linkReassembler?.expire(nowMs);
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
    if (keys === undefined) octets = plainAps(header, payload);
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
        ? plainAps(header, payload)
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
    this.dropped[dropOfVerdict[opening.verdict]]++;
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
    const { profileId, clusterId, counter, fragment } = header;
    const wantsLinkKey = profileId !== 0 && clusterRule(clusterId).security === 'link';
    if (wantsLinkKey && !this.mayCarryData(signer)) {
      this.dropped.apsUnsecured++;
      return;
    }
    const source: FrameSource = signer ?? origin.source;
    this.duplicates ??= new DuplicateWindow();
    // The network layer knows a broadcast again.
    if (!origin.broadcast && this.duplicates.has(source, counter, payload, nowMs)) {
      this.dropped.duplicate++;
      this.acknowledge(header, origin, signer, nowMs);
      return;
    }
    let asdu: Uint8Array | undefined = payload;
    if (fragment !== undefined) {
      const reassembler = this.reassemblerOf(signer);
      if (!fragment.first && !reassembler.holds(source, counter)) {
        this.dropped.strayFragment++;
        return;
      }
      asdu = reassembler.push(source, counter, fragment, payload, nowMs);
      // A block that was not taken must come again.
      if (asdu === undefined && !reassembler.holds(source, counter)) return;
    }
    if (asdu !== undefined && !origin.broadcast) {
      this.duplicates.add(source, counter, payload, nowMs);
    }
    this.acknowledge(header, origin, signer, nowMs);
    if (asdu !== undefined) this.upper.onApsData(header, asdu, origin, nowMs);
  }

  private reassemblerOf(signer: Eui64 | undefined): ApsReassembler {
    if (signer === undefined) {
      this.reassembler ??= new ApsReassembler(reassemblyLimits);
      return this.reassembler;
    }
    this.linkReassembler ??= new ApsReassembler(reassemblyLimits);
    return this.linkReassembler;
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
