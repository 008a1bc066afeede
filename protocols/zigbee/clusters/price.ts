import type { ClusterDefinition, CommandTable, Layout } from '../zcl/layout.js';
import { priceAttributes, priceClientAttributes } from './price-attributes.js';

const issued: Layout = { providerId: 'uint32', issuerEventId: 'uint32' };
const fragment: Layout = { commandIndex: 'uint8', totalNumberOfCommands: 'uint8' };
const search: Layout = {
  earliestStartTime: 'utc',
  minIssuerEventId: 'uint32',
  numberOfCommands: 'uint8',
};
const ofTariff: Layout = { issuerTariffId: 'uint32' };

const toServer: CommandTable = {
  0: { name: 'GetCurrentPrice', fields: { commandOptions: 'map8' } },
  1: { name: 'GetScheduledPrices', fields: { startTime: 'utc', numberOfEvents: 'uint8' } },
  2: {
    name: 'PriceAcknowledgement',
    fields: { ...issued, priceAckTime: 'utc', priceControl: 'map8' },
  },
  3: {
    name: 'GetBlockPeriods',
    fields: {
      startTime: 'utc',
      numberOfEvents: 'uint8',
      tariffType: { type: 'map8', optional: true },
    },
  },
  4: { name: 'GetConversionFactor', fields: search },
  5: { name: 'GetCalorificValue', fields: search },
  6: { name: 'GetTariffInformation', fields: { ...search, tariffType: 'map8' } },
  7: { name: 'GetPriceMatrix', fields: ofTariff },
  8: { name: 'GetBlockThresholds', fields: ofTariff },
  9: {
    name: 'GetCO2Value',
    fields: { ...search, tariffType: { type: 'map8', optional: true } },
  },
  10: { name: 'GetTierLabels', fields: ofTariff },
  11: { name: 'GetBillingPeriod', fields: { ...search, tariffType: 'map8' } },
  12: { name: 'GetConsolidatedBill', fields: { ...search, tariffType: 'map8' } },
  13: { name: 'CPPEventResponse', fields: { issuerEventId: 'uint32', cppAuth: 'enum8' } },
  14: { name: 'GetCreditPayment', fields: { latestEndTime: 'utc', numberOfRecords: 'uint8' } },
  15: { name: 'GetCurrencyConversion', fields: {} },
  16: { name: 'GetTariffCancellation', fields: {} },
};

/**
 * Later revisions of the standard lengthened this command; a sender may stop after any field of the
 * tail.
 */
const publishPrice: Layout = {
  providerId: 'uint32',
  rateLabel: 'text',
  issuerEventId: 'uint32',
  currentTime: 'utc',
  unitOfMeasure: 'enum8',
  currency: 'uint16',
  priceTrailingDigitAndPriceTier: 'map8',
  numberOfPriceTiersAndRegisterTier: 'map8',
  startTime: 'utc',
  durationMinutes: 'uint16',
  price: 'uint32',
  priceRatio: { type: 'uint8', optional: true },
  generationPrice: { type: 'uint32', optional: true },
  generationPriceRatio: { type: 'uint8', optional: true },
  alternateCostDelivered: { type: 'uint32', optional: true },
  alternateCostUnit: { type: 'enum8', optional: true },
  alternateCostTrailingDigit: { type: 'map8', optional: true },
  numberOfBlockThresholds: { type: 'uint8', optional: true },
  priceControl: { type: 'map8', optional: true },
  numberOfGenerationTiers: { type: 'uint8', optional: true },
  generationTier: { type: 'uint8', optional: true },
  extendedNumberOfPriceTiers: { type: 'uint8', optional: true },
  extendedPriceTier: { type: 'uint8', optional: true },
  extendedRegisterTier: { type: 'uint8', optional: true },
};

const publishTariffInformation: Layout = {
  ...issued,
  issuerTariffId: 'uint32',
  startTime: 'utc',
  tariffTypeChargingScheme: 'map8',
  tariffLabel: 'text',
  numberOfPriceTiersInUse: 'uint8',
  numberOfBlockThresholdsInUse: 'uint8',
  unitOfMeasure: 'enum8',
  currency: 'uint16',
  priceTrailingDigit: 'map8',
  standingCharge: 'uint32',
  tierBlockMode: 'uint8',
  blockThresholdMultiplier: 'uint24',
  blockThresholdDivisor: 'uint24',
};

