import { z } from 'zod';
import { prepayment } from '../../zigbee/clusters/prepayment.js';
import { calendarParameters, calendarTypes, publishCalendar } from './gas-calendar.js';
import { command, immediately, issued, issuerEventId, timed } from './gbz-template.js';
import {
  activation,
  byDefault,
  digits,
  flag,
  integer,
  object,
  timeOfDay,
  word,
} from './parameters.js';
import { type GbzComponentTemplate, request } from './request.js';
import { choice, packed, place } from './template.js';

/** Payment mode, credit, debt and top-ups of a gas meter. Amounts are in 1/100,000 of the meter's currency. */

const signedMax = 0x7fff_ffff;
const unsignedMax = 0xffff_ffff;
const amount = (description: string) => integer(0, unsignedMax, description);
const signedAmount = (description: string) => integer(-signedMax - 1, signedMax, description);

/** Who asks: the supplier from afar, or the customer at a prepayment display. */
const originatingDevices = { headEnd: 0, ppmid: 2 } as const;
type OriginatingDevice = keyof typeof originatingDevices;

const executionTime = place('executionDateTime', 'zclTime');
const executionDateTime = activation('when it takes effect');

function changePaymentMode(configuration: unknown, cutOffValue: unknown): GbzComponentTemplate {
  return command(prepayment, 'ChangePaymentMode', {
    ...issued,
    implementationDateTime: executionTime,
    proposedPaymentControlConfiguration: configuration,
    cutOffValue,
  });
}

/** Bits of the payment control configuration (duis-to-gbcs.md 14). */
const creditMode = 0x0c94;
const prepaymentMode = packed(
  [4, 0],
  [
    1,
    choice('suspendDebtEmergency', [
      [false, 1],
      [true, 0],
    ]),
  ],
  [
    1,
    choice('suspendDebtDisabled', [
      [false, 0],
      [true, 1],
    ]),
  ],
  [10, 0x097],
);

/** Kinds of credit adjustment by use case. */
const adjustments = { adjustPrepay: 0, resetPrepay: 1, resetCredit: 2, adjustCredit: 3 } as const;

function adjust(messageCode: number, kind: 'adjustPrepay' | 'adjustCredit') {
  return request(
    messageCode,
    { gbz: [creditAdjustment(adjustments[kind], place('value'))] },
    z.strictObject({ value: signedAmount('amount to add to the meter balance') }),
  );
}

function reset(messageCode: number, kind: 'resetPrepay' | 'resetCredit') {
  return request(messageCode, { gbz: [creditAdjustment(adjustments[kind], 0)] });
}

function creditAdjustment(creditAdjustmentType: number, creditAdjustmentValue: unknown) {
  return command(prepayment, 'CreditAdjustment', {
    issuerEventId,
    startTime: immediately,
    creditAdjustmentType,
    creditAdjustmentValue,
  });
}

function topUp(messageCode: number, from: OriginatingDevice) {
  const fields = {
    originatingDevice: originatingDevices[from],
    topUpCode: place('utrn'),
  };
  return request(
    messageCode,
    { gbz: [command(prepayment, 'ConsumerTopUp', fields)] },
    z.strictObject({ utrn: digits(20, 20, 'unique transaction reference number of the top-up') }),
  );
}

function activateEmergencyCredit(messageCode: number, from: OriginatingDevice) {
  const fields = {
    commandIssueDateTime: immediately,
    originatingDevice: originatingDevices[from],
  };
  return request(messageCode, {
    gbz: [command(prepayment, 'SelectAvailableEmergencyCredit', fields)],
  });
}

const debt = { issuerEventId, debtLabel: '' } as const;
const hourly = 0;
const daily = 1;
const byTime = 0;
const byPercentage = 1;

/** A debt that is paid off at a rate; meters keep two, of types 1 and 3. */
function timeDebt(parameter: string, debtAmountType: 1 | 3): GbzComponentTemplate {
  return command(prepayment, 'ChangeDebt', {
    ...debt,
    debtAmount: place(`${parameter}.amount`),
    debtRecoveryMethod: byTime,
    debtAmountType,
    debtRecoveryStartTime: immediately,
    debtRecoveryCollectionTime: 0,
    debtRecoveryFrequency: choice(`${parameter}.period`, [
      ['hourly', hourly],
      ['daily', daily],
    ]),
    debtRecoveryAmount: place(`${parameter}.rate`),
    debtRecoveryBalancePercentage: 0,
  });
}

