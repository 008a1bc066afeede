import type { Eui64 } from '../../../protocols/codec/eui64.js';
import {
  broadcastMacAddress,
  extendedAddressMode,
  shortAddressMode,
} from '../../../protocols/zigbee/ieee802154.js';
import type { Clock } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import { type AirStats, newAirStats } from './air-stats.js';
import { AwaitedAcknowledgments } from './awaited-acknowledgments.js';
import { Contention, type ContentionHost, type Transmission } from './contention.js';
import { DutyCycles } from './duty-cycle.js';
import {
  asksForAcknowledgment,
  destinationMode,
  euiHigh,
  euiLow,
  extendedDestination,
  extendedDestinationHigh,
  extendedDestinationLow,
  frameFault,
  isAcknowledgment,
  sequenceNumberOf,
  shortDestination,
} from './mac-octets.js';
import {
  type Medium,
  type Radio,
  type RadioChannel,
  type Reception,
  sameChannel,
} from './radio.js';
import { airtimeUs, isSubGhz } from './radio-bands.js';
import { type Environment, environments, type Place } from './radio-environments.js';
import type { FaultReport, RadioFaults } from './radio-faults.js';
import { type BusReception, type LinkReport, RadioLinks } from './radio-links.js';

/** What travels on the bus beside the frame. */
export interface FrameMeta extends RadioChannel {
  /** EUI-64 of the radio that sends. */
  readonly sender: Eui64;
}

export type FramePublisher = (psdu: Uint8Array, meta: FrameMeta) => void;

export interface SharedAirOptions {
  readonly publish: FramePublisher;
  /** `environments.ideal` unless told. */
  readonly environment?: Environment;
  /** Of this home; nothing is drawn from it on an ideal air. */
  readonly random: RandomStream;
  /** Emulated time: of duty cycles, and of frames where they take any. */
  readonly clock: Pick<Clock, 'nowMs' | 'at'>;
  readonly places?: ReadonlyMap<Eui64, Place>;
}

export interface AirReport {
  readonly environment: string;
  readonly radios: readonly {
    readonly eui: Eui64;
    /** Where it last sent; undefined when it never did. */
    readonly page: number | undefined;
    readonly channel: number | undefined;
    readonly dutyCyclePercent: number;
  }[];
  readonly links: readonly LinkReport[];
  readonly faults: FaultReport;
  readonly counts: AirStats;
}

interface Attachment {
  readonly radio: Radio;
  readonly low: number;
  readonly high: number;
  /** Of the latest frame: made anew only when the radio changes its channel. */
  meta: FrameMeta | undefined;
}

const lqiMax = 255;

/** Frames of one home on the bus at once; our choice. */
const underWayMax = 256;

/** Tells frames apart that are on the bus at the same time: length, sequence number and checksum. */
function markOf(psdu: Uint8Array): number {
  const { length } = psdu;
  const checksum = ((psdu[length - 2] ?? 0) << 8) | (psdu[length - 1] ?? 0);
  return (length << 24) | (sequenceNumberOf(psdu) << 16) | checksum;
}

/**
 * The air of one home. What a radio transmits goes to the bus, and only what comes back from the
 * bus is heard, so that a device in another process, in any language, is on the same air as ours.
 *
 * Every radio in reach receives every frame of a real home; here the air itself looks at the few
 * octets of the MAC destination and leaves out the radios that would have filtered the frame. It
 * looks at no others but frame type, acknowledgment request and sequence number.
 *
 * On an ideal air a frame takes no time and is handed on as it comes. Elsewhere frames contend for
 * the channel (`Contention`) and are lost by distance, noise and collision (`propagation.ts`).
 */
export class SharedAir implements Medium {
  readonly stats: AirStats = newAirStats();

  private attachments: readonly Attachment[] = [];
  private readonly options: SharedAirOptions;
  private readonly environment: Environment;
  private readonly contention: Contention | undefined;
  private stopped = false;
  /** Frames of our radios on their way to the bus and back, by their marks, the oldest first. */
  private readonly underWay: number[] = [];
  private reception: Reception | undefined;
  // Made when first needed, which in most homes is never.
  private madeLinks: RadioLinks | undefined;
  private awaited: AwaitedAcknowledgments | undefined;
  private dutyCycles: DutyCycles | undefined;

  constructor(options: SharedAirOptions) {
    this.options = options;
    this.environment = options.environment ?? environments.ideal;
    if (this.environment.contention) {
      const { clock, random } = options;
      this.contention = new Contention(
        this.contentionHost(),
        clock,
        random,
        this.links.propagation,
      );
    }
  }

