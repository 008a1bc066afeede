import {
  array,
  bits,
  bool,
  type DataTemplate,
  octets,
  octetsOf,
  structure,
  u8,
  u16,
} from './dlms-template.js';
import { byDefault, date, integer, list, object, timeOfDay, word } from './parameters.js';
import { bitSet, type Choices, choice, forEach, type Packed, place } from './template.js';

/** What calendars have in common: special days, and schedules that run scripts at times of day (classes 11 and 10). */
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const specialDaysMax = 50;
const entriesMax = 255;

/** The list parameter `specialDays`. */
export const specialDaysData: DataTemplate = array(
  forEach(
    'specialDays',
    structure(u16(place('$position')), octetsOf('date', 'dlmsDate'), u8(place('day'))),
  ),
);

export const specialDays = byDefault(
  list(
    object(
      { date: date('the date'), day: integer(0, 255, 'day profile that holds') },
      'a special day',
    ),
    0,
    specialDaysMax,
    'days that follow another profile',
  ),
  [],
);

/**
 * The list parameter `schedule`, whose elements choose a script of a script table (`00000a006aff`, hex). The specialDays
 * of the same command name the bits of `onSpecialDays`.
 */
export function scheduleData(scriptTable: string, script: DataTemplate): DataTemplate {
  return array(
    forEach(
      'schedule',
      structure(
        u16(place('$position')),
        bool(true),
        octets(scriptTable),
        script,
        octetsOf('at', 'dlmsTime'),
        u16(validityUnlimited),
        bits(bitSet('weekdays', weekdays)),
        bits(bitSet('onSpecialDays', { countOf: 'specialDays' })),
        octetsOf('from', 'dlmsDate'),
        octetsOf('to', 'dlmsDate'),
      ),
    ),
  );
}

const validityUnlimited = 0xffff;

/** A script number that a parameter of the element chooses, or that is made of several. */
export function scriptNumber(script: string | Packed, choices: Choices = []): DataTemplate {
  return u16(typeof script === 'string' ? choice(script, choices) : script);
}

const when = {
  at: timeOfDay('time of day'),
  weekdays: byDefault(list(word(weekdays, 'a weekday'), 0, 7, 'weekdays'), [...weekdays]),
  onSpecialDays: byDefault(
    list(
      integer(1, specialDaysMax, 'position of a special day'),
      0,
      specialDaysMax,
      'special days',
    ),
    [],
  ),
  from: byDefault(date('first date'), '*-*-*'),
  to: byDefault(date('last date'), '*-*-*'),
};

/** Parameter `schedule`, with what its elements do. */
export function schedule(what: Parameters<typeof object>[0], description: string) {
  const entry = object({ ...what, ...when }, 'an entry');
  return byDefault(list(entry, 0, entriesMax, description), []);
}
