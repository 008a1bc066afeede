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
  array,
  bits,
  type DataTemplate,
  enumeration,
  type ItemNode,
  i8,
  i16,
  i32,
  invoke,
  octets,
  octetsOf,
  set,
  structure,
  u16,
  u32,
} from './dlms-template.js';
import { activation, byDefault, digits, flag, integer, object, word } from './parameters.js';
import { request } from './request.js';
import { choice, place, when } from './template.js';

/** Payment mode, balances, debts and top-ups of an electricity meter (dlms.md 4, duis-to-gbcs.md 10 and 13). */

const account = '0-1:19.0.0.255';
const modes = { credit: 1, prepayment: 2 } as const;
const accountActive = 1;
const credits = { meterBalance: 0, emergencyCredit: 1, accumulatedDebt: 2 } as const;
const credit = (kind: keyof typeof credits): string => `0-0:19.10.${credits[kind]}.255`;
const week = 604_800;

/** Last but one group of the OBIS codes of charges. */
const charges = {
  consumption: 0,
  timeDebt1: 1,
  timeDebt2: 2,
  paymentDebt: 3,
  standingCharge: 4,
  secondElement: 5,
} as const;
type Charge = keyof typeof charges;
const chargeInstance = (charge: Charge): string => `0-0:19.20.${charges[charge]}.255`;

/** Which charges a credit pays: when disconnected, during load limiting, during friendly credit. */
const alwaysCollected = '111';
const notFriendly = '110';

function collects(kind: keyof typeof credits, charge: Charge, isSuspendable = false): DataTemplate {
  const rules = choice('suspendDebtDisabled', [
    [true, notFriendly],
    [false, alwaysCollected],
  ]);
  return structure(
    octets(`0000130a0${credits[kind]}ff`),
    octets(`000013140${charges[charge]}ff`),
    bits(isSuspendable ? rules : alwaysCollected),
  );
}

const creditModeCollection = array(
  collects('meterBalance', 'consumption'),
  collects('meterBalance', 'standingCharge'),
  when('twin', true, collects('meterBalance', 'secondElement')),
);

const prepaymentModeCollection = array(
  collects('meterBalance', 'consumption'),
  collects('meterBalance', 'standingCharge'),
  collects('meterBalance', 'timeDebt1', true),
  collects('meterBalance', 'timeDebt2', true),
  collects('meterBalance', 'paymentDebt'),
  collects('emergencyCredit', 'paymentDebt'),
  collects('emergencyCredit', 'consumption'),
  collects('emergencyCredit', 'standingCharge'),
  collects('emergencyCredit', 'timeDebt1', true),
  collects('emergencyCredit', 'timeDebt2', true),
  when(
    'suspendDebtEmergency',
    true,
    collects('accumulatedDebt', 'standingCharge'),
    collects('accumulatedDebt', 'timeDebt1'),
    collects('accumulatedDebt', 'timeDebt2'),
  ),
  when(
    'twin',
    true,
    collects('meterBalance', 'secondElement'),
    collects('emergencyCredit', 'secondElement'),
  ),
);

const setMode = (mode: number): ItemNode =>
  set(111, account, 2, structure(enumeration(mode), enumeration(accountActive)));
const activate = (classId: number, instance: string, attribute: number): ItemNode =>
  set(classId, instance, attribute, octetsOf('at', 'dlmsDateTime'));

function rate(debt: 'timeDebt1' | 'timeDebt2'): ItemNode {
  const data = structure(
    structure(i8(0), i8(place(`${debt}.scale`))),
    structure(u16(0), octets('000000000000'), i8(0)),
    array(structure(octets(''), i16(place(`${debt}.rate`)))),
  );
  return set(113, chargeInstance(debt), 6, data);
}

function ratePeriod(debt: 'timeDebt1' | 'timeDebt2'): ItemNode {
  const seconds = choice(`${debt}.per`, [
    ['hour', 3600],
    ['day', 86_400],
  ]);
  return set(113, chargeInstance(debt), 8, u32(seconds));
}

const adjust = (debt: Charge): ItemNode =>
  action(113, chargeInstance(debt), 4, i32(place(`${debt}.adjust`)));

/** `maxMeterBalance` is the attribute in which ECS08 and ECS08a differ: the value in force or the passive one. */
function prepaymentConfiguration(maxMeterBalance: 2 | 4): readonly ItemNode[] {
  const passive = (instance: string, data: DataTemplate): ItemNode => set(9000, instance, 4, data);
  const scripts = scriptNumber('action', [
    ['start', 32],
    ['stop', 33],
  ]);
  const activated = ['2.20', '2.10', '128.12', '128.13', '128.9', '128.2', '128.3', '128.28'];
  return [
    set(11, '0-1:11.0.2.255', 2, specialDaysData),
    set(9000, '0-0:94.44.2.20', maxMeterBalance, i32(place('maxMeterBalance'))),
    passive('0-0:94.44.2.10', i32(place('maxCreditThreshold'))),
    set(10, '0-1:12.0.1.255', 2, scheduleData('00000a006aff', scripts)),
    passive('0-0:94.44.128.12', u16(place('debtRecoveryRateCap'))),
    passive('0-0:94.44.128.13', i32(place('debtRecoveryRateCapPeriod'))),
    passive('0-0:94.44.128.9', i32(place('lowCreditThreshold'))),
    passive('0-0:94.44.128.2', i32(place('emergencyCreditLimit'))),
    activate(9000, '0-0:94.44.128.31', 6),
    passive('0-0:94.44.128.3', i32(place('emergencyCreditThreshold'))),
    ...activated.map((suffix) => activate(9000, `0-0:94.44.${suffix}`, 6)),
  ];
}

