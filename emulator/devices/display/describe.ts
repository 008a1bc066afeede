import { msToIso } from '../../../protocols/codec/utc.js';
import type { KnownFacts, Price } from './facts.js';
import { type FuelView, isStale, periodPence } from './lines.js';
import { daysOfMonth, daysOfWeek } from './wording.js';

function known(entries: Record<string, unknown>): Record<string, unknown> {
  const left: Record<string, unknown> = {};
  for (const key in entries) {
    const value = entries[key];
    if (value !== undefined) left[key] = value;
  }
  return left;
}

const rounded = (value: number | undefined, decimals: number): number | undefined =>
  value === undefined ? undefined : Number(value.toFixed(decimals));

const poundsOf = (pence: number | undefined): number | undefined =>
  pence === undefined ? undefined : Math.round(pence) / 100;

function describeRate(price: Price | undefined): Record<string, unknown> | undefined {
  if (price === undefined) return undefined;
  const { label, pencePerKwh, untilMs } = price;
  return known({
    label,
    pencePerKwh,
    until: untilMs === undefined ? undefined : msToIso(untilMs),
  });
}

function describeTariff(facts: KnownFacts): Record<string, unknown> | undefined {
  const tariff = facts.value('tariff');
  if (tariff === undefined) return undefined;
  return known({
    label: tariff.label,
    standingPencePerDay: tariff.standingPencePerDay,
    rate: describeRate(facts.value('price')),
    next: describeRate(facts.value('nextPrice')),
    prices: facts.value('ratePrices')?.pencePerKwh,
    blockThresholdsKwh: facts.value('blockThresholdsKwh'),
  });
}

function describeAccount(facts: KnownFacts): Record<string, unknown> | undefined {
  const mode = facts.value('paymentMode');
  if (mode === undefined) return undefined;
  if (mode === 'credit') return known({ mode, billPounds: poundsOf(facts.value('billPence')) });
  const account = facts.value('account');
  if (account === undefined) return { mode };
  const { balancePence, emergencyCreditPence, debtPence, accumulatedDebtPence, ...flags } = account;
  return {
    mode,
    ...flags,
    balancePounds: poundsOf(balancePence),
    emergencyCreditPounds: poundsOf(emergencyCreditPence),
    debtPounds: poundsOf(debtPence + accumulatedDebtPence),
  };
}

/** What changes by the minute, for events: JSON-safe, with what is not known yet left out. */
export function describeReading(view: FuelView, nowMs: number): Record<string, unknown> {
  const { facts, intervalMs } = view;
  const { reading } = facts;
  const account = facts.value('account');
  return known({
    powerW: facts.value('powerW'),
    meter: reading?.value.amount,
    unit: reading?.value.unit,
    todayKwh: rounded(facts.value('todayKwh'), 3),
    todayPounds: poundsOf(periodPence(facts, 'today', 1)),
    pencePerKwh: facts.value('price')?.pencePerKwh,
    balancePounds: account && poundsOf(account.balancePence),
    supply: facts.value('supply'),
    readAt: reading && msToIso(reading.atMs),
    stale: reading && isStale(reading, nowMs, intervalMs),
  });
}

/** All of it: JSON-safe, with what is not known yet left out. Costs include standing charges. */
export function describeFuel(view: FuelView, nowMs: number): Record<string, unknown> {
  const { facts } = view;
  return known({
    ...describeReading(view, nowMs),
    weekKwh: rounded(facts.value('weekKwh'), 3),
    weekPounds: poundsOf(periodPence(facts, 'week', daysOfWeek(nowMs))),
    monthKwh: rounded(facts.value('monthKwh'), 3),
    monthPounds: poundsOf(periodPence(facts, 'month', daysOfMonth(nowMs))),
    tariff: describeTariff(facts),
    account: describeAccount(facts),
    supplier: facts.value('supplierName'),
    meterModel: facts.value('meterModel'),
    lastEvent: facts.value('lastEvent'),
  });
}
