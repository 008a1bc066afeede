import type { ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';
import { series } from './attribute-series.js';

const ofCalendar: Layout = { providerId: 'uint32', issuerCalendarId: 'uint32' };
const published: Layout = {
  providerId: 'uint32',
  issuerEventId: 'uint32',
  issuerCalendarId: 'uint32',
};
const fragment: Layout = { commandIndex: 'uint8', totalNumberOfCommands: 'uint8' };

const toServer: CommandTable = {
  0: {
    name: 'GetCalendar',
    fields: {
      earliestStartTime: 'utc',
      minIssuerEventId: 'uint32',
      numberOfCalendars: 'uint8',
      calendarType: 'enum8',
      providerId: 'uint32',
    },
  },
  1: {
    name: 'GetDayProfiles',
    fields: { ...ofCalendar, startDayId: 'uint8', numberOfDays: 'uint8' },
  },
  2: {
    name: 'GetWeekProfiles',
    fields: { ...ofCalendar, startWeekId: 'uint8', numberOfWeeks: 'uint8' },
  },
  3: { name: 'GetSeasons', fields: ofCalendar },
  4: {
    name: 'GetSpecialDays',
    fields: {
      startTime: 'utc',
      numberOfEvents: 'uint8',
      calendarType: 'enum8',
      ...ofCalendar,
    },
  },
  5: { name: 'GetCalendarCancellation', fields: {} },
};

const publishCalendar: Layout = {
  ...published,
  startTime: 'utc',
  calendarType: 'enum8',
  calendarTimeReference: 'enum8',
  calendarName: 'text',
  numberOfSeasons: 'uint8',
  numberOfWeekProfiles: 'uint8',
  numberOfDayProfiles: 'uint8',
};

const priceTiers = { list: { startTimeMinutes: 'uint16', priceTier: 'uint8' } } as const;

/**
 * The total counts the entries of the whole profile, which may come in several commands: this one's
 * entries run to the end of the payload. Calendar types 0 to 2 are tariffs, 3 is friendly credit, 4
 * load switches.
 */
const publishDayProfile: Layout = {
  ...published,
  dayId: 'uint8',
  totalNumberOfScheduleEntries: 'uint8',
  ...fragment,
  calendarType: 'enum8',
  scheduleEntries: {
    chosenBy: 'calendarType',
    cases: {
      0: priceTiers,
      1: priceTiers,
      2: priceTiers,
      3: { list: { startTimeMinutes: 'uint16', friendlyCreditEnable: 'bool' } },
      4: { list: { startTimeMinutes: 'uint16', auxiliaryLoadSwitchState: 'map8' } },
    },
  },
};

const toClient: CommandTable = {
  0: { name: 'PublishCalendar', fields: publishCalendar },
  1: { name: 'PublishDayProfile', fields: publishDayProfile },
  2: {
    name: 'PublishWeekProfile',
    fields: {
      ...published,
      weekId: 'uint8',
      dayIdRefMonday: 'uint8',
      dayIdRefTuesday: 'uint8',
      dayIdRefWednesday: 'uint8',
      dayIdRefThursday: 'uint8',
      dayIdRefFriday: 'uint8',
      dayIdRefSaturday: 'uint8',
      dayIdRefSunday: 'uint8',
    },
  },
  3: {
    name: 'PublishSeasons',
    fields: {
      ...published,
      ...fragment,
      seasons: { list: { seasonStartDate: 'date', weekIdRef: 'uint8' } },
    },
  },
  4: {
    name: 'PublishSpecialDays',
    fields: {
      ...published,
      startTime: 'utc',
      calendarType: 'enum8',
      totalNumberOfSpecialDays: 'uint8',
      ...fragment,
      specialDays: { list: { specialDayDate: 'date', dayIdRef: 'uint8' } },
    },
  },
  5: { name: 'CancelCalendar', fields: { ...ofCalendar, calendarType: 'enum8' } },
};

/** Calendar: when which price tier or free emergency credit applies. */
export const calendar: ClusterDefinition = {
  id: 0x0707,
  name: 'Calendar',
  attributes: series(0x0000, 8, (n) => `AuxSwitch${n}Label`, 'octstr'),
  toServer,
  toClient,
};
