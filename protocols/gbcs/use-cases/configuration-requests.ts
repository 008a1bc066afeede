import { z } from 'zod';
import {
  action,
  array,
  bits,
  bool,
  enumeration,
  get,
  type ItemNode,
  i8,
  invoke,
  octets,
  octetsOf,
  set,
  structure,
  u16,
  u32,
} from './dlms-template.js';
import {
  activation,
  byDefault,
  date,
  digits,
  flag,
  integer,
  list,
  object,
  table,
  text,
  time,
  timeOfDay,
  word,
} from './parameters.js';
import { type RequestDefinition, request } from './request.js';
import { choice, forEach, place } from './template.js';

/** Settings of an electricity meter, its supply, its clock, its display (dlms.md 4, duis-to-gbcs.md 13). */

const u32Max = 0xffff_ffff;
/** Longest texts and the largest randomised offset: not confirmed by a source at hand, no wire format depends on them. */
const limits = { message: 116, telephone: 18, name: 15, randomisedOffset: 1799 } as const;

/** Scripts of the supply control table 0-0:10.0.106.255 (dlms.md 4). */
const supplyScripts = { enable: 51, disable: 52, arm: 54 } as const;

function supplyScript(messageCode: number, script: keyof typeof supplyScripts): RequestDefinition {
  const data = u16(supplyScripts[script]);
  return request(messageCode, { dlms: [action(9, '0-0:10.0.106.255', 1, data)] });
}

const clock = '0-0:1.0.0.255';
const never = octets('ffffffffffffffffff8000ff');

/** Which alert codes lead to something; `81` are those that a supplier configures, `80` a network operator. */
function alertBehaviours(
  messageCode: number,
  party: 'supplier' | 'networkOperator',
  object: number,
  what: string,
): RequestDefinition {
  const isSupplier = party === 'supplier';
  const prefix = isSupplier ? '81' : '80';
  const code = z.string().regex(new RegExp(`^${prefix}[0-9A-Fa-f]{2}$`), {
    error: `want an alert code from ${prefix}00 to ${prefix}FF`,
  });
  const instance = `0-${isSupplier ? 30 : 33}:97.98.${object}.255`;
  const behaviours = place('behaviours', isSupplier ? 'supplierAlerts' : 'networkOperatorAlerts');
  return request(
    messageCode,
    { dlms: [set(1, instance, 2, bits(behaviours))] },
    z.strictObject({
      behaviours: table(
        code,
        flag('on or off'),
        `by alert code (${prefix}00 to ${prefix}FF), true or false: ${what}`,
      ),
    }),
  );
}

function readAlertBehaviours(messageCode: number, ...instances: readonly string[]) {
  const dlms = instances.map((instance) => get(1, `${instance}.255`, 2));
  return request(messageCode, { dlms });
}

/** When billing falls due: a time of day and a date with parts left open. */
const billingTime = structure(octetsOf('time', 'dlmsTime'), octetsOf('date', 'dlmsDate'));
const billingParameters = {
  time: byDefault(timeOfDay('time of day'), '00:00'),
  date: byDefault(date('day on which billing falls due, *-*-01 for every month'), '*-*-01'),
};

/** A two-entry schedule: maximum demand is measured from one time of day to another, on all days. */
const demandEntry = (index: 0 | 1, parameter: string) =>
  structure(
    u16(index),
    bool(true),
    octets('00000a8064ff'),
    u16(index + 1),
    octetsOf(parameter, 'dlmsTime'),
    u16(0xffff),
    bits('1111111'),
    bits(''),
    octets('000001ffff'),
    octets('ffffffffff'),
  );

const loadLimits = [
  ['0-0:94.44.0.3', bool(place('disableSupply'))],
  ['0-0:94.44.128.7', u32(place('powerThreshold'))],
  ['0-0:94.44.128.6', u32(place('period'))],
  ['0-0:94.44.128.8', u32(place('restorationPeriod'))],
] as const;
const setLoadLimits: readonly ItemNode[] = [
  ...loadLimits.map(([instance, data]) => set(9000, instance, 4, data)),
  ...loadLimits.map(([instance]) => set(9000, instance, 6, octetsOf('at', 'dlmsDateTime'))),
];

const demandRegisters = {
  import: '1-0:1.6.0.255',
  configurableTimeImport: '1-0:1.6.1.255',
  export: '1-0:2.6.0.255',
} as const;
const demandNames = ['import', 'configurableTimeImport', 'export'] as const;

const mpan = digits(13, 13, 'meter point administration number');

