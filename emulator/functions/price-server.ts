import { msOfSecondsSince2000, secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { price } from '../../protocols/zigbee/clusters/price.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { periodStart } from './calendar-periods.js';
import {
  answering,
  type ClusterRows,
  type SourceAnswers,
  type SourceGetters,
  serverRows,
} from './cluster-rows.js';
import { typicalGasQuality } from './gas-demand.js';
import { unitsOfMeasure } from './gas-metering.js';
import { octetsOfText } from './octet-text.js';
import { ProtocolError } from './protocol-error.js';
import { type Rate, type RateRun, rateRun, startOfDay, type Tariff } from './tariff.js';
import type { ZclAnswer } from './zcl-model.js';

/** What the Price cluster of a meter, or of the proxy that stands for one, is served from. */
export interface PriceSource {
  readonly tariff: Tariff;
  /** Block (from 0) that the day's consumption has reached. */
  block(nowMs: number): number;
  readonly fuel: 'electricity' | 'gas';
}

/** Numbers as GB tariffs have them on the wire (GCS01a): prices in 1/100,000 of a pound, thresholds in Wh. */
const issuerTariffId = 1;
const poundSterling = 826;
export const fiveTrailingDigits = 0x50;
const noTierBlockMode = 0xff;
const chargingSchemes = { timeOfUse: 0x00, block: 0x10 } as const;
const subPayloads = { byBlock: 0, byTier: 1 } as const;
const untilFurtherNotice = 0xffff;
const thresholdScale = { multiplier: 1, divisor: 1000 } as const;
/** ZigBee Smart Energy 1.4: a duration in months from their start. */
const monthsFromStart = 0x23;
const daysFromStart = 0x21;
const minuteMs = 60_000;
const scheduledPricesMax = 5;
const oneMessage = { commandIndex: 0, totalNumberOfCommands: 1 } as const;

const hasBlocks = (tariff: Tariff): boolean => tariff.blockThresholdsWh.length > 0;
const tierCount = (tariff: Tariff): number => (hasBlocks(tariff) ? 0 : tariff.rates.length);

function absent(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.unsupportedAttribute, `this tariff has no ${what}`);
}

function notFound(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.notFound, `there is no ${what}`);
}

const publishPrice = answering(price, 'PublishPrice');

function priceOfRun(
  { tariff, block }: { tariff: Tariff; block: number },
  run: RateRun,
  nowMs: number,
) {
  const { rate, fromMs, toMs } = run;
  const tier = hasBlocks(tariff) ? 0 : rate + 1;
  const { label, prices } = tariff.rates[rate] as Rate;
  const startTime = secondsSince2000(fromMs);
  const duration = toMs === undefined ? untilFurtherNotice : (toMs - fromMs) / minuteMs;
  return publishPrice({
    providerId: 0,
    rateLabel: label,
    issuerEventId: startTime,
    currentTime: secondsSince2000(nowMs),
    unitOfMeasure: unitsOfMeasure.kilowattHour,
    currency: poundSterling,
    priceTrailingDigitAndPriceTier: fiveTrailingDigits | tier,
    numberOfPriceTiersAndRegisterTier: (tierCount(tariff) << 4) | tier,
    startTime,
    durationMinutes: duration,
    price: prices[block] as number,
  });
}

/** Prices that end after the given time (0: now), the current one included. */
function scheduledPrices(source: PriceSource, fields: GbzFields, nowMs: number): ZclAnswer[] {
  const { tariff } = source;
  const asked = fields.startTime as number;
  const afterMs = asked === 0 ? nowMs : Math.max(nowMs, msOfSecondsSince2000(asked));
  const wanted = (fields.numberOfEvents as number) || scheduledPricesMax;
  const answers: ZclAnswer[] = [];
  for (let at: number | undefined = afterMs; at !== undefined; ) {
    const run = rateRun(tariff, at);
    // Blocks start anew with the day; what a later day will have reached nobody knows.
    const block = startOfDay(at) === startOfDay(nowMs) ? source.block(nowMs) : 0;
    answers.push(priceOfRun({ tariff, block }, run, nowMs));
    if (answers.length >= Math.min(wanted, scheduledPricesMax)) break;
    at = run.toMs;
  }
  return answers;
}

const publishTariffInformation = answering(price, 'PublishTariffInformation');
const publishPriceMatrix = answering(price, 'PublishPriceMatrix');
const publishBlockThresholds = answering(price, 'PublishBlockThresholds');
const publishTierLabels = answering(price, 'PublishTierLabels');
const publishBillingPeriod = answering(price, 'PublishBillingPeriod');
const publishBlockPeriod = answering(price, 'PublishBlockPeriod');
const publishConversionFactor = answering(price, 'PublishConversionFactor');
const publishCalorificValue = answering(price, 'PublishCalorificValue');

