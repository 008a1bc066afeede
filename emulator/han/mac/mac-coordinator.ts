import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { RandomStream } from '../../ports/random.js';
import type { RadioChannel, Reception } from '../air/radio.js';
import type { MacNode } from './mac-address.js';
import { associationStatuses } from './mac-association.js';
import { associationResponse, beaconFrame, setFramePending } from './mac-frames.js';
import { IndirectQueue } from './mac-indirect-queue.js';
import type { MacNeighbours } from './mac-neighbours.js';
import type { MacTiming } from './mac-timing.js';
import { Transaction, type TransactionRadio, type Transactions } from './mac-transactions.js';
import type { MacCounters, MacStatus, MacUpper } from './mac-upper.js';

/** In the superframe of a beacon: devices may join. */
export const associationPermitBit = 0x8000;

/**
 * Devices that may be joining at once, more than a home has: others are left to ask again, so that
 * they do not crowd out what waits for the home's own devices.
 */
export const joiningMax = 16;

interface MacCoordinatorParts {
  readonly node: MacNode;
  readonly radio: TransactionRadio;
  readonly upper: MacUpper;
  readonly transactions: Transactions;
  readonly neighbours: MacNeighbours;
  readonly timing: MacTiming;
  /** Where beacons start to count. */
  readonly random: RandomStream;
}

/** What a coordinator's MAC does beyond a device's: it keeps frames for who sleeps, and lets join. */
export class MacCoordinator {
  private readonly queue = new IndirectQueue();
  private beaconSequenceNumber: number;
  private readonly stats = { released: 0, expired: 0, overflow: 0 };

  constructor(private readonly parts: MacCoordinatorParts) {
    this.beaconSequenceNumber = parts.random.int(0, 0xff);
  }

  describe(): MacCounters['indirect'] {
    return { waiting: this.queue.size, ...this.stats };
  }

  /** Keeps a frame until its destination asks for it. */
  hold(transaction: Transaction, nowMs: number): void {
    if (this.queue.add(transaction, nowMs + this.parts.timing.indirectLifetimeMs)) return;
    this.stats.overflow++;
    transaction.end('transaction-overflow', nowMs, false);
  }

  /** Whether a device that asks is to stay awake. */
  hasFor(device: MacAddress): boolean {
    return this.queue.has(device) || this.parts.transactions.answering(device);
  }

  /**
   * Sends a device the oldest of what waits for it. One at a time: a device that asks again while a
   * frame is on its way has only lost patience.
   */
  release(device: MacAddress, nowMs: number): void {
    const { transactions } = this.parts;
    if (transactions.answering(device) || !transactions.mayAnswer) return;
    const transaction = this.queue.take(device);
    if (transaction === undefined) return;
    if (this.queue.has(device)) setFramePending(transaction.psdu);
    this.stats.released++;
    transactions.submit(transaction, nowMs);
  }

  /** The answer waits for the device to fetch it; one that asks again meanwhile gets the same. */
  associationRequested(
    device: Eui64,
    capability: number,
    reception: Reception,
    nowMs: number,
  ): void {
    if (this.hasFor(device)) {
      this.queue.renew(device, nowMs + this.parts.timing.indirectLifetimeMs);
      return;
    }
    if (this.queue.joining >= joiningMax) {
      this.stats.overflow++;
      return;
    }
    const { node, upper } = this.parts;
    const answer = upper.onAssociationRequest(device, capability, reception, nowMs);
    const { status, shortAddress } = answer;
    const psdu = associationResponse(node.panId, device, node.eui, shortAddress, status);
    const done = (end: MacStatus, atMs: number) => {
      if (end === 'success' && status === associationStatuses.success) {
        this.meetAgain(device, shortAddress, atMs);
      }
      upper.onAssociationAnswered(device, shortAddress, end, atMs);
    };
    this.hold(new Transaction(device, psdu, true, done), nowMs);
  }

  sendBeacon(channel: RadioChannel): void {
    const { node, radio, upper } = this.parts;
    const beacon = upper.beacon();
    const others = beacon.superframe & ~associationPermitBit;
    const superframe = node.associationPermit ? others | associationPermitBit : others;
    const sequenceNumber = this.beaconSequenceNumber;
    this.beaconSequenceNumber = (sequenceNumber + 1) & 0xff;
    const said = { ...beacon, superframe };
    radio.transmit(beaconFrame(node.panId, node.shortAddress, said, sequenceNumber), channel);
  }

  nextDeadlineMs(): number | undefined {
    return this.queue.nextDeadlineMs();
  }

  expire(nowMs: number): void {
    this.stats.expired += this.queue.expire(nowMs);
  }

  abandon(destination: MacAddress | undefined, status: MacStatus, nowMs: number): void {
    this.queue.abandon(destination, status, nowMs);
  }

  /** Under its new address the device is where it was heard under its EUI-64. */
  private meetAgain(device: Eui64, shortAddress: number, nowMs: number): void {
    const heard = this.parts.neighbours.find(device);
    if (heard !== undefined) this.parts.neighbours.expect(shortAddress, heard.channel, nowMs);
  }
}
