import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { calendar } from '../../../protocols/zigbee/clusters/calendar.js';
import { events } from '../../../protocols/zigbee/clusters/events.js';
import { messaging } from '../../../protocols/zigbee/clusters/messaging.js';
import { price } from '../../../protocols/zigbee/clusters/price.js';
import type { ClusterDefinition } from '../../../protocols/zigbee/zcl/layout.js';
import { commandNumber } from '../../functions/cluster-rows.js';
import { unitsOfMeasure } from '../../functions/gas-metering.js';
import { listField, numberField, stringOf } from './answers.js';
import type { KnownFacts, Price } from './facts.js';
import type { CommandQuestion } from './question.js';

type Rest = Pick<CommandQuestion, 'pace' | 'first' | 'fields' | 'take'>;

function question(
  cluster: ClusterDefinition,
  asks: string,
  answeredBy: string,
  rest: Rest,
): CommandQuestion {
  return {
    clusterId: cluster.id,
    commandId: commandNumber(cluster, 'server', asks),
    answerId: commandNumber(cluster, 'client', answeredBy),
    ...rest,
  };
}

const untilFurtherNotice = 0xffff;
const minuteMs = 60_000;

/** Undefined for prices other than by the kWh. */
function priceOf(fields: GbzFields | undefined): Price | undefined {
  if (fields?.unitOfMeasure !== unitsOfMeasure.kilowattHour) return undefined;
  const trailingDigits = numberField(fields, 'priceTrailingDigitAndPriceTier') >> 4;
  const duration = numberField(fields, 'durationMinutes');
  const startMs = msOfSecondsSince2000(numberField(fields, 'startTime'));
  return {
    label: stringOf(fields.rateLabel) ?? '',
    pencePerKwh: (numberField(fields, 'price') / 10 ** trailingDigits) * 100,
    untilMs: duration === untilFurtherNotice ? undefined : startMs + duration * minuteMs,
  };
}

const tariffId = (facts: KnownFacts): GbzFields | undefined =>
  facts.value('tariff') === undefined ? undefined : { issuerTariffId };
/** GB tariffs have this one number (GCS01a). */
const issuerTariffId = 1;
const fiveDigits = 5;
const pence = (amount: number, digits = fiveDigits) => (amount / 10 ** digits) * 100;
const chargesByBlock = 0x10;
const matrixByTier = 0x01;

function takeTariff(facts: KnownFacts, fields: GbzFields | undefined, nowMs: number): void {
  if (fields === undefined) return;
  const scheme = numberField(fields, 'tariffTypeChargingScheme') & 0xf0;
  const digits = numberField(fields, 'priceTrailingDigit') >> 4;
  const tariff = {
    label: stringOf(fields.tariffLabel) ?? '',
    standingPencePerDay: pence(numberField(fields, 'standingCharge'), digits),
    rates: numberField(fields, 'numberOfPriceTiersInUse'),
    blocks: scheme === chargesByBlock ? numberField(fields, 'numberOfBlockThresholdsInUse') + 1 : 0,
  };
  facts.put('tariff', tariff, nowMs);
}

const tariffQuestions: readonly CommandQuestion[] = [
  question(price, 'GetCurrentPrice', 'PublishPrice', {
    pace: 'everyMinute',
    first: 'atOnce',
    fields: () => ({ commandOptions: 0 }),
    take: (facts, fields, nowMs) => {
      const current = priceOf(fields);
      if (current !== undefined) facts.put('price', current, nowMs);
    },
  }),
  question(price, 'GetScheduledPrices', 'PublishPrice', {
    pace: 'everyFiveMinutes',
    first: 'soon',
    // Prices that end after the current one: the first of them comes next.
    fields: (facts) => {
      const untilMs = facts.value('price')?.untilMs;
      if (untilMs === undefined) return undefined;
      return { startTime: secondsSince2000(untilMs), numberOfEvents: 1 };
    },
    take: (facts, fields, nowMs) => {
      const next = priceOf(fields);
      if (next === undefined) facts.forget('nextPrice');
      else facts.put('nextPrice', next, nowMs);
    },
  }),
  question(price, 'GetTariffInformation', 'PublishTariffInformation', {
    pace: 'hourly',
    first: 'soon',
    fields: (_facts, nowMs) => ({
      earliestStartTime: secondsSince2000(nowMs),
      minIssuerEventId: 0xffff_ffff,
      numberOfCommands: 1,
      tariffType: 0,
    }),
    take: takeTariff,
  }),
  question(price, 'GetPriceMatrix', 'PublishPriceMatrix', {
    pace: 'hourly',
    first: 'later',
    fields: tariffId,
    take: (facts, fields, nowMs) => {
      if (fields === undefined) return;
      const by = (numberField(fields, 'subPayloadControl') & matrixByTier) === 0 ? 'block' : 'tier';
      const pencePerKwh = listField(fields, 'prices').map((row) =>
        pence(numberField(row, 'price')),
      );
      facts.put('ratePrices', { by, pencePerKwh }, nowMs);
    },
  }),
  question(price, 'GetTierLabels', 'PublishTierLabels', {
    pace: 'hourly',
    first: 'later',
    fields: tariffId,
    take: (facts, fields, nowMs) => {
      if (fields === undefined) return;
      const labels = listField(fields, 'labels').map((row) => stringOf(row.tierLabel) ?? '');
      facts.put('rateLabels', labels, nowMs);
    },
  }),
  question(price, 'GetBlockThresholds', 'PublishBlockThresholds', {
    pace: 'hourly',
    first: 'later',
    fields: (facts) =>
      (facts.value('tariff')?.blocks ?? 0) === 0 ? undefined : { issuerTariffId },
    take: (facts, fields, nowMs) => {
      if (fields === undefined) return;
      const [first] = listField(fields, 'tiers');
      const list = (first?.blockThresholds ?? []) as readonly number[];
      // Watt hours, as every GB tariff has them (GCS01a).
      const kwh = list.map((threshold) => threshold / 1000);
      facts.put('blockThresholdsKwh', kwh, nowMs);
    },
  }),
];

