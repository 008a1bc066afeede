import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { mmoHash } from '../../../protocols/zigbee/security/mmo.js';
import { InvariantError } from '../../ports/errors.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress } from '../stack/network-layer.js';

/** Whom a device takes for its trust centre, and by which key. */
export class JoinerTrust {
  private hub: Eui64 | undefined;
  /** The link key last established: a hub may know the device by it. */
  private formerKey: Uint8Array | undefined;

  constructor(private readonly node: FrameNode) {}

  get trustCentre(): Eui64 | undefined {
    return this.hub;
  }

  known(): Eui64 {
    if (this.hub === undefined) throw new InvariantError('no trust centre is known');
    return this.hub;
  }

  /** A link key that both have established, not one that came with the device. */
  get established(): boolean {
    const { hub } = this;
    return hub !== undefined && this.node.security.linkKeyOf(hub)?.kind === 'trust-centre';
  }

  startJoined(hub: Eui64): void {
    this.hub = hub;
  }

  /** The hub that gave this device an address: it should know the label, or the key of before. */
  meet(hub: Eui64, labelKey: Uint8Array, nowMs: number): void {
    this.take(hub, labelKey, nowMs);
    if (this.formerKey !== undefined) this.node.security.setAlternateLinkKey(hub, this.formerKey);
  }

  /** Another hub under our network's name: it must know the hash of the key of the one before. */
  succeed(hub: Eui64, nowMs: number): void {
    const { security } = this.node;
    this.keepFormerKey();
    if (hub === this.hub || this.formerKey === undefined) return;
    if (this.hub !== undefined) security.removeLinkKey(this.hub);
    this.take(hub, mmoHash(security.crypto, this.formerKey), nowMs);
  }

  private take(hub: Eui64, key: Uint8Array, nowMs: number): void {
    this.hub = hub;
    this.node.security.setLinkKey(hub, key, 'preconfigured');
    this.node.network.learn(hub, coordinatorAddress, nowMs);
  }

  establish(linkKey: Uint8Array): void {
    this.node.security.setLinkKey(this.known(), linkKey, 'trust-centre');
  }

  /** On the network: no key but the established one is good from now on. */
  settle(): void {
    this.node.security.clearAlternateLinkKey();
    this.formerKey = undefined;
  }

  /** Off the network: the established key is kept for who might ask for it. */
  forget(): void {
    this.keepFormerKey();
    if (this.hub !== undefined) this.node.security.removeLinkKey(this.hub);
    this.hub = undefined;
  }

  private keepFormerKey(): void {
    const key = this.hub === undefined ? undefined : this.node.security.linkKeyOf(this.hub);
    if (key?.kind === 'trust-centre') this.formerKey = key.data;
  }
}
