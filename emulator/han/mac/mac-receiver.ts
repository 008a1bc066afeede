import type { Codec } from '../../../protocols/codec/codec.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { Reader } from '../../../protocols/codec/reader.js';
import { Beacon } from '../../../protocols/zigbee/beacon.js';
import {
  broadcastMacAddress,
  broadcastPanId,
  MacHeader,
  psduOctetsMax,
} from '../../../protocols/zigbee/ieee802154.js';
import { MacCommand } from '../../../protocols/zigbee/mac-command.js';
import type { RadioChannel, Reception } from '../air/radio.js';
import { addressOf, type MacNode } from './mac-address.js';
import { associationPermitBit, type MacCoordinator } from './mac-coordinator.js';
import type { MacDevice } from './mac-device.js';
import { acknowledgment } from './mac-frames.js';
import type { MacNeighbours } from './mac-neighbours.js';
import type { HeardBeacon } from './mac-scan.js';
import type { TransactionRadio, Transactions } from './mac-transactions.js';
import type { MacDrop, MacUpper } from './mac-upper.js';

const securityBit = 0x08;
const dataRequestIdentifier = 0x04;

interface MacReceiverParts {
  readonly node: MacNode;
  readonly radio: TransactionRadio;
  readonly upper: MacUpper;
  readonly transactions: Transactions;
  readonly neighbours: MacNeighbours;
  readonly device: MacDevice;
  readonly coordination: MacCoordinator;
}

/**
 * What becomes of a frame that the radio heard: it is filtered, acknowledged, known again if it was
 * repeated, and given to the part of the MAC that it concerns, or to the layer above.
 */
export class MacReceiver {
  readonly dropped: Record<MacDrop, number> = {
    malformed: 0,
    securityUnsupported: 0,
    notListening: 0,
    otherPan: 0,
    otherDestination: 0,
    noSource: 0,
    duplicate: 0,
    unexpectedAck: 0,
    unexpectedBeacon: 0,
    unexpectedCommand: 0,
    associationNotPermitted: 0,
  };
  delivered = 0;

  constructor(private readonly parts: MacReceiverParts) {}

  /** `channel` is where the radio is tuned to, and heard the frame. Never throws. */
  receive(psdu: Uint8Array, channel: RadioChannel, reception: Reception, nowMs: number): void {
    if (psdu.length > psduOctetsMax) {
      this.dropped.malformed++;
    } else if (psdu.length > 0 && (psdu[0] as number) & securityBit) {
      this.dropped.securityUnsupported++;
    } else {
      const reader = new Reader(psdu);
      const header = this.decoded(MacHeader, reader);
      if (header !== undefined) {
        this.receiveFrame(psdu, header, reader, channel, reception, nowMs);
      }
    }
  }

  private receiveFrame(
    psdu: Uint8Array,
    header: MacHeader,
    reader: Reader,
    channel: RadioChannel,
    reception: Reception,
    nowMs: number,
  ): void {
    if (header.type === 'acknowledgment') {
      this.receiveAcknowledgment(header, reader, channel, nowMs);
    } else if (header.type === 'beacon') {
      this.receiveBeacon(header, reader, channel, reception);
    } else if (this.parts.device.isScanning) {
      this.dropped.notListening++;
    } else if (this.isFor(header)) {
      this.receiveAddressed(psdu, header, reader, channel, reception, nowMs);
    }
  }

  private receiveAcknowledgment(
    header: MacHeader,
    reader: Reader,
    channel: RadioChannel,
    nowMs: number,
  ): void {
    const { sequenceNumber, framePending } = header;
    if (reader.remaining > 0) this.dropped.malformed++;
    else if (!this.parts.transactions.acknowledged(sequenceNumber, channel, framePending, nowMs)) {
      this.dropped.unexpectedAck++;
    }
  }

  private receiveBeacon(
    header: MacHeader,
    reader: Reader,
    channel: RadioChannel,
    reception: Reception,
  ): void {
    const { source, sourcePanId } = header;
    const beacon = this.decodedWhole(Beacon, reader);
    if (beacon === undefined) return;
    if (typeof source !== 'number' || sourcePanId === undefined) {
      this.dropped.noSource++;
      return;
    }
    const heard: HeardBeacon = {
      panId: sourcePanId,
      shortAddress: source,
      channel,
      lqi: reception.lqi,
      beacon,
      associationPermit: (beacon.superframe & associationPermitBit) !== 0,
    };
    if (!this.parts.device.heard(heard)) this.dropped.unexpectedBeacon++;
  }

