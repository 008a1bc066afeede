import type { Eui64 } from '../../protocols/codec/eui64.js';
import { maskOfChannel, type SubGhzChannel } from './sub-ghz-channels.js';
import { allowedChannels, type SubGhzConfiguration } from './sub-ghz-configuration.js';
import type { SubGhzRadio } from './sub-ghz-radio.js';

/**
 * Why a hub looks for another channel; the number stands in its log and in the alert. Official
 * examples have 0 to 7; which is which is our choice.
 */
export const channelChangeReasons = {
  requested: 0,
  configuration: 1,
  noisierChannel: 2,
  localFailures: 3,
  localRetries: 4,
  poorCommunications: 5,
} as const;
export type ChannelChangeReason = keyof typeof channelChangeReasons;

/** Why a channel change does not begin, or comes to nothing. */
export type ChannelChangeRefusal = 'under-way' | 'weekly-limit' | 'no-quieter-channel';

/** What the procedure does to the world. */
export interface ChannelChangeHost {
  readonly radio: SubGhzRadio;
  readonly configuration: () => SubGhzConfiguration;
  /** Longest time between two wake-ups of a gas meter. */
  readonly wakePeriodMs: number;
  /** Raises or takes down what a sleepy meter is told when it wakes. */
  flag(name: ChannelChangeFlag, raised: boolean): void;
  scanning(): void;
  notChanged(refusal: ChannelChangeRefusal): void;
  changed(channel: SubGhzChannel, reason: ChannelChangeReason, nowMs: number): void;
}

export type ChannelChangeFlag = 'energyScanPending' | 'channelChangePending';

const weekMs = 7 * 86_400_000;

interface UnderWay {
  readonly stage: 'scan-pending' | 'change-pending' | 'settling';
  readonly reason: ChannelChangeReason;
  /** Where the hub is about to go. */
  readonly to: SubGhzChannel | undefined;
  /** The next stage begins then at the latest. */
  readonly untilMs: number;
}

/**
 * How a hub moves its sub-GHz network. A sleepy meter is told before the scan, during which it would
 * not be heard, and before the change; the hub waits for it to have read that, for one wake period
 * and then for two. Without a sleepy meter the others are waited for in its place.
 *
 * @see device-behaviour.md 2.6, zigbee.md 6
 */
export class ChannelChangeProcedure {
  private underWay: UnderWay | undefined;
  /** Who has not read yet where the hub is about to go. */
  private readonly awaited = new Set<Eui64>();
  /** Of the changes in the last week. */
  private changesMs: number[] = [];

  constructor(private readonly host: ChannelChangeHost) {}

  get stage(): UnderWay['stage'] | 'idle' {
    return this.underWay?.stage ?? 'idle';
  }

  /** The ChannelChange attribute: 0 while no change is pending. */
  get announced(): number {
    const to = this.underWay?.to;
    return to === undefined ? 0 : maskOfChannel(to);
  }

  /** Whether a change may begin now. */
  refusal(nowMs: number): Exclude<ChannelChangeRefusal, 'no-quieter-channel'> | undefined {
    if (this.underWay !== undefined) return 'under-way';
    this.changesMs = this.changesMs.filter((atMs) => nowMs - atMs < weekMs);
    const { channelChangesPerWeek } = this.host.configuration();
    return this.changesMs.length >= channelChangesPerWeek ? 'weekly-limit' : undefined;
  }

  begin(reason: ChannelChangeReason, nowMs: number): ChannelChangeRefusal | undefined {
    const refusal = this.refusal(nowMs);
    if (refusal !== undefined) {
      if (refusal !== 'under-way') this.host.notChanged(refusal);
      return refusal;
    }
    if (this.sleepers().length === 0) {
      this.scan(reason, nowMs);
      return undefined;
    }
    const untilMs = nowMs + this.host.wakePeriodMs;
    this.underWay = { stage: 'scan-pending', reason, to: undefined, untilMs };
    this.host.flag('energyScanPending', true);
    return undefined;
  }

  /** A device has read the ChannelChange attribute. */
  read(device: Eui64, nowMs: number): void {
    const { underWay } = this;
    if (underWay?.stage === 'scan-pending') {
      if (this.sleepers().includes(device)) this.scan(underWay.reason, nowMs);
    } else if (underWay?.stage === 'change-pending') {
      this.awaited.delete(device);
      if (this.awaited.size === 0) this.settle(underWay, nowMs);
    }
  }

  nextDeadlineMs(): number | undefined {
    return this.underWay?.untilMs;
  }

  expire(nowMs: number): void {
    const { underWay } = this;
    if (underWay === undefined || underWay.untilMs > nowMs) return;
    if (underWay.stage === 'scan-pending') this.scan(underWay.reason, nowMs);
    else if (underWay.stage === 'change-pending') this.settle(underWay, nowMs);
    else this.change(underWay, nowMs);
  }

  private sleepers(): readonly Eui64[] {
    const sleepy = this.host.radio.clients().filter((client) => client.sleepy);
    return sleepy.map(({ device }) => device);
  }

  private scan(reason: ChannelChangeReason, nowMs: number): void {
    const { host } = this;
    if (this.underWay !== undefined) host.flag('energyScanPending', false);
    this.underWay = undefined;
    host.scanning();
    const to = this.quietest(reason);
    if (to === undefined) {
      host.notChanged('no-quieter-channel');
      return;
    }
    this.awaited.clear();
    const sleepers = this.sleepers();
    const clients = host.radio.clients().map(({ device }) => device);
    for (const device of sleepers.length > 0 ? sleepers : clients) this.awaited.add(device);
    const untilMs = nowMs + 2 * host.wakePeriodMs;
    this.underWay = { stage: 'change-pending', reason, to, untilMs };
    host.flag('channelChangePending', true);
    if (this.awaited.size === 0) this.settle(this.underWay, nowMs);
  }

  /** The quietest channel that may be used; the present one must be noisier by the threshold. */
  private quietest(reason: ChannelChangeReason): SubGhzChannel | undefined {
    const { radio, configuration } = this.host;
    const present = radio.channel;
    if (present === undefined) return undefined;
    const allowed = allowedChannels(configuration());
    let found: SubGhzChannel | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const one of allowed) {
      if (one.page === present.page && one.channel === present.channel) continue;
      const energy = radio.energyOn(one);
      if (energy >= least) continue;
      found = one;
      least = energy;
    }
    const mustMove = reason === 'configuration';
    const quieterBy = radio.energyOn(present) - least;
    return mustMove || quieterBy >= configuration().quieterThreshold ? found : undefined;
  }

  /** What is under way with whoever has just read it comes to its end on the old channel. */
  private settle(underWay: UnderWay, nowMs: number): void {
    const untilMs = nowMs + this.host.radio.settleMs;
    this.underWay = { ...underWay, stage: 'settling', untilMs };
  }

  private change({ to, reason }: UnderWay, nowMs: number): void {
    const { host } = this;
    this.underWay = undefined;
    host.flag('channelChangePending', false);
    if (to === undefined) return;
    this.changesMs.push(nowMs);
    host.radio.changeChannel(to);
    host.changed(to, reason, nowMs);
  }
}
