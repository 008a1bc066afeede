import type { SupplyState } from '../../functions/supply-state.js';
import { type AmbientThresholds, ambientBand, lamps } from './bands.js';
import type { Account, KnownFacts, Price, Stamped } from './facts.js';
import { daysOfMonth, daysOfWeek, pounds, ratePeriods, timeOf } from './wording.js';

/** One fuel as a screen needs it. */
export interface FuelView {
  readonly name: string;
  readonly facts: KnownFacts;
  /** How often it is read. */
  readonly intervalMs: number;
  readonly thresholds: AmbientThresholds;
}

/** Age of a value from which on it shows as stale, by how often it is read. */
const staleAfterIntervals = 3;

export function isStale(value: Stamped<unknown>, nowMs: number, intervalMs: number): boolean {
  return nowMs - value.atMs > staleAfterIntervals * intervalMs;
}

const labelWidth = 14;
const valueWidth = 14;

function line(label: string, text: string): string {
  return `${label.padEnd(labelWidth)}${text}`;
}

function amountLine(label: string, amount: string, rest = ''): string {
  return line(label, `${amount.padStart(valueWidth)}${rest}`);
}

/** Power now, with the ambient light and what an hour of it costs. */
function headLine({ name, facts, intervalMs, thresholds }: FuelView, nowMs: number): string {
  const power = facts.get('powerW');
  if (power === undefined) return name;
  if (isStale(power, nowMs, intervalMs)) return line(name, '-');
  const kilowatts = power.value / 1000;
  const price = facts.value('price');
  const lamp = lamps[ambientBand(power.value, thresholds)];
  const cost = price ? `  ${(kilowatts * price.pencePerKwh).toFixed(1)}p an hour` : '';
  return amountLine(name, `${kilowatts.toFixed(2)} kW`, `  ${lamp}${cost}`);
}

type Period = 'today' | 'yesterday' | 'week' | 'month';

const periods: readonly (readonly [
  label: string,
  period: Period,
  daysOf: (nowMs: number) => number,
])[] = [
  ['  today', 'today', () => 1],
  ['  yesterday', 'yesterday', () => 1],
  ['  this week', 'week', daysOfWeek],
  ['  this month', 'month', daysOfMonth],
];

/** Cost of a period with the standing charges of its days; undefined until both are known. */
export function periodPence(facts: KnownFacts, period: Period, days: number): number | undefined {
  const pence = facts.value(`${period}Pence`);
  const standing = facts.value('tariff')?.standingPencePerDay;
  return pence === undefined || standing === undefined ? undefined : pence + days * standing;
}

/** A total of a period that has ended shows no more: a new one begins with the day. */
function periodLines({ facts }: FuelView, nowMs: number): string[] {
  return periods.flatMap(([label, period, daysOf]) => {
    const kwh = facts.get(`${period}Kwh`);
    if (kwh === undefined) return period === 'today' ? [line(label, '-')] : [];
    if (dayOf(kwh.atMs) !== dayOf(nowMs)) return [line(label, '-')];
    const pence = periodPence(facts, period, daysOf(nowMs));
    const cost = pence === undefined ? '' : `  ${pounds(pence)}`;
    return [amountLine(label, `${kwh.value.toFixed(2)} kWh`, cost)];
  });
}

const dayMs = 86_400_000;
const dayOf = (atMs: number): number => Math.floor(atMs / dayMs);

const perKwh = (pence: number): string => `${pence.toFixed(2)}p/kWh`;

/** A rate with the time it holds until; blocks and single rates have none. */
function rateText({ label, pencePerKwh, untilMs }: Price, nowMs: number): string {
  const until = untilMs === undefined ? '' : ` until ${timeOf(untilMs, nowMs)}`;
  return `${[label, perKwh(pencePerKwh)].filter((part) => part !== '').join(' ')}${until}`;
}

