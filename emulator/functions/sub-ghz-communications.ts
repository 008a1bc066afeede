import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { ChannelChangeReason } from './sub-ghz-channel-change.js';
import type { SubGhzConfiguration } from './sub-ghz-configuration.js';
import type { LinkQualityReport, SubGhzRadio, TransmissionCounts } from './sub-ghz-radio.js';

const minuteMs = 60_000;
/** Fewer transmissions tell nothing of a channel; our choice. */
const transmissionsMin = 20;
/** Devices whose reports are kept: as many as a device log has entries. */
const reportersMax = 16;

const none: TransmissionCounts = { transmissions: 0, failures: 0, retries: 0 };

/**
 * Whether the present channel still serves: its noise against what it was, the hub's own
 * transmissions, and what devices report of theirs.
 *
 * @see device-behaviour.md 2.6
 */
export class ChannelWatch {
  private quietDb: number | undefined;
  private periodBeganMs: number | undefined;
  private counted: TransmissionCounts = none;
  private readonly reports = new Map<Eui64, TransmissionCounts[]>();

  constructor(
    private readonly radio: SubGhzRadio,
    private readonly configuration: () => SubGhzConfiguration,
  ) {}

  /** The hub has come to a channel: what was before no longer counts. */
  restart(nowMs: number): void {
    const { channel } = this.radio;
    this.quietDb = channel && this.radio.energyOn(channel);
    this.periodBeganMs = nowMs;
    this.counted = this.radio.transmissions();
    this.reports.clear();
  }

  /** A gas meter's are not for here: it is asleep too long to be judged by its failures. */
  reported({ device, ...counts }: LinkQualityReport): void {
    const kept = this.reports.get(device) ?? [];
    if (kept.length === 0 && this.reports.size >= reportersMax) return;
    kept.push(counts);
    const { poorCommunicationsPeriods } = this.configuration();
    while (kept.length > Math.max(1, poorCommunicationsPeriods)) kept.shift();
    this.reports.set(device, kept);
  }

  /** Why another channel should be looked for, if so. */
  judge(nowMs: number): ChannelChangeReason | undefined {
    if (this.quietDb === undefined) this.restart(nowMs);
    const { channel } = this.radio;
    if (channel === undefined || this.quietDb === undefined) return undefined;
    const energyDb = this.radio.energyOn(channel);
    // A channel that was noisy when the hub came to it may have become quiet since.
    this.quietDb = Math.min(this.quietDb, energyDb);
    if (energyDb - this.quietDb >= this.configuration().noisierThreshold) return 'noisierChannel';
    return this.ownTransmissions(nowMs) ?? this.othersTransmissions();
  }

  private ownTransmissions(nowMs: number): ChannelChangeReason | undefined {
    const { noisePeriod, failures, retries } = this.configuration();
    if (nowMs - (this.periodBeganMs ?? nowMs) < noisePeriod * minuteMs) return undefined;
    const total = this.radio.transmissions();
    const since = difference(total, this.counted);
    this.periodBeganMs = nowMs;
    this.counted = total;
    if (since.transmissions < transmissionsMin) return undefined;
    if (hundredths(since.failures, since.transmissions) >= failures) return 'localFailures';
    return hundredths(since.retries, since.transmissions) >= retries ? 'localRetries' : undefined;
  }

  private othersTransmissions(): ChannelChangeReason | undefined {
    const { poorCommunications, poorCommunicationsPeriods } = this.configuration();
    for (const kept of this.reports.values()) {
      if (kept.length < poorCommunicationsPeriods) continue;
      const { transmissions, failures } = kept.reduce(sum, none);
      if (transmissions < transmissionsMin) continue;
      if (hundredths(failures, transmissions) >= poorCommunications) return 'poorCommunications';
    }
    return undefined;
  }
}

function hundredths(part: number, whole: number): number {
  return (10_000 * part) / whole;
}

function sum(a: TransmissionCounts, b: TransmissionCounts): TransmissionCounts {
  return {
    transmissions: a.transmissions + b.transmissions,
    failures: a.failures + b.failures,
    retries: a.retries + b.retries,
  };
}

function difference(a: TransmissionCounts, b: TransmissionCounts): TransmissionCounts {
  return {
    transmissions: a.transmissions - b.transmissions,
    failures: a.failures - b.failures,
    retries: a.retries - b.retries,
  };
}

const hourMs = 60 * minuteMs;
const searchesMax = 3;

/**
 * A gas meter that is not heard. Once it counts as lost, each wake period without a word is a search
 * that failed; after the third the hub tells. [mem]
 */
export class LostMeterWatch {
  private heardMs: number | undefined;
  private changedMs = Number.NEGATIVE_INFINITY;
  private told = false;

  constructor(
    private readonly wakePeriodMs: number,
    private readonly configuration: () => SubGhzConfiguration,
  ) {}

  heard(nowMs: number): void {
    this.heardMs = nowMs;
    this.told = false;
  }

  channelChanged(nowMs: number): void {
    this.changedMs = nowMs;
    this.told = false;
  }

  /** True once when three searches have failed. */
  hasFailed(nowMs: number): boolean {
    this.heardMs ??= nowMs;
    if (this.told) return false;
    const searchesSinceMs = this.lostMs();
    if (nowMs < searchesSinceMs + searchesMax * this.wakePeriodMs) return false;
    this.told = true;
    return true;
  }

  /** After a change it has to show itself at its next wake-up; otherwise the curfew counts. */
  private lostMs(): number {
    const heardMs = this.heardMs ?? 0;
    if (this.changedMs > heardMs) return this.changedMs;
    return heardMs + this.configuration().gsmeCurfew * hourMs;
  }
}