  private contentionHost(): ContentionHost {
    return {
      counts: this.stats,
      publish: (sender, psdu, on) => {
        const attachment = this.find(sender);
        if (attachment !== undefined) this.publish(attachment, psdu, on);
      },
      deliver: (psdu, on, transmission) => {
        this.handOver(psdu, transmission.sender, on, transmission);
      },
    };
  }

  /**
   * The list is replaced, never changed: a radio may come or go while a frame is being delivered.
   */
  attach(radio: Radio): void {
    if (this.attachments.some((attachment) => attachment.radio === radio)) return;
    const { eui } = radio;
    const attachment = { radio, low: euiLow(eui), high: euiHigh(eui), meta: undefined };
    this.attachments = [...this.attachments, attachment];
  }

  /** What the radio still wanted to send is forgotten. */
  detach(radio: Radio): void {
    this.attachments = this.attachments.filter((attachment) => attachment.radio !== radio);
    this.contention?.withdraw(radio.eui);
  }

  /** From now on nothing is sent or heard. */
  stop(): void {
    this.stopped = true;
    this.contention?.stop();
  }

  transmit(radio: Radio, psdu: Uint8Array, on: RadioChannel): void {
    if (this.stopped || this.refuses(psdu)) return;
    for (const attachment of this.attachments) {
      if (attachment.radio !== radio) continue;
      if (this.contention === undefined) this.publish(attachment, psdu, on);
      else this.contention.submit(radio.eui, psdu, on);
      return;
    }
  }

  /** Takes a frame from the bus. Never throws for what it contains. */
  receive(psdu: Uint8Array, sender: Eui64, on: BusReception): void {
    if (this.stopped || this.refuses(psdu)) return;
    this.stats.received++;
    if (this.underWay.length > 0 && this.find(sender) !== undefined) this.cameBack(psdu);
    // Our own radios were accounted for when they sent.
    if (isSubGhz(on.page) && this.find(sender) === undefined) this.account(sender, psdu, on);
    if (this.contention === undefined) this.handOver(psdu, sender, on, undefined);
    else this.contention.arrive(psdu, sender, on);
  }

  /** A frame that the bus has lost leaves it in doubt until the next one comes back. */
  get settled(): boolean {
    return this.underWay.length === 0;
  }

  /** A bus keeps the order: what was sent before this frame and has not come will not come any more. */
  private cameBack(psdu: Uint8Array): void {
    const at = this.underWay.indexOf(markOf(psdu));
    if (at >= 0) this.underWay.splice(0, at + 1);
  }

  /** Background noise and jammers, on the scale of an energy detection scan. */
  energyOn(on: RadioChannel): number {
    return this.links.energyOn(on);
  }

  /** Per cent of the last hour that a radio was sending, on one sub-GHz page or on all of them. */
  dutyCycleOf(eui: Eui64, page?: number): number {
    return this.dutyCycles?.percentOf(eui, this.options.clock.nowMs(), page) ?? 0;
  }

  /** Moves a radio. Without effect on an ideal air. */
  place(eui: Eui64, place: Place): void {
    this.links.propagation.put(eui, place);
  }

  /** What testers do to the air; an ideal one too. */
  get faults(): RadioFaults {
    return this.links.faults;
  }

  /** How two radios would hear each other. */
  link(a: Eui64, b: Eui64, on: RadioChannel): LinkReport {
    return this.links.link(a, b, on);
  }

  /** For people and scenarios: JSON-safe. A link is named once two radios have met on a channel. */
  describe(): AirReport {
    const radios = this.attachments.map(({ radio: { eui }, meta }) => ({
      eui,
      page: meta?.page,
      channel: meta?.channel,
      dutyCyclePercent: this.dutyCycleOf(eui),
    }));
    return {
      environment: this.environment.name,
      radios,
      links: this.describeLinks(),
      faults: this.faults.describe(),
      counts: { ...this.stats, dropped: { ...this.stats.dropped } },
    };
  }

  private describeLinks(): LinkReport[] {
    const links: LinkReport[] = [];
    this.attachments.forEach((a, index) => {
      for (const b of this.attachments.slice(index + 1)) {
        const on = a.meta ?? b.meta;
        if (on === undefined || (b.meta !== undefined && !sameChannel(on, b.meta))) continue;
        links.push(this.link(a.radio.eui, b.radio.eui, on));
      }
    });
    return links;
  }

  private get links(): RadioLinks {
    const { random, places } = this.options;
    this.madeLinks ??= new RadioLinks(this.environment, random, places);
    return this.madeLinks;
  }

