import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { KeyEstablishmentIdentity } from '../../../protocols/zigbee/cbke/certificate.js';
import { keyEstablishment as keyEstablishmentCluster } from '../../../protocols/zigbee/clusters/key-establishment.js';
import type { JoinAuthority } from '../../functions/join-authority.js';
import type { Clock } from '../../ports/clock.js';
import { InvariantError } from '../../ports/errors.js';
import type { Random } from '../../ports/random.js';
import type { RadioChannel } from '../air/radio.js';
import type { Listing } from '../stack/directory.js';
import type { FrameNode } from '../stack/frame-node.js';
import type { HanEntity } from '../stack/han-entity.js';
import { endpointDescriptions } from './endpoint-descriptions.js';
import { Joiner, type JoinerEvent } from './joiner.js';
import { KeyEstablishmentService } from './key-establishment-service.js';
import { TrustCentre, type TrustCentreEvent } from './trust-centre.js';
import { ZdoServer } from './zdo-server.js';

export type MembershipEvent = JoinerEvent | TrustCentreEvent;

/** What the radios of a home share for joining. */
export interface MembershipParts {
  readonly home: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Who may be on the network; the hub's device log. */
  readonly authority: JoinAuthority;
  /** Certificates for key establishment, one a suite; made when they are asked for. */
  readonly identitiesOf: (radio: Eui64) => readonly KeyEstablishmentIdentity[];
  /** The 16-octet link key of the install code on a device's label. */
  readonly labelKeyOf: (radio: Eui64) => Uint8Array;
  readonly onEvent: (
    radio: Eui64,
    name: MembershipEvent,
    detail: Readonly<Record<string, unknown>>,
  ) => void;
  /** A device is on the network, with a link key of its own. */
  readonly onJoined: (radio: Eui64) => void;
}

/** How a radio's membership stands; nothing of it at one that had no occasion yet. */
export interface MembershipReport {
  /** How far a device is with joining, and what went wrong, by reason. */
  readonly joining?: string;
  readonly failures?: Readonly<Record<string, number>>;
  /** At the hub. */
  readonly trustCentre?: {
    readonly members: readonly {
      readonly device: Eui64;
      readonly shortAddress: number;
      readonly sleepy: boolean;
      readonly phase: string;
    }[];
    readonly refused: Readonly<Record<string, number>>;
  };
}

/** Which network a radio was started in. */
interface JoinedAs {
  readonly hub: Eui64;
}

/**
 * One radio of a home with all that concerns its being on the network: at the hub the trust centre,
 * at a device the joiner, at both the ZigBee Device Profile and key establishment. These are made
 * when the first frame or order asks for them: in a fleet that starts joined most never are.
 */
export class HomeRadio {
  private made: TrustCentre | Joiner | undefined;
  private joinedAs: JoinedAs | undefined;

  constructor(
    readonly node: FrameNode,
    /** The entity that shows the radio's certificate: the device's, the GPF at the hub. */
    private readonly entity: () => HanEntity,
    private readonly parts: MembershipParts,
    /** Where it looks for a network; 2.4 GHz unless told. */
    private readonly channels: readonly RadioChannel[] | undefined,
  ) {
    this.waitForNeed();
  }

  /** To be called once its entity is on the node. */
  attached(): void {
    const { id } = keyEstablishmentCluster;
    this.entity().listen(id, undefined, (...call) => {
      // The service made now listens before this one, which is therefore called no more.
      if (this.made !== undefined) return;
      this.need();
      this.entity().deliver(...call);
    });
  }

  /** As one that joined long ago. */
  startJoined(hub: Eui64): void {
    this.joinedAs = { hub };
  }

  get trustCentre(): TrustCentre {
    const made = this.need();
    if (made instanceof TrustCentre) return made;
    throw new InvariantError(`${this.node.eui} is no hub`);
  }

  get joiner(): Joiner {
    const made = this.need();
    if (made instanceof Joiner) return made;
    throw new InvariantError(`${this.node.eui} is a hub`);
  }

  /** JSON-safe. */
  describe(): MembershipReport {
    const { made } = this;
    if (made === undefined) return {};
    return made instanceof TrustCentre
      ? { trustCentre: made.describe() }
      : { joining: made.state, failures: { ...made.failures } };
  }

  /** Each hook makes the parts, which take the hooks over, and then is called again as theirs. */
  private waitForNeed(): void {
    const { node } = this;
    const { hooks } = node;
    hooks.onZdo = (...call) => this.needed().onZdo?.(...call);
    hooks.onUnknownAddress = (...call) => this.needed().onUnknownAddress?.(...call);
    hooks.onApsCommand = (...call) => this.needed().onApsCommand?.(...call);
    hooks.onNwkCommand = (...call) => this.needed().onNwkCommand?.(...call);
    if (node.role === 'coordinator') {
      const { authority, clock } = this.parts;
      node.mac.joiningOpen = () => authority.joiningOpen(clock.nowMs());
      hooks.onHeard = (source) => authority.heard(source, clock.nowMs());
      hooks.onAssociationRequest = (...call) => {
        const answer = this.needed().onAssociationRequest?.(...call);
        if (answer === undefined) throw new InvariantError('a hub answers who asks to associate');
        return answer;
      };
    } else {
      hooks.onParentLost = (...call) => this.needed().onParentLost?.(...call);
    }
  }

  private listings(): readonly Listing[] {
    const { directory, eui } = this.node;
    return [...directory.listings()].filter(({ radio }) => radio === eui);
  }

  private needed(): FrameNode['hooks'] {
    this.need();
    return this.node.hooks;
  }

  private need(): TrustCentre | Joiner {
    this.made ??= this.make();
    return this.made;
  }

  private make(): TrustCentre | Joiner {
    const { node, parts } = this;
    const { home, clock, random } = parts;
    const isHub = node.role === 'coordinator';
    const zdo = new ZdoServer({
      node,
      endpoints: this.listings().flatMap(({ type }) => endpointDescriptions[type]),
      subGhz: this.listings().some(({ band }) => band === '868'),
    });
    const keyEstablishment = new KeyEstablishmentService({
      node,
      entity: this.entity(),
      identities: () => parts.identitiesOf(node.eui),
      random: random.stream(home, 'ephemeral', node.eui),
    });
    const onEvent = (name: MembershipEvent, detail: Readonly<Record<string, unknown>>): void =>
      parts.onEvent(node.eui, name, detail);
    const made = isHub
      ? new TrustCentre({
          node,
          keyEstablishment,
          authority: parts.authority,
          // Of this hub: one in its place draws addresses and keys of its own.
          random: random.stream(home, 'trust-centre', node.eui),
          clock,
          onEvent,
        })
      : new Joiner({
          node,
          zdo,
          keyEstablishment,
          preconfiguredLinkKey: () => parts.labelKeyOf(node.eui),
          random: random.stream(home, 'joiner', node.eui),
          clock,
          onEvent,
          ...(this.channels === undefined
            ? {}
            : { joinChannels: this.channels, searchChannels: this.channels }),
        });
    if (made instanceof Joiner) made.onJoined = () => parts.onJoined(node.eui);
    if (this.joinedAs !== undefined) {
      if (made instanceof Joiner) made.startJoined(this.joinedAs.hub);
      else made.startJoined();
    }
    return made;
  }
}
