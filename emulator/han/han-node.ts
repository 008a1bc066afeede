import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { ApsDataHeader, ApsFragment } from '../../protocols/zigbee/aps.js';
import { smartEnergyProfileId } from '../../protocols/zigbee/aps.js';
import {
  ApsReassembler,
  apsBlock,
  apsBlockCount,
  apsFragment,
  apsFragmentOctets,
  defaultReassemblyLimits,
} from '../../protocols/zigbee/aps-fragments.js';
import type { ZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { decodeZigbeeFrame, encodeZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { broadcastPanId, psduOctetsMax } from '../../protocols/zigbee/ieee802154.js';
import type { NwkHeader } from '../../protocols/zigbee/nwk.js';
import { isNwkBroadcast } from '../../protocols/zigbee/nwk.js';
import type { AirNode, Medium } from './air.js';
import { DuplicateWindow } from './duplicates.js';
import { HanEntity } from './han-entity.js';
import type { Neighbours } from './neighbours.js';

export type SendVerdict = 'sent' | 'unknown-destination' | 'too-long';

/** Why a frame that the air delivered went no further. */
export type FrameDrop =
  | 'malformedMac'
  | 'malformedNwk'
  | 'malformedAps'
  | 'unexpectedType'
  | 'otherPan'
  | 'otherDestination'
  | 'secured'
  | 'otherProfile'
  | 'unknownSource'
  | 'unknownEndpoint'
  | 'duplicate';

export interface HanNodeOptions {
  readonly medium: Medium;
  readonly panId: number;
  readonly shortAddress: number;
  /**
   * Of the radio, not of an entity on it: the hub's is its HAN address, which is also the GPF's
   * entity id.
   */
  readonly eui: Eui64;
  readonly neighbours: Neighbours;
  /**
   * Elapsed milliseconds by which fragments and duplicates age: `Clock.stopwatchMs`, because frames
   * cross the bus in real time however fast the emulated day passes.
   */
  readonly nowMs: () => number;
}

const macHeaderOctets = 9;
const nwkHeaderOctets = 8;
const apsHeaderOctets = 8;

/** What a block of a fragmented ASDU carries in a frame in the clear, between short addresses. */
export const blockOctetsMax =
  psduOctetsMax - macHeaderOctets - nwkHeaderOctets - apsHeaderOctets - apsFragmentOctets;

/** Twice the greatest depth of a ZigBee PRO network. */
const initialRadius = 30;

const broadcastEndpoint = 0xff;

const malformed: Readonly<Record<string, FrameDrop>> = {
  mac: 'malformedMac',
  nwk: 'malformedNwk',
  aps: 'malformedAps',
};

/**
 * The ZigBee stack of one radio that has joined: ZCL frames go down through APS, NWK and MAC to the
 * medium, frames that the medium delivers come up the same way. It does no I/O and keeps no timer;
 * a frame that leads nowhere is counted by its reason and forgotten.
 *
 * not kept: MAC and APS acknowledgments with their retries (the bus loses nothing that they could
 * recover), relaying (one home, every radio in reach of every other).
 */
export class HanNode implements AirNode {
  readonly eui: Eui64;
  readonly dropped: Record<FrameDrop, number> = {
    malformedMac: 0,
    malformedNwk: 0,
    malformedAps: 0,
    unexpectedType: 0,
    otherPan: 0,
    otherDestination: 0,
    secured: 0,
    otherProfile: 0,
    unknownSource: 0,
    unknownEndpoint: 0,
    duplicate: 0,
  };

  private readonly options: HanNodeOptions;
  private readonly entities: HanEntity[] = [];
  private macSequenceNumber = 0;
  private nwkSequenceNumber = 0;
  private apsCounter = 0;
  private duplicates: DuplicateWindow | undefined;
  /** Exists while fragments are, or have been, about. */
  private reassembler: ApsReassembler | undefined;

  constructor(options: HanNodeOptions) {
    this.options = options;
    this.eui = options.eui;
  }

  get shortAddress(): number {
    return this.options.shortAddress;
  }

  /** Puts an entity on this radio: one on a device, the CHF and the GPF on the hub. */
  addEntity(eui: Eui64, endpoints: readonly [number, ...number[]]): HanEntity {
    const entity = new HanEntity(this, eui, endpoints);
    this.entities.push(entity);
    return entity;
  }

  /** When `expire` is due, or undefined while nothing is pending. */
  nextDeadlineMs(): number | undefined {
    return this.reassembler?.nextDeadlineMs();
  }

  expire(nowMs: number): void {
    this.reassembler?.expire(nowMs);
  }

  /** Fragmented transmissions given up, by reason. */
  get reassemblyDropped(): ApsReassembler['dropped'] | undefined {
    return this.reassembler?.dropped;
  }

  /** For the entities; they hold the public face. */
  send(
    sourceEndpoint: number,
    destination: Eui64,
    clusterId: number,
    asdu: Uint8Array,
    endpoint?: number,
  ): SendVerdict {
    const neighbour = this.options.neighbours.find(destination);
    if (neighbour === undefined) return 'unknown-destination';
    if (asdu.length > defaultReassemblyLimits.asduOctetsMax) return 'too-long';
    const to = neighbour.shortAddress;
    const destinationEndpoint = endpoint ?? neighbour.endpoints[0];
    if (to === this.shortAddress) {
      // Between the entities of one radio nothing goes on the air.
      this.dispatch(to, sourceEndpoint, destinationEndpoint, clusterId, asdu);
      return 'sent';
    }
    const count = apsBlockCount(asdu.length, blockOctetsMax);
    const counter = this.apsCounter;
    this.apsCounter = (counter + 1) & 0xff;
    for (let index = 0; index < count; index++) {
      const fragment = count === 1 ? undefined : apsFragment(index, count);
      const block = count === 1 ? asdu : apsBlock(asdu, index, blockOctetsMax);
      const aps: ApsDataHeader = {
        type: 'data',
        delivery: 'unicast',
        acknowledgmentRequest: false,
        destinationEndpoint,
        clusterId,
        profileId: smartEnergyProfileId,
        sourceEndpoint,
        counter,
        fragment,
        auxiliaryHeader: undefined,
      };
      this.transmit(to, aps, block);
    }
    return 'sent';
  }

  private transmit(to: number, aps: ApsDataHeader, payload: Uint8Array): void {
    const { medium, panId, shortAddress } = this.options;
    const macSequenceNumber = this.macSequenceNumber;
    const nwkSequenceNumber = this.nwkSequenceNumber;
    this.macSequenceNumber = (macSequenceNumber + 1) & 0xff;
    this.nwkSequenceNumber = (nwkSequenceNumber + 1) & 0xff;
    const frame: ZigbeeFrame = {
      mac: {
        type: 'data',
        framePending: false,
        acknowledgmentRequest: false,
        panIdCompression: true,
        version: 0,
        sequenceNumber: macSequenceNumber,
        destinationPanId: panId,
        destination: to,
        sourcePanId: panId,
        source: shortAddress,
      },
      nwk: {
        type: 'data',
        discoverRoute: 0,
        endDeviceInitiator: false,
        destination: to,
        source: shortAddress,
        radius: initialRadius,
        sequenceNumber: nwkSequenceNumber,
        destinationEui: undefined,
        sourceEui: undefined,
        sourceRoute: undefined,
        auxiliaryHeader: undefined,
      },
      aps,
      payload,
    };
    medium.transmit(this, encodeZigbeeFrame(frame));
  }

  /** From the air. Never throws for what a frame contains. */
  receive(psdu: Uint8Array): void {
    let frame: ZigbeeFrame;
    try {
      frame = decodeZigbeeFrame(psdu);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.dropped[malformed[error.path] ?? 'malformedMac']++;
      return;
    }
    const { mac, nwk, aps } = frame;
    if (nwk === undefined) {
      this.dropped.unexpectedType++;
    } else if (
      mac.destinationPanId !== this.options.panId &&
      mac.destinationPanId !== broadcastPanId
    ) {
      this.dropped.otherPan++;
    } else if (nwk.destination !== this.shortAddress && !isNwkBroadcast(nwk.destination)) {
      this.dropped.otherDestination++;
    } else if (nwk.auxiliaryHeader !== undefined) {
      this.dropped.secured++;
    } else if (aps === undefined || aps.type !== 'data') {
      this.dropped.unexpectedType++;
    } else {
      this.receiveData(nwk, aps, frame.payload);
    }
  }

  private receiveData(nwk: NwkHeader, aps: ApsDataHeader, payload: Uint8Array): void {
    if (aps.auxiliaryHeader !== undefined) {
      this.dropped.secured++;
      return;
    }
    if (aps.profileId !== smartEnergyProfileId) {
      this.dropped.otherProfile++;
      return;
    }
    const nowMs = this.options.nowMs();
    this.duplicates ??= new DuplicateWindow();
    if (this.duplicates.has(nwk.source, aps.counter, nowMs)) {
      this.dropped.duplicate++;
      return;
    }
    const asdu =
      aps.fragment === undefined
        ? payload
        : this.reassemble(nwk.source, aps.counter, aps.fragment, payload, nowMs);
    if (asdu === undefined) return;
    this.duplicates.add(nwk.source, aps.counter, nowMs);
    this.dispatch(nwk.source, aps.sourceEndpoint, aps.destinationEndpoint, aps.clusterId, asdu);
  }

  private reassemble(
    source: number,
    counter: number,
    fragment: ApsFragment,
    block: Uint8Array,
    nowMs: number,
  ): Uint8Array | undefined {
    this.reassembler ??= new ApsReassembler();
    return this.reassembler.push(source, counter, fragment, block, nowMs);
  }

  private dispatch(
    from: number,
    sourceEndpoint: number,
    destinationEndpoint: number,
    clusterId: number,
    asdu: Uint8Array,
  ): void {
    const source = this.options.neighbours.at(from, sourceEndpoint);
    if (source === undefined) {
      this.dropped.unknownSource++;
      return;
    }
    let taken = false;
    for (const entity of this.entities) {
      const everyone = destinationEndpoint === broadcastEndpoint;
      if (!everyone && !entity.endpoints.includes(destinationEndpoint)) continue;
      taken = true;
      entity.deliver(source.entity, clusterId, asdu);
    }
    if (!taken) this.dropped.unknownEndpoint++;
  }
}