export const configurationRequests = {
  ECS10: request(
    0x0021,
    { dlms: [set(1, '0-2:96.13.1.255', 2, octetsOf('message', 'octets'))] },
    z.strictObject({ message: text(1, limits.message, 'message to show') }),
  ),
  ECS12: request(
    0x0022,
    { dlms: [set(1, '0-0:94.44.3.2', 2, octetsOf('restrictBefore', 'dlmsDateTime'))] },
    z.strictObject({ restrictBefore: time('change of tenancy: no personal data from before it') }),
  ),
  ECS14: request(0x0023, { dlms: [set(1, '0-0:94.44.3.1', 2, octets(''))] }),
  ECS16: request(
    0x0025,
    {
      dlms: [
        set(9000, '0-0:96.13.0.255', 2, octetsOf('telephone', 'octets')),
        set(9000, '0-0:96.13.1.255', 2, octetsOf('name', 'octets')),
      ],
    },
    z.strictObject({
      telephone: text(0, limits.telephone, 'telephone number of the supplier'),
      name: text(0, limits.name, 'name of the supplier'),
    }),
  ),
  ECS25a: alertBehaviours(0x00ac, 'supplier', 11, 'sent over the WAN'),
  ECS25a1: alertBehaviours(0x00ea, 'supplier', 12, 'shared on the home network'),
  ECS25a2: alertBehaviours(0x00eb, 'supplier', 13, 'sounded as an alarm'),
  ECS25a3: alertBehaviours(0x00ec, 'supplier', 14, 'logged'),
  ECS25b: alertBehaviours(0x00b0, 'networkOperator', 11, 'sent over the WAN'),
  ECS25b3: alertBehaviours(0x00ed, 'networkOperator', 14, 'logged'),
  ECS25r1: readAlertBehaviours(
    0x00ee,
    '0-30:97.98.15',
    '0-30:97.98.16',
    '0-30:97.98.17',
    '0-30:97.98.18',
  ),
  ECS25r2: readAlertBehaviours(0x00ef, '0-33:97.98.15', '0-33:97.98.18'),
  ECS28a: request(
    0x0043,
    { dlms: setLoadLimits },
    z.strictObject({
      disableSupply: byDefault(flag('whether supply is disabled at the limit'), false),
      powerThreshold: integer(0, u32Max, 'power from which load limiting begins, in W'),
      period: integer(0, u32Max, 'time for which it must last, in seconds'),
      restorationPeriod: integer(0, u32Max, 'time after which supply is armed, in seconds'),
      at: activation('when it takes effect'),
    }),
  ),
  ECS28b: request(0x0044, { dlms: [invoke(3, '0-0:94.44.42.255', 1)] }),
  ECS30: request(
    0x0046,
    { dlms: [set(22, '0-0:15.0.0.255', 4, array(billingTime))] },
    z.strictObject(billingParameters),
  ),
  ECS30a: request(
    0x00d7,
    { dlms: [set(22, '0-0:15.0.0.255', 4, array(forEach('billing', billingTime)))] },
    z.strictObject({
      billing: byDefault(
        list(object(billingParameters, 'a time'), 1, 4, 'when billing falls due'),
        [{ time: '00:00', date: '*-*-01' }],
      ),
    }),
  ),
  ECS34: request(
    0x0047,
    { dlms: [set(21, '0-0:16.0.0.255', 2, array(u32(place('medium')), u32(place('high'))))] },
    z.strictObject({
      medium: integer(0, u32Max, 'power from which it counts as medium, in W'),
      high: integer(0, u32Max, 'power from which it counts as high, in W'),
    }),
  ),
  ECS37: request(
    0x004a,
    {
      dlms: [set(10, '0-0:12.0.0.255', 2, array(demandEntry(0, 'start'), demandEntry(1, 'end')))],
    },
    z.strictObject({
      start: timeOfDay('time of day from which maximum demand is measured'),
      end: timeOfDay('time of day until which it is measured'),
    }),
  ),
  ECS38: request(
    0x004b,
    { dlms: [set(1, '0-0:94.44.0.1', 2, u16(place('limit')))] },
    z.strictObject({
      limit: integer(0, limits.randomisedOffset, 'limit of the randomised offset, in seconds'),
    }),
  ),
  ECS39a: request(
    0x004c,
    { dlms: [set(1, '0-0:94.44.34.11', 2, octetsOf('mpans', 'joinedNumbers'))] },
    z.strictObject({
      mpans: list(mpan, 1, 2, 'import MPANs of 13 digits, of a twin element meter two'),
    }),
  ),
  ECS39b: request(
    0x004d,
    { dlms: [set(1, '1-0:0.0.2.255', 2, octetsOf('mpan', 'octets'))] },
    z.strictObject({ mpan }),
  ),
  ECS42: supplyScript(0x004f, 'enable'),
  ECS43: supplyScript(0x0050, 'disable'),
  ECS44: supplyScript(0x0051, 'arm'),
  ECS50: request(
    0x0058,
    { dlms: [set(1, '0-3:96.13.1.255', 2, octetsOf('number', 'octets'))] },
    z.strictObject({ number: digits(4, 4, 'customer identification number to display') }),
  ),
  ECS57: request(
    0x005a,
    {
      dlms: [
        forEach(
          'registers',
          invoke(
            4,
            choice(
              '$value',
              demandNames.map((name) => [name, demandRegisters[name]]),
            ),
            1,
          ),
        ),
      ],
    },
    z.strictObject({
      registers: byDefault(list(word(demandNames, 'a register'), 1, 3, 'registers to reset'), [
        ...demandNames,
      ]),
    }),
  ),
  ECS70: request(
    0x0062,
    {
      dlms: [
        // Clock base 5 and method 4: take the time from the hub, inside the window that method 5 presets.
        set(8, clock, 9, enumeration(5)),
        action(
          8,
          clock,
          5,
          structure(never, octetsOf('from', 'dlmsDateTime'), octetsOf('to', 'dlmsDateTime')),
        ),
        action(8, clock, 4, i8(0)),
        get(8, clock, 2),
        get(8, clock, 4),
      ],
    },
    z.strictObject({
      from: time('start of the interval in which the hub’s time is accepted'),
      to: time('end of that interval'),
    }),
  ),
  ECS81: request(
    0x0068,
    { dlms: [set(1, '0-0:94.44.0.4', 2, bool(place('locked')))] },
    z.strictObject({ locked: byDefault(flag('whether tampering locks the supply'), true) }),
  ),
} as const;
