import { basic } from '../../zigbee/clusters/basic.js';
import { calendar } from '../../zigbee/clusters/calendar.js';
import { deviceManagement } from '../../zigbee/clusters/device-management.js';
import { metering } from '../../zigbee/clusters/metering.js';
import { prepayment } from '../../zigbee/clusters/prepayment.js';
import { price } from '../../zigbee/clusters/price.js';
import { command, providerId, read } from './gbz-template.js';
import { type GbzComponentTemplate, request } from './request.js';

/** Reads of a gas meter's registers and settings, or of the gas proxy's copies of them. None takes parameters. */

const units = ['Divisor', 'Multiplier', 'UnitOfMeasure'];

/** Which calendar a read is of; the numbers stand for "the one in force" of either kind (gbz.md 5). */
const tariffCalendar = { issuerCalendarId: 0xffff_ffff, calendarType: 0 } as const;
const prepaymentCalendar = { issuerCalendarId: 0xffff_fffe, calendarType: 3 } as const;

/** All day profiles, week profiles, seasons and special days. */
function wholeCalendar({
  issuerCalendarId,
  calendarType,
}: typeof tariffCalendar | typeof prepaymentCalendar): GbzComponentTemplate[] {
  const which = { providerId, issuerCalendarId };
  return [
    command(calendar, 'GetDayProfiles', { ...which, startDayId: 1, numberOfDays: 0 }),
    command(calendar, 'GetWeekProfiles', { ...which, startWeekId: 1, numberOfWeeks: 0 }),
    command(calendar, 'GetSeasons', which),
    command(calendar, 'GetSpecialDays', {
      startTime: 0,
      numberOfEvents: 0,
      calendarType,
      ...which,
    }),
  ];
}

const billingPeriod = command(price, 'GetBillingPeriod', {
  earliestStartTime: 0,
  minIssuerEventId: 0xffff_ffff,
  numberOfCommands: 1,
  tariffType: 0,
});

const meterBalance = {
  gbz: [read(metering, 'BillToDateDelivered'), read(prepayment, 'CreditRemaining')],
};
const supplyStates = read(metering, 'SupplyDepletionState', 'SupplyTamperState');
/** Stands for all events in a read of their configuration. */
const allEvents = 0x81ff;

function oneToFour(name: (number: number) => string): string[] {
  return [1, 2, 3, 4].map(name);
}

export const gasReads = {
  GCS13a: request(0x0074, { gbz: [read(metering, ...units, 'CurrentSummationDelivered')] }),
  GCS13b: request(0x00b8, {
    gbz: [
      read(metering, ...oneToFour((n) => `CurrentNoTierBlock${n}SummationDelivered`), ...units),
    ],
  }),
  GCS13c: request(0x00b6, {
    gbz: [read(metering, ...units, ...oneToFour((n) => `CurrentTier${n}SummationDelivered`))],
  }),
  GCS14: request(0x0075, {
    gbz: [
      read(price, 'PriceTrailingDigit', 'Currency'),
      read(
        prepayment,
        'AccumulatedDebt',
        'EmergencyCreditRemaining',
        'CreditRemaining',
        'DebtAmount#3',
        'DebtAmount#1',
        'DebtAmount#2',
      ),
    ],
  }),
  GCS20r: request(0x00f1, {
    gbz: [command(deviceManagement, 'GetEventConfiguration', { eventId: allEvents })],
  }),
  GCS21a: request(0x007b, {
    gbz: [
      read(
        price,
        'CalorificValueTrailingDigit',
        'CalorificValueUnit',
        'CalorificValue',
        'ConversionFactorTrailingDigit',
        'ConversionFactor',
      ),
      read(
        metering,
        'UncontrolledFlowDivisor',
        'UncontrolledFlowMultiplier',
        'UncontrolledFlowThresholdUnitOfMeasure',
        'UncontrolledFlowThreshold',
        'FlowStabilisationPeriod',
        'FlowMeasurementPeriod',
      ),
    ],
  }),
  GCS21b: request(0x00b5, {
    gbz: [
      read(
        prepayment,
        'DebtRecoveryTopUpPercentage#3',
        'OverallDebtCap',
        'DebtRecoveryFrequency#1',
        'DebtRecoveryFrequency#2',
        'CutOffValue',
        'EmergencyCreditLimitAllowance',
        'EmergencyCreditThreshold',
        'LowCreditWarningLevel',
        'MaxCreditLimit',
        'MaxCreditPerTopUp',
        'DebtRecoveryAmount#1',
        'DebtRecoveryAmount#2',
      ),
      read(price, 'PriceTrailingDigit'),
      ...wholeCalendar(prepaymentCalendar),
    ],
  }),
  GCS21d: request(0x009d, { gbz: [billingPeriod] }),
  GCS21e: request(0x009e, {
    gbz: [read(basic, 'ManufacturerName', 'ModelIdentifier', 'HWVersion'), supplyStates],
  }),
  GCS21f: request(0x009f, {
    gbz: [
      read(
        price,
        'ThresholdDivisor',
        'ThresholdMultiplier',
        'Block1Threshold',
        'Block2Threshold',
        'Block3Threshold',
        'TariffUnitOfMeasure',
        ...oneToFour((n) => `NoTierBlock${n}Price`),
        ...oneToFour((n) => `Tier${n}Block1Price`),
        'Currency',
        'PriceTrailingDigit',
        'StandingCharge',
      ),
      ...wholeCalendar(tariffCalendar),
      command(price, 'GetCurrentPrice', { commandOptions: 0 }),
    ],
  }),
  GCS21j: request(0x00bf, { gbz: [read(prepayment, 'PaymentControlConfiguration')] }),
  /** The same octets as GCS21d under another code: the answer may be of any periodicity. */
  GCS21k: request(0x00da, { gbz: [billingPeriod] }),
  GCS21m: request(0x00fb, {
    gbz: [read(basic, 'ManufacturerName', 'ModelIdentifier'), supplyStates],
  }),
  GCS33: request(0x0082, {
    gbz: [read(metering, 'RemainingBatteryLifeInDays', 'SupplyStatus')],
  }),
  GCS38: request(0x0084, { gbz: [read(metering, 'CurrentMeterID')] }),
  GCS46: request(0x0089, { gbz: [read(metering, 'SiteID')] }),
  GCS60: request(0x008d, meterBalance),
  GCS60a: request(0x012a, meterBalance),
} as const;
