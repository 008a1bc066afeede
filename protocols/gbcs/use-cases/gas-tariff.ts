import { z } from 'zod';
import { price } from '../../zigbee/clusters/price.js';
import { calendarParameters, calendarTypes, publishCalendar } from './gas-calendar.js';
import { command, immediately, issued, issuerEventId, wholeInOne } from './gbz-template.js';
import {
  activation,
  byDefault,
  decimal,
  integer,
  list,
  object,
  optionally,
  time,
  timeOfDay,
  word,
} from './parameters.js';
import { type GbzNode, request } from './request.js';
import { choice, countOf, forEach, place, when } from './template.js';

/** Tariffs, prices, billing periods and what turns gas volume into energy. */

const issuerTariffId = 1;
/** Amounts are in a hundred thousandth of the currency's unit: five digits behind the point. */
const fiveDigits = 0x50;
const oneDigit = 0x10;
const noTierBlockMode = 0xff;
/** Type of tariff, and how it charges in the upper four bits. */
const chargingSchemes = { timeOfUse: 0x00, block: 0x10 } as const;
/** What a price matrix or a table of thresholds is by. */
const subPayloads = { byBlock: 0, byTier: 1 } as const;

const executionTime = place('executionDateTime', 'zclTime');
const calendarTime = place('executionDateTime', 'zclCalendarTime');
const ofMatrix = { ...issued, startTime: calendarTime, issuerTariffId, ...wholeInOne };

function tariffInformation(
  scheme: keyof typeof chargingSchemes,
  tiers: unknown,
  thresholds: unknown,
): GbzNode {
  return command(price, 'PublishTariffInformation', {
    ...issued,
    issuerTariffId,
    startTime: executionTime,
    tariffTypeChargingScheme: chargingSchemes[scheme],
    tariffLabel: '',
    numberOfPriceTiersInUse: tiers,
    numberOfBlockThresholdsInUse: thresholds,
    unitOfMeasure: 0,
    currency: choice('currency', [
      ['gbp', 826],
      ['eur', 978],
    ]),
    priceTrailingDigit: fiveDigits,
    standingCharge: place('standingCharge'),
    tierBlockMode: noTierBlockMode,
    blockThresholdMultiplier: 1,
    blockThresholdDivisor: 1000,
  });
}

const priceOf = { price: place('$value') };

/** Price tiers are counted from 1, blocks from 0. */
const pricesByTier = command(price, 'PublishPriceMatrix', {
  ...ofMatrix,
  subPayloadControl: subPayloads.byTier,
  prices: [forEach('prices', { tierBlockId: place('$position'), ...priceOf })],
});
const pricesByBlock = command(price, 'PublishPriceMatrix', {
  ...ofMatrix,
  subPayloadControl: subPayloads.byBlock,
  prices: [forEach('prices', { tierBlockId: place('$position', 'fromZero'), ...priceOf })],
});

const blockThresholds = command(price, 'PublishBlockThresholds', {
  ...ofMatrix,
  subPayloadControl: 1,
  tiers: [
    {
      tierNumberOfBlockThresholds: countOf('thresholds'),
      blockThresholds: [forEach('thresholds', place('$value'))],
    },
  ],
});

const timeOfUse: readonly GbzNode[] = [
  when('scheme', 'timeOfUse', tariffInformation('timeOfUse', countOf('prices'), 0), pricesByTier),
];

const amountMax = 0xffff_ffff;
const pricesMax = 48;

const priceParameters = {
  executionDateTime: activation('when the prices come into force'),
  scheme: word(['timeOfUse', 'block'], 'prices by time of use or by block of consumption'),
  currency: byDefault(word(['gbp', 'eur'], 'currency of all amounts'), 'gbp'),
  standingCharge: integer(0, amountMax, 'charge per day in 1/100,000 of the currency'),
  prices: list(
    integer(0, amountMax, 'price of a kWh in 1/100,000 of the currency'),
    1,
    pricesMax,
    'price of each tier or block in turn',
  ),
};