/** The low nibble of each first octet counts the thresholds, the high nibble is the tier. */
const publishBlockThresholds: Layout = {
  ...issued,
  startTime: 'utc',
  ...ofTariff,
  ...fragment,
  subPayloadControl: 'map8',
  tiers: {
    list: {
      tierNumberOfBlockThresholds: 'map8',
      blockThresholds: { list: 'uint48', countedBy: 'tierNumberOfBlockThresholds', mask: 0x0f },
    },
  },
};

const tariffCommands: CommandTable = {
  4: { name: 'PublishTariffInformation', fields: publishTariffInformation },
  5: {
    name: 'PublishPriceMatrix',
    fields: {
      ...issued,
      startTime: 'utc',
      ...ofTariff,
      ...fragment,
      subPayloadControl: 'map8',
      prices: { list: { tierBlockId: 'uint8', price: 'uint32' } },
    },
  },
  6: { name: 'PublishBlockThresholds', fields: publishBlockThresholds },
  7: {
    name: 'PublishCO2Value',
    fields: {
      ...issued,
      startTime: 'utc',
      tariffType: 'map8',
      co2Value: 'uint32',
      co2ValueUnit: 'enum8',
      co2ValueTrailingDigit: 'map8',
    },
  },
  8: {
    name: 'PublishTierLabels',
    fields: {
      ...issued,
      ...ofTariff,
      ...fragment,
      numberOfLabels: 'uint8',
      labels: { list: { tierId: 'uint8', tierLabel: 'text' }, countedBy: 'numberOfLabels' },
    },
  },
  14: { name: 'CancelTariff', fields: { providerId: 'uint32', ...ofTariff, tariffType: 'map8' } },
};

const billing: Layout = {
  ...issued,
  billingPeriodStartTime: 'utc',
  billingPeriodDuration: 'uint24',
  billingPeriodDurationType: 'map8',
  tariffType: 'map8',
};

const billingCommands: CommandTable = {
  9: { name: 'PublishBillingPeriod', fields: billing },
  10: {
    name: 'PublishConsolidatedBill',
    fields: {
      ...billing,
      consolidatedBill: 'uint32',
      currency: 'uint16',
      billTrailingDigit: 'map8',
    },
  },
  11: {
    name: 'PublishCPPEvent',
    fields: {
      ...issued,
      startTime: 'utc',
      durationMinutes: 'uint16',
      tariffType: 'map8',
      cppPriceTier: 'enum8',
      cppAuth: 'enum8',
    },
  },
  12: {
    name: 'PublishCreditPayment',
    fields: {
      ...issued,
      creditPaymentDueDate: 'utc',
      creditPaymentOverDueAmount: 'uint32',
      creditPaymentStatus: 'enum8',
      creditPayment: 'uint32',
      creditPaymentDate: 'utc',
      creditPaymentRef: 'text',
    },
  },
  13: {
    name: 'PublishCurrencyConversion',
    fields: {
      ...issued,
      startTime: 'utc',
      oldCurrency: 'uint16',
      newCurrency: 'uint16',
      conversionFactor: 'uint32',
      conversionFactorTrailingDigit: 'map8',
      currencyChangeControlFlags: 'map32',
    },
  },
};

/** Price: tariffs, prices and billing periods. */
export const price: ClusterDefinition = {
  id: 0x0700,
  name: 'Price',
  attributes: priceAttributes,
  clientAttributes: priceClientAttributes,
  toServer,
  toClient: {
    0: { name: 'PublishPrice', fields: publishPrice },
    1: {
      name: 'PublishBlockPeriod',
      fields: {
        ...issued,
        blockPeriodStartTime: 'utc',
        blockPeriodDuration: 'uint24',
        blockPeriodControl: 'map8',
        blockPeriodDurationType: 'map8',
        tariffType: 'map8',
        tariffResolutionPeriod: 'enum8',
      },
    },
    2: {
      name: 'PublishConversionFactor',
      fields: {
        issuerEventId: 'uint32',
        startTime: 'utc',
        conversionFactor: 'uint32',
        conversionFactorTrailingDigit: 'map8',
      },
    },
    3: {
      name: 'PublishCalorificValue',
      fields: {
        issuerEventId: 'uint32',
        startTime: 'utc',
        calorificValue: 'uint32',
        calorificValueUnit: 'enum8',
        calorificValueTrailingDigit: 'map8',
      },
    },
    ...tariffCommands,
    ...billingCommands,
  },
};