/** Every tariff here has been in force since 1 January 2024. */
const inForceSince = 757_382_400;
const issued = { providerId: 0, issuerEventId: inForceSince } as const;

function tariffInformation({ tariff }: PriceSource): ZclAnswer {
  const blocks = hasBlocks(tariff);
  return publishTariffInformation({
    ...issued,
    issuerTariffId,
    startTime: inForceSince,
    tariffTypeChargingScheme: blocks ? chargingSchemes.block : chargingSchemes.timeOfUse,
    tariffLabel: tariff.label,
    numberOfPriceTiersInUse: tierCount(tariff),
    numberOfBlockThresholdsInUse: tariff.blockThresholdsWh.length,
    unitOfMeasure: unitsOfMeasure.kilowattHour,
    currency: poundSterling,
    priceTrailingDigit: fiveTrailingDigits,
    standingCharge: tariff.standingCharge,
    tierBlockMode: noTierBlockMode,
    blockThresholdMultiplier: thresholdScale.multiplier,
    blockThresholdDivisor: thresholdScale.divisor,
  });
}

const ofTariff = { ...issued, startTime: inForceSince, issuerTariffId, ...oneMessage } as const;

function requireTariff(fields: GbzFields): void {
  if (fields.issuerTariffId !== issuerTariffId) throw notFound('tariff of that number');
}

/** Tiers are counted from 1, blocks from 0. */
function priceMatrix({ tariff }: PriceSource, fields: GbzFields): ZclAnswer {
  requireTariff(fields);
  const blocks = hasBlocks(tariff);
  const prices = blocks
    ? (tariff.rates[0] as Rate).prices.map((amount, tierBlockId) => ({
        tierBlockId,
        price: amount,
      }))
    : tariff.rates.map(({ prices: [amount] }, index) => ({
        tierBlockId: index + 1,
        price: amount as number,
      }));
  const subPayloadControl = blocks ? subPayloads.byBlock : subPayloads.byTier;
  return publishPriceMatrix({ ...ofTariff, subPayloadControl, prices });
}

function blockThresholds({ tariff }: PriceSource, fields: GbzFields): ZclAnswer {
  requireTariff(fields);
  const thresholds = tariff.blockThresholdsWh;
  if (thresholds.length === 0) throw notFound('block');
  const tiers = [
    { tierNumberOfBlockThresholds: thresholds.length, blockThresholds: [...thresholds] },
  ];
  return publishBlockThresholds({ ...ofTariff, subPayloadControl: 1, tiers });
}

function tierLabels({ tariff }: PriceSource, fields: GbzFields): ZclAnswer {
  requireTariff(fields);
  if (hasBlocks(tariff)) throw notFound('tier');
  const labels = tariff.rates.map(({ label }, index) => ({ tierId: index + 1, tierLabel: label }));
  const { startTime: _inForce, ...rest } = ofTariff;
  return publishTierLabels({ ...rest, numberOfLabels: labels.length, labels });
}

function billingPeriod(nowMs: number): ZclAnswer {
  const start = secondsSince2000(periodStart('month', nowMs));
  return publishBillingPeriod({
    ...issued,
    billingPeriodStartTime: start,
    billingPeriodDuration: 1,
    billingPeriodDurationType: monthsFromStart,
    tariffType: 0,
  });
}

function blockPeriod({ tariff }: PriceSource, nowMs: number): ZclAnswer {
  if (!hasBlocks(tariff)) throw notFound('block');
  return publishBlockPeriod({
    ...issued,
    blockPeriodStartTime: secondsSince2000(startOfDay(nowMs)),
    blockPeriodDuration: 1,
    blockPeriodControl: 2,
    blockPeriodDurationType: daysFromStart,
    tariffType: 0,
    tariffResolutionPeriod: 1,
  });
}

const gasQuality = {
  conversionFactor: Math.round(typicalGasQuality.conversionFactor * 100_000),
  calorificValue: Math.round(typicalGasQuality.calorificValueMjPerM3 * 10),
  megajoulesPerCubicMetre: 1,
  oneTrailingDigit: 0x10,
} as const;

function conversionFactor({ fuel }: PriceSource): ZclAnswer {
  if (fuel !== 'gas') throw notFound('conversion factor');
  return publishConversionFactor({
    issuerEventId: inForceSince,
    startTime: inForceSince,
    conversionFactor: gasQuality.conversionFactor,
    conversionFactorTrailingDigit: fiveTrailingDigits,
  });
}

function calorificValue({ fuel }: PriceSource): ZclAnswer {
  if (fuel !== 'gas') throw notFound('calorific value');
  return publishCalorificValue({
    issuerEventId: inForceSince,
    startTime: inForceSince,
    calorificValue: gasQuality.calorificValue,
    calorificValueUnit: gasQuality.megajoulesPerCubicMetre,
    calorificValueTrailingDigit: gasQuality.oneTrailingDigit,
  });
}