function tariffLines({ facts }: FuelView, nowMs: number): string[] {
  const [price, next, tariff] = [
    facts.value('price'),
    facts.value('nextPrice'),
    facts.value('tariff'),
  ];
  const lines: string[] = [];
  if (tariff !== undefined && tariff.label !== '') lines.push(line('  tariff', tariff.label));
  // A price past its end is not the price any more; the next one is asked for within a minute.
  const current = price?.untilMs !== undefined && price.untilMs <= nowMs ? undefined : price;
  if (current !== undefined) lines.push(line('  rate', rateText(current, nowMs)));
  if (next !== undefined && current?.untilMs !== undefined) {
    lines.push(line('  then', rateText({ ...next, untilMs: undefined }, nowMs)));
  }
  lines.push(...ratePeriods(facts).map((text, index) => line(index === 0 ? '  rates' : '', text)));
  if (tariff !== undefined && tariff.standingPencePerDay > 0) {
    lines.push(line('  standing', `${tariff.standingPencePerDay.toFixed(2)}p a day`));
  }
  return lines;
}

function meterLine({ facts }: FuelView): string[] {
  const reading = facts.reading?.value;
  if (reading === undefined) return [];
  const decimals = reading.unit === 'kWh' ? 1 : 3;
  return [amountLine('  meter', `${reading.amount.toFixed(decimals)} ${reading.unit}`)];
}

const emergencyCreditLines: Readonly<
  Record<Account['emergencyCredit'], (account: Account) => string[]>
> = {
  none: () => [],
  offered: ({ emergencyCreditPence }) => [
    line('  !', `emergency credit of ${pounds(emergencyCreditPence)} on offer: press the key`),
  ],
  selected: ({ emergencyCreditPence }) => [
    line('  emergency', `${pounds(emergencyCreditPence)} ready for when credit runs out`),
  ],
  'in-use': ({ emergencyCreditPence }) => [
    line('  !', `on emergency credit, ${pounds(emergencyCreditPence)} of it left`),
  ],
};

function accountLines({ facts }: FuelView): string[] {
  const account = facts.value('account');
  const bill = facts.value('billPence');
  if (facts.value('paymentMode') !== 'prepayment') {
    return bill === undefined ? [] : [line('  bill so far', `${pounds(bill)} since the 1st`)];
  }
  if (account === undefined) return [];
  const lines = [line('  credit', pounds(account.balancePence))];
  if (account.exhausted) lines.push(line('  !', 'credit has run out: top up'));
  else if (account.lowCredit) lines.push(line('  !', 'low credit: top up soon'));
  lines.push(...emergencyCreditLines[account.emergencyCredit](account));
  const debt = account.debtPence + account.accumulatedDebtPence;
  if (debt > 0) lines.push(line('  debt', pounds(debt)));
  return lines;
}

const supplyTexts: Readonly<Record<SupplyState, string>> = {
  enabled: 'on',
  disabled: 'off',
  armed: 'off, press the button on the meter to turn it on',
};

function supplyLines({ facts }: FuelView): string[] {
  const supply = facts.value('supply');
  if (supply === undefined || supply === 'enabled') return [];
  return [line('  supply', supplyTexts[supply])];
}

/**
 * What a person sees of one fuel: power where it is known, energy and cost, the tariff, the account, the meter, and
 * what is the matter.
 */
export function fuelLines(view: FuelView, nowMs: number): readonly string[] {
  const { reading } = view.facts;
  if (reading === undefined) return [line(view.name, 'waiting for the meter')];
  const lines = [
    headLine(view, nowMs),
    ...periodLines(view, nowMs),
    ...tariffLines(view, nowMs),
    ...accountLines(view),
    ...meterLine(view),
    ...supplyLines(view),
  ];
  if (isStale(reading, nowMs, view.intervalMs)) {
    lines.push(line('  !', `no reading since ${timeOf(reading.atMs, nowMs)}`));
  }
  return lines;
}
