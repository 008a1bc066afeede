import { z } from 'zod';
import { specialDays, specialDaysData } from './calendar-template.js';
import {
  action,
  array,
  bool,
  type DataNode,
  type DataTemplate,
  type ItemNode,
  i8,
  i16,
  octets,
  octetsOf,
  set,
  structure,
  u8,
  u16,
  u32,
} from './dlms-template.js';
import {
  activation,
  byDefault,
  date,
  flag,
  integer,
  list,
  object,
  text,
  timeOfDay,
  word,
} from './parameters.js';
import { request } from './request.js';
import { type Choices, choice, forEach, forEachOf, numbered, place, when } from './template.js';

/** Tariffs and prices of both elements of an electricity meter (dlms.md 4). */

const touCount = 48;
const blockCount = 4;
const blockTouCount = 8;
const secondaryTouCount = 4;
const scriptTable = '00000a0064ff';
const resetCounters = 99;

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** What a day profile switches to, by script number. */
const primaryRates: Choices = [
  ...range(touCount).map((n) => [`T${n}`, n] as const),
  ...range(blockTouCount).map((n) => [`B${n}`, 100 + n] as const),
];
const secondaryRates: Choices = range(secondaryTouCount).map((n) => [`T${n}`, 200 + n] as const);

/** The passive part of an activity calendar, from the parameters seasons, weeks and days. */
function passiveCalendar(instance: string, rates: Choices): ItemNode[] {
  const season = structure(
    octetsOf('name', 'octets'),
    octetsOf('start', 'dlmsDateAtMidnight'),
    octetsOf('week', 'octet'),
  );
  const week = structure(octetsOf('week', 'octet'), forEach('days', u8(place('$value'))));
  const change = structure(
    octetsOf('at', 'dlmsTime'),
    octets(scriptTable),
    u16(choice('rate', rates)),
  );
  const day = structure(u8(place('day')), array(forEach('changes', change)));
  return [
    set(20, instance, 7, array(forEach('seasons', season))),
    set(20, instance, 8, array(forEach('weeks', week))),
    set(20, instance, 9, array(forEach('days', day))),
  ];
}

function calendarParameters(rates: Choices, rateNames: string) {
  const names = rates.map(([name]) => String(name)) as [string, ...string[]];
  const season = object(
    {
      name: text(1, 8, 'name of the season'),
      start: date('first day'),
      week: integer(1, 255, 'week profile that it follows'),
    },
    'a season',
  );
  const week = object(
    {
      week: integer(1, 255, 'number of the week profile'),
      days: list(integer(0, 255, 'day profile'), 7, 7, 'day profiles, Monday to Sunday'),
    },
    'a week profile',
  );
  const change = object(
    { at: timeOfDay('time of day'), rate: word(names, `what it switches to, ${rateNames}`) },
    'a change',
  );
  const day = object(
    {
      day: integer(0, 255, 'number of the day profile'),
      changes: list(change, 1, 48, 'changes'),
    },
    'a day profile',
  );
  return {
    seasons: byDefault(list(season, 1, 4, 'seasons'), [{ name: 'all', start: '*-01-01', week: 1 }]),
    weeks: byDefault(list(week, 1, 4, 'week profiles, Monday to Sunday'), [
      { week: 1, days: [1, 1, 1, 1, 1, 1, 1] },
    ]),
    days: byDefault(list(day, 1, 16, 'day profiles'), [
      { day: 1, changes: [{ at: '00:00', rate: 'T1' }] },
    ]),
    specialDays,
  };
}

/** Unit charges: of what, with which scale, and a price for each key. */
function charges(
  commodity: readonly [scale: number, classId: number, obis: string, attribute: number],
  priceScale: string,
  ...prices: readonly DataNode[]
): DataTemplate {
  const [scale, classId, obis, attribute] = commodity;
  return structure(
    structure(i8(scale), i8(place(priceScale))),
    structure(u16(classId), octets(obis), i8(attribute)),
    array(...prices),
  );
}

const keyedPrice = (keys: Choices): DataTemplate =>
  structure(octets(choice('$position', keys)), i16(place('$value')));
const hexKeys = (first: number, count: number): Choices =>
  numbered(range(count).map((n) => (first + n).toString(16).padStart(2, '0')));

/** Keys 01 to 30 are times of use; A1 to D8 are blocks 1 to 4 in times of use 1 to 8. */
const blockKeyStart = 0xa0;
const primaryPrices = charges(
  [3, 3, '0100010800ff', 2],
  'priceScale',
  forEachOf('touPrices', { count: touCount, element: 0 }, keyedPrice(hexKeys(0, touCount))),
  ...range(blockCount).map((block) =>
    forEachOf(
      `blockPrices.${block - 1}`,
      { count: blockTouCount, element: 0 },
      keyedPrice(hexKeys(blockKeyStart + 16 * (block - 1), blockTouCount)),
    ),
  ),
);
const secondaryPrices = charges(
  [3, 3, '0114010800ff', 2],
  'priceScale',
  forEachOf(
    'touPrices',
    { count: secondaryTouCount, element: 0 },
    keyedPrice(hexKeys(0, secondaryTouCount)),
  ),
);
const standingCharge = charges(
  [0, 0, '000000000000', 0],
  'standingChargeScale',
  structure(octets(''), i16(place('standingCharge'))),
);

