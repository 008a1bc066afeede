import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { functionalNotificationFlags } from '../../../protocols/zigbee/clusters/notification-flags.js';
import { subGhz } from '../../../protocols/zigbee/clusters/sub-ghz.js';
import { isGeneralCommand } from '../../../protocols/zigbee/zcl/frame.js';
import type { Alert } from '../../functions/alert-sender.js';
import { DeviceEventLog } from '../../functions/device-event-log.js';
import { Overrides } from '../../functions/overrides.js';
import {
  ChannelChangeProcedure,
  type ChannelChangeReason,
  channelChangeReasons,
} from '../../functions/sub-ghz-channel-change.js';
import { maskOfChannel, type SubGhzChannel } from '../../functions/sub-ghz-channels.js';
import { ChannelWatch, LostMeterWatch } from '../../functions/sub-ghz-communications.js';
import {
  allowedChannels,
  defaultSubGhzConfiguration,
  type SubGhzConfiguration,
} from '../../functions/sub-ghz-configuration.js';
import type { SubGhzRadio } from '../../functions/sub-ghz-radio.js';
import { type SubGhzSource, subGhzServer } from '../../functions/sub-ghz-server.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import { zclModel } from '../../functions/zcl-model.js';
import type { DeviceDescription, DeviceHost } from '../device.js';
import { ZclServer } from '../zcl-server.js';
import {
  aboutDevice,
  channelChangedAlert,
  channelChangedCode,
  configurationChangedAlert,
  scanAssessedAlert,
  subGhzAlert,
} from './sub-ghz-alerts.js';
import { readZclFrame, SubGhzSilence } from './sub-ghz-silence.js';

export type MeterFlag = keyof typeof functionalNotificationFlags;

export interface SubGhzOptions {
  /** 1 to 255, default 5. */
  readonly suspensionMinutes?: number | undefined;
  /** Longest time between two wake-ups of a gas meter; default half an hour. */
  readonly wakePeriodMs?: number | undefined;
  /** Devices that may be on the sub-GHz radio; default 8. */
  readonly devicesMax?: number | undefined;
}

export interface ChfSubGhzParts {
  readonly radio: SubGhzRadio;
  readonly host: DeviceHost;
  /** Of the hub's own clock, for its logs. */
  readonly deviceMs: () => number;
  readonly eventLog: DeviceEventLog;
  readonly raise: (alert: Alert) => void;
  /** What a sleepy meter is told when it wakes; without effect where nobody keeps its mirror. */
  readonly flagMeter: (flag: MeterFlag, raised: boolean) => void;
  readonly options?: SubGhzOptions | undefined;
}

/** How often duty cycle and channel are looked at; our choice. */
const assessmentMs = 60_000;
const defaultWakePeriodMs = 1_800_000;
/** Our choice. */
const defaultDevicesMax = 8;
/** After a change that came to nothing the hub looks for another reason no sooner. Our choice. */
const refusalPauseMs = 3_600_000;
/** Entries of the channel log (device-behaviour.md 2.3). */
const channelLogEntriesMax = 101;

/**
 * What the alert about a scan that was asked for says: outcome, then why. The official example has
 * twice 0; the others are our choice.
 */
const assessments = {
  accepted: [0, 0],
  'under-way': [1, 1],
  'weekly-limit': [1, 2],
} as const;

const { attributes, commands } = subGhzServer<ChfSubGhz>((hub) => hub);
const model = zclModel<ChfSubGhz>(attributes, commands);

/**
 * The hub's care for its sub-GHz band: who has to be silent so that its duty cycle is kept, and on
 * which channel the home works. Made only where the hub has devices there.
 *
 * @see device-behaviour.md 2.6
 */
