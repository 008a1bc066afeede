import type { Eui64 } from '../../protocols/codec/eui64.js';
import { msOfSecondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzValue } from '../../protocols/gbcs/gbz-types.js';
import { time } from '../../protocols/zigbee/clusters/time.js';
import { attributeNumber } from '../functions/cluster-rows.js';
import type { DeviceClock } from '../functions/device-clock.js';
import { utcNotKnown } from '../functions/gas-metering.js';
import { timeStatusBits } from '../functions/time-server.js';
import type { ZclClient } from './zcl-client.js';

export interface TimeListener {
  /** The clock was right (0), was corrected by so much, or was too far off to be. */
  onGap(gapMs: number, isAdjusted: boolean): void;
}

const attributes = {
  time: attributeNumber(time, 'Time'),
  status: attributeNumber(time, 'TimeStatus'),
  zone: attributeNumber(time, 'TimeZone'),
  summerFrom: attributeNumber(time, 'DstStart'),
  summerTo: attributeNumber(time, 'DstEnd'),
  summerShift: attributeNumber(time, 'DstShift'),
} as const;
const attributeIds = Object.values(attributes);

/** How local time follows from UTC; milliseconds. */
interface Zone {
  readonly offsetMs: number;
  readonly summerFromMs: number;
  readonly summerToMs: number;
  readonly summerShiftMs: number;
}
const dayMs = 86_400_000;
/** Until the hub has told the time once. */
const retryMs = 60_000;
/** A clock that is further off is left alone (device-behaviour.md 1.12). */
const toleranceMs = 10_000;
/** The attribute has whole seconds. */
const resolutionMs = 1000;

/**
 * Reads the hub's time once a day and follows it with the device's own clock, as far as that may be. The hub's time lies
 * somewhere between question and answer; a clock that agrees with that is right.
 */
export class TimeClient {
  nextMs = 0;
  private zone: Zone | undefined;

  constructor(
    private readonly client: ZclClient,
    private readonly hub: Eui64,
    private readonly clock: DeviceClock,
    private readonly listener: TimeListener,
  ) {}

  start(firstMs: number): void {
    this.nextMs = firstMs;
  }

  poll(nowMs: number): void {
    if (nowMs < this.nextMs) return;
    this.nextMs = nowMs + (this.zone === undefined ? retryMs : dayMs);
    this.read(nowMs);
  }

  private read(nowMs: number): void {
    const { client, hub, clock } = this;
    const askedMs = clock.nowMs();
    client.readAttributes(hub, time.id, attributeIds, (values) => {
      this.nextMs = nowMs + dayMs;
      this.take(askedMs, values);
    });
  }

  /** What clocks on the wall show, once the hub has told; as milliseconds since 1970 in local time. */
  localTime(nowMs: number): { readonly atMs: number; readonly isSummerTime: boolean } | undefined {
    const { zone } = this;
    if (zone === undefined) return undefined;
    const isSummerTime = nowMs >= zone.summerFromMs && nowMs < zone.summerToMs;
    const shiftMs = isSummerTime ? zone.summerShiftMs : 0;
    return { atMs: nowMs + zone.offsetMs + shiftMs, isSummerTime };
  }

  private take(askedMs: number, values: ReadonlyMap<number, GbzValue>): void {
    const seconds = values.get(attributes.time);
    const status = values.get(attributes.status);
    if (typeof seconds !== 'number' || seconds === utcNotKnown || !isReliable(status)) return;
    const { clock } = this;
    const hubMs = msOfSecondsSince2000(seconds);
    const nowMs = clock.nowMs();
    const behindMs = hubMs - nowMs;
    const aheadMs = askedMs - (hubMs + resolutionMs);
    const gapMs = behindMs > 0 ? behindMs : aheadMs > 0 ? -aheadMs : 0;
    const isAdjusted = Math.abs(gapMs) <= toleranceMs;
    if (isAdjusted) clock.adjust(gapMs);
    this.listener.onGap(gapMs, isAdjusted);
    this.zone = zoneOf(values);
  }
}

/** A server that tells no zone has none. */
function zoneOf(values: ReadonlyMap<number, GbzValue>): Zone {
  const number = (id: number): number => {
    const value = values.get(id);
    return typeof value === 'number' ? value : 0;
  };
  return {
    offsetMs: number(attributes.zone) * 1000,
    summerFromMs: msOfSecondsSince2000(number(attributes.summerFrom)),
    summerToMs: msOfSecondsSince2000(number(attributes.summerTo)),
    summerShiftMs: number(attributes.summerShift) * 1000,
  };
}

/** A server that neither is the master of time nor follows one does not know it either. */
function isReliable(status: GbzValue | undefined): boolean {
  const { master, synchronized } = timeStatusBits;
  return typeof status === 'number' && (status & (master | synchronized)) !== 0;
}