/** Activation of a passive value, the same time for all of one command. */
const activate = (classId: number, instance: string, attribute: number): ItemNode =>
  set(classId, instance, attribute, octetsOf('at', 'dlmsDateTime'));

const thresholds = forEachOf(
  'blockThresholds',
  { count: blockTouCount, element: ['none'] },
  set(
    21,
    choice('$position', numbered(range(blockTouCount).map((n) => `0-0:16.1.${10 + n}.255`))),
    2,
    array(forEach('$value', u32(place('$value', 'threshold')))),
  ),
);

const price = integer(-0x8000, 0x7fff, 'a price');
const scale = (what: string) =>
  byDefault(integer(-128, 127, `scale of ${what}: 10 to this power, in pounds or euros`), -5);
const at = activation('when it takes effect');
const touPrices = (count: number) =>
  byDefault(list(price, 0, count, 'prices by time of use, from T1; the others are 0'), []);
const threshold = z.union([z.literal('none'), integer(0, 0xffff_ffff, 'consumption, in Wh')]);

const priceParameters = {
  standingCharge: byDefault(integer(-0x8000, 0x7fff, 'standing charge a day'), 0),
  standingChargeScale: scale('the standing charge'),
  touPrices: touPrices(touCount),
  blockPrices: byDefault(
    list(
      list(price, 0, blockTouCount, 'prices of a block by time of use, from B1'),
      0,
      blockCount,
      'for each block a list of prices by time of use, from B1; the others are 0',
    ),
    [],
  ),
  priceScale: scale('the prices'),
  at,
};

const secondaryPriceParameters = {
  touPrices: touPrices(secondaryTouCount),
  priceScale: scale('the prices'),
  at,
};

export const tariffRequests = {
  ECS01a: request(
    0x0019,
    {
      dlms: [
        ...passiveCalendar('0-0:13.0.0.255', primaryRates),
        set(11, '0-1:11.0.0.255', 2, specialDaysData),
        thresholds,
        set(
          9000,
          '0-0:94.44.2.0',
          4,
          bool(
            choice('currency', [
              ['GBP', true],
              ['EUR', false],
            ]),
          ),
        ),
        set(113, '0-0:19.20.4.255', 6, standingCharge),
        set(113, '0-0:19.20.0.255', 6, primaryPrices),
        activate(20, '0-0:13.0.0.255', 10),
        activate(9000, '0-0:94.44.128.29', 6),
        activate(9000, '0-0:94.44.2.0', 6),
        activate(113, '0-0:19.20.4.255', 7),
        activate(113, '0-0:19.20.0.255', 7),
        activate(9000, '0-0:63.1.1.255', 6),
      ],
    },
    z.strictObject({
      ...calendarParameters(primaryRates, 'T1 to T48 by time of use or B1 to B8 by block'),
      blockThresholds: byDefault(
        list(
          list(threshold, 1, blockCount - 1, 'thresholds'),
          0,
          blockTouCount,
          'for each time of use from B1 a list of 1 to 3 thresholds between blocks, in Wh or none',
        ),
        [],
      ),
      currency: byDefault(word(['GBP', 'EUR'], 'currency of the prices'), 'GBP'),
      ...priceParameters,
    }),
  ),
  ECS01b: request(
    0x00a2,
    {
      dlms: [
        set(113, '0-0:19.20.4.255', 6, standingCharge),
        set(113, '0-0:19.20.0.255', 6, primaryPrices),
        activate(113, '0-0:19.20.4.255', 7),
        activate(113, '0-0:19.20.0.255', 7),
      ],
    },
    z.strictObject(priceParameters),
  ),
  ECS01c: request(
    0x00b7,
    {
      dlms: [
        set(113, '0-0:19.20.5.255', 6, secondaryPrices),
        ...passiveCalendar('0-0:13.0.1.255', secondaryRates),
        set(11, '0-1:11.0.1.255', 2, specialDaysData),
        activate(20, '0-0:13.0.1.255', 10),
        activate(113, '0-0:19.20.5.255', 7),
        activate(9000, '0-0:94.44.128.30', 6),
      ],
    },
    z.strictObject({
      ...calendarParameters(secondaryRates, 'T1 to T4 by time of use'),
      ...secondaryPriceParameters,
    }),
  ),
  ECS01d: request(
    0x00c7,
    {
      dlms: [set(113, '0-0:19.20.5.255', 6, secondaryPrices), activate(113, '0-0:19.20.5.255', 7)],
    },
    z.strictObject(secondaryPriceParameters),
  ),
  ECS05: request(0x001d, { dlms: [action(9, '0-0:10.0.100.255', 1, u16(resetCounters))] }),
  ECS48: request(
    0x00db,
    {
      dlms: [
        set(
          22,
          '0-0:15.1.0.255',
          4,
          array(when('daily', true, structure(octets('00000000'), octets('ffffffffff')))),
        ),
      ],
    },
    z.strictObject({
      daily: byDefault(flag('whether block counters start again every day at midnight'), true),
    }),
  ),
} as const;
