import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import {
  broadcastMacAddress,
  extendedAddressMode,
  macFrameTypes,
  noAddressMode,
  psduOctetsMax,
  shortAddressMode,
} from '../../protocols/zigbee/ieee802154.js';

/**
 * One radio as the air sees it. `receive` must not throw, and must copy what it keeps of `psdu`.
 */
export interface AirNode {
  readonly shortAddress: number;
  readonly eui: Eui64;
  receive(psdu: Uint8Array): void;
}

/** What travels on the bus beside the frame. */
export interface FrameMeta {
  /** EUI-64 of the radio that sends. */
  readonly sender: Eui64;
}

export type FramePublisher = (psdu: Uint8Array, meta: FrameMeta) => void;

/** Where a node's frames go. */
export interface Medium {
  transmit(node: AirNode, psdu: Uint8Array): void;
}

export interface AirStats {
  transmitted: number;
  received: number;
  /** Hand-overs to nodes: a broadcast counts once for each. */
  delivered: number;
  /** Good frames with no addressee among the attached nodes: they may live in another process. */
  unheard: number;
  readonly dropped: Record<AirDrop, number>;
}

export type AirDrop = 'tooShort' | 'tooLong' | 'unknownType' | 'reservedAddressing';

interface Attachment {
  readonly node: AirNode;
  readonly meta: FrameMeta;
}

const controlOctets = 2;
const destinationAt = 5;

/**
 * The medium of one home. What a node transmits goes to the bus, and only what comes back from the
 * bus is heard, so that a device in another process, in any language, is on the same air as ours.
 *
 * Every node in reach receives every frame of a real home; here the air itself looks at the few
 * octets of the MAC destination and leaves out the nodes whose radio would have filtered the frame.
 * It looks at no other octet.
 */
export class Air implements Medium {
  private attachments: readonly Attachment[] = [];
  readonly stats: AirStats = {
    transmitted: 0,
    received: 0,
    delivered: 0,
    unheard: 0,
    dropped: { tooShort: 0, tooLong: 0, unknownType: 0, reservedAddressing: 0 },
  };

  constructor(private readonly publish: FramePublisher) {}

  /**
   * The list is replaced, never changed: a node may come or go while a frame is being delivered.
   */
  attach(node: AirNode): void {
    if (this.attachments.some((attachment) => attachment.node === node)) return;
    this.attachments = [...this.attachments, { node, meta: { sender: node.eui } }];
  }

  detach(node: AirNode): void {
    this.attachments = this.attachments.filter((attachment) => attachment.node !== node);
  }

  /** Puts a frame of an attached node on the air. */
  transmit(node: AirNode, psdu: Uint8Array): void {
    if (this.refuses(psdu)) return;
    for (const attachment of this.attachments) {
      if (attachment.node !== node) continue;
      this.stats.transmitted++;
      this.publish(psdu, attachment.meta);
      return;
    }
  }

  /**
   * Takes a frame from the bus and gives it to every attached node it is for, except its sender.
   */
  receive(psdu: Uint8Array, sender: Eui64): void {
    if (this.refuses(psdu)) return;
    this.stats.received++;
    const mode = ((psdu[1] as number) >> 2) & 3;
    let delivered: number;
    if (mode === shortAddressMode) {
      const low = psdu[destinationAt] as number;
      const address = low | ((psdu[destinationAt + 1] as number) << 8);
      delivered = this.deliver(psdu, sender, address);
    } else if (mode === extendedAddressMode) {
      delivered = this.deliverExtended(psdu, sender);
    } else {
      // Beacons and acknowledgments name no destination: all hear them, and know by themselves.
      delivered = this.deliver(psdu, sender, broadcastMacAddress);
    }
    if (delivered === 0) this.stats.unheard++;
    else this.stats.delivered += delivered;
  }

  private deliver(psdu: Uint8Array, sender: Eui64, address: number): number {
    let delivered = 0;
    for (const { node } of this.attachments) {
      if (address !== broadcastMacAddress && node.shortAddress !== address) continue;
      if (node.eui === sender) continue;
      node.receive(psdu);
      delivered++;
    }
    return delivered;
  }

  private deliverExtended(psdu: Uint8Array, sender: Eui64): number {
    const octets = Uint8Array.from(psdu.subarray(destinationAt, destinationAt + 8)).reverse();
    const eui = toHex(octets);
    let delivered = 0;
    for (const { node } of this.attachments) {
      if (node.eui !== eui || node.eui === sender) continue;
      node.receive(psdu);
      delivered++;
    }
    return delivered;
  }

  private refuses(psdu: Uint8Array): boolean {
    const drop = frameFault(psdu);
    if (drop === undefined) return false;
    this.stats.dropped[drop]++;
    return true;
  }
}

/**
 * Why the air cannot carry a frame: it must be able to read type and destination, and no radio
 * sends longer ones.
 */
function frameFault(psdu: Uint8Array): AirDrop | undefined {
  if (psdu.length <= controlOctets) return 'tooShort';
  if (psdu.length > psduOctetsMax) return 'tooLong';
  if (((psdu[0] as number) & 7) >= macFrameTypes.length) return 'unknownType';
  const mode = ((psdu[1] as number) >> 2) & 3;
  if (mode === noAddressMode) return undefined;
  if (mode === shortAddressMode) return psdu.length < destinationAt + 2 ? 'tooShort' : undefined;
  if (mode === extendedAddressMode) return psdu.length < destinationAt + 8 ? 'tooShort' : undefined;
  return 'reservedAddressing';
}
