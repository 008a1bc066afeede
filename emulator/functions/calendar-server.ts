import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { calendar } from '../../protocols/zigbee/clusters/calendar.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { answering, type ClusterRows, type SourceAnswers, serverRows } from './cluster-rows.js';
import { nonDisablementSwitches } from './non-disablement.js';
import { ProtocolError } from './protocol-error.js';
import type { Tariff } from './tariff.js';
import type { ZclAnswer } from './zcl-model.js';

/** What the Calendar cluster is served from: when which price applies, and when supply is not cut off. */
export interface CalendarSource {
  readonly tariff: Tariff;
  /** Only meters that are paid in advance have a calendar of non-disablement. */
  readonly isPrepayment: boolean;
}

const calendarTypes = { delivered: 0, friendlyCredit: 3 } as const;
/** Ask for the running calendar without knowing its number (gbz.md 5). */
const runningTariffCalendar = 0xffff_ffff;
const runningFriendlyCreditCalendar = 0xffff_fffe;
const calendarIds = { tariff: 1, friendlyCredit: 2 } as const;
/** 1 January 2024. */
const inForceSince = 757_382_400;
const issued = { providerId: 0, issuerEventId: inForceSince } as const;
const oneMessage = { commandIndex: 0, totalNumberOfCommands: 1 } as const;
const utcReference = 0;

type Entry = GbzFields;
interface ServedCalendar {
  readonly id: number;
  readonly type: number;
  readonly name: string;
  /** Day profiles by number from 1. */
  readonly days: readonly (readonly Entry[])[];
  /** Day profile of Monday to Sunday. */
  readonly week: readonly number[];
}

const everyDay = [1, 1, 1, 1, 1, 1, 1] as const;

function tariffCalendar({ tariff }: CalendarSource): ServedCalendar {
  const hasTiers = tariff.blockThresholdsWh.length === 0;
  const entries = tariff.switches.map(({ minuteOfDay, rate }) => ({
    startTimeMinutes: minuteOfDay,
    // With block prices no tier applies (GCS01a).
    priceTier: hasTiers ? rate + 1 : 0,
  }));
  return {
    id: calendarIds.tariff,
    type: calendarTypes.delivered,
    name: tariff.label,
    days: [entries],
    week: everyDay,
  };
}

const friendlyCreditCalendar: ServedCalendar = {
  id: calendarIds.friendlyCredit,
  type: calendarTypes.friendlyCredit,
  name: 'Non-disablement',
  days: [
    nonDisablementSwitches.map(({ minuteOfDay, suspended }) => ({
      startTimeMinutes: minuteOfDay,
      friendlyCreditEnable: suspended,
    })),
    [{ startTimeMinutes: 0, friendlyCreditEnable: true }],
  ],
  week: [1, 1, 1, 1, 1, 2, 2],
};

function notFound(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.notFound, `there is no ${what}`);
}

function calendarsOf(source: CalendarSource): readonly ServedCalendar[] {
  const tariff = tariffCalendar(source);
  return source.isPrepayment ? [tariff, friendlyCreditCalendar] : [tariff];
}

function calendarOf(source: CalendarSource, fields: GbzFields): ServedCalendar {
  const { issuerCalendarId: wanted } = fields;
  const id =
    wanted === runningTariffCalendar
      ? calendarIds.tariff
      : wanted === runningFriendlyCreditCalendar
        ? calendarIds.friendlyCredit
        : wanted;
  const found = calendarsOf(source).find((one) => one.id === id);
  if (found === undefined) throw notFound('calendar of that number');
  return found;
}

const publishCalendar = answering(calendar, 'PublishCalendar');
const publishDayProfile = answering(calendar, 'PublishDayProfile');
const publishWeekProfile = answering(calendar, 'PublishWeekProfile');
const publishSeasons = answering(calendar, 'PublishSeasons');

function dayProfiles(source: CalendarSource, fields: GbzFields): readonly ZclAnswer[] {
  const { id, type, days } = calendarOf(source, fields);
  const first = Math.max(1, fields.startDayId as number);
  const count = (fields.numberOfDays as number) || days.length;
  const wanted = days.slice(first - 1, first - 1 + count);
  if (wanted.length === 0) throw notFound('day profile of that number');
  return wanted.map((scheduleEntries, index) =>
    publishDayProfile({
      ...issued,
      issuerCalendarId: id,
      dayId: first + index,
      totalNumberOfScheduleEntries: scheduleEntries.length,
      ...oneMessage,
      calendarType: type,
      scheduleEntries,
    }),
  );
}

function weekProfile(source: CalendarSource, fields: GbzFields): ZclAnswer {
  const { id, week } = calendarOf(source, fields);
  if ((fields.startWeekId as number) > 1) throw notFound('week profile of that number');
  const [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return publishWeekProfile({
    ...issued,
    issuerCalendarId: id,
    weekId: 1,
    dayIdRefMonday: monday,
    dayIdRefTuesday: tuesday,
    dayIdRefWednesday: wednesday,
    dayIdRefThursday: thursday,
    dayIdRefFriday: friday,
    dayIdRefSaturday: saturday,
    dayIdRefSunday: sunday,
  });
}

/** One season, all year: year and day of the week are any. */
const allYear = [
  {
    seasonStartDate: { yearSince1900: 0xff, month: 1, dayOfMonth: 1, dayOfWeek: 0xff },
    weekIdRef: 1,
  },
];

const commands: SourceAnswers<CalendarSource> = {
  GetCalendar: (source, fields) => {
    const found = calendarsOf(source).filter(({ type }) => type === fields.calendarType);
    const wanted = (fields.numberOfCalendars as number) || found.length;
    if (found.length === 0) throw notFound('calendar of that type');
    return found.slice(0, wanted).map(({ id, type, name, days }) =>
      publishCalendar({
        ...issued,
        issuerCalendarId: id,
        startTime: inForceSince,
        calendarType: type,
        calendarTimeReference: utcReference,
        calendarName: name.slice(0, nameLengthMax),
        numberOfSeasons: 1,
        numberOfWeekProfiles: 1,
        numberOfDayProfiles: days.length,
      }),
    );
  },
  GetDayProfiles: dayProfiles,
  GetWeekProfiles: (source, fields) => [weekProfile(source, fields)],
  GetSeasons: (source, fields) => {
    const { id } = calendarOf(source, fields);
    return [publishSeasons({ ...issued, issuerCalendarId: id, ...oneMessage, seasons: allYear })];
  },
  GetSpecialDays: () => {
    throw notFound('special day');
  },
  GetCalendarCancellation: () => {
    throw notFound('cancelled calendar');
  },
};

/** Characters of a calendar's name that the standard gives room for. */
const nameLengthMax = 12;

/** Calendar cluster over what `sourceOf` finds in a device. */
export function calendarServer<S>(sourceOf: (device: S) => CalendarSource): ClusterRows<S> {
  return serverRows(calendar, sourceOf, {}, commands);
}
