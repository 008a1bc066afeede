import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { equalBytes } from '../../../protocols/codec/hex.js';
import type { Crypto } from '../../../protocols/crypto/crypto.js';
import {
  type IncomingFrameCounters,
  OutgoingFrameCounter,
} from '../../../protocols/zigbee/security/frame-counters.js';
import type { Store } from '../../ports/store.js';
import { LinkKey, type LinkKeyKind } from './link-key.js';
import { PeerCounters } from './peer-counters.js';
import { readU32, u32 } from './stored-counter.js';

/** What the stack asks of a `Crypto`. */
export type HanCrypto = Pick<Crypto, 'aesEncryptBlock' | 'ccmStarSeal' | 'ccmStarOpen'>;

export interface NetworkKey {
  /** 16 octets. */
  readonly key: Uint8Array;
  readonly sequenceNumber: number;
}

export interface NodeSecurityOptions {
  readonly eui: Eui64;
  readonly crypto: HanCrypto;
  /** Where frame counters outlive a restart. */
  readonly store: Store;
  /** Keys of a home that starts joined, asked for when first needed; undefined where there is none. */
  readonly joinedLinkKey?: ((partner: Eui64) => Uint8Array | undefined) | undefined;
}

interface LabelledKey {
  readonly key: Uint8Array;
  readonly label: string;
}

/** Keys of before that a node can tell of; beyond it the oldest is forgotten. Our choice. */
const spentKeysMax = 16;

/** Which frames an outgoing counter counts: under the network key, or under this device's link keys. */
type Layer = 'nwk' | 'aps';

/** With a new network key a counter begins anew once it has come so far; half of all there are. */
const renewalThreshold = 0x80000000;

const noCounters = { nwk: undefined, aps: undefined } as const;

/** Partners of one device: the hub, and the devices that it shares a key with. Our choice. */
const linkKeysMax = 32;

/**
 * Keys and frame counters of one node. Outgoing counters are stored ahead in strides, before a frame
 * of the stride goes out; incoming ones with every frame accepted: a restart neither repeats a
 * counter nor takes an old frame again.
 */
export class NodeSecurity {
  private active: NetworkKey | undefined;
  private previous: NetworkKey | undefined;
  /** Handed out already, in force once the trust centre says so. */
  private upcoming: NetworkKey | undefined;
  /** Undefined: forgotten, whatever a joined start would give. */
  private readonly linkKeys = new Map<Eui64, LinkKey | undefined>();
  /** A second key that a partner may use instead of the first, until it has shown which. */
  private alternate: { readonly partner: Eui64; readonly key: LinkKey } | undefined;
  private outgoing: Readonly<Record<Layer, OutgoingFrameCounter | undefined>> = noCounters;
  /** Each with the number of its network key: one, but while keys change. */
  private underNetworkKeys: readonly (readonly [number, PeerCounters])[] = [];
  private underLinkKeys: PeerCounters | undefined;
  /** Keys that were in use before: what was captured under them is to be read later. */
  private spent: LabelledKey[] | undefined;

  constructor(private readonly options: NodeSecurityOptions) {}

  get crypto(): HanCrypto {
    return this.options.crypto;
  }

  get networkKey(): NetworkKey | undefined {
    return this.active;
  }

  /** The one before stays good for receiving until the next change. */
  setNetworkKey(key: NetworkKey): void {
    const { active, previous } = this;
    const isNew = active !== undefined && !sameKey(active, key);
    this.hold(key, undefined, isNew ? active : previous);
    if (isNew) this.renewCounter();
  }

  /** Holds these keys and no others: counters of a key that is gone count for none that follows it. */
  private hold(
    active: NetworkKey | undefined,
    upcoming: NetworkKey | undefined,
    previous: NetworkKey | undefined,
  ): void {
    const before = [this.active, this.upcoming, this.previous];
    const numbers = [active?.sequenceNumber, upcoming?.sequenceNumber];
    this.active = active;
    this.upcoming = upcoming;
    this.previous = numbers.includes(previous?.sequenceNumber) ? undefined : previous;
    const now = [this.active, this.upcoming, this.previous];
    for (const key of before) {
      if (key === undefined || now.some((one) => one !== undefined && sameKey(one, key))) continue;
      this.spend(key.key, networkLabel(key));
      this.underNetworkKey(key.sequenceNumber).forgetAll();
      this.underNetworkKeys = this.underNetworkKeys.filter(
        ([number]) => number !== key.sequenceNumber,
      );
    }
  }