  private find(eui: Eui64): Attachment | undefined {
    return this.attachments.find((attachment) => attachment.radio.eui === eui);
  }

  private publish(attachment: Attachment, psdu: Uint8Array, on: RadioChannel): void {
    const { radio, meta } = attachment;
    this.stats.transmitted++;
    if (isSubGhz(on.page)) this.account(radio.eui, psdu, on);
    if (meta === undefined || !sameChannel(meta, on)) {
      attachment.meta = { sender: radio.eui, page: on.page, channel: on.channel };
    }
    if (this.underWay.length >= underWayMax) this.underWay.shift();
    this.underWay.push(markOf(psdu));
    this.options.publish(psdu, attachment.meta as FrameMeta);
  }

  private account(sender: Eui64, psdu: Uint8Array, { page }: RadioChannel): void {
    this.dutyCycles ??= new DutyCycles();
    const us = airtimeUs(page, psdu.length);
    this.dutyCycles.add(sender, page, us, this.options.clock.nowMs());
  }

  /** Gives a frame to every attached radio that it is for, except its sender. */
  private handOver(
    psdu: Uint8Array,
    sender: Eui64,
    on: BusReception,
    transmission: Transmission | undefined,
  ): void {
    const mode = destinationMode(psdu);
    const short = mode === shortAddressMode ? shortDestination(psdu) : broadcastMacAddress;
    const extended = mode === extendedAddressMode;
    const low = extended ? extendedDestinationLow(psdu) : 0;
    const high = extended ? extendedDestinationHigh(psdu) : 0;
    const awaits = isAcknowledgment(psdu)
      ? this.awaited?.take(sender, sequenceNumberOf(psdu), this.stats.received)
      : undefined;
    const asks = asksForAcknowledgment(psdu) && (extended || short !== broadcastMacAddress);
    let addressees = 0;
    for (const { radio, low: ownLow, high: ownHigh } of this.attachments) {
      if (short !== broadcastMacAddress && radio.shortAddress !== short) continue;
      if (extended && (ownLow !== low || ownHigh !== high)) continue;
      const { eui } = radio;
      if (awaits !== undefined && eui !== awaits) continue;
      if (eui === sender) continue;
      addressees++;
      const reception = this.hears(radio, sender, on, transmission);
      if (reception === undefined) continue;
      if (asks) this.expect(eui, sender, psdu);
      this.stats.delivered++;
      radio.receive(psdu, reception);
    }
    if (addressees > 0) return;
    this.stats.unheard++;
    if (asks && extended) this.expect(extendedDestination(psdu), sender, psdu);
  }

  /** Remembers whom the acknowledgment of a frame will be for. */
  private expect(asked: Eui64, awaits: Eui64, psdu: Uint8Array): void {
    this.awaited ??= new AwaitedAcknowledgments();
    this.awaited.add(asked, awaits, sequenceNumberOf(psdu), this.stats.received);
  }

  /** How a radio hears a frame; undefined, and counted, when it does not. */
  private hears(
    radio: Radio,
    sender: Eui64,
    on: BusReception,
    transmission: Transmission | undefined,
  ): Reception | undefined {
    if (!radio.listens(on.page, on.channel)) {
      this.stats.asleep++;
      return undefined;
    }
    const links = this.madeLinks;
    if (links === undefined || !(this.environment.contention || links.faults.any)) {
      return this.plain(on);
    }
    const interferenceDbm =
      transmission === undefined || this.contention === undefined
        ? Number.NEGATIVE_INFINITY
        : this.contention.interferenceDbm(radio.eui, transmission);
    const verdict = links.hear(radio.eui, sender, on, interferenceDbm);
    if (typeof verdict !== 'string') return verdict;
    this.stats[verdict]++;
    return undefined;
  }

  /** On an ideal air every frame is heard alike. */
  private plain(on: BusReception): Reception {
    const { page, channel } = on;
    const known = this.reception;
    const told = on.lqi !== undefined || on.rssiDbm !== undefined;
    if (known !== undefined && !told && sameChannel(known, on)) return known;
    const rssiDbm = on.rssiDbm ?? this.environment.evenRssiDbm ?? 0;
    const reception = { page, channel, lqi: on.lqi ?? lqiMax, rssiDbm };
    if (!told) this.reception = reception;
    return reception;
  }

  private refuses(psdu: Uint8Array): boolean {
    const drop = frameFault(psdu);
    if (drop === undefined) return false;
    this.stats.dropped[drop]++;
    return true;
  }
}