const thresholdMax = 2 ** 48 - 1;
const thresholdsMax = 15;

/** Length of a period and its unit: months from their start, weeks or days. */
const periodicities = [
  ['daily', 1, 0x21],
  ['weekly', 1, 0x22],
  ['monthly', 1, 0x23],
  ['quarterly', 3, 0x23],
  ['half-yearly', 6, 0x23],
  ['yearly', 12, 0x23],
] as const;

const billingCalendar: readonly GbzNode[] = periodicities.map(([name, duration, type]) =>
  when(
    'periodicity',
    name,
    command(price, 'PublishBillingPeriod', {
      ...issued,
      billingPeriodStartTime: place('start', 'secondsSince2000'),
      billingPeriodDuration: duration,
      billingPeriodDurationType: type,
      tariffType: 0,
    }),
    command(price, 'PublishBlockPeriod', {
      ...issued,
      blockPeriodStartTime: place('start', 'secondsSince2000'),
      blockPeriodDuration: duration,
      blockPeriodControl: 2,
      blockPeriodDurationType: type,
      tariffType: 0,
      tariffResolutionPeriod: 1,
    }),
  ),
);

const billingParameters = z.strictObject({
  start: time('start of the first billing period'),
  periodicity: word(
    ['daily', 'weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly'],
    'length of a billing period',
  ),
});

export const gasTariff = {
  GCS01a: request(
    0x006b,
    {
      gbz: [
        ...publishCalendar(calendarTypes.tariff, calendarTime, {
          startTimeMinutes: place('time', 'minutesOfDay'),
          priceTier: place('priceTier'),
        }),
        ...timeOfUse,
        when(
          'scheme',
          'block',
          tariffInformation('block', 0, countOf('thresholds')),
          blockThresholds,
          pricesByBlock,
        ),
      ],
    },
    z.strictObject({
      ...calendarParameters(
        object(
          {
            time: byDefault(timeOfDay('start'), '00:00'),
            priceTier: integer(0, pricesMax, 'price tier from then on, 0 with block prices'),
          },
          'a price tier and its start',
        ),
      ),
      ...priceParameters,
      thresholds: optionally(
        list(
          integer(0, thresholdMax, 'consumption in Wh'),
          0,
          thresholdsMax,
          'upper ends of the blocks but the last; none with prices by time of use',
        ),
      ),
    }),
  ),
  GCS01b: request(
    0x00a3,
    {
      gbz: [
        ...timeOfUse,
        when(
          'scheme',
          'block',
          tariffInformation('block', 0, place('thresholdsInUse')),
          pricesByBlock,
        ),
      ],
    },
    z.strictObject({
      ...priceParameters,
      thresholdsInUse: optionally(
        integer(
          0,
          thresholdsMax,
          'how many thresholds the meter has; none with prices by time of use',
        ),
      ),
    }),
  ),
  GCS23: request(
    0x007c,
    {
      gbz: [
        command(price, 'PublishConversionFactor', {
          issuerEventId,
          startTime: immediately,
          conversionFactor: place('conversionFactor', 'hundredThousandths'),
          conversionFactorTrailingDigit: fiveDigits,
        }),
        command(price, 'PublishCalorificValue', {
          issuerEventId,
          startTime: immediately,
          calorificValue: place('calorificValue', 'tenths'),
          calorificValueUnit: 1,
          calorificValueTrailingDigit: oneDigit,
        }),
      ],
    },
    z.strictObject({
      conversionFactor: decimal(0, 42949, 5, 'volume at standard conditions of a measured volume'),
      calorificValue: decimal(0, 429_496_729, 1, 'energy of a volume of gas in MJ per m³'),
    }),
  ),
  GCS25: request(0x007e, { gbz: billingCalendar }, billingParameters),
  GCS25a: request(0x00d8, { gbz: billingCalendar }, billingParameters),
} as const;
