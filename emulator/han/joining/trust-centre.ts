import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { equalBytes } from '../../../protocols/codec/hex.js';
import type { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import { capabilityFromOctet } from '../../../protocols/zigbee/capability-information.js';
import type { KeyEstablishmentOutcome } from '../../../protocols/zigbee/cbke/key-establishment.js';
import type { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import type { JoinAuthority } from '../../functions/join-authority.js';
import type { Clock } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import { associationStatuses } from '../mac/mac-association.js';
import type { MacStatus } from '../mac/mac-upper.js';
import type { ApsCommandOrigin } from '../stack/aps-layer.js';
import type { FrameNode, TimedPart } from '../stack/frame-node.js';
import { type NwkOrigin, noShortAddress } from '../stack/network-layer.js';
import type { KeyEstablishmentService } from './key-establishment-service.js';
import { Departures } from './trust-centre-departures.js';
import { sendNetworkKey } from './trust-centre-key-transport.js';
import { KeyUpdate } from './trust-centre-key-update.js';
import { type Member, type MemberExpiry, Members, memberPhases } from './trust-centre-members.js';
import { PartnerKeys } from './trust-centre-partner-keys.js';

export type TrustCentreEvent =
  | 'device-joined'
  | 'device-rejoined'
  | 'join-refused'
  | 'key-establishment-failed'
  | 'partner-key-refused'
  | 'device-left'
  | 'device-removed'
  | 'network-key-switched';

/** Why a device is not let in, or not any further. */
export type JoinRefusal =
  | 'not-in-device-log'
  | 'joining-closed'
  /** It did not show up under the network key: its install code is another one. */
  | 'key-not-taken'
  | 'no-key-establishment'
  | 'at-capacity'
  | 'not-a-member';

export interface TrustCentreParts {
  /** The hub's; it has formed its network, or will. */
  readonly node: FrameNode;
  readonly keyEstablishment: KeyEstablishmentService;
  readonly authority: JoinAuthority;
  /** Short addresses and keys. */
  readonly random: RandomStream;
  /** Emulated time, for the authority. */
  readonly clock: Pick<Clock, 'nowMs' | 'speed'>;
  readonly onEvent: (name: TrustCentreEvent, detail: Readonly<Record<string, unknown>>) => void;
}

/**
 * Emulated time that a change of the network key waits for devices that sleep: longer than a gas
 * meter does. Our choice.
 */
const keySwitchWaitMs = 35 * 60_000;

const denied = { status: associationStatuses.denied, shortAddress: noShortAddress };

/**
 * The trust centre of a home network: the hub's authority over who is on it. A device that asks gets
 * an address, the network key under a key that only the device in the log can have, and time to
 * establish a link key; whoever fails on the way is forgotten. Partners get keys of their own, those
 * who leave or are removed lose theirs.
 *
 * A hub that replaces another needs nothing more than its log: `joiningKeys` then gives the hash of
 * the key that a device had established with the hub before (trust centre swap-out [mem]).
 *
 * not kept: update-device and tunnel commands (every device is the hub's own child), link keys by
 * request (key establishment gives them).
 *
 * @see device-behaviour.md 6.3, zigbee.md 2
 */
export class TrustCentre implements TimedPart {
  /** Refusals by reason. */
  readonly refused: Partial<Record<JoinRefusal, number>> = {};
  private readonly node: FrameNode;
  private readonly members: Members;
  private readonly partnerKeys: PartnerKeys;
  private readonly keyUpdate: KeyUpdate;
  private readonly departures: Departures;

  /** Takes the node's hooks for associations, polls, APS and NWK commands, and for who is heard. */
  constructor(private readonly parts: TrustCentreParts) {
    const { node, keyEstablishment, authority, random } = parts;
    this.node = node;
    this.members = new Members(node.network, random);
    this.partnerKeys = new PartnerKeys(node, random);
    this.keyUpdate = new KeyUpdate(node, this.members, random, (sequenceNumber, missing) =>
      parts.onEvent('network-key-switched', { sequenceNumber, missing }),
    );
    this.departures = new Departures(node, this.members, (member, told, nowMs) => {
      this.forget(member, nowMs);
      parts.onEvent('device-removed', { device: member.eui, told });
    });
    node.mac.joiningOpen = () => authority.joiningOpen(parts.clock.nowMs());
    Object.assign(node.hooks, {
      onAssociationRequest: (device, capability, _reception, nowMs) =>
        this.associationRequested(device, capability, nowMs),
      onAssociationAnswered: (device, _short, status, nowMs) =>
        this.associationAnswered(device, status, nowMs),
      onApsCommand: (command, origin, nowMs) => this.apsCommand(command, origin, nowMs),
      onNwkCommand: (command, origin, nowMs) => this.nwkCommand(command, origin, nowMs),
      onHeard: (source, nowMs) => this.heard(source, nowMs),
      onPolled: (shortAddress, nowMs) => this.polled(shortAddress, nowMs),
    } satisfies FrameNode['hooks']);
    keyEstablishment.accepts = (peer) => this.mayEstablish(peer);
    keyEstablishment.onResponded = (peer, outcome, nowMs) => this.responded(peer, outcome, nowMs);
    node.addPart(this);
  }

  /** Takes the devices that the node was started with for members of long standing. */
  startJoined(): void {
    const { network } = this.node;
    for (const [eui, shortAddress] of network.addresses.entries()) {
      const member = this.members.admit(eui, network.isSleepyChild(shortAddress), shortAddress);
      if (member === undefined) return;
      member.established = true;
      this.members.enter(member, 'member', this.node.nowMs());
    }
  }

  /** Sends a device away, as one that was removed from the log. False if it is not on the network. */
  removeDevice(device: Eui64): boolean {
    const member = this.members.find(device);
    if (member === undefined) return false;
    const nowMs = this.node.nowMs();
    this.node.security.removeLinkKey(device);
    this.keyUpdate.forget(member, nowMs);
    member.established = false;
    this.departures.begin(member, nowMs);
    this.node.reschedule();
    return true;
  }

  /** Starts a change of the network key; false while one is running. */
  updateNetworkKey(): boolean {
    const { clock } = this.parts;
    const waitMs = keySwitchWaitMs / Math.max(clock.speed, Number.MIN_VALUE);
    const started = this.keyUpdate.start(waitMs, this.node.nowMs());
    this.node.reschedule();
    return started;
  }

  /** Who is on the network, fit for JSON. */
  describe() {
    const members = [...this.members.all()].map(({ eui, shortAddress, sleepy, phase }) => ({
      device: eui,
      shortAddress,
      sleepy,
      phase,
    }));
    return { members, refused: { ...this.refused } };
  }

  nextDeadlineMs(): number | undefined {
    const member = this.members.nextDeadlineMs();
    const update = this.keyUpdate.nextDeadlineMs();
    if (member === undefined || update === undefined) return member ?? update;
    return Math.min(member, update);
  }

  expire(nowMs: number): void {
    this.keyUpdate.expire(nowMs);
    for (const member of this.members.due(nowMs)) {
      const { expiry } = memberPhases[member.phase];
      if (expiry !== undefined) this.expiries[expiry](member, nowMs);
    }
  }

  private readonly expiries: Readonly<
    Record<MemberExpiry, (member: Member, nowMs: number) => void>
  > = {
    forget: (member, nowMs) => this.forget(member, nowMs),
    sendKey: (member, nowMs) => this.sendKey(member, nowMs),
    expel: (member, nowMs) => {
      // Whoever has a key goes on with it: anybody may repeat what a device said when it joined.
      if (member.established) {
        this.members.enter(member, 'member', nowMs);
        return;
      }
      this.refuse(member.eui, 'no-key-establishment');
      this.removeDevice(member.eui);
    },
    tellToLeave: (member, nowMs) => this.departures.again(member, nowMs),
  };

  private utcMs(): number {
    return this.parts.clock.nowMs();
  }

  private refuse(device: Eui64, reason: JoinRefusal): void {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
    this.parts.onEvent('join-refused', { device, reason });
  }

  /** A joining that came to nothing; a member of before stays one. */
  private forget(member: Member, nowMs: number): void {
    if (member.established) {
      this.members.enter(member, 'member', nowMs);
      return;
    }
    this.keyUpdate.forget(member, nowMs);
    this.members.remove(member.eui);
    this.node.network.removeChild(member.eui);
  }

  private associationRequested(device: Eui64, capability: number, nowMs: number) {
    let sleepy: boolean;
    try {
      sleepy = !capabilityFromOctet(capability).receiverOnWhenIdle;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return denied;
    }
    const member = this.members.admit(device, sleepy);
    if (member === undefined) {
      this.refuse(device, 'at-capacity');
      return { status: associationStatuses.atCapacity, shortAddress: noShortAddress };
    }
    this.members.enter(member, 'associating', nowMs);
    return { status: associationStatuses.success, shortAddress: member.shortAddress };
  }

  /** The device has fetched its address: it waits for the network key. */
  private associationAnswered(device: Eui64, status: MacStatus, nowMs: number): void {
    const member = this.members.find(device);
    if (member?.phase !== 'associating') return;
    if (status !== 'success') {
      this.forget(member, nowMs);
      return;
    }
    const { authority } = this.parts;
    const keys = authority.joiningKeys(device, this.utcMs());
    if (keys.length > 0) {
      this.admit(member, keys, nowMs);
      return;
    }
    const listed = authority.isWhitelisted(device);
    this.refuse(device, listed ? 'joining-closed' : 'not-in-device-log');
    this.forget(member, nowMs);
  }

  private admit(member: Member, keys: readonly Uint8Array[], nowMs: number): void {
    this.node.network.addChild(member.eui, member.shortAddress, member.sleepy);
    member.keys = keys;
    member.keyIndex = 0;
    // From the first of these keys, whatever was tried before.
    member.attempts = 0;
    this.sendKey(member, nowMs);
  }

  private sendKey(member: Member, nowMs: number): void {
    this.members.enter(member, 'keySent', nowMs);
    if (sendNetworkKey(this.node, member, nowMs)) return;
    this.refuse(member.eui, 'key-not-taken');
    this.forget(member, nowMs);
  }

  /** A device speaks under the network key: if it waited for it, it has got it. */
  private heard(source: Eui64, nowMs: number): void {
    this.parts.authority.heard(source, this.utcMs());
    const member = this.members.find(source);
    if (member === undefined) return;
    this.members.follow(member);
    if (member.phase !== 'keySent') return;
    const used = member.keys[member.keyIndex];
    const own = this.ownKey(member);
    member.keys = [];
    if (own !== undefined && used !== undefined && equalBytes(own, used)) {
      this.members.enter(member, 'member', nowMs);
      this.reportRejoin(member, false);
    } else {
      this.members.enter(member, 'announced', nowMs);
    }
  }

  private reportRejoin({ eui, shortAddress }: Member, secured: boolean): void {
    this.parts.onEvent('device-rejoined', { device: eui, shortAddress, secured });
  }

  /** The link key that the two have established. */
  private ownKey(member: Member): Uint8Array | undefined {
    const key = member.established ? this.node.security.linkKeyOf(member.eui) : undefined;
    return key?.data;
  }

  private mayEstablish(peer: Eui64): boolean {
    const phase = this.members.find(peer)?.phase;
    const knows = phase === 'announced' || phase === 'member';
    return knows && this.parts.authority.isWhitelisted(peer);
  }

  private responded(peer: Eui64, outcome: KeyEstablishmentOutcome, nowMs: number): void {
    const { onEvent, authority } = this.parts;
    const member = this.members.find(peer);
    if (outcome.kind !== 'established') {
      onEvent('key-establishment-failed', { device: peer, ...outcome });
      return;
    }
    if (member === undefined || member.phase === 'leaving') return;
    const { linkKey } = outcome;
    if (!this.node.security.setLinkKey(peer, linkKey, 'trust-centre')) {
      onEvent('key-establishment-failed', { device: peer, kind: 'no-room' });
      return;
    }
    member.established = true;
    this.members.enter(member, 'member', nowMs);
    authority.joined(peer, linkKey, this.utcMs());
    const { shortAddress, sleepy } = member;
    onEvent('device-joined', { device: peer, shortAddress, sleepy });
  }

  private apsCommand(command: ApsCommand, origin: ApsCommandOrigin, nowMs: number): void {
    const proven = origin.secured && origin.keyIdentifier === 'data';
    const requester = origin.eui === undefined ? undefined : this.members.find(origin.eui);
    const asks = command.command === 'request-key' && command.keyType === 'application-link';
    if (!asks || !proven || requester?.established !== true) {
      this.node.dropped.unexpectedCommand++;
      return;
    }
    this.heard(requester.eui, nowMs);
    const { authority, onEvent } = this.parts;
    const partner = this.members.find(command.partner);
    const allowed =
      partner?.established === true &&
      authority.isWhitelisted(requester.eui) &&
      authority.isWhitelisted(partner.eui);
    if (allowed && partner !== requester) this.partnerKeys.give(requester, partner, nowMs);
    else onEvent('partner-key-refused', { device: requester.eui, partner: command.partner });
  }

  private nwkCommand(command: NwkCommand, origin: NwkOrigin, nowMs: number): void {
    const { eui } = origin;
    if (command.command === 'rejoin-request' && eui !== undefined) {
      const sleepy = !command.capability.receiverOnWhenIdle;
      this.rejoinRequested(eui, sleepy, origin, nowMs);
    } else if (command.command === 'leave' && origin.secured && !command.request) {
      const member = eui === undefined ? undefined : this.members.find(eui);
      if (member !== undefined) this.left(member, command.rejoin, nowMs);
    } else {
      this.node.dropped.unexpectedCommand++;
    }
  }

  private rejoinRequested(eui: Eui64, sleepy: boolean, origin: NwkOrigin, nowMs: number): void {
    const { authority } = this.parts;
    const known = this.members.find(eui);
    const own = known === undefined ? undefined : this.ownKey(known);
    const keys = own === undefined ? [] : [own];
    if (!origin.secured) keys.push(...authority.joiningKeys(eui, this.utcMs()));
    const welcome = keys.length > 0 && known?.phase !== 'leaving' && authority.isWhitelisted(eui);
    const member = welcome ? this.members.admit(eui, sleepy, origin.source) : undefined;
    if (member === undefined) {
      this.refuse(eui, welcome ? 'at-capacity' : 'not-a-member');
      this.answerRejoin(origin, eui, noShortAddress, associationStatuses.denied, nowMs);
      return;
    }
    this.node.network.addChild(eui, member.shortAddress, sleepy);
    const { success } = associationStatuses;
    this.answerRejoin(origin, eui, member.shortAddress, success, nowMs);
    if (origin.secured) {
      this.members.enter(member, 'member', nowMs);
      this.reportRejoin(member, true);
    } else {
      this.admit(member, keys, nowMs);
    }
  }

  private answerRejoin(
    { source, secured }: NwkOrigin,
    destinationEui: Eui64,
    shortAddress: number,
    status: number,
    nowMs: number,
  ): void {
    const command = { command: 'rejoin-response', shortAddress, status } as const;
    this.node.network.sendCommand(source, command, nowMs, { secured, destinationEui });
  }

  private left(member: Member, rejoin: boolean, nowMs: number): void {
    const { onEvent } = this.parts;
    if (!rejoin) {
      this.node.security.removeLinkKey(member.eui);
      member.established = false;
      this.forget(member, nowMs);
    }
    onEvent('device-left', { device: member.eui, rejoin });
  }

  private polled(shortAddress: number, nowMs: number): void {
    const member = this.members.at(shortAddress);
    if (member === undefined) return;
    if (member.phase === 'leaving') this.departures.polled(member, nowMs);
    else this.keyUpdate.polled(member, nowMs);
  }
}