  /** Frames under another key are counted apart, so that a counter may begin again with it. */
  private renewCounter(): void {
    if (this.outgoingOf('nwk').resumeAt < renewalThreshold) return;
    this.outgoing = { ...this.outgoing, nwk: new OutgoingFrameCounter(0) };
    this.options.store.put(`${this.options.eui}/han/nwk`, u32(0));
  }

  /** In force from `networkKeyUsed` or `switchNetworkKey` on; until then good for receiving only. */
  setUpcomingNetworkKey(key: NetworkKey): void {
    const { active, previous } = this;
    if (key.sequenceNumber !== active?.sequenceNumber) this.hold(active, key, previous);
  }

  /** False where no such key was handed out. */
  switchNetworkKey(sequenceNumber: number): boolean {
    if (this.active?.sequenceNumber === sequenceNumber) return true;
    if (this.upcoming?.sequenceNumber !== sequenceNumber) return false;
    this.setNetworkKey(this.upcoming);
    return true;
  }

  /** Another node uses the key of this number: where it is the upcoming one, the switch was missed. */
  networkKeyUsed(sequenceNumber: number): void {
    if (this.upcoming?.sequenceNumber === sequenceNumber) this.setNetworkKey(this.upcoming);
  }

  networkKeyNumbered(sequenceNumber: number): Uint8Array | undefined {
    if (this.active?.sequenceNumber === sequenceNumber) return this.active.key;
    if (this.upcoming?.sequenceNumber === sequenceNumber) return this.upcoming.key;
    return this.previous?.sequenceNumber === sequenceNumber ? this.previous.key : undefined;
  }

  linkKeyOf(partner: Eui64): LinkKey | undefined {
    const known = this.linkKeys.get(partner);
    if (known !== undefined || this.linkKeys.has(partner)) return known;
    const octets = this.options.joinedLinkKey?.(partner);
    if (octets === undefined || this.linkKeys.size >= linkKeysMax) return undefined;
    const key = new LinkKey(this.crypto, octets, 'trust-centre');
    this.linkKeys.set(partner, key);
    return key;
  }

  /**
   * False when there is no room for another partner. Frames of the key before are no measure for
   * another one.
   */
  setLinkKey(partner: Eui64, octets: Uint8Array, kind: LinkKeyKind): boolean {
    if (!this.linkKeys.has(partner) && this.linkKeys.size >= linkKeysMax) return false;
    const before = this.linkKeys.get(partner);
    this.linkKeys.set(partner, new LinkKey(this.crypto, octets, kind));
    if (before !== undefined && equalBytes(before.data, octets)) return true;
    this.spendLinkKey(partner, before);
    this.underAnyLinkKey().forget(partner);
    return true;
  }

  private spendLinkKey(partner: Eui64, key: LinkKey | undefined): void {
    if (key !== undefined) this.spend(key.data, this.linkLabel(partner, key));
  }

  private spend(key: Uint8Array, label: string): void {
    this.spent ??= [];
    if (this.spent.length >= spentKeysMax) this.spent.shift();
    this.spent.push({ key, label });
  }

  private linkLabel(partner: Eui64, { kind }: LinkKey): string {
    return `${kind} ${this.options.eui} ${partner}`;
  }

  removeLinkKey(partner: Eui64): void {
    this.spendLinkKey(partner, this.linkKeys.get(partner));
    if (this.options.joinedLinkKey === undefined) this.linkKeys.delete(partner);
    else if (this.linkKeys.has(partner) || this.linkKeys.size < linkKeysMax) {
      this.linkKeys.set(partner, undefined);
    }
    if (this.alternate?.partner === partner) this.alternate = undefined;
    this.underAnyLinkKey().forget(partner);
  }

