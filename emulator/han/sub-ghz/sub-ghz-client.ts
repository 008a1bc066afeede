import { CodecError } from '../../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { keyEstablishment } from '../../../protocols/zigbee/clusters/key-establishment.js';
import { otaUpgrade } from '../../../protocols/zigbee/clusters/ota-upgrade.js';
import { subGhz } from '../../../protocols/zigbee/clusters/sub-ghz.js';
import {
  decodeZclFrame,
  encodeZclFrame,
  isGeneralCommand,
  isServerToClient,
  zclFrameControls,
} from '../../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, encodeZclPayload } from '../../../protocols/zigbee/zcl/payload.js';
import { attributeNumber, commandNumber } from '../../functions/cluster-rows.js';
import { channelsOfMask, maskOfChannel, pageOfMask } from '../../functions/sub-ghz-channels.js';
import { suspendCommandId } from '../../functions/sub-ghz-server.js';
import { generalCommandIds } from '../../functions/zcl-interpreter.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { RandomStream } from '../../ports/random.js';
import type { RadioChannel } from '../air/radio.js';
import { sameChannel } from '../air/radio.js';
import type { FrameNode } from '../stack/frame-node.js';
import type { HanEntity, HeldFrame } from '../stack/han-entity.js';
import { coordinatorAddress } from '../stack/network-layer.js';

export interface SubGhzClientParts {
  readonly node: FrameNode;
  readonly entity: HanEntity;
  /** The CHF. */
  readonly hub: Eui64;
  readonly sleepy: boolean;
  readonly clock: Clock;
  /** When the first question is asked. */
  readonly random: RandomStream;
  /** Nobody answers any more: looks for the network on all channels, and asks to be let in again. */
  readonly search: () => void;
}

const minuteMs = 60_000;
/** Emulated time, our choices: the hub waits an hour before it moves. */
export const subGhzClientTiming = {
  pollMs: 15 * minuteMs,
  /** While a change is pending, or when an answer did not come. */
  watchMs: minuteMs,
  /** A sleepy device that wakes more often does not ask each time. */
  sleepyPollMs: 5 * minuteMs,
  /** Between two reports on link quality (device-behaviour.md 2.6). */
  reportMs: 30 * minuteMs,
} as const;
/** Radio time. */
const answerWaitMs = 10_000;
const missesMax = 2;
/** What a device may want to say while it has to be silent; the oldest is given up. Our choice. */
export const heldFramesMax = 16;

/** The hub needs these to move the network and to keep it; all others wait. */
const neverHeld: readonly number[] = [subGhz.id, otaUpgrade.id, keyEstablishment.id];

const attributeIds = [
  'ChannelChange',
  'Page28ChannelMask',
  'Page29ChannelMask',
  'Page30ChannelMask',
  'Page31ChannelMask',
].map((name) => attributeNumber(subGhz, name));
const [channelChange] = attributeIds;
const getStatus = commandNumber(subGhz, 'server', 'GetSuspendZCLMessagesStatus');
const countMax = 0xffff;

/**
 * Client of the hub's Sub-GHz cluster on one device: it asks at intervals, a sleepy one at its
 * wake-ups, where the hub is about to go, follows it there, and is silent while the hub asks for that.
 *
 * When the hub moves nobody is told: a device that knows where to moves as soon as it misses an
 * answer, a sleepy one before its next word. One that does not know has to search.
 *
 * @see device-behaviour.md 2.6
 */
export class SubGhzClient {
  /** Frames given up because too many waited for the end of the silence. */
  private givenUp = 0;
  private announced: RadioChannel | undefined;
  private silentUntilMs = Number.NEGATIVE_INFINITY;
  private held: HeldFrame[] = [];
  private awaiting = false;
  private misses = 0;
  private askedMs = Number.NEGATIVE_INFINITY;
  private knowsStatus = false;
  private nextAskMs = Number.POSITIVE_INFINITY;
  private nextReportMs = Number.POSITIVE_INFINITY;
  private reported = { transmissions: 0, failures: 0, retries: 0 };
  private timer: Timer | undefined;
  private timerMs = Number.POSITIVE_INFINITY;

