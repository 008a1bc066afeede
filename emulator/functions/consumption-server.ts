import { msOfSecondsSince2000, secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { metering } from '../../protocols/zigbee/clusters/metering.js';
import { prepayment } from '../../protocols/zigbee/clusters/prepayment.js';
import { type Period, periodStart } from './calendar-periods.js';
import {
  answering,
  type ClusterRows,
  joinedRows,
  type SourceAnswers,
  type SourceGetters,
  serverRows,
} from './cluster-rows.js';
import { halfHourMs } from './demand.js';
import { unitsOfMeasure } from './gas-metering.js';
import { currencyScalingFactors } from './prepayment-codes.js';
import { fiveTrailingDigits } from './price-server.js';
import { micropencePerMillipenny } from './tariff.js';
import type { ZclAnswer } from './zcl-model.js';

/** What a meter, or the proxy for one, says of days, weeks and months. */
export interface HistorySource {
  /** Register units (Wh, dm³) between two times; undefined where that is not known (yet). */
  units(fromMs: number, toMs: number): number | undefined;
  /** What they cost, without standing charges. */
  micropence(fromMs: number, toMs: number): number | undefined;
  readonly kwhPerUnit: number;
  /** Millipence a day. */
  readonly standingCharge: number;
  /** What is not known is answered with this. */
  unknown(): never;
}

/** Periods back that the cluster has attributes for. */
const periods: readonly (readonly [name: string, period: Period, back: number])[] = [
  ...series('Day', 'day', 8),
  ...series('Week', 'week', 5),
  ...series('Month', 'month', 13),
];

/** `CurrentDay`, `PreviousDay`, `PreviousDay2`, … */
function series(word: string, period: Period, last: number) {
  return Array.from({ length: last + 1 }, (_, back): readonly [string, Period, number] => {
    if (back === 0) return [`Current${word}`, period, back];
    return [`Previous${word}${back === 1 ? '' : back}`, period, back];
  });
}

function spanOf(period: Period, back: number, nowMs: number): readonly [number, number] {
  const fromMs = periodStart(period, nowMs, back);
  return [fromMs, back === 0 ? nowMs : periodStart(period, nowMs, back - 1)];
}

/** uint24 of days and weeks; months have more room than any home fills. */
const uint24Max = 0xff_ffff;

function amountGetters(
  what: string,
  amountOf: (source: HistorySource, fromMs: number, toMs: number) => number | undefined,
  max: number,
): SourceGetters<HistorySource> {
  return Object.fromEntries(
    periods.map(([name, period, back]) => [
      `${name}${what}ConsumptionDelivered`,
      (source: HistorySource, nowMs: number) => {
        const amount = amountOf(source, ...spanOf(period, back, nowMs));
        return amount === undefined ? source.unknown() : Math.min(amount, max);
      },
    ]),
  );
}

const inRegisterUnits = amountGetters('', (source, ...span) => source.units(...span), uint24Max);

/** Gas in Wh, of the same scale as its register in dm³. */
const inWattHours = amountGetters(
  'Alternative',
  (source, ...span) => {
    const units = source.units(...span);
    return units === undefined ? undefined : Math.round(units * source.kwhPerUnit * 1000);
  },
  uint24Max,
);

/** In 1/100,000 of a pound. */
const costs = amountGetters(
  'Cost',
  (source, ...span) => {
    const micropence = source.micropence(...span);
    return micropence === undefined ? undefined : Math.floor(micropence / micropencePerMillipenny);
  },
  Number.MAX_SAFE_INTEGER,
);

const poundSterling = 826;
const dayMs = 86_400_000;

/** What the billing period has cost so far, with a standing charge for each day of it, today's included. */
function billToDate(source: HistorySource, nowMs: number): number {
  const fromMs = periodStart('month', nowMs);
  const micropence = source.micropence(fromMs, nowMs);
  if (micropence === undefined) return source.unknown();
  const days = Math.floor((nowMs - fromMs) / dayMs) + 1;
  return Math.floor(micropence / micropencePerMillipenny) + days * source.standingCharge;
}

/** GetProfile and GetSampledData: half hours, at most a day of them at once. */
const intervalChannels = { delivered: 0 } as const;
const profileStatuses = {
  success: 0,
  undefinedChannel: 1,
  invalidEndTime: 3,
  morePeriodsThanReturned: 4,
  noIntervals: 5,
} as const;
const periodsOfHalfHours = 2;
const periodsMax = 24;
const samplesMax = 48;
const importSampleId = 0;
const deliveredSamples = 0;
const secondsPerSample = halfHourMs / 1000;

const getProfileResponse = answering(metering, 'GetProfileResponse');
const getSampledDataResponse = answering(metering, 'GetSampledDataResponse');

function lastHalfHour(atMs: number): number {
  return Math.floor(atMs / halfHourMs) * halfHourMs;
}

/** Newest interval first, as the command has it. */
function profile(source: HistorySource, fields: GbzFields, nowMs: number): ZclAnswer {
  const { intervalChannel, endTime: asked, numberOfPeriods } = fields as Record<string, number>;
  const endMs = lastHalfHour(
    asked === 0 ? nowMs : Math.min(nowMs, msOfSecondsSince2000(asked as number)),
  );
  const answer = (status: number, intervals: readonly number[]): ZclAnswer =>
    getProfileResponse({
      endTime: secondsSince2000(endMs),
      status,
      profileIntervalPeriod: periodsOfHalfHours,
      numberOfPeriodsDelivered: intervals.length,
      intervals,
    });
  if (intervalChannel !== intervalChannels.delivered) {
    return answer(profileStatuses.undefinedChannel, []);
  }
  const wanted = Math.min(numberOfPeriods as number, periodsMax);
  const intervals: number[] = [];
  for (let index = 0; index < wanted; index++) {
    const toMs = endMs - index * halfHourMs;
    const units = source.units(toMs - halfHourMs, toMs);
    if (units === undefined) break;
    intervals.push(units);
  }
  if (intervals.length === 0) return answer(profileStatuses.noIntervals, []);
  const all = (numberOfPeriods as number) <= intervals.length;
  const { success, morePeriodsThanReturned } = profileStatuses;
  return answer(all ? success : morePeriodsThanReturned, intervals);
}

/** Oldest sample first. */
function sampledData(source: HistorySource, fields: GbzFields, nowMs: number): ZclAnswer {
  const { sampleId, earliestSampleTime, sampleType, numberOfSamples } = fields as Record<
    string,
    number
  >;
  if (sampleId !== importSampleId || sampleType !== deliveredSamples) return source.unknown();
  const asked = msOfSecondsSince2000(earliestSampleTime as number);
  const startMs = Math.ceil(asked / halfHourMs) * halfHourMs;
  const wanted = Math.min(numberOfSamples as number, samplesMax);
  const samples: number[] = [];
  for (let at = startMs; samples.length < wanted && at + halfHourMs <= nowMs; at += halfHourMs) {
    const units = source.units(at, at + halfHourMs);
    if (units === undefined) break;
    samples.push(Math.min(units, uint24Max));
  }
  if (samples.length === 0) return source.unknown();
  return getSampledDataResponse({
    sampleId: importSampleId,
    sampleStartTime: secondsSince2000(startMs),
    sampleType: deliveredSamples,
    sampleRequestInterval: secondsPerSample,
    numberOfSamples: samples.length,
    samples,
  });
}

const commands: SourceAnswers<HistorySource> = {
  GetProfile: (source, fields, nowMs) => [profile(source, fields, nowMs)],
  GetSampledData: (source, fields, nowMs) => [sampledData(source, fields, nowMs)],
};

const bill: SourceGetters<HistorySource> = {
  BillToDateDelivered: billToDate,
  BillToDateTimeStampDelivered: (_source, nowMs) => secondsSince2000(nowMs),
  BillDeliveredTrailingDigit: () => fiveTrailingDigits,
  MaxNumberOfPeriodsDelivered: () => periodsMax,
  ProfileIntervalPeriod: () => periodsOfHalfHours,
};

const money: SourceGetters<HistorySource> = {
  ConsumptionUnitOfMeasurement: () => unitsOfMeasure.kilowattHour,
  CurrencyScalingFactor: () => currencyScalingFactors.hundredThousandths,
  Currency: () => poundSterling,
  ...costs,
};

/** History of consumption and cost: attributes of Metering and of Prepayment, and the profile. */
export function historyServer<S>(
  sourceOf: (device: S) => HistorySource,
  fuel: 'electricity' | 'gas',
): ClusterRows<S> {
  const energy = fuel === 'gas' ? { ...inRegisterUnits, ...inWattHours } : inRegisterUnits;
  const alternative: SourceGetters<HistorySource> =
    fuel === 'gas' ? { AlternativeUnitOfMeasure: () => unitsOfMeasure.kilowattHour } : {};
  return joinedRows(
    serverRows(metering, sourceOf, { ...energy, ...alternative, ...bill }, commands),
    serverRows(prepayment, sourceOf, money),
  );
}