export class ChfSubGhz implements SubGhzSource {
  /** What a tester pins of the cluster. */
  readonly zcl = new Overrides<never>();
  readonly channelLog = new DeviceEventLog(channelLogEntriesMax);
  private settings = defaultSubGhzConfiguration;
  private readonly silence: SubGhzSilence;
  private readonly channelChange: ChannelChangeProcedure;
  private readonly watch: ChannelWatch;
  private readonly lostMeter: LostMeterWatch;
  private readonly server: ZclServer<ChfSubGhz>;
  private afterResponse: (() => void)[] = [];
  private turnedAway: Eui64 | undefined;
  private nextAssessmentMs = Number.POSITIVE_INFINITY;
  private quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ChfSubGhzParts) {
    const { radio, host, options = {} } = parts;
    const { suspensionMinutes, wakePeriodMs = defaultWakePeriodMs } = options;
    const configuration = () => this.settings;
    const tell = (alert: Alert) => this.tell(alert);
    this.silence = new SubGhzSilence({ radio, host, configuration, tell, suspensionMinutes });
    this.watch = new ChannelWatch(radio, configuration);
    this.lostMeter = new LostMeterWatch(wakePeriodMs, configuration);
    this.channelChange = new ChannelChangeProcedure({
      radio,
      configuration,
      wakePeriodMs,
      flag: parts.flagMeter,
      scanning: () => this.tell(subGhzAlert('scanInitiated')),
      notChanged: () => this.notChanged(),
      changed: (channel, reason, nowMs) => this.changed(channel, reason, nowMs),
    });
    const nowMs = () => host.nowMs();
    this.server = new ZclServer<ChfSubGhz>({ model, device: this, host, nowMs });
    radio.onLinkQuality((report) => {
      if (!this.isSleepy(report.device)) this.watch.reported(report);
    });
  }

  start(): void {
    const nowMs = this.parts.host.nowMs();
    this.watch.restart(nowMs);
    this.nextAssessmentMs = nowMs + assessmentMs;
  }

  get configuration(): SubGhzConfiguration {
    return this.settings;
  }

  get channel(): SubGhzChannel | undefined {
    return this.parts.radio.channel;
  }

  get announcedChannel(): number {
    return this.channelChange.announced;
  }

  remainingMinutes(device: Eui64): number {
    return this.silence.remainingMinutes(device);
  }

  /** Whether one more device may join on the sub-GHz radio; the hub tells where it may not (DBCH11). */
  admits(device: Eui64): boolean {
    const { radio, options = {} } = this.parts;
    const clients = radio.clients();
    if (clients.some((client) => client.device === device)) return true;
    if (clients.length < (options.devicesMax ?? defaultDevicesMax)) {
      this.turnedAway = undefined;
      return true;
    }
    // It tries again and again; that is told once.
    if (this.turnedAway !== device) this.tell(aboutDevice('noMoreCapacity', device));
    this.turnedAway = device;
    return false;
  }

  /** By DBCH04. What comes of it is told after the response. */
  configure(configuration: SubGhzConfiguration): void {
    this.settings = configuration;
    this.afterResponse.push(() => {
      this.tell(configurationChangedAlert(configuration));
      this.parts.flagMeter('newSubGhzChannelMasksAvailable', true);
      if (!this.mayStay()) this.channelChange.begin('configuration', this.parts.host.nowMs());
    });
  }

  private mayStay(): boolean {
    const { channel } = this;
    if (channel === undefined) return true;
    const present = maskOfChannel(channel);
    return allowedChannels(this.settings).some((one) => maskOfChannel(one) === present);
  }

  /** By DBCH05. */
  requestScan(): void {
    this.afterResponse.push(() => {
      const nowMs = this.parts.host.nowMs();
      const refusal = this.channelChange.refusal(nowMs);
      const [outcome, reason] = assessments[refusal ?? 'accepted'];
      this.tell(scanAssessedAlert(outcome, reason));
      if (refusal === undefined) this.channelChange.begin('requested', nowMs);
    });
  }

  /** A command has been answered: now comes what it led to. */
  answered(): void {
    const due = this.afterResponse;
    this.afterResponse = [];
    for (const task of due) task();
  }

  nextDeadlineMs(): number {
    const suspension = this.silence.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
    const procedure = this.channelChange.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
    return Math.min(this.nextAssessmentMs, suspension, procedure);
  }

  wake(): void {
    const nowMs = this.parts.host.nowMs();
    this.channelChange.expire(nowMs);
    this.silence.assess(nowMs);
    if (nowMs < this.nextAssessmentMs) return;
    this.nextAssessmentMs = nowMs + assessmentMs;
    const sleepers = this.parts.radio.clients().some(({ sleepy }) => sleepy);
    if (sleepers && this.lostMeter.hasFailed(nowMs)) {
      this.tell(subGhzAlert('lostMeterSearchesFailed'));
    }
    const reason = this.watch.judge(nowMs);
    if (reason === undefined || nowMs < this.quietUntilMs) return;
    if (this.channelChange.stage === 'idle') this.channelChange.begin(reason, nowMs);
  }

  private isSleepy(device: Eui64): boolean {
    return this.parts.radio.clients().some((one) => one.device === device && one.sleepy);
  }

  /** Takes frames of the Sub-GHz cluster; false for all others. */
  receiveZcl(from: Eui64, clusterId: number, bytes: Uint8Array): boolean {
    if (clusterId !== subGhz.id) return false;
    this.server.receive(from, clusterId, bytes);
    if (!isRead(bytes)) return true;
    if (this.isSleepy(from)) this.parts.flagMeter('newSubGhzChannelMasksAvailable', false);
    this.channelChange.read(from, this.parts.host.nowMs());
    return true;
  }

  /** Looks at each frame for an entity of the hub; true where it is not to be handed on. */
  screens(from: Eui64, clusterId: number, bytes: Uint8Array): boolean {
    if (this.isSleepy(from)) this.lostMeter.heard(this.parts.host.nowMs());
    return this.silence.screens(from, clusterId, bytes);
  }

  /** True where a remote message is for a device that has to be silent: it goes no further. */
  discards(recipient: Eui64, message: Uint8Array): boolean {
    return this.silence.discards(recipient, message);
  }

  private notChanged(): void {
    this.quietUntilMs = this.parts.host.nowMs() + refusalPauseMs;
    this.tell(subGhzAlert('channelNotChanged'));
  }

  private changed(channel: SubGhzChannel, reason: ChannelChangeReason, nowMs: number): void {
    const number = channelChangeReasons[reason];
    // The map of the channel, then an octet string of one octet, as official entries have it.
    const entry = `${hex(maskOfChannel(channel), 8)}0901${hex(number, 2)}`;
    this.channelLog.add(channelChangedCode, this.parts.deviceMs(), entry);
    this.watch.restart(nowMs);
    this.lostMeter.channelChanged(nowMs);
    this.tell(channelChangedAlert(channel, number));
  }

  private tell(alert: Alert): void {
    this.parts.eventLog.add(alert.alertCode, this.parts.deviceMs());
    this.parts.raise(alert);
  }

  describe(): DeviceDescription {
    const { radio } = this.parts;
    const clients = radio.clients().map(({ device }) => device);
    return {
      ...this.channel,
      dutyCyclePercent: Number(radio.dutyCyclePercent().toFixed(3)),
      state: this.silence.state,
      suspended: clients.filter((device) => this.remainingMinutes(device) > 0),
      channelChange: this.channelChange.stage,
      framesRefused: this.silence.framesRefused,
      messagesDiscarded: this.silence.messagesDiscarded,
    };
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Whoever reads an attribute of the cluster reads ChannelChange among them. */
function isRead(bytes: Uint8Array): boolean {
  const frame = readZclFrame(bytes);
  return (
    frame !== undefined &&
    isGeneralCommand(frame.frameControl) &&
    frame.commandId === generalCommandIds.readAttributes
  );
}
