import { msOfSecondsSince2000, secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { demandResponse } from '../../protocols/zigbee/clusters/demand-response.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { type ClusterRows, clusterRows } from './cluster-rows.js';
import { loadControlEvents } from './load-control-event.js';
import { ProtocolError } from './protocol-error.js';
import type { ZclAnswer, ZclCall } from './zcl-model.js';

/**
 * Load control of an electricity meter: the timetable of its auxiliary switches, served to the switches on the home
 * network as events (device-behaviour.md 4.1, 5). Outside its events a switch is off.
 */

/** SMETS2: a meter has up to five auxiliary load controllers. */
export const switchesMax = 5;

/** When a switch is on, every day; minutes of the UTC day. A period may run over midnight. */
export interface SwitchPeriod {
  /** From 1. */
  readonly number: number;
  readonly fromMinute: number;
  readonly durationMinutes: number;
}
export type Timetable = readonly SwitchPeriod[];

const minutesPerDay = 1440;
const minuteMs = 60_000;
const dayMs = minutesPerDay * minuteMs;

/** Hot water in the small hours and after lunch, storage heating through the night. */
const usualTimetable: Timetable = [
  { number: 1, fromMinute: 30, durationMinutes: 180 },
  { number: 1, fromMinute: 13 * 60, durationMinutes: 60 },
  { number: 2, fromMinute: 23 * 60 + 30, durationMinutes: 420 },
];

/**
 * The usual timetable, moved by up to half an hour so that not all homes of a street switch at once.
 * @param seconds the meter's randomised offset (SMETS2)
 */
export function timetableOf(seconds: number): Timetable {
  const offset = Math.floor(seconds / 60);
  return usualTimetable.map((period) => ({
    ...period,
    fromMinute: (period.fromMinute + offset) % minutesPerDay,
  }));
}

/** One period of one day. */
export interface ScheduledEvent {
  readonly issuerEventId: number;
  readonly number: number;
  readonly startMs: number;
  readonly durationMinutes: number;
}

/** What a switch last said of an event. */
export interface SwitchReport {
  readonly issuerEventId: number;
  readonly eventStatus: number;
  readonly atMs: number;
}

/** What an electricity meter knows of its auxiliary switches. */
export class LoadControl {
  private readonly reports = new Map<number, SwitchReport>();

  constructor(readonly timetable: Timetable) {}

  /** Running and coming events of the next day, in the order in which they start. */
  scheduled(fromMs: number, max = Number.POSITIVE_INFINITY): readonly ScheduledEvent[] {
    const midnight = Math.floor(fromMs / dayMs) * dayMs;
    const events: ScheduledEvent[] = [];
    for (const { number, fromMinute, durationMinutes } of this.timetable) {
      for (const day of [-1, 0, 1]) {
        const startMs = midnight + day * dayMs + fromMinute * minuteMs;
        const endMs = startMs + durationMinutes * minuteMs;
        if (endMs <= fromMs || startMs >= fromMs + dayMs) continue;
        // Starts are whole minutes, so that the number of the switch makes the id unique.
        const issuerEventId = secondsSince2000(startMs) + number;
        events.push({ issuerEventId, number, startMs, durationMinutes });
      }
    }
    events.sort((a, b) => a.startMs - b.startMs || a.number - b.number);
    return events.slice(0, max);
  }

  /** The last report on each switch: at most one a switch is kept. */
  take(report: SwitchReport): void {
    const number = report.issuerEventId % 60;
    if (number >= 1 && number <= switchesMax) this.reports.set(number, report);
  }

  reportOf(number: number): SwitchReport | undefined {
    return this.reports.get(number);
  }
}

/** What of a device the rows below work on. */
export interface LoadControlHolder {
  readonly loadControl: LoadControl;
}

function getScheduledEvents<S extends LoadControlHolder>(
  { device, nowMs }: ZclCall<S>,
  fields: GbzFields,
): readonly ZclAnswer[] {
  const { startTime, numberOfEvents, issuerEventId } = fields as Record<string, number | undefined>;
  const from = startTime === undefined || startTime === 0 ? nowMs : msOfSecondsSince2000(startTime);
  // What is over is not served again, whatever the question.
  const events = device.loadControl
    .scheduled(Math.max(from, nowMs), numberOfEvents || undefined)
    .filter((event) => issuerEventId === undefined || event.issuerEventId === issuerEventId);
  if (events.length === 0) throw new ProtocolError(zclStatuses.notFound, 'no event is scheduled');
  return loadControlEvents(events);
}

function reportEventStatus<S extends LoadControlHolder>(
  { device, nowMs }: ZclCall<S>,
  fields: GbzFields,
): readonly ZclAnswer[] {
  const { issuerEventId, eventStatus } = fields as Record<string, number>;
  device.loadControl.take({
    issuerEventId: issuerEventId as number,
    eventStatus: eventStatus as number,
    atMs: nowMs,
  });
  return [];
}

/** Server side of Demand Response and Load Control, for the HAN model of a meter. */
export function loadControlRows<S extends LoadControlHolder>(): ClusterRows<S> {
  return clusterRows<S>(
    demandResponse,
    {},
    { ReportEventStatus: reportEventStatus, GetScheduledEvents: getScheduledEvents },
  );
}
