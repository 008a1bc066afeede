import type { AttributeTable } from '../zcl/layout.js';
import { series, tiersOfBlocks } from './attribute-series.js';

const creditPayments: AttributeTable = {
  ...series(0x0810, 5, (n) => `CreditPayment#${n}`, 'uint32', 0x10),
  ...series(0x0811, 5, (n) => `CreditPaymentDate#${n}`, 'utc', 0x10),
  ...series(0x0812, 5, (n) => `CreditPaymentRef#${n}`, 'octstr', 0x10),
};

const thresholds: AttributeTable = {
  ...series(0x0100, 15, (n) => `Block${n}Threshold`, 'uint48'),
  271: ['BlockThresholdCount', 'uint8'],
  ...tiersOfBlocks(0x0110, 15, (tier, block) => `Tier${tier}Block${block}Threshold`, 'uint48'),
  ...series(0x011f, 15, (n) => `Tier${n}BlockThresholdCount`, 'uint8', 0x10),
};

const prices: AttributeTable = {
  ...series(0x0400, 16, (n) => `NoTierBlock${n}Price`, 'uint32'),
  ...tiersOfBlocks(0x0410, 16, (tier, block) => `Tier${tier}Block${block}Price`, 'uint32'),
  ...series(0x050f, 33, (n) => `PriceTier${n + 15}`, 'uint32'),
  1534: ['Cpp1Price', 'uint32'],
  1535: ['Cpp2Price', 'uint32'],
};

/** What is received from the customer (generation) instead of delivered. */
const received: AttributeTable = {
  ...series(0x8000, 48, (n) => `ReceivedTier${n}PriceLabel`, 'octstr'),
  ...series(0x8100, 15, (n) => `ReceivedBlock${n}Threshold`, 'uint48'),
  33280: ['ReceivedStartOfBlockPeriod', 'utc'],
  33281: ['ReceivedBlockPeriodDuration', 'uint24'],
  33282: ['ReceivedThresholdMultiplier', 'uint24'],
  33283: ['ReceivedThresholdDivisor', 'uint24'],
  ...series(0x8400, 16, (n) => `RxNoTierBlock${n}Price`, 'uint32'),
  ...tiersOfBlocks(0x8410, 16, (tier, block) => `RxTier${tier}Block${block}Price`, 'uint32'),
  ...series(0x850f, 33, (n) => `ReceivedPriceTier${n + 15}`, 'uint32'),
  34320: ['ReceivedTariffLabel', 'octstr'],
  34321: ['ReceivedNumberOfTariffTiersInUse', 'uint8'],
  34322: ['ReceivedNumberOfBlockThresholdsInUse', 'uint8'],
  34323: ['ReceivedTierBlockMode', 'enum8'],
  34325: ['ReceivedTariffResolutionPeriod', 'enum8'],
  34341: ['ReceivedCO2', 'uint32'],
  34342: ['ReceivedCO2Unit', 'enum8'],
  34343: ['ReceivedCO2TrailingDigit', 'map8'],
  34560: ['ReceivedCurrentBillingPeriodStart', 'utc'],
  34561: ['ReceivedCurrentBillingPeriodDuration', 'uint24'],
  34562: ['ReceivedLastBillingPeriodStart', 'utc'],
  34563: ['ReceivedLastBillingPeriodDuration', 'uint24'],
  34564: ['ReceivedLastBillingPeriodConsolidatedBill', 'uint32'],
};

export const priceAttributes: AttributeTable = {
  ...series(0x0000, 48, (n) => `Tier${n}PriceLabel`, 'octstr'),
  ...thresholds,
  512: ['StartOfBlockPeriod', 'utc'],
  513: ['BlockPeriodDuration', 'uint24'],
  514: ['ThresholdMultiplier', 'uint24'],
  515: ['ThresholdDivisor', 'uint24'],
  516: ['BlockPeriodDurationType', 'map8'],
  768: ['CommodityType', 'enum8'],
  769: ['StandingCharge', 'uint32'],
  770: ['ConversionFactor', 'uint32'],
  771: ['ConversionFactorTrailingDigit', 'map8'],
  772: ['CalorificValue', 'uint32'],
  773: ['CalorificValueUnit', 'enum8'],
  774: ['CalorificValueTrailingDigit', 'map8'],
  ...prices,
  1552: ['TariffLabel', 'octstr'],
  1553: ['NumberOfPriceTiersInUse', 'uint8'],
  1554: ['NumberOfBlockThresholdsInUse', 'uint8'],
  1555: ['TierBlockMode', 'enum8'],
  1557: ['TariffUnitOfMeasure', 'enum8'],
  1558: ['Currency', 'uint16'],
  1559: ['PriceTrailingDigit', 'map8'],
  1561: ['TariffResolutionPeriod', 'enum8'],
  1568: ['CO2', 'uint32'],
  1569: ['CO2Unit', 'enum8'],
  1570: ['CO2TrailingDigit', 'map8'],
  1792: ['CurrentBillingPeriodStart', 'utc'],
  1793: ['CurrentBillingPeriodDuration', 'uint24'],
  1794: ['LastBillingPeriodStart', 'utc'],
  1795: ['LastBillingPeriodDuration', 'uint24'],
  1796: ['LastBillingPeriodConsolidatedBill', 'uint32'],
  2048: ['CreditPaymentDueDate', 'utc'],
  2049: ['CreditPaymentStatus', 'enum8'],
  2050: ['CreditPaymentOverDueAmount', 'int32'],
  2058: ['PaymentDiscount', 'int32'],
  2059: ['PaymentDiscountPeriod', 'enum8'],
  ...creditPayments,
  ...received,
};

export const priceClientAttributes: AttributeTable = {
  0: ['PriceIncreaseRandomizeMinutes', 'uint8'],
  1: ['PriceDecreaseRandomizeMinutes', 'uint8'],
  2: ['CommodityType', 'enum8'],
};
