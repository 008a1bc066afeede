import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { ApsCommand } from '../../../protocols/zigbee/aps-command.js';
import type { KeyEstablishmentOutcome } from '../../../protocols/zigbee/cbke/key-establishment.js';
import type { CryptographicSuite } from '../../../protocols/zigbee/cbke/suite.js';
import type { NwkCommand } from '../../../protocols/zigbee/nwk-command.js';
import type { ZdoMessage } from '../../../protocols/zigbee/zdo/zdo.js';
import type { Clock } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import type { ApsCommandOrigin } from '../stack/aps-layer.js';
import type { FrameNode, TimedPart } from '../stack/frame-node.js';
import { coordinatorAddress, type NwkOrigin } from '../stack/network-layer.js';
import { capabilityOf } from './capability.js';
import { type HubOrders, takeHubCommand } from './joiner-commands.js';
import { Introduction } from './joiner-introduction.js';
import { PartnerRequests } from './joiner-partners.js';
import { NetworkSearch, type SearchChannels } from './joiner-search.js';
import {
  type JoinerFailure,
  type JoinerInput,
  type JoinerState,
  joinerStates,
  securedRejoinAttempts,
} from './joiner-states.js';
import { JoinerTrust } from './joiner-trust.js';
import type { KeyEstablishmentService } from './key-establishment-service.js';
import type { ZdoServer } from './zdo-server.js';

export type JoinerEvent =
  | JoinerFailure
  | 'joined'
  | 'rejoined'
  | 'left'
  | 'parent-lost'
  | PartnerEvent;
type PartnerEvent = 'partner-key' | 'partner-key-missing';

export interface JoinerParts extends SearchChannels {
  /** A device's: router or end device. */
  readonly node: FrameNode;
  readonly zdo: ZdoServer;
  readonly keyEstablishment: KeyEstablishmentService;
  /** 16 octets, of the install code; asked for at each attempt. */
  readonly preconfiguredLinkKey: () => Uint8Array;
  /** Pauses. */
  readonly random: RandomStream;
  /** Pauses between attempts pass in emulated time. */
  readonly clock: Pick<Clock, 'speed'>;
  readonly onEvent: (name: JoinerEvent, detail: Readonly<Record<string, unknown>>) => void;
  /** Suites to use, the preferred one first; 2, then 1 unless told. */
  readonly suites?: readonly CryptographicSuite[];
}

/** Emulated time: the first pause between attempts, and the longest; each has up to half of it more. Our choice. */
const pauseFirstMs = 15_000;
const pauseLongestMs = 900_000;
const doublingsMax = 6;
/** Radio time until a failed key establishment is tried again, unless the hub asks for more. */
const retryKeyMs = 2_000;
const retryKeyLongestMs = 60_000;
const keyEstablishmentLimitMs = 60_000;

/**
 * A device's way into its home's network, and back into it: `joiner-states.ts` says what follows
 * what, the actions here are what entering a state does.
 *
 * The hub is trusted by a key that came with the device (its install code), then by the one that
 * both have established; a device that finds its network under a new hub trusts that one if it has
 * the hash of the established key (trust centre swap-out [mem]).
 *
 * @see device-behaviour.md 6.3
 */
export class Joiner implements TimedPart {
  onJoined: ((trustCentre: Eui64, nowMs: number) => void) | undefined = undefined;
  /** How often what went wrong. */
  readonly failures: Partial<Record<JoinerFailure, number>> = {};
  private readonly node: FrameNode;
  private readonly network: NetworkSearch;
  private readonly partners: PartnerRequests;
  private readonly trust: JoinerTrust;
  private readonly introduction: Introduction;
  private current: JoinerState = 'idle';
  private deadlineMs: number | undefined;
  private attempts = 0;
  /** Failures in a row: the pauses grow. */
  private setbacks = 0;
  /** A link key was established on this network, which the device goes back to. */
  private isMember = false;
  private only: Eui64 | undefined;
  private comesBack = false;

