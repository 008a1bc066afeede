import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import { broadcastPanId } from '../../../protocols/zigbee/ieee802154.js';
import type { RadioChannel } from '../air/radio.js';
import { addressOf, type MacIdentity, noShortAddress } from './mac-address.js';
import { Association, type AssociationDone } from './mac-association.js';
import { DataRequest, type DataRequestDone, type DataRequestResult } from './mac-data-request.js';
import { beaconRequest, dataRequest } from './mac-frames.js';
import { type HeardBeacon, Scan } from './mac-scan.js';
import type { MacTiming } from './mac-timing.js';
import type { TransactionRadio, Transactions } from './mac-transactions.js';

/** Polls that may share the result of one. */
const pollersMax = 8;

/** What a device's MAC does of its own accord: it polls, scans and joins. */
export class MacDevice {
  private scanning: Scan | undefined;
  private association: Association | undefined;
  private polling: DataRequest | undefined;
  private pollers: DataRequestDone[] = [];

  constructor(
    private readonly identity: MacIdentity,
    private readonly radio: TransactionRadio,
    private readonly transactions: Transactions,
    private readonly timing: MacTiming,
  ) {}

  /** Whether an answer is on its way, for which even a sleepy node stays awake. */
  get expectant(): boolean {
    return this.polling !== undefined || this.association !== undefined;
  }

  get isScanning(): boolean {
    return this.scanning !== undefined;
  }

  get scanChannel(): RadioChannel | undefined {
    return this.scanning?.channel;
  }

  poll(nowMs: number, done: DataRequestDone): void {
    if (this.pollers.length >= pollersMax) {
      done('no-ack', nowMs, false);
      return;
    }
    this.pollers.push(done);
    if (this.polling !== undefined) return;
    const { panId, coordinatorAddress } = this.identity;
    this.polling = new DataRequest(
      this.transactions,
      this.timing.promisedFrameWaitMs,
      coordinatorAddress,
      dataRequest(panId, coordinatorAddress, addressOf(this.identity)),
      (result, atMs, more) => this.polled(result, atMs, more),
    );
    this.polling.start(nowMs);
  }

  scan(
    channels: readonly RadioChannel[],
    nowMs: number,
    done: (heard: readonly HeardBeacon[], nowMs: number) => void,
  ): void {
    const request = (channel: RadioChannel) =>
      this.radio.transmit(beaconRequest(this.transactions.nextSequenceNumber()), channel);
    const before = this.scanning;
    const scan = new Scan([...channels], this.timing.scanDurationMs, request, done);
    this.scanning = scan;
    this.interrupt(nowMs);
    before?.finish(nowMs);
    // One of those just told may have begun something else.
    if (this.scanning === scan) this.scanOn(nowMs);
  }

  associate(target: HeardBeacon, capability: number, nowMs: number, done: AssociationDone): void {
    const { identity, scanning } = this;
    this.scanning = undefined;
    this.interrupt(nowMs);
    scanning?.finish(nowMs);
    const association: Association = new Association(
      this.transactions,
      this.timing,
      identity.eui,
      target,
      (result, shortAddress, atMs) => {
        this.association = undefined;
        if (result === 'success') identity.shortAddress = shortAddress;
        else identity.panId = broadcastPanId;
        done(result, shortAddress, atMs);
      },
    );
    // One of those just told may have begun another one.
    this.association?.cancel(nowMs);
    this.association = association;
    identity.channels = [target.channel];
    identity.panId = target.panId;
    identity.shortAddress = noShortAddress;
    identity.coordinatorAddress = target.shortAddress;
    identity.coordinatorEui = undefined;
    association.start(capability, nowMs);
  }

  /** Ends what is under way, but for a scan. */
  interrupt(nowMs: number): void {
    this.transactions.abandon(undefined, 'not-listening', nowMs);
    this.polling?.cancel(nowMs);
    this.association?.cancel(nowMs);
  }

  /** A beacon was heard. False if nobody asked for it. */
  heard(beacon: HeardBeacon): boolean {
    this.scanning?.add(beacon);
    return this.scanning !== undefined;
  }

  /** A frame for us: what a poll waits for if our coordinator sent it. */
  dataArrived(source: MacAddress, repeated: boolean, more: boolean, nowMs: number): void {
    const { coordinatorAddress, coordinatorEui } = this.identity;
    if (source !== coordinatorAddress && source !== coordinatorEui) return;
    this.polling?.frameArrived(repeated, more, nowMs);
  }

  /** An association response for us. False if we have not asked for it. */
  associated(
    coordinator: Eui64,
    panId: number,
    status: number,
    shortAddress: number,
    nowMs: number,
  ): boolean {
    const { association, identity } = this;
    if (association?.fetches !== true || association.target.panId !== panId) return false;
    identity.coordinatorEui = coordinator;
    association.answered(status, shortAddress, nowMs);
    return true;
  }

  nextDeadlineMs(): number | undefined {
    return earliest(
      earliest(this.polling?.nextDeadlineMs(), this.association?.nextDeadlineMs()),
      this.scanning?.nextDeadlineMs(),
    );
  }

  expire(nowMs: number): void {
    this.polling?.expire(nowMs);
    this.association?.expire(nowMs);
    if (this.scanning !== undefined && this.scanning.nextDeadlineMs() <= nowMs) this.scanOn(nowMs);
  }

  private polled(result: DataRequestResult, nowMs: number, more: boolean): void {
    const { pollers } = this;
    this.polling = undefined;
    this.pollers = [];
    for (const done of pollers) done(result, nowMs, more);
  }

  private scanOn(nowMs: number): void {
    const scan = this.scanning;
    if (scan === undefined || scan.next(nowMs)) return;
    this.scanning = undefined;
    scan.finish(nowMs);
  }
}

export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}