  constructor(private readonly parts: SubGhzClientParts) {
    const { entity, hub, node, sleepy, clock, random } = parts;
    entity.listen(subGhz.id, hub, (_source, _cluster, zcl) => this.receive(zcl));
    entity.holds = (frame) => this.holds(frame);
    if (sleepy) {
      node.hooks.onAwake = () => this.awake();
      return;
    }
    const nowMs = clock.nowMs();
    this.nextAskMs = nowMs + random.int(0, subGhzClientTiming.pollMs);
    this.nextReportMs = nowMs + subGhzClientTiming.reportMs;
    this.arm();
  }

  /** JSON-safe. */
  describe(): Readonly<Record<string, unknown>> {
    const remainingMs = this.silentUntilMs - this.parts.clock.nowMs();
    return {
      device: this.parts.entity.eui,
      silentMinutes: Math.max(0, Math.ceil(remainingMs / minuteMs)),
      held: this.held.length,
      givenUp: this.givenUp,
    };
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.held = [];
  }

  /** A sleepy device's radio has come on; nothing has been sent yet. */
  private awake(): void {
    const nowMs = this.parts.clock.nowMs();
    if (this.announced !== undefined) this.move(this.announced);
    if (nowMs - this.askedMs >= subGhzClientTiming.sleepyPollMs) this.ask(nowMs);
  }

  private move(to: RadioChannel): void {
    this.announced = undefined;
    this.parts.node.network.retune([to]);
  }

  private ask(nowMs: number): void {
    const { sleepy, clock } = this.parts;
    this.askedMs = nowMs;
    // The answer may be here before `send` returns.
    this.awaiting = true;
    // A sleepy device that is not answered finds that out by its polls.
    if (!sleepy) this.nextAskMs = nowMs + answerWaitMs * clock.speed;
    const attributes = attributeIds.map((attributeId) => ({ attributeId }));
    const { readAttributes } = generalCommandIds;
    if (!this.send(zclFrameControls.generalToServer, readAttributes, { attributes })) {
      this.awaiting = false;
      if (!sleepy) this.nextAskMs = nowMs + subGhzClientTiming.watchMs;
    } else if (!this.knowsStatus) {
      this.send(zclFrameControls.clusterToServer, getStatus, {});
    }
  }

  /** False where the device is not on the network. */
  private send(frameControl: number, commandId: number, fields: GbzFields): boolean {
    const { entity, hub } = this.parts;
    const sequenceNumber = entity.nextSequenceNumber();
    const payload = encodeZclPayload(subGhz.id, frameControl, commandId, fields);
    const frame = encodeZclFrame({ frameControl, sequenceNumber, commandId, payload });
    return entity.sendZcl(hub, subGhz.id, frame) === 'sent';
  }

  private receive(bytes: Uint8Array): void {
    try {
      const { frameControl, commandId, payload } = decodeZclFrame(bytes);
      if (!isServerToClient(frameControl)) return;
      const fields = decodeZclPayload(subGhz.id, frameControl, commandId, payload);
      if (!isGeneralCommand(frameControl)) {
        if (commandId === suspendCommandId) this.suspend(fields.suspensionPeriodMinutes as number);
      } else if (commandId === generalCommandIds.readAttributesResponse) {
        this.answered(fields);
      }
    } catch (error) {
      // What does not parse says nothing; the question will be asked again.
      if (!(error instanceof CodecError)) throw error;
    }
  }