  /** Takes the node's hooks for APS and NWK commands and for a lost parent. */
  constructor(private readonly parts: JoinerParts) {
    const { node, zdo, random } = parts;
    this.node = node;
    this.network = new NetworkSearch(node, parts);
    this.trust = new JoinerTrust(node);
    this.introduction = new Introduction(node, zdo, parts.keyEstablishment);
    const { trust } = this;
    const missing = (partner: Eui64) => parts.onEvent('partner-key-missing', { partner });
    this.partners = new PartnerRequests({ node, trust, random, clock: parts.clock, missing });
    node.hooks.onApsCommand = (command, origin, nowMs) => this.apsCommand(command, origin, nowMs);
    node.hooks.onNwkCommand = (command, origin, nowMs) => this.nwkCommand(command, origin, nowMs);
    node.hooks.onParentLost = (nowMs) => this.parentLost(nowMs);
    zdo.listen((message, origin, nowMs) => this.zdo(message, origin, nowMs));
    zdo.onLeaveRequested = (rejoin, nowMs) => this.leaveNow(rejoin, nowMs);
    node.addPart(this);
  }

  get state(): JoinerState {
    return this.current;
  }

  get trustCentre(): Eui64 | undefined {
    return this.trust.trustCentre;
  }

  /** Looks for a network that lets join: any, or the one named. Goes on until it is joined. */
  join(only?: Eui64): void {
    this.only = only;
    this.setbacks = 0;
    this.fire('join', this.node.nowMs());
  }

  /** Looks for the network it belongs to, and asks to be on it again. */
  rejoin(): void {
    if (this.isMember) this.fire('rejoin', this.node.nowMs());
  }

  /** Leaves, telling the hub; with `rejoin` only to come back at once. */
  leave(rejoin = false): void {
    this.leaveNow(rejoin, this.node.nowMs());
  }

  /** The node was started as one that joined long ago: keys and addresses are in place. */
  startJoined(trustCentre: Eui64): void {
    this.trust.startJoined(trustCentre);
    this.network.startJoined();
    this.isMember = true;
    this.current = 'joined';
  }

  /** Asks the trust centre for a key shared with another device, until it comes. */
  requestPartnerKey(partner: Eui64): boolean {
    const taken = this.partners.add(partner, this.node.nowMs());
    this.node.reschedule();
    return taken;
  }

  /** For who notices it: a sleepy node's polls, or keep-alive. */
  parentLost(nowMs: number): void {
    if (this.current === 'joined') {
      this.parts.onEvent('parent-lost', {});
      this.fire('parentLost', nowMs);
    } else if (joinerStates[this.current].awake === true) {
      this.fail(nowMs);
    }
  }

  nextDeadlineMs(): number | undefined {
    const { deadlineMs } = this;
    const partner = this.current === 'joined' ? this.partners.nextDeadlineMs() : undefined;
    if (deadlineMs === undefined || partner === undefined) return deadlineMs ?? partner;
    return Math.min(deadlineMs, partner);
  }

  expire(nowMs: number): void {
    if (this.current === 'joined') this.partners.expire(nowMs);
    if (this.deadlineMs === undefined || nowMs < this.deadlineMs) return;
    this.deadlineMs = undefined;
    const { attemptsMax = 1 } = joinerStates[this.current];
    if (this.attempts < attemptsMax) this.enter(this.current, nowMs);
    else this.fail(nowMs);
  }

  /** The state's time is up for good. */
  private fail(nowMs: number, detail: Readonly<Record<string, unknown>> = {}): void {
    this.report(detail);
    this.fire(this.isMember ? 'expiredAsMember' : 'expired', nowMs);
  }

  private report(detail: Readonly<Record<string, unknown>>): void {
    const { failure } = joinerStates[this.current];
    if (failure === undefined) return;
    this.failures[failure] = (this.failures[failure] ?? 0) + 1;
    this.parts.onEvent(failure, detail);
  }

  /** What is no input of the state is ignored. */
  private fire(input: JoinerInput, nowMs: number): void {
    const next = joinerStates[this.current].on[input];
    if (next === undefined) return;
    this.attempts = 0;
    this.enter(next, nowMs);
  }

