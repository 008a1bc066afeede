import type { Eui64 } from '../../protocols/codec/eui64.js';
import { msToIso } from '../../protocols/codec/utc.js';
import { keepAlive } from '../../protocols/zigbee/clusters/keep-alive.js';
import { time } from '../../protocols/zigbee/clusters/time.js';
import type { DeviceClock } from '../functions/device-clock.js';
import { type DeviceEventLog, logEvents } from '../functions/device-event-log.js';
import type { RandomStream } from '../ports/random.js';
import type { DeviceDescription, DeviceHost } from './device.js';
import { KeepAliveClient, type KeepAliveListener } from './keep-alive-client.js';
import { TimeClient, type TimeListener } from './time-client.js';
import { ZclClient } from './zcl-client.js';

export interface HubUpkeepParts {
  readonly host: DeviceHost;
  readonly hub: Eui64;
  readonly clock: DeviceClock;
  readonly random: RandomStream;
  /** Where it notes corrections of its clock; absent in a device that keeps no logs. */
  readonly logs?: DeviceLogs | undefined;
  /** People look at its clock: it asks for the time as soon as it starts. */
  readonly showsTime?: boolean | undefined;
  /** The clock is further off than may be corrected; once until it is right again. */
  readonly onClockOff?: (() => void) | undefined;
}

export interface DeviceLogs {
  readonly eventLog: DeviceEventLog;
  readonly securityLog: DeviceEventLog;
}

/** A device first asks its hub within a minute of starting, so that not all of a street ask at once. */
const firstWithinMs = 60_000;

/**
 * What every device on the mains has to do with its hub beyond messages: it looks whether the hub is still there, and
 * follows its time. The device around it owns the timer: it calls `poll` at `nextMs`.
 */
export class HubUpkeep implements KeepAliveListener, TimeListener {
  private readonly client: ZclClient;
  private readonly time: TimeClient;
  private readonly keepAlive: KeepAliveClient;
  private isClockOff = false;
  private lost = 0;

  constructor(private readonly parts: HubUpkeepParts) {
    const { host, hub, clock, random } = parts;
    this.client = new ZclClient(host);
    this.time = new TimeClient(this.client, hub, clock, this);
    this.keepAlive = new KeepAliveClient(this.client, hub, random, this);
  }

  start(): void {
    const { host, random, showsTime } = this.parts;
    const nowMs = host.nowMs();
    const firstMs = nowMs + random.int(1000, firstWithinMs);
    this.time.start(showsTime === true ? nowMs : firstMs);
    this.keepAlive.start(firstMs);
    this.poll();
  }

  /** `2026-07-01 13:05 BST`, for a display. */
  clockText(): string {
    const nowMs = this.parts.clock.nowMs();
    const local = this.time.localTime(nowMs);
    if (local === undefined) return 'time not known yet';
    const text = msToIso(local.atMs).slice(0, 16).replace('T', ' ');
    return `${text} ${local.isSummerTime ? 'BST' : 'GMT'}`;
  }

  /** When `poll` wants to be called next. */
  get nextMs(): number {
    return Math.min(this.keepAlive.nextMs, this.time.nextMs);
  }

  /** Does what is due. */
  poll(): void {
    const { host, hub } = this.parts;
    const nowMs = host.nowMs();
    // What was asked at the interval before and has not been answered will not be.
    if (nowMs >= this.keepAlive.nextMs) this.client.giveUp(hub);
    this.keepAlive.poll(nowMs);
    this.time.poll(nowMs);
  }

  /** Takes a frame if it is the hub's and about these things; returns whether it was. Never throws for any octets. */
  receive(from: Eui64, clusterId: number, frame: Uint8Array): boolean {
    if (from !== this.parts.hub) return false;
    if (clusterId !== keepAlive.id && clusterId !== time.id) return false;
    this.client.receive(from, clusterId, frame);
    return true;
  }

  onLost(): void {
    this.lost++;
    this.parts.host.parentLost?.();
  }

  onGap(gapMs: number, isAdjusted: boolean): void {
    const { host, clock, logs, onClockOff } = this.parts;
    const nowMs = clock.nowMs();
    if (isAdjusted) this.isClockOff = false;
    if (gapMs === 0) return;
    if (isAdjusted) {
      logs?.eventLog.add(logEvents.clockAdjusted, nowMs);
      host.event('clock-set', { deviceTime: msToIso(nowMs), adjustedMs: gapMs });
      return;
    }
    if (this.isClockOff) return;
    this.isClockOff = true;
    logs?.securityLog.add(logEvents.clockNotAdjusted, nowMs);
    host.event('fault', { reason: 'the clock is too far off to be corrected', offMs: gapMs });
    onClockOff?.();
  }

  /** JSON-safe; nothing while all is well. */
  describe(): DeviceDescription {
    const { missed } = this.keepAlive;
    return missed === 0 ? {} : { keepAlivesMissed: missed, hubLost: this.lost };
  }
}

/** The earliest of those times that are there. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const one of times) {
    if (one !== undefined && (first === undefined || one < first)) first = one;
  }
  return first;
}
