import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import { broadcastMacAddress, broadcastPanId } from '../../../protocols/zigbee/ieee802154.js';
import type { TransmissionCounts } from '../../functions/sub-ghz-radio.js';
import type { RandomStream } from '../../ports/random.js';
import type { Medium, Radio, RadioChannel, Reception } from '../air/radio.js';
import { sameChannel } from '../air/radio.js';
import { addressOf, type MacNode, noShortAddress } from './mac-address.js';
import type { AssociationDone } from './mac-association.js';
import { MacCoordinator } from './mac-coordinator.js';
import type { DataRequestDone } from './mac-data-request.js';
import { earliest, MacDevice } from './mac-device.js';
import { dataFrame, setSequenceNumber } from './mac-frames.js';
import { type MacNeighbour, MacNeighbours } from './mac-neighbours.js';
import { MacReceiver } from './mac-receiver.js';
import type { HeardBeacon } from './mac-scan.js';
import { defaultMacTiming, type MacTiming } from './mac-timing.js';
import { Transaction, type TransactionRadio, Transactions } from './mac-transactions.js';
import type { MacCounters, MacDone, MacDrop, MacUpper } from './mac-upper.js';

export interface MacOptions {
  readonly eui: Eui64;
  readonly medium: Medium;
  readonly upper: MacUpper;
  /** Where sequence numbers start, and backoffs. */
  readonly random: RandomStream;
  /** Radio time: `Clock.stopwatchMs`. */
  readonly nowMs: () => number;
  readonly timing?: Partial<MacTiming>;
}

/**
 * The IEEE 802.15.4 MAC of one node, without beacons of its own accord: acknowledged sending,
 * duplicates, frames that wait for sleepy devices, polling, scanning and association.
 *
 * It does no I/O and keeps no timer. Time is an argument in milliseconds of radio time; after any
 * call, or after a frame was received, `nextDeadlineMs` may have changed. What it receives never
 * makes it throw: frames that lead nowhere are counted by their reason.
 *
 * not kept: carrier sense (the medium decides who hears what), MAC security and disassociation,
 * which ZigBee does without, superframes and guaranteed time slots.
 *
 * @see zigbee.md 2
 */
export class Mac implements Radio, MacNode {
  readonly eui: Eui64;
  shortAddress = noShortAddress;
  panId = broadcastPanId;
  /** Where it works; a hub of two bands has two. The first leads to who was not heard yet. */
  channels: readonly RadioChannel[] = [];
  coordinator = false;
  /** Coordinator only: asked whenever somebody wants to join, and for every beacon, where it is set. */
  joiningOpen: (() => boolean) | undefined = undefined;
  /** Where this node polls. */
  coordinatorAddress = 0x0000;
  /** Known once the coordinator has let us in. */
  coordinatorEui: Eui64 | undefined = undefined;
  /** False for a sleepy node: then it listens only while `awake`, or while it waits for an answer. */
  rxOnWhenIdle = true;
  awake = false;

  /** Frames that led nowhere, by reason. */
  readonly dropped: Record<MacDrop, number>;

  private readonly options: MacOptions;
  private readonly timing: MacTiming;
  private readonly transactions: Transactions;
  private readonly neighbours = new MacNeighbours();
  private readonly device: MacDevice;
  private readonly coordination: MacCoordinator;
  private readonly receiver: MacReceiver;
  private transmitted = 0;
  private permit = false;

  constructor(options: MacOptions) {
    this.options = options;
    this.eui = options.eui;
    this.timing = { ...defaultMacTiming, ...options.timing };
    const { upper, random } = options;
    const { neighbours, timing } = this;
    const radio: TransactionRadio = {
      transmit: (psdu, channel) => this.transmit(psdu, channel),
      settled: () => this.settled,
      channelTo: (destination) => this.channelTo(destination),
    };
    const transactions = new Transactions(radio, timing, random);
    this.transactions = transactions;
    this.device = new MacDevice(this, radio, transactions, timing);
    const parts = { node: this, radio, upper, transactions, neighbours };
    this.coordination = new MacCoordinator({ ...parts, timing, random });
    const { device, coordination } = this;
    this.receiver = new MacReceiver({ ...parts, device, coordination });
    this.dropped = this.receiver.dropped;
  }

  /** Coordinator only: whether devices may join; beacons say it. */
  get associationPermit(): boolean {
    return this.joiningOpen?.() ?? this.permit;
  }

  set associationPermit(permit: boolean) {
    this.permit = permit;
  }

  /**
   * Sends a NWK frame. Unicast is acknowledged and repeated; what goes to FFFF is sent once on every
   * channel. `indirect`: it waits until its destination polls (coordinators only). `nsdu` is copied.
   * `done` is called exactly once, at the earliest within this call. `renew` is asked when a frame
   * that had to wait is about to go: as many octets to send instead, or undefined.
   */
  send(
    destination: MacAddress,
    nsdu: Uint8Array,
    indirect: boolean,
    nowMs: number,
    done?: MacDone,
    renew?: () => Uint8Array | undefined,
  ): void {
    if (this.deaf) {
      done?.('not-listening', nowMs);
      return;
    }
    const broadcast = destination === broadcastMacAddress;
    const held = indirect && this.coordinator && !broadcast;
    const kept = held || (!broadcast && this.transactions.occupied(destination));
    const psdu = dataFrame(this.panId, addressOf(this), destination, nsdu, kept);
    if (psdu === undefined) {
      done?.('frame-too-long', nowMs);
    } else if (broadcast) {
      setSequenceNumber(psdu, this.transactions.nextSequenceNumber());
      for (const channel of this.channels) this.transmit(psdu, channel);
      done?.('success', nowMs);
    } else {
      const transaction = new Transaction(destination, psdu, held, done, kept ? renew : undefined);
      if (held) this.coordination.hold(transaction, nowMs);
      else this.transactions.submit(transaction, nowMs);
    }
  }