  private enter(state: JoinerState, nowMs: number): void {
    const { limitMs, awake = false } = joinerStates[state];
    this.current = state;
    this.attempts++;
    this.deadlineMs = limitMs === undefined ? undefined : nowMs + limitMs;
    this.node.holdAwake(awake);
    this.actions[state](nowMs);
    this.node.reschedule();
  }

  private readonly actions: Readonly<Record<JoinerState, (nowMs: number) => void>> = {
    idle: () => undefined,
    scanning: (nowMs) => this.scan(nowMs),
    associating: (nowMs) => this.associate(nowMs),
    awaitingNetworkKey: () => {
      this.node.network.awaitsKey = true;
    },
    announcing: () => {
      this.node.network.awaitsKey = false;
      this.introduction.announce();
    },
    keyEstablishment: () => this.establishKey(),
    joined: (nowMs) => this.arrive(nowMs),
    paused: (nowMs) => {
      this.forgetNetwork(nowMs);
      this.pause(nowMs);
    },
    searching: (nowMs) => this.search(nowMs),
    rejoining: (nowMs) => this.askToRejoin(nowMs),
    lost: (nowMs) => this.pause(nowMs),
    leaving: (nowMs) => this.sayGoodbye(nowMs),
    left: (nowMs) => {
      this.forgetNetwork(nowMs);
      this.parts.onEvent('left', {});
    },
  };

  private pause(nowMs: number): void {
    const doubled = pauseFirstMs * 2 ** Math.min(this.setbacks++, doublingsMax);
    const baseMs = Math.min(doubled, pauseLongestMs);
    const pauseMs = baseMs + this.parts.random.int(0, baseMs / 2);
    this.deadlineMs = nowMs + pauseMs / Math.max(this.parts.clock.speed, Number.MIN_VALUE);
    this.attempts = Number.POSITIVE_INFINITY;
  }

  private scan(nowMs: number): void {
    if (this.isMember) this.forgetNetwork(nowMs);
    this.network.toJoin(this.only, nowMs, (found, atMs) => this.searched('scanning', found, atMs));
  }

  private search(nowMs: number): void {
    this.introduction.cancel(this.trust.known());
    this.network.toRejoin(nowMs, (found, atMs) => this.searched('searching', found, atMs));
  }

  private searched(state: JoinerState, found: boolean, nowMs: number): void {
    if (this.current !== state) return;
    if (!found) this.report({});
    this.fire(found ? 'networkFound' : 'networkAbsent', nowMs);
  }

  private associate(nowMs: number): void {
    this.network.associate(nowMs, (result, hub, atMs) => {
      if (this.current !== 'associating') return;
      if (hub === undefined) {
        this.report({ result });
        this.fire('addressRefused', atMs);
      } else {
        this.trust.meet(hub, this.parts.preconfiguredLinkKey(), atMs);
        this.fire('addressGiven', atMs);
      }
    });
  }

  private zdo(message: ZdoMessage, origin: NwkOrigin, nowMs: number): void {
    if (this.current !== 'announcing') return;
    const introduced = this.introduction.take(message, origin);
    if (introduced === 'endpoint') this.fire('hubKnown', nowMs);
    else if (introduced === 'hub' && this.trust.established) this.fire('settled', nowMs);
    else if (introduced === 'hub') this.introduction.askForEndpoint();
  }

  private establishKey(): void {
    const { suites = [2, 1] } = this.parts;
    const hub = this.trust.known();
    const begun = (suite: CryptographicSuite | undefined, nowMs: number) => {
      if (this.current !== 'keyEstablishment') return;
      if (suite === undefined) this.fail(nowMs, { reason: 'no common suite' });
      else this.deadlineMs = nowMs + keyEstablishmentLimitMs;
    };
    this.introduction.establishKey(hub, suites, begun, (outcome, nowMs) =>
      this.keyEnded(hub, outcome, nowMs),
    );
  }

  private keyEnded(hub: Eui64, outcome: KeyEstablishmentOutcome, nowMs: number): void {
    if (this.current !== 'keyEstablishment' || this.trustCentre !== hub) return;
    if (outcome.kind === 'established') {
      this.trust.establish(outcome.linkKey);
      this.fire('keyEstablished', nowMs);
      return;
    }
    this.report({ ...outcome });
    const asked = outcome.kind === 'terminated' ? 1_000 * outcome.waitSeconds : 0;
    this.deadlineMs = nowMs + Math.min(Math.max(asked, retryKeyMs), retryKeyLongestMs);
    this.node.reschedule();
  }

