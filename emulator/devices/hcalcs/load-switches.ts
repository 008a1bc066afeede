import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import {
  dutyCycles,
  type EventStatus,
  switchNumberOf,
} from '../../functions/load-control-event.js';

/** Events that wait or run; more than a meter with five switches schedules in a day. */
const eventsMax = 32;
/** Enrolment group 0 means all switches. */
const everySwitch = 0;
const dayMinutes = 1440;
const minuteMs = 60_000;

/** An event as a switch keeps it. */
export interface LoadEvent {
  readonly issuerEventId: number;
  /** From 1, or 0 for all. */
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly on: boolean;
  readonly criticalityLevel: number;
  readonly dutyCycle: number;
  readonly eventControl: number;
  started: boolean;
}

/** What a switch has to say of an event. */
export interface EventReport {
  readonly event: Pick<
    LoadEvent,
    'issuerEventId' | 'criticalityLevel' | 'dutyCycle' | 'eventControl'
  >;
  readonly status: EventStatus;
}

export interface SwitchState {
  readonly number: number;
  readonly on: boolean;
  /** End of the event that holds it; undefined where none does. */
  readonly untilMs: number | undefined;
}

/**
 * The contacts of a load control switch and the events that move them. A switch that no event holds is off. Sans-I/O:
 * each method says what is to be reported, `nextMs` when to look again.
 */
export class LoadSwitches {
  private readonly events = new Map<number, LoadEvent>();

  constructor(readonly numbers: readonly number[]) {}

  /** A LoadControlEvent; one that is known already changes nothing. */
  take(fields: GbzFields, nowMs: number): readonly EventReport[] {
    const event = eventOf(fields, nowMs);
    if (this.events.has(event.issuerEventId) || !this.concerns(event)) return [];
    const refused = this.refusal(fields, event, nowMs);
    if (refused !== undefined) return [{ event, status: refused }];
    const superseded = this.overlapping(event);
    for (const { issuerEventId } of superseded) this.events.delete(issuerEventId);
    this.events.set(event.issuerEventId, event);
    return [
      ...superseded.map((former): EventReport => ({ event: former, status: 'superseded' })),
      { event, status: 'received' },
      ...this.advance(nowMs),
    ];
  }

  private concerns({ number }: LoadEvent): boolean {
    return number === everySwitch || this.numbers.includes(number);
  }

  private refusal(fields: GbzFields, event: LoadEvent, nowMs: number): EventStatus | undefined {
    if (event.endMs <= nowMs) return 'rejectedExpired';
    const { dutyCycle, durationMinutes } = fields as Readonly<Record<string, number>>;
    // A contact is open or closed: a share of the time is more than it can do.
    const known = Object.values(dutyCycles).some((value) => value === dutyCycle);
    const fits = (durationMinutes as number) <= dayMinutes && this.events.size < eventsMax;
    return known && fits ? undefined : 'rejected';
  }

  /** Later orders win: what overlaps the new event on the same contacts is given up (ZigBee Smart Energy D.2). */
  private overlapping(event: LoadEvent): readonly LoadEvent[] {
    return [...this.events.values()].filter(
      (other) =>
        other.number === event.number && other.startMs < event.endMs && event.startMs < other.endMs,
    );
  }

  /** A CancelLoadControlEvent. */
  cancel(fields: GbzFields): readonly EventReport[] {
    const issuerEventId = fields.issuerEventId as number;
    const event = this.events.get(issuerEventId);
    if (event === undefined) {
      const unknown = { issuerEventId, criticalityLevel: 0, dutyCycle: 0xff, eventControl: 0 };
      return [{ event: unknown, status: 'rejectedUndefinedEvent' }];
    }
    this.events.delete(issuerEventId);
    return [{ event, status: 'cancelled' }];
  }

  /** A CancelAllLoadControlEvents. */
  cancelAll(): readonly EventReport[] {
    const all = [...this.events.values()];
    this.events.clear();
    return all.map((event) => ({ event, status: 'cancelled' }));
  }

  /** Starts what is due and lets go what is over. */
  advance(nowMs: number): readonly EventReport[] {
    const reports: EventReport[] = [];
    for (const event of this.events.values()) {
      if (!event.started && event.startMs <= nowMs) {
        event.started = true;
        reports.push({ event, status: 'started' });
      }
      if (event.endMs <= nowMs) {
        this.events.delete(event.issuerEventId);
        reports.push({ event, status: 'completed' });
      }
    }
    return reports;
  }

  /** The next moment at which `advance` has something to do; undefined where nothing is scheduled. */
  nextMs(): number | undefined {
    let next: number | undefined;
    for (const { started, startMs, endMs } of this.events.values()) {
      const at = started ? endMs : startMs;
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  states(): readonly SwitchState[] {
    return this.numbers.map((number) => {
      const holding = this.holding(number);
      return { number, on: holding?.on === true, untilMs: holding?.endMs };
    });
  }

  get scheduled(): number {
    return this.events.size;
  }

  /** An event for this very switch goes before one for all. */
  private holding(number: number): LoadEvent | undefined {
    let holding: LoadEvent | undefined;
    for (const event of this.events.values()) {
      if (!event.started || (event.number !== number && event.number !== everySwitch)) continue;
      if (holding === undefined || event.number === number) holding = event;
    }
    return holding;
  }
}

function eventOf(fields: GbzFields, nowMs: number): LoadEvent {
  const { issuerEventId, startTime, durationMinutes, criticalityLevel, dutyCycle, eventControl } =
    fields as unknown as Readonly<
      Record<
        | 'issuerEventId'
        | 'startTime'
        | 'durationMinutes'
        | 'criticalityLevel'
        | 'dutyCycle'
        | 'eventControl',
        number
      >
    >;
  const startMs = startTime === 0 ? nowMs : msOfSecondsSince2000(startTime);
  return {
    issuerEventId,
    number: switchNumberOf(fields),
    startMs,
    endMs: startMs + durationMinutes * minuteMs,
    // Without a duty cycle an event asks for load to be shed: the contact opens.
    on: dutyCycle === dutyCycles.on,
    criticalityLevel,
    dutyCycle,
    eventControl,
    started: false,
  };
}