const tariffCalendar = 0;

const calendarQuestions: readonly CommandQuestion[] = [
  question(calendar, 'GetCalendar', 'PublishCalendar', {
    pace: 'hourly',
    first: 'soon',
    fields: (_facts, nowMs) => ({
      earliestStartTime: secondsSince2000(nowMs),
      minIssuerEventId: 0xffff_ffff,
      numberOfCalendars: 1,
      calendarType: tariffCalendar,
      providerId: 0xffff_ffff,
    }),
    take: (facts, fields, nowMs) => {
      if (fields === undefined) facts.forget('calendarId');
      else facts.put('calendarId', numberField(fields, 'issuerCalendarId'), nowMs);
    },
  }),
  question(calendar, 'GetDayProfiles', 'PublishDayProfile', {
    pace: 'hourly',
    first: 'later',
    fields: (facts) => {
      const issuerCalendarId = facts.value('calendarId');
      if (issuerCalendarId === undefined) return undefined;
      return { providerId: 0xffff_ffff, issuerCalendarId, startDayId: 1, numberOfDays: 1 };
    },
    take: (facts, fields, nowMs) => {
      if (fields === undefined) return;
      const switches = listField(fields, 'scheduleEntries').map((entry) => ({
        minuteOfDay: numberField(entry, 'startTimeMinutes'),
        tier: numberField(entry, 'priceTier'),
      }));
      facts.put('rateSwitches', switches, nowMs);
    },
  }),
];

/** Message control: the importance in bits 2 and 3, bit 7 asks for a confirmation. */
const importanceMask = 0x0c;
const highImportance = 0x08;
const confirmationRequired = 0x80;

function takeMessage(facts: KnownFacts, fields: GbzFields | undefined, nowMs: number): void {
  if (fields === undefined) {
    facts.forget('message');
    return;
  }
  const control = numberField(fields, 'messageControl');
  const duration = numberField(fields, 'durationMinutes');
  const start = numberField(fields, 'startTime');
  const startMs = start === 0 ? nowMs : msOfSecondsSince2000(start);
  const message = {
    id: numberField(fields, 'messageId'),
    text: stringOf(fields.message) ?? '',
    important: (control & importanceMask) >= highImportance,
    wantsConfirmation: (control & confirmationRequired) !== 0,
    untilMs: duration === untilFurtherNotice ? undefined : startMs + duration * minuteMs,
  };
  facts.put('message', message, nowMs);
}

const generalLog = 3;
const secondsPerDay = 86_400;

export const commandQuestions: readonly CommandQuestion[] = [
  ...tariffQuestions,
  ...calendarQuestions,
  question(messaging, 'GetLastMessage', 'DisplayMessage', {
    pace: 'everyFiveMinutes',
    first: 'soon',
    fields: () => ({}),
    take: takeMessage,
  }),
  question(events, 'GetEventLog', 'PublishEventLog', {
    pace: 'hourly',
    first: 'later',
    fields: (_facts, nowMs) => ({
      eventControlLogId: generalLog,
      eventId: 0,
      startTime: secondsSince2000(nowMs) - secondsPerDay,
      endTime: 0xffff_ffff,
      numberOfEvents: 0,
      eventOffset: 0,
    }),
    take: (facts, fields, nowMs) => {
      if (fields === undefined) return;
      const list = listField(fields, 'events').map((event) => ({
        id: numberField(event, 'eventId'),
        atMs: msOfSecondsSince2000(numberField(event, 'eventTime')),
      }));
      const newest = list.sort((one, other) => other.atMs - one.atMs)[0];
      if (newest !== undefined) facts.put('lastEvent', newest.id, nowMs);
    },
  }),
];
