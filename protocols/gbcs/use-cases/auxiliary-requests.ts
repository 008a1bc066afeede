import { z } from 'zod';
import {
  schedule,
  scheduleData,
  scriptNumber,
  specialDays,
  specialDaysData,
} from './calendar-template.js';
import {
  action,
  bool,
  type DataTemplate,
  get,
  type ItemNode,
  octetsOf,
  set,
  u16,
  visible,
} from './dlms-template.js';
import {
  activation,
  byDefault,
  flag,
  hex,
  integer,
  list,
  object,
  optionally,
  text,
  time,
  word,
} from './parameters.js';
import { request } from './request.js';
import {
  type Choices,
  choice,
  forEach,
  numbered,
  type Packed,
  packed,
  place,
  when,
} from './template.js';

/** Auxiliary controllers of an electricity meter: load control switches and proportional controllers (dlms.md 4). */

const numbers = [1, 2, 3, 4, 5] as const;
/** Not confirmed by a source at hand; no wire format depends on it. */
const labelLengthMax = 22;
const instances = (of: (number: number) => string): Choices => numbered(numbers.map(of));
const descriptions = (n: number): string => `0-0:94.44.0.${10 + n}`;
const identifiers = (n: number): string => `0-0:94.44.0.${20 + n}`;
const states = (n: number): string => `0-0:94.44.0.${30 + n}`;
const setting = (what: number) => (n: number) => `0-0:94.44.${116 + n}.${what}`;

const calendar = get(10, '0-0:12.0.2.255', 2);
const currentSpecialDays = get(11, '0-0:11.0.3.255', 2);
const scriptTable = '00000a0067ff';

const readAll = (instanceOf: (n: number) => string): ItemNode[] =>
  numbers.map((n) => get(1, instanceOf(n), 2));

const activateCalendar: readonly ItemNode[] = ['0-0:94.44.128.26', '0-0:94.44.128.35'].map(
  (instance) => set(9000, instance, 6, octetsOf('at', 'dlmsDateTime')),
);

function setCalendar(script: DataTemplate): readonly ItemNode[] {
  return [
    set(11, '0-1:11.0.3.255', 2, specialDaysData),
    set(10, '0-1:12.0.2.255', 2, scheduleData(scriptTable, script)),
    ...activateCalendar,
  ];
}

/** Script numbers hold the controller in their second octet from the right. */
const switchScript = (states: Choices): Packed =>
  packed([8, place('controller')], [8, choice('state', states)]);
const direction = choice('direction', [
  ['output', 1],
  ['input', 2],
]);
const levelScript = packed([4, direction], [4, place('controller')], [8, place('level')]);
/** In calendars the top bit of the level is set. */
const calendarLevelScript = packed(
  [4, direction],
  [4, place('controller')],
  [1, 1],
  [7, place('level')],
);

/** A level for a period: where its start and end go, and the script table that sets it. */
function setLevel(start: number, end: number, table: string): readonly ItemNode[] {
  const controller = (what: number) => choice('controller', instances(setting(what)));
  return [
    set(1, controller(start), 2, octetsOf('from', 'dlmsDateTime')),
    set(1, controller(end), 2, octetsOf('to', 'dlmsDateTime')),
    action(9, table, 1, u16(levelScript)),
  ];
}

const controller = integer(1, 5, 'number of the controller');
const at = activation('when it takes effect');
const level = {
  controller,
  direction: byDefault(
    word(['output', 'input'], 'whether the controlled load takes or gives power'),
    'output',
  ),
  level: integer(0, 100, 'level, in percent'),
};
const levelParameters = z.strictObject({
  ...level,
  from: time('start of the period'),
  to: time('end of the period'),
});

export const auxiliaryRequests = {
  ECS46a: request(
    0x0053,
    {
      dlms: [
        forEach(
          'labels',
          set(1, choice('controller', instances(descriptions)), 2, visible(place('label'))),
        ),
      ],
    },
    z.strictObject({
      labels: list(
        object({ controller, label: text(0, labelLengthMax, 'label') }, 'a label'),
        1,
        5,
        'labels',
      ),
    }),
  ),
  ECS46c: request(
    0x0054,
    {
      dlms: [
        forEach(
          'switches',
          set(1, choice('controller', instances(identifiers)), 2, octetsOf('device', 'same')),
        ),
        ...setCalendar(
          scriptNumber(
            switchScript([
              ['on', 1],
              ['off', 2],
            ]),
          ),
        ),
      ],
    },
    z.strictObject({
      switches: byDefault(
        list(
          object(
            {
              controller,
              device: byDefault(
                hex(8, 'entity identifier of an HCALCS, zeros for a switch in the meter'),
                '0000000000000000',
              ),
            },
            'a switch',
          ),
          0,
          5,
          'switches',
        ),
        [],
      ),
      specialDays,
      schedule: schedule(
        { controller, state: word(['on', 'off'], 'what it is set to') },
        'calendar of the switches',
      ),
      at,
    }),
  ),
  ECS46d: request(
    0x011a,
    { dlms: setCalendar(scriptNumber(calendarLevelScript)) },
    z.strictObject({
      specialDays,
      schedule: schedule(level, 'calendar of the controllers'),
      at,
    }),
  ),
  ECS47: request(
    0x0055,
    {
      dlms: [
        when(
          'state',
          'on',
          set(1, choice('controller', instances(setting(1))), 2, u16(place('minutes'))),
        ),
        when(
          'state',
          'off',
          set(1, choice('controller', instances(setting(2))), 2, u16(place('minutes'))),
        ),
        action(
          9,
          '0-0:10.0.103.255',
          1,
          u16(
            switchScript([
              ['on', 0x11],
              ['off', 0x12],
              ['calendar', 0x20],
            ]),
          ),
        ),
      ],
    },
    z.strictObject({
      controller,
      state: word(['on', 'off', 'calendar'], 'what it is set to, or back to its calendar'),
      minutes: optionally(integer(1, 0xffff, 'for how long it is on or off')),
    }),
  ),
  ECS47a: request(0x011e, { dlms: setLevel(1, 2, '0-0:10.0.103.255') }, levelParameters),
  ECS47e: request(0x011f, { dlms: setLevel(3, 4, '0-0:10.0.107.255') }, levelParameters),
  ECS61a: request(0x00bb, {
    dlms: [
      ...readAll(descriptions),
      ...readAll(identifiers),
      currentSpecialDays,
      calendar,
      ...numbers.map((n) => get(70, `0-${n}:96.3.10.255`, 2)),
    ],
  }),
  ECS61d: request(0x011c, { dlms: [...readAll(descriptions), currentSpecialDays, calendar] }),
  ECS61e: request(0x011d, { dlms: [...readAll(identifiers), ...readAll(states)] }),
  ECS62: request(
    0x005f,
    {
      dlms: [
        forEach(
          'associations',
          set(
            1,
            choice(
              'controller',
              instances((n) => `0-0:94.44.6.${n}`),
            ),
            2,
            bool(place('boost')),
          ),
        ),
      ],
    },
    z.strictObject({
      associations: list(
        object({ controller, boost: flag('whether the boost button acts on it') }, 'a controller'),
        1,
        5,
        'controllers and the boost button',
      ),
    }),
  ),
} as const;
