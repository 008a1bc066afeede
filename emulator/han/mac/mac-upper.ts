import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Beacon } from '../../../protocols/zigbee/beacon.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { Reception } from '../air/radio.js';

/** How sending ended. */
export type MacStatus =
  | 'success'
  | 'no-ack'
  /** Nobody came to fetch it in time, or it was purged. */
  | 'transaction-expired'
  | 'transaction-overflow'
  /** The node has no PAN or no channel, or has left them for a scan. */
  | 'not-listening'
  | 'frame-too-long';

export type MacDone = (status: MacStatus, nowMs: number) => void;

/** The network layer above a MAC. None of these may throw. */
export interface MacUpper {
  /**
   * A NWK frame for this node or for all. `nsdu` is a view, valid during the call; what was repeated
   * comes once.
   */
  onMacData(
    nsdu: Uint8Array,
    source: MacAddress,
    destination: MacAddress,
    reception: Reception,
    nowMs: number,
  ): void;
  /**
   * Coordinator only: a device asks to join; it fetches the answer with a data request. Status 0
   * takes it in, 1 is at capacity, 2 refuses it. A device whose answer was lost asks again, and
   * should then be given the same address.
   */
  onAssociationRequest(
    device: Eui64,
    capability: number,
    reception: Reception,
    nowMs: number,
  ): { readonly status: number; readonly shortAddress: number };
  /** Coordinator only: how handing over the association response ended. */
  onAssociationAnswered(
    device: Eui64,
    shortAddress: number,
    status: MacStatus,
    nowMs: number,
  ): void;
  /**
   * Coordinator only: a device asks for what waits, so it is awake. Called before the request is
   * acknowledged: what is sent to it indirectly during the call counts as waiting.
   */
  onPolled(source: MacAddress, nowMs: number): void;
  /**
   * Coordinator only: what our beacons say. The association permit bit is put in by the MAC.
   */
  beacon(): Beacon;
}

/** Why a frame that the radio heard went no further. */
export type MacDrop =
  | 'malformed'
  | 'securityUnsupported'
  /** Delivered by the medium on a channel where, or at a time when, this node does not listen. */
  | 'notListening'
  | 'otherPan'
  | 'otherDestination'
  /** It names nobody who could have sent it. */
  | 'noSource'
  | 'duplicate'
  /** Late, or for another node: an acknowledgment names no destination. */
  | 'unexpectedAck'
  | 'unexpectedBeacon'
  | 'unexpectedCommand'
  | 'associationNotPermitted';

/** What a MAC has done and has in hand. */
export interface MacCounters {
  readonly transmitted: number;
  readonly delivered: number;
  readonly retries: number;
  readonly acknowledged: number;
  readonly noAck: number;
  readonly overflow: number;
  /** Frames in flight, or behind one that is. */
  readonly underWay: number;
  /** Of a coordinator: what it kept for sleepy devices. */
  readonly indirect: {
    readonly waiting: number;
    readonly released: number;
    readonly expired: number;
    readonly overflow: number;
  };
  readonly neighbours: number;
  readonly dropped: Readonly<Record<MacDrop, number>>;
}