  /** The radio's filter: frames of our PAN, or of all, for us, or for all. */
  private isFor(header: MacHeader): boolean {
    const { destination, destinationPanId } = header;
    const { node } = this.parts;
    let fault: MacDrop | undefined;
    if (destination === undefined) {
      // What names no destination is meant for the coordinator of its PAN.
      const meant = node.coordinator && header.sourcePanId === node.panId;
      if (!meant) fault = 'otherDestination';
    } else if (destinationPanId !== node.panId && destinationPanId !== broadcastPanId) {
      fault = 'otherPan';
    } else if (
      destination !== broadcastMacAddress &&
      destination !== node.eui &&
      destination !== addressOf(node)
    ) {
      fault = 'otherDestination';
    }
    if (fault !== undefined) this.dropped[fault]++;
    return fault === undefined;
  }

  /** A frame that is ours: acknowledged at once, and looked into if it is new. */
  private receiveAddressed(
    psdu: Uint8Array,
    header: MacHeader,
    reader: Reader,
    channel: RadioChannel,
    reception: Reception,
    nowMs: number,
  ): void {
    const { source, destination, type } = header;
    const { node, upper, neighbours, coordination } = this.parts;
    const unicast = destination !== broadcastMacAddress;
    let repeated = false;
    if (source !== undefined && (unicast || header.sourcePanId === node.panId)) {
      neighbours.note(source, channel, reception, nowMs);
      repeated = unicast && neighbours.repeats(source, psdu, nowMs);
    }
    const polls = unicast && node.coordinator && isDataRequest(header, reader);
    const poller = polls ? source : undefined;
    if (poller !== undefined && !repeated) upper.onPolled(poller, nowMs);
    if (unicast && header.acknowledgmentRequest) {
      const framePending = poller !== undefined && coordination.hasFor(poller);
      this.parts.radio.transmit(acknowledgment(header.sequenceNumber, framePending), channel);
    }
    if (repeated) {
      this.dropped.duplicate++;
    } else if (poller !== undefined) {
      coordination.release(poller, nowMs);
    } else if (type === 'command') {
      this.receiveCommand(header, reader, channel, reception, nowMs);
    } else if (source === undefined) {
      this.dropped.noSource++;
    } else {
      this.delivered++;
      const nsdu = psdu.subarray(reader.offset);
      upper.onMacData(nsdu, source, destination ?? node.shortAddress, reception, nowMs);
    }
    if (type === 'data' && unicast && source !== undefined) {
      this.parts.device.dataArrived(source, repeated, header.framePending, nowMs);
    }
  }

  private receiveCommand(
    header: MacHeader,
    reader: Reader,
    channel: RadioChannel,
    reception: Reception,
    nowMs: number,
  ): void {
    const command = this.decodedWhole(MacCommand, reader);
    if (command === undefined) return;
    const { node, coordination, device } = this.parts;
    const { sourcePanId = broadcastPanId, destination } = header;
    const sender = typeof header.source === 'string' ? header.source : undefined;
    let taken = false;
    if (command.command === 'beacon-request') {
      taken = node.coordinator && node.panId !== broadcastPanId;
      if (taken) coordination.sendBeacon(channel);
    } else if (sender === undefined || destination === broadcastMacAddress) {
      taken = false;
    } else if (command.command === 'association-request' && node.coordinator) {
      taken = true;
      if (!node.associationPermit) this.dropped.associationNotPermitted++;
      else coordination.associationRequested(sender, command.capability, reception, nowMs);
    } else if (command.command === 'association-response' && destination === node.eui) {
      const { status, shortAddress } = command;
      taken = device.associated(sender, sourcePanId, status, shortAddress, nowMs);
    }
    if (!taken) this.dropped.unexpectedCommand++;
  }

  /** Undefined, and counted, where the octets are wrong. */
  private decoded<T>(codec: Codec<T>, reader: Reader): T | undefined {
    try {
      return codec.decode(reader);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped.malformed++;
      return undefined;
    }
  }

  private decodedWhole<T>(codec: Codec<T>, reader: Reader): T | undefined {
    const value = this.decoded(codec, reader);
    if (value === undefined || reader.remaining === 0) return value;
    this.dropped.malformed++;
    return undefined;
  }
}

function isDataRequest(header: MacHeader, reader: Reader): boolean {
  return (
    header.type === 'command' &&
    header.source !== undefined &&
    reader.remaining === 1 &&
    reader.peek() === dataRequestIdentifier
  );
}