const i32Max = 0x7fff_ffff;
const amount = (what: string) => integer(-i32Max - 1, i32Max, `${what}, in thousandths of a penny`);
const at = activation('when it takes effect');
const twin = byDefault(flag('whether the meter has a second element'), false);

const prepaymentParameters = z.strictObject({
  maxMeterBalance: amount('highest meter balance'),
  maxCreditThreshold: amount('largest top-up'),
  debtRecoveryRateCap: integer(0, 0xffff, 'most debt to recover in a period, in pounds or euros'),
  debtRecoveryRateCapPeriod: byDefault(integer(0, i32Max, 'that period, in seconds'), week),
  lowCreditThreshold: amount('balance below which credit is low'),
  emergencyCreditLimit: amount('emergency credit on offer'),
  emergencyCreditThreshold: amount('balance below which emergency credit is on offer'),
  specialDays,
  schedule: schedule(
    { action: word(['start', 'stop'], 'what begins or ends: non-disablement') },
    'non-disablement calendar',
  ),
  at,
});

function timeDebt(number: 1 | 2) {
  return object(
    {
      rate: integer(-0x8000, 0x7fff, 'what is recovered in a period'),
      scale: byDefault(integer(-128, 127, 'scale of the rate: 10 to this power, in pounds'), -5),
      per: byDefault(word(['hour', 'day'], 'period'), 'day'),
      adjust: byDefault(amount('what is added to the debt'), 0),
    },
    `time-based debt ${number}`,
  );
}

export const prepaymentRequests = {
  CS01a: request(
    0x0007,
    { dlms: [action(115, '0-0:19.40.0.255', 1, octetsOf('utrn', 'octets'))] },
    z.strictObject({ utrn: digits(20, 20, 'unique transaction reference number of the top-up') }),
  ),
  ECS02: request(
    0x001a,
    {
      dlms: [
        setMode(modes.credit),
        set(111, account, 11, creditModeCollection),
        activate(111, account, 13),
      ],
    },
    z.strictObject({ twin, at }),
  ),
  ECS03: request(
    0x001b,
    {
      dlms: [
        setMode(modes.prepayment),
        set(9000, '0-0:94.44.128.22', 4, i32(place('disablementThreshold'))),
        set(111, account, 11, prepaymentModeCollection),
        activate(9000, '0-0:94.44.128.22', 6),
        activate(111, account, 13),
      ],
    },
    z.strictObject({
      disablementThreshold: amount('meter balance at which supply is disabled'),
      suspendDebtDisabled: byDefault(
        flag('whether time-based debt waits while supply is disabled'),
        false,
      ),
      suspendDebtEmergency: byDefault(
        flag('whether debt waits while emergency credit is in use'),
        false,
      ),
      twin,
      at,
    }),
  ),
  ECS04a: request(
    0x001c,
    { dlms: [action(112, credit('meterBalance'), 1, i32(place('adjust')))] },
    z.strictObject({ adjust: amount('what is added to the meter balance') }),
  ),
  ECS04b: request(0x00b3, {
    dlms: [
      action(112, credit('meterBalance'), 2, i32(0)),
      action(112, credit('emergencyCredit'), 2, i32(0)),
      action(112, credit('accumulatedDebt'), 2, i32(0)),
    ],
  }),
  ECS07: request(
    0x001e,
    {
      dlms: [
        rate('timeDebt1'),
        rate('timeDebt2'),
        set(113, chargeInstance('paymentDebt'), 13, u16(place('paymentDebt.proportion'))),
        ratePeriod('timeDebt1'),
        ratePeriod('timeDebt2'),
        invoke(113, chargeInstance('timeDebt1'), 2),
        invoke(113, chargeInstance('timeDebt2'), 2),
        adjust('paymentDebt'),
        adjust('timeDebt1'),
        adjust('timeDebt2'),
      ],
    },
    z.strictObject({
      timeDebt1: timeDebt(1),
      timeDebt2: timeDebt(2),
      paymentDebt: object(
        {
          proportion: integer(0, 0xffff, 'share of a payment, in hundredths of a percent'),
          adjust: byDefault(amount('what is added to the debt'), 0),
        },
        'debt recovered from payments',
      ),
    }),
  ),
  ECS08: request(0x001f, { dlms: prepaymentConfiguration(2) }, prepaymentParameters),
  ECS08a: request(0x00de, { dlms: prepaymentConfiguration(4) }, prepaymentParameters),
  ECS09: request(0x0020, { dlms: [invoke(112, credit('emergencyCredit'), 3)] }),
} as const;