  private arrive(nowMs: number): void {
    const hub = this.trust.known();
    const { shortAddress } = this.network;
    this.setbacks = 0;
    this.network.arrived();
    this.trust.settle();
    this.parts.onEvent(this.isMember ? 'rejoined' : 'joined', { trustCentre: hub, shortAddress });
    this.isMember = true;
    this.onJoined?.(hub, nowMs);
  }

  private askToRejoin(nowMs: number): void {
    const { network, security } = this.node;
    this.network.enter(this.network.shortAddress);
    const secured = this.attempts <= securedRejoinAttempts && security.networkKey !== undefined;
    network.awaitsKey = !secured;
    const command = {
      command: 'rejoin-request',
      capability: capabilityOf(this.node.role),
    } as const;
    const options = { secured, namesSource: true };
    network.sendCommand(coordinatorAddress, command, nowMs, options);
  }

  private nwkCommand(command: NwkCommand, origin: NwkOrigin, nowMs: number): void {
    const fromHub = origin.source === coordinatorAddress;
    if (command.command === 'rejoin-response' && fromHub && this.current === 'rejoining') {
      this.rejoinAnswered(command.status, command.shortAddress, origin, nowMs);
    } else if (command.command === 'leave' && command.request && fromHub && origin.secured) {
      this.leaveNow(command.rejoin, nowMs);
    } else {
      this.node.dropped.unexpectedCommand++;
    }
  }

  private rejoinAnswered(status: number, short: number, origin: NwkOrigin, nowMs: number): void {
    const { awaitsKey } = this.node.network;
    if (origin.secured === awaitsKey) return;
    if (status !== 0) {
      // What the network key does not open the link key may.
      this.attempts = Math.max(this.attempts, awaitsKey ? Infinity : securedRejoinAttempts);
      if (awaitsKey) this.fire('refused', nowMs);
      else this.enter('rejoining', nowMs);
      return;
    }
    this.network.enter(short);
    if (!awaitsKey) {
      this.fire('accepted', nowMs);
      return;
    }
    if (origin.eui !== undefined) this.trust.succeed(origin.eui, nowMs);
    this.fire('keyPromised', nowMs);
  }

  private apsCommand(command: ApsCommand, origin: ApsCommandOrigin, nowMs: number): void {
    const { node } = this;
    const fromHub = origin.eui !== undefined && origin.eui === this.trustCentre;
    if (fromHub && takeHubCommand(node, command, origin, this.orders, nowMs)) return;
    node.dropped.unexpectedCommand++;
  }

  private readonly orders: HubOrders = {
    networkKey: (key, nowMs) => {
      if (this.current !== 'awaitingNetworkKey') return false;
      this.node.security.setNetworkKey(key);
      this.fire('keyReceived', nowMs);
      return true;
    },
    partnerKey: (partner) => {
      this.partners.received(partner);
      this.parts.onEvent('partner-key', { partner });
    },
    leave: (nowMs) => this.leaveNow(false, nowMs),
  };

  private leaveNow(rejoin: boolean, nowMs: number): void {
    this.comesBack = rejoin && this.isMember;
    this.fire('leave', nowMs);
  }

  private sayGoodbye(nowMs: number): void {
    const command = {
      command: 'leave',
      rejoin: this.comesBack,
      request: false,
      removeChildren: false,
    } as const;
    this.node.network.sendCommand(coordinatorAddress, command, nowMs, {
      done: (_status, atMs) => {
        if (this.current === 'leaving') this.fire(this.comesBack ? 'comesBack' : 'gone', atMs);
      },
    });
  }

  /** Off the network; the outgoing frame counters and the last link key are kept. */
  private forgetNetwork(nowMs: number): void {
    const { trustCentre } = this;
    this.partners.clear();
    if (trustCentre !== undefined) this.introduction.cancel(trustCentre);
    this.trust.forget();
    this.isMember = false;
    this.network.leave(nowMs);
  }
}
