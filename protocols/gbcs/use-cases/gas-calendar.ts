import { calendar } from '../../zigbee/clusters/calendar.js';
import { command, issued, issuerEventId, wholeInOne } from './gbz-template.js';
import { byDefault, date, integer, list, object } from './parameters.js';
import type { GbzNode } from './request.js';
import { countOf, forEach, place } from './template.js';

/**
 * A calendar as gas meters take it: day profiles, week profiles of them, seasons of those, and special days that differ.
 * The same for tariffs and for the hours in which supply is not cut off.
 */
export const calendarTypes = { tariff: 0, friendlyCredit: 3 } as const;

const idMax = 0xff;
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const ofCalendar = { ...issued, issuerCalendarId: issuerEventId };

/** Day of the week to the field that names its day profile. */
const weekFields = Object.fromEntries(
  days.map((day) => [`dayIdRef${day}`, place(day.toLowerCase())]),
);

/**
 * @param startTime when the calendar comes into force
 * @param entry template of one schedule entry, in which the names of an `entries` element hold
 */
export function publishCalendar(
  calendarType: number,
  startTime: unknown,
  entry: Readonly<Record<string, unknown>>,
): readonly GbzNode[] {
  return [
    command(calendar, 'PublishCalendar', {
      ...ofCalendar,
      startTime,
      calendarType,
      calendarTimeReference: 0,
      calendarName: '',
      numberOfSeasons: countOf('seasons'),
      numberOfWeekProfiles: countOf('weekProfiles'),
      numberOfDayProfiles: countOf('dayProfiles'),
    }),
    forEach(
      'dayProfiles',
      command(calendar, 'PublishDayProfile', {
        ...ofCalendar,
        dayId: place('id'),
        totalNumberOfScheduleEntries: countOf('entries'),
        ...wholeInOne,
        calendarType,
        scheduleEntries: [forEach('entries', entry)],
      }),
    ),
    forEach(
      'weekProfiles',
      command(calendar, 'PublishWeekProfile', {
        ...ofCalendar,
        weekId: place('id'),
        ...weekFields,
      }),
    ),
    command(calendar, 'PublishSeasons', {
      ...ofCalendar,
      ...wholeInOne,
      seasons: [
        forEach('seasons', {
          seasonStartDate: place('start', 'zclDate'),
          weekIdRef: place('weekProfile'),
        }),
      ],
    }),
    command(calendar, 'PublishSpecialDays', {
      ...ofCalendar,
      startTime,
      calendarType,
      totalNumberOfSpecialDays: countOf('specialDays'),
      ...wholeInOne,
      specialDays: [
        forEach('specialDays', {
          specialDayDate: place('date', 'zclDate'),
          dayIdRef: place('dayProfile'),
        }),
      ],
    }),
  ];
}

function id(of: string) {
  return integer(0, idMax, of);
}

/** @param entry parameters of one schedule entry, as `publishCalendar` has its template */
export function calendarParameters(entry: ReturnType<typeof object>) {
  const week = Object.fromEntries(
    days.map((day) => [day.toLowerCase(), id(`day profile of a ${day}`)]),
  );
  return {
    dayProfiles: list(
      object(
        {
          id: id('number of the day profile'),
          entries: list(entry, 1, 48, 'what holds from when'),
        },
        'a kind of day',
      ),
      1,
      idMax,
      'kinds of day',
    ),
    weekProfiles: list(
      object({ id: id('number of the week profile'), ...week }, 'a kind of week'),
      1,
      idMax,
      'kinds of week',
    ),
    seasons: list(
      object(
        { start: date('first day'), weekProfile: id('number of its week profile') },
        'a season',
      ),
      1,
      idMax,
      'seasons of the year',
    ),
    specialDays: byDefault(
      list(
        object({ date: date('day'), dayProfile: id('number of its day profile') }, 'a special day'),
        0,
        idMax,
        'days on which another day profile holds',
      ),
      [],
    ),
  };
}
