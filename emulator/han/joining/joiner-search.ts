import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { capabilityToOctet } from '../../../protocols/zigbee/capability-information.js';
import { InvariantError } from '../../ports/errors.js';
import type { RadioChannel } from '../air/radio.js';
import type { AssociationResult } from '../mac/mac-association.js';
import type { HeardBeacon } from '../mac/mac-scan.js';
import type { FrameNode } from '../stack/frame-node.js';
import { capabilityOf } from './capability.js';
import { NetworkChoice } from './joiner-networks.js';
import { allChannels, preferredChannels } from './network-former.js';

/** Where to look for networks. */
export interface SearchChannels {
  /** For one to join; `preferredChannels` unless told. */
  readonly joinChannels?: readonly RadioChannel[];
  /** For one's own; `allChannels` unless told. */
  readonly searchChannels?: readonly RadioChannel[];
}

type Found = (found: boolean, nowMs: number) => void;

/** A device's search for a network, and its place in the one it found. */
export class NetworkSearch {
  private readonly choice: NetworkChoice;
  private target: HeardBeacon | undefined;
  private address = 0;
  /** Of the network it is on, or was on last. */
  private extendedPanId: Eui64 | undefined;

  constructor(
    private readonly node: FrameNode,
    private readonly channels: SearchChannels,
  ) {
    this.choice = new NetworkChoice(node.role);
  }

  get shortAddress(): number {
    return this.address;
  }

  startJoined(): void {
    this.address = this.node.mac.shortAddress;
    this.extendedPanId = this.node.network.network?.extendedPanId;
  }

  /** Looks for a network that lets join: any, or the one named. */
  toJoin(only: Eui64 | undefined, nowMs: number, done: Found): void {
    const { joinChannels = preferredChannels } = this.channels;
    this.node.mac.scan(joinChannels, nowMs, (heard, atMs) => {
      this.target = this.choice.toJoin(heard, only);
      done(this.target !== undefined, atMs);
    });
  }

  /** Looks for the network it was on. */
  toRejoin(nowMs: number, done: Found): void {
    const { searchChannels = allChannels } = this.channels;
    const { extendedPanId } = this;
    if (extendedPanId === undefined) throw new InvariantError('a member knows its network');
    this.node.mac.scan(searchChannels, nowMs, (heard, atMs) => {
      this.target = this.choice.toRejoin(heard, extendedPanId);
      done(this.target !== undefined, atMs);
    });
  }

  /** Asks the chosen network for an address; `hub` is who gave it. */
  associate(
    nowMs: number,
    done: (result: AssociationResult, hub: Eui64 | undefined, nowMs: number) => void,
  ): void {
    const { mac, role } = this.node;
    const capability = capabilityToOctet(capabilityOf(role));
    mac.associate(this.chosen(), capability, nowMs, (result, shortAddress, atMs) => {
      const hub = result === 'success' ? mac.coordinatorEui : undefined;
      if (hub !== undefined) this.enter(shortAddress);
      done(result, hub, atMs);
    });
  }

  /** Works in the chosen network, under this address, from now on. */
  enter(shortAddress: number): void {
    const { panId, channel, beacon } = this.chosen();
    const { extendedPanId } = beacon;
    this.address = shortAddress;
    this.extendedPanId = extendedPanId;
    this.node.network.enter({ panId, extendedPanId, channels: [channel] }, shortAddress);
  }

  /** It came to something: who refused before is asked again like any other. */
  arrived(): void {
    this.choice.forgetRefusals();
  }

  /** Off the network; the one that was chosen is not the first to be asked next. */
  leave(nowMs: number): void {
    if (this.target !== undefined) this.choice.refusedBy(this.target.beacon.extendedPanId);
    this.target = undefined;
    this.node.network.awaitsKey = false;
    this.node.mac.leave(nowMs);
    this.node.network.exit();
  }

  private chosen(): HeardBeacon {
    if (this.target === undefined) throw new InvariantError('no network was chosen');
    return this.target;
  }
}