const timeDebtParameters = object(
  {
    amount: signedAmount('amount to add'),
    rate: signedAmount('amount to recover each period'),
    period: word(['hourly', 'daily'], 'period of recovery'),
  },
  'a debt that is recovered at a rate',
);

const manageDebt = [
  timeDebt('timeDebt1', 1),
  timeDebt('timeDebt2', 3),
  command(prepayment, 'ChangeDebt', {
    ...debt,
    debtAmount: place('paymentDebt.amount'),
    debtRecoveryMethod: byPercentage,
    debtAmountType: 5,
    debtRecoveryStartTime: immediately,
    debtRecoveryCollectionTime: 0,
    debtRecoveryFrequency: daily,
    debtRecoveryAmount: 0,
    debtRecoveryBalancePercentage: place('paymentDebt.percentage'),
  }),
];

const configurePrepayment = [
  command(prepayment, 'EmergencyCreditSetup', {
    issuerEventId,
    startTime: executionTime,
    emergencyCreditLimit: place('emergencyCreditLimit'),
    emergencyCreditThreshold: place('emergencyCreditThreshold'),
  }),
  command(prepayment, 'SetOverallDebtCap', {
    ...issued,
    implementationDateTime: executionTime,
    overallDebtCap: place('debtRecoveryRateCap'),
  }),
  timed(
    executionTime,
    command(prepayment, 'SetLowCreditWarningLevel', {
      lowCreditWarningLevel: place('lowCreditThreshold'),
    }),
  ),
  command(prepayment, 'SetMaximumCreditLimit', {
    ...issued,
    implementationDateTime: executionTime,
    maximumCreditLevel: place('maximumMeterBalance'),
    maximumCreditPerTopUp: place('maximumCreditThreshold'),
  }),
  ...publishCalendar(calendarTypes.friendlyCredit, place('executionDateTime', 'zclCalendarTime'), {
    startTimeMinutes: place('time', 'minutesOfDay'),
    friendlyCreditEnable: place('nonDisablement'),
  }),
];

export const gasPrepayment = {
  CS01b: topUp(0x0097, 'headEnd'),
  GCS02: request(
    0x006c,
    { gbz: [changePaymentMode(creditMode, -1)] },
    z.strictObject({ executionDateTime }),
  ),
  GCS03: request(
    0x006d,
    { gbz: [changePaymentMode(prepaymentMode, place('disablementThreshold'))] },
    z.strictObject({
      executionDateTime,
      disablementThreshold: signedAmount('meter balance at which supply is cut off'),
      suspendDebtDisabled: byDefault(flag('no debt is recovered while supply is cut off'), false),
      suspendDebtEmergency: byDefault(flag('no debt is recovered from emergency credit'), false),
    }),
  ),
  GCS04: request(
    0x006e,
    { gbz: manageDebt },
    z.strictObject({
      timeDebt1: timeDebtParameters,
      timeDebt2: timeDebtParameters,
      paymentDebt: object(
        {
          amount: signedAmount('amount to add'),
          percentage: integer(0, 0xffff, 'share of each top-up, in the unit of the wire'),
        },
        'a debt that is recovered from top-ups',
      ),
    }),
  ),
  GCS05: request(
    0x006f,
    { gbz: configurePrepayment },
    z.strictObject({
      executionDateTime,
      emergencyCreditLimit: amount('emergency credit that may be activated'),
      emergencyCreditThreshold: amount('meter balance below which it may be activated'),
      debtRecoveryRateCap: signedAmount('most debt that is recovered from top-ups in a week'),
      lowCreditThreshold: amount('meter balance below which the customer is warned'),
      maximumMeterBalance: amount('meter balance above which no top-up is taken'),
      maximumCreditThreshold: amount('most that one top-up may bring'),
      ...calendarParameters(
        object(
          {
            time: timeOfDay('start'),
            nonDisablement: flag('whether supply stays on without credit from then on'),
          },
          'whether supply stays on, and from when',
        ),
      ),
    }),
  ),
  GCS06: activateEmergencyCredit(0x0070, 'headEnd'),
  GCS40a: adjust(0x0086, 'adjustPrepay'),
  GCS40b: reset(0x00b4, 'resetPrepay'),
  GCS40c: adjust(0x00c0, 'adjustCredit'),
  GCS40d: reset(0x00c2, 'resetCredit'),
  PCS01: topUp(0x009b, 'ppmid'),
  PCS02: activateEmergencyCredit(0x0090, 'ppmid'),
} as const;