/** Rows for as many tiers, blocks and thresholds as a tariff here may have. */
const tiersMax = 3;
const blocksMax = 2;

type Getters = SourceGetters<PriceSource>;
type Getter = Getters[string];

function tierGetters(): Record<string, Getter> {
  const getters: Record<string, Getter> = {};
  for (let tier = 1; tier <= tiersMax; tier++) {
    const rateOf = ({ tariff }: PriceSource): Rate => {
      const rate = hasBlocks(tariff) ? undefined : tariff.rates[tier - 1];
      if (rate === undefined) throw absent(`tier ${tier}`);
      return rate;
    };
    getters[`Tier${tier}PriceLabel`] = (source) => octetsOfText(rateOf(source).label);
    getters[`Tier${tier}Block1Price`] = (source) => rateOf(source).prices[0] as number;
  }
  for (let block = 1; block <= blocksMax; block++) {
    getters[`NoTierBlock${block}Price`] = ({ tariff }) => {
      const amount = hasBlocks(tariff) ? tariff.rates[0]?.prices[block - 1] : undefined;
      if (amount === undefined) throw absent(`block ${block}`);
      return amount;
    };
  }
  getters.Block1Threshold = ({ tariff }) => {
    const [threshold] = tariff.blockThresholdsWh;
    if (threshold === undefined) throw absent('block');
    return threshold;
  };
  return getters;
}

function ofGas(value: number): Getter {
  return ({ fuel }) => {
    if (fuel !== 'gas') throw absent('gas');
    return value;
  };
}

/** MeteringDeviceType: what is delivered. */
const commodities = { electricity: 0, gas: 1 } as const;

const attributes: Getters = {
  CommodityType: ({ fuel }) => commodities[fuel],
  StandingCharge: ({ tariff }) => tariff.standingCharge,
  TariffLabel: ({ tariff }) => octetsOfText(tariff.label),
  NumberOfPriceTiersInUse: ({ tariff }) => tierCount(tariff),
  NumberOfBlockThresholdsInUse: ({ tariff }) => tariff.blockThresholdsWh.length,
  BlockThresholdCount: ({ tariff }) => tariff.blockThresholdsWh.length,
  TierBlockMode: () => noTierBlockMode,
  TariffUnitOfMeasure: () => unitsOfMeasure.kilowattHour,
  Currency: () => poundSterling,
  PriceTrailingDigit: () => fiveTrailingDigits,
  ThresholdMultiplier: () => thresholdScale.multiplier,
  ThresholdDivisor: () => thresholdScale.divisor,
  CurrentBillingPeriodStart: (_source, nowMs) => secondsSince2000(periodStart('month', nowMs)),
  ...tierGetters(),
  ConversionFactor: ofGas(gasQuality.conversionFactor),
  ConversionFactorTrailingDigit: ofGas(fiveTrailingDigits),
  CalorificValue: ofGas(gasQuality.calorificValue),
  CalorificValueUnit: ofGas(gasQuality.megajoulesPerCubicMetre),
  CalorificValueTrailingDigit: ofGas(gasQuality.oneTrailingDigit),
};

const commands: SourceAnswers<PriceSource> = {
  GetCurrentPrice: (source, _fields, nowMs) => {
    const block = source.block(nowMs);
    return [priceOfRun({ tariff: source.tariff, block }, rateRun(source.tariff, nowMs), nowMs)];
  },
  GetScheduledPrices: scheduledPrices,
  GetTariffInformation: (source) => [tariffInformation(source)],
  GetPriceMatrix: (source, fields) => [priceMatrix(source, fields)],
  GetBlockThresholds: (source, fields) => [blockThresholds(source, fields)],
  GetTierLabels: (source, fields) => [tierLabels(source, fields)],
  GetBlockPeriods: (source, _fields, nowMs) => [blockPeriod(source, nowMs)],
  GetBillingPeriod: (_source, _fields, nowMs) => [billingPeriod(nowMs)],
  GetConversionFactor: (source) => [conversionFactor(source)],
  GetCalorificValue: (source) => [calorificValue(source)],
  GetConsolidatedBill: () => {
    throw notFound('consolidated bill');
  },
  GetCurrencyConversion: () => {
    throw notFound('change of currency');
  },
  GetTariffCancellation: () => {
    throw notFound('cancelled tariff');
  },
};

/** Price cluster over what `sourceOf` finds in a device. */
export function priceServer<S>(sourceOf: (device: S) => PriceSource): ClusterRows<S> {
  return serverRows(price, sourceOf, attributes, commands);
}
