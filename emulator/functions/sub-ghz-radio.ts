import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { SubGhzChannel } from './sub-ghz-channels.js';

/** A device of the home that is on the hub's sub-GHz radio. */
export interface SubGhzClient {
  readonly device: Eui64;
  /** Its radio is off but for its own wake-ups: a gas meter. */
  readonly sleepy: boolean;
  /** Per cent of the last hour that it was sending. */
  airtimePercent(): number;
}

/** Frames sent, those of them given up, and repetitions. */
export interface TransmissionCounts {
  readonly transmissions: number;
  readonly failures: number;
  readonly retries: number;
}

/** What a device has told of its way to the hub. */
export interface LinkQualityReport extends TransmissionCounts {
  readonly device: Eui64;
}

/** The sub-GHz radio of a hub, as its functions see it. */
export interface SubGhzRadio {
  /** Undefined until the hub has formed its network. */
  readonly channel: SubGhzChannel | undefined;
  /** Per cent of the last hour that the hub was sending. */
  dutyCyclePercent(): number;
  clients(): readonly SubGhzClient[];
  /** Of the hub, since it came up. */
  transmissions(): TransmissionCounts;
  /** Noise on a channel in dB; only differences mean something. */
  energyOn(channel: SubGhzChannel): number;
  /** From now on the hub works there; nobody else is told. */
  changeChannel(channel: SubGhzChannel): void;
  /** Emulated milliseconds in which an exchange that has begun comes to its end. */
  readonly settleMs: number;
  /** Hears every link quality report of a device from now on. */
  onLinkQuality(listener: (report: LinkQualityReport) => void): void;
}