  /**
   * Asks the coordinator for what waits here. `more` tells that asking again is worth while. Asked
   * while a poll is under way, it shares that one's result.
   */
  poll(nowMs: number, done: DataRequestDone): void {
    if (this.deaf) done('no-ack', nowMs, false);
    else this.device.poll(nowMs, done);
  }

  /**
   * Active scan. Until it is done the node hears nothing but beacons and sends nothing else; what
   * was under way ends.
   */
  scan(
    channels: readonly RadioChannel[],
    nowMs: number,
    done: (heard: readonly HeardBeacon[], nowMs: number) => void,
  ): void {
    this.device.scan(channels, nowMs, done);
  }

  /**
   * Joins a PAN that a scan has found: from here on the node works on its channel and in its PAN.
   * With success it has a short address, otherwise it is without PAN again. What was under way ends.
   */
  associate(target: HeardBeacon, capability: number, nowMs: number, done: AssociationDone): void {
    this.neighbours.clear();
    this.device.associate(target, capability, nowMs, done);
  }

  /** Drops what waits for, or is on its way to, a node that left, and what is known of it. */
  purge(destination: MacAddress): void {
    const nowMs = this.options.nowMs();
    this.neighbours.forget(destination);
    this.coordination.abandon(destination, 'transaction-expired', nowMs);
    this.transactions.abandon(destination, 'transaction-expired', nowMs);
  }

  /** Forgets the PAN and all that was under way in it; the channels stay. */
  leave(nowMs: number): void {
    this.panId = broadcastPanId;
    this.shortAddress = noShortAddress;
    this.coordinatorEui = undefined;
    this.neighbours.clear();
    this.device.interrupt(nowMs);
    this.coordination.abandon(undefined, 'not-listening', nowMs);
  }

  /** How a sender was last heard, under the address that it used. */
  neighbour(address: MacAddress): MacNeighbour | undefined {
    return this.neighbours.find(address);
  }

  /** Tells where a node is to be reached that was not heard yet: a home that starts up joined. */
  expectNeighbour(address: MacAddress, channel: RadioChannel, nowMs: number): void {
    this.neighbours.expect(address, channel, nowMs);
  }

  /** How its own frames on sub-GHz channels fared since it came up. */
  get subGhzTransmissions(): TransmissionCounts {
    return this.transactions.subGhz;
  }

  /** When `expire` is due; undefined while nothing is under way. */
  nextDeadlineMs(): number | undefined {
    const sending = this.transactions.nextDeadlineMs();
    const waiting = this.coordination.nextDeadlineMs();
    return earliest(earliest(sending, waiting), this.device.nextDeadlineMs());
  }

  expire(nowMs: number): void {
    this.transactions.expire(nowMs);
    this.coordination.expire(nowMs);
    this.device.expire(nowMs);
  }

  /** Counters, fit for JSON. */
  describe(): MacCounters {
    return {
      transmitted: this.transmitted,
      delivered: this.receiver.delivered,
      ...this.transactions.stats,
      underWay: this.transactions.size,
      indirect: this.coordination.describe(),
      neighbours: this.neighbours.size,
      dropped: { ...this.dropped },
    };
  }

  listens(page: number, channel: number): boolean {
    return this.tunedTo(page, channel) !== undefined;
  }

  receive(psdu: Uint8Array, reception: Reception): void {
    const channel = this.tunedTo(reception.page, reception.channel);
    if (channel === undefined) this.dropped.notListening++;
    else this.receiver.receive(psdu, channel, reception, this.options.nowMs());
  }

  /** Whether nothing of what waits can be on its way through the bus. */
  get settled(): boolean {
    return this.options.medium.settled ?? true;
  }

  /** Nothing can be sent or fetched now. */
  private get deaf(): boolean {
    return this.panId === broadcastPanId || this.channels.length === 0 || this.device.isScanning;
  }

  private transmit(psdu: Uint8Array, channel: RadioChannel): void {
    this.transmitted++;
    this.options.medium.transmit(this, psdu, channel);
  }

  /** Our channel of that number, or undefined while we do not listen there. */
  private tunedTo(page: number, channel: number): RadioChannel | undefined {
    if (this.device.isScanning) {
      const tuned = this.device.scanChannel;
      return tuned?.channel === channel && tuned.page === page ? tuned : undefined;
    }
    const listening =
      this.rxOnWhenIdle || this.awake || this.transactions.size > 0 || this.device.expectant;
    if (!listening) return undefined;
    for (const one of this.channels) if (one.channel === channel && one.page === page) return one;
    return undefined;
  }

  /** After a channel change the one of the same page is meant. */
  private channelTo(destination: MacAddress): RadioChannel | undefined {
    const { channels } = this;
    const heard = channels.length > 1 ? this.neighbours.find(destination)?.channel : undefined;
    if (heard === undefined) return channels[0];
    return (
      channels.find((one) => sameChannel(one, heard)) ??
      channels.find(({ page }) => page === heard.page) ??
      channels[0]
    );
  }
}
