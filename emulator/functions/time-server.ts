import { msToUtc, secondsSince2000, utcToMs } from '../../protocols/codec/utc.js';
import { time } from '../../protocols/zigbee/clusters/time.js';
import { type ClusterRows, serverRows } from './cluster-rows.js';
import type { DeviceClock } from './device-clock.js';
import { utcNotKnown } from './gas-metering.js';

/** Bits of TimeStatus. */
export const timeStatusBits = { master: 0x01, synchronized: 0x02, masterZoneDst: 0x04 } as const;

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const march = 3;
const october = 10;

/** 01:00 UTC of the last Sunday of a month with 31 days: when British clocks change. */
function lastSunday(year: number, month: number): number {
  const lastMs = utcToMs({ year, month, day: 31, hour: 1, minute: 0, second: 0 });
  // 1970 began on a Thursday.
  const daysAfterSunday = (Math.floor(lastMs / dayMs) + 4) % 7;
  return lastMs - daysAfterSunday * dayMs;
}

export interface SummerTime {
  readonly fromMs: number;
  readonly toMs: number;
}

/** British Summer Time that holds or comes next; milliseconds since 1970. */
export function summerTimeAt(nowMs: number): SummerTime {
  const { year } = msToUtc(nowMs);
  const summerOf = (which: number): SummerTime => ({
    fromMs: lastSunday(which, march),
    toMs: lastSunday(which, october),
  });
  const summer = summerOf(year);
  return nowMs < summer.toMs ? summer : summerOf(year + 1);
}

function shiftSeconds(nowMs: number): number {
  const { fromMs, toMs } = summerTimeAt(nowMs);
  return nowMs >= fromMs && nowMs < toMs ? hourMs / 1000 : 0;
}

/** The clock of the home and since when it has been right. */
export interface TimeSource {
  readonly clock: DeviceClock;
  readonly lastSetMs: number;
}

/** How long a time that was read holds without another. Our choice: devices read it once a day. */
const validForMs = 2 * dayMs;

function ifKnown(known: (source: TimeSource, nowMs: number) => number) {
  return (source: TimeSource, nowMs: number): number =>
    source.clock.reliability === 'reliable' ? known(source, nowMs) : utcNotKnown;
}

/** Time cluster of the hub, which gets its time from the WAN: United Kingdom, with summer time. */
export function timeServer<S>(sourceOf: (device: S) => TimeSource): ClusterRows<S> {
  const { master, masterZoneDst } = timeStatusBits;
  return serverRows(time, sourceOf, {
    Time: ifKnown((_source, nowMs) => secondsSince2000(nowMs)),
    TimeStatus: ({ clock }) => (clock.reliability === 'reliable' ? master | masterZoneDst : 0),
    TimeZone: () => 0,
    DstStart: (_source, nowMs) => secondsSince2000(summerTimeAt(nowMs).fromMs),
    DstEnd: (_source, nowMs) => secondsSince2000(summerTimeAt(nowMs).toMs),
    DstShift: () => hourMs / 1000,
    StandardTime: ifKnown((_source, nowMs) => secondsSince2000(nowMs)),
    LocalTime: ifKnown((_source, nowMs) => secondsSince2000(nowMs) + shiftSeconds(nowMs)),
    LastSetTime: ({ lastSetMs }) => secondsSince2000(lastSetMs),
    ValidUntilTime: ifKnown((_source, nowMs) => secondsSince2000(nowMs + validForMs)),
  });
}