  private answered(fields: GbzFields): void {
    const nowMs = this.parts.clock.nowMs();
    this.awaiting = false;
    this.misses = 0;
    const records = (fields.attributes ?? []) as readonly GbzFields[];
    const value = records.find(({ attributeId }) => attributeId === channelChange)?.value;
    const [to] = typeof value === 'number' ? channelsOfMask(value) : [];
    const present = this.parts.node.mac.channels[0];
    const moves = to !== undefined && present !== undefined && !sameChannel(to, present);
    this.announced = moves ? to : undefined;
    if (this.parts.sleepy) return;
    const { watchMs, pollMs } = subGhzClientTiming;
    this.nextAskMs = nowMs + (moves ? watchMs : pollMs);
    this.arm();
  }

  private suspend(minutes: number): void {
    const nowMs = this.parts.clock.nowMs();
    this.knowsStatus = true;
    this.silentUntilMs = nowMs + minutes * minuteMs;
    if (minutes === 0) this.speakAgain();
    else this.arm();
  }

  private holds(frame: HeldFrame): boolean {
    if (this.parts.clock.nowMs() >= this.silentUntilMs) return false;
    if (neverHeld.includes(frame.clusterId)) return false;
    if (this.held.length >= heldFramesMax) {
      this.held.shift();
      this.givenUp++;
    }
    this.held.push({ ...frame, zcl: frame.zcl.slice() });
    return true;
  }

  private speakAgain(): void {
    const { held } = this;
    this.held = [];
    for (const { destination, clusterId, zcl, endpoint, sourceEndpoint } of held) {
      this.parts.entity.sendZcl(destination, clusterId, zcl, endpoint, sourceEndpoint);
    }
  }

  private missed(nowMs: number): void {
    this.awaiting = false;
    if (this.announced !== undefined) {
      this.move(this.announced);
      this.ask(nowMs);
      return;
    }
    this.misses++;
    this.nextAskMs = nowMs + subGhzClientTiming.watchMs;
    if (this.misses < missesMax) return;
    this.misses = 0;
    this.parts.search();
  }

  /** How the device's own transmissions fared since the last report. */
  private report(nowMs: number): void {
    const { node } = this.parts;
    const total = { ...node.mac.subGhzTransmissions };
    const since = (name: keyof typeof total) =>
      Math.min(total[name] - this.reported[name], countMax);
    const [channel] = node.mac.channels;
    this.nextReportMs = nowMs + subGhzClientTiming.reportMs;
    if (channel === undefined || !node.joined || since('transmissions') === 0) return;
    const mask = maskOfChannel(channel);
    const page = pageOfMask(mask);
    node.sendZdo(coordinatorAddress, {
      name: 'Mgmt_NWK_Unsolicited_Enhanced_Update_notify',
      fields: {
        status: 0,
        channelInUse: { channels: (mask - page * 2 ** 27) >>> 0, page },
        totalTransmissions: since('transmissions'),
        transmissionFailures: since('failures'),
        transmissionRetries: since('retries'),
        periodMinutes: subGhzClientTiming.reportMs / minuteMs,
      },
    });
    this.reported = total;
  }

  private expire(): void {
    const nowMs = this.parts.clock.nowMs();
    if (this.held.length > 0 && nowMs >= this.silentUntilMs) this.speakAgain();
    if (nowMs >= this.nextAskMs) {
      if (this.awaiting) this.missed(nowMs);
      else this.ask(nowMs);
    }
    if (nowMs >= this.nextReportMs) this.report(nowMs);
    this.arm();
  }

  /** One timer for all; none for a sleepy device that may speak. */
  private arm(): void {
    const nowMs = this.parts.clock.nowMs();
    const silentMs = this.silentUntilMs > nowMs ? this.silentUntilMs : Number.POSITIVE_INFINITY;
    const dueMs = Math.min(this.nextAskMs, this.nextReportMs, silentMs);
    if (this.timer !== undefined && dueMs === this.timerMs) return;
    this.timer?.cancel();
    this.timer = undefined;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.timerMs = dueMs;
    this.timer = this.parts.clock.at(dueMs, () => {
      this.timer = undefined;
      this.expire();
    });
  }
}