  /** One at a time. A frame that opens with it makes it the key. */
  setAlternateLinkKey(partner: Eui64, octets: Uint8Array): void {
    this.alternate = { partner, key: new LinkKey(this.crypto, octets, 'preconfigured') };
  }

  alternateLinkKeyOf(partner: Eui64): LinkKey | undefined {
    return this.alternate?.partner === partner ? this.alternate.key : undefined;
  }

  alternateLinkKeyUsed(partner: Eui64): void {
    const key = this.alternateLinkKeyOf(partner);
    if (key !== undefined) {
      this.spendLinkKey(partner, this.linkKeys.get(partner));
      this.linkKeys.set(partner, key);
    }
    this.alternate = undefined;
  }

  clearAlternateLinkKey(): void {
    this.alternate = undefined;
  }

  /** Everything a node that leaves its network must forget; its outgoing counters go on. */
  forgetNetwork(): void {
    this.hold(undefined, undefined, undefined);
  }

  /** For who captures: what a dissector needs to read this node's frames, also those of before. */
  *keys(): Iterable<LabelledKey> {
    for (const network of [this.active, this.upcoming, this.previous]) {
      if (network === undefined) continue;
      yield { key: network.key, label: networkLabel(network) };
    }
    for (const [partner, key] of this.linkKeys) {
      if (key === undefined) continue;
      yield { key: key.data, label: this.linkLabel(partner, key) };
    }
    if (this.alternate !== undefined) {
      const { partner, key } = this.alternate;
      yield { key: key.data, label: this.linkLabel(partner, key) };
    }
    yield* this.spent ?? [];
  }

  /** Undefined when the counter is used up and nothing may be sent under these keys any more. */
  nextCounter(layer: Layer): number | undefined {
    const counter = this.outgoingOf(layer);
    const before = counter.resumeAt;
    const value = counter.next();
    if (counter.resumeAt !== before) {
      this.options.store.put(`${this.options.eui}/han/${layer}`, u32(counter.resumeAt));
    }
    return value;
  }

  /** Of what came in under the network key of that number. */
  networkCounters(keySequenceNumber: number): IncomingFrameCounters {
    return this.underNetworkKey(keySequenceNumber).counters;
  }

  /** Of what came in under link keys. */
  linkCounters(): IncomingFrameCounters {
    return this.underAnyLinkKey().counters;
  }

  /** After a frame under the network key of that number was accepted. */
  rememberNetwork(keySequenceNumber: number, peer: Eui64, frameCounter: number): void {
    this.underNetworkKey(keySequenceNumber).remember(peer, frameCounter);
  }

  /** After a frame under a link key was accepted. */
  rememberLink(peer: Eui64, frameCounter: number): void {
    this.underAnyLinkKey().remember(peer, frameCounter);
  }

  private underNetworkKey(sequenceNumber: number): PeerCounters {
    for (const [number, known] of this.underNetworkKeys) {
      if (number === sequenceNumber) return known;
    }
    const counters = this.peerCounters(`nwk/${sequenceNumber}`);
    this.underNetworkKeys = [...this.underNetworkKeys, [sequenceNumber, counters]];
    return counters;
  }

  private underAnyLinkKey(): PeerCounters {
    this.underLinkKeys ??= this.peerCounters('aps');
    return this.underLinkKeys;
  }

  private peerCounters(name: string): PeerCounters {
    return new PeerCounters(this.options.store, `${this.options.eui}/han/${name}/`);
  }

  private outgoingOf(layer: Layer): OutgoingFrameCounter {
    let counter = this.outgoing[layer];
    if (counter === undefined) {
      const stored = this.options.store.get(`${this.options.eui}/han/${layer}`);
      counter = new OutgoingFrameCounter(stored === undefined ? 0 : readU32(stored));
      this.outgoing = { ...this.outgoing, [layer]: counter };
    }
    return counter;
  }
}

function networkLabel({ sequenceNumber }: NetworkKey): string {
  return `network ${sequenceNumber}`;
}

function sameKey(one: NetworkKey, other: NetworkKey): boolean {
  return one.sequenceNumber === other.sequenceNumber && equalBytes(one.key, other.key);
}
