import { gasEnergyKwh } from './gas-demand.js';
import { hash32 } from './hash32.js';
import { purposes } from './household-habits.js';

/**
 * Money is whole millipence: 1/100,000 of a pound, which is what prices and balances on the wire count. What energy
 * costs is counted in micropence, so that a price by the kWh times whole watt hours has no remainder and sums are exact.
 */
export const millipencePerPound = 100_000;
export const micropencePerMillipenny = 1000;

export interface Rate {
  readonly label: string;
  /** Millipence a kWh, one for each block; a single one where the tariff has no blocks. */
  readonly prices: readonly number[];
}

/** From this minute of the UTC day on the rate with this number (from 0) applies. */
export interface RateSwitch {
  readonly minuteOfDay: number;
  readonly rate: number;
}

/** A supply contract's prices, as data; what is not in it (VAT, exit fees) a meter does not know either. */
export interface Tariff {
  readonly label: string;
  /** Millipence a day, due at midnight UTC. */
  readonly standingCharge: number;
  readonly rates: readonly Rate[];
  /** In time order, the first at minute 0; the same every day of the year. */
  readonly switches: readonly RateSwitch[];
  /** Upper ends of the blocks but the last, in Wh. Blocks are counted by the day (ECS48 sets meters so). */
  readonly blockThresholdsWh: readonly number[];
}

const allDay: readonly RateSwitch[] = [{ minuteOfDay: 0, rate: 0 }];

function flat(label: string, price: number, standingCharge: number): Tariff {
  const rates = [{ label: 'STANDARD', prices: [price] }];
  return { label, standingCharge, rates, switches: allDay, blockThresholdsWh: [] };
}

/** Dear first kWh in place of a standing charge: kind to who uses little. */
function blocks(label: string, dear: number, cheap: number, thresholdWh: number): Tariff {
  const rates = [{ label: 'BLOCK', prices: [dear, cheap] }];
  return {
    label,
    standingCharge: 0,
    rates,
    switches: allDay,
    blockThresholdsWh: [thresholdWh],
  };
}

/** Night hours of Economy 7 as in most regions: half past midnight to half past seven, UTC all year. */
const economySeven: Tariff = {
  label: 'Economy 7',
  standingCharge: 54_120,
  rates: [
    { label: 'NIGHT', prices: [14_260] },
    { label: 'DAY', prices: [33_410] },
  ],
  switches: [
    { minuteOfDay: 0, rate: 1 },
    { minuteOfDay: 30, rate: 0 },
    { minuteOfDay: 450, rate: 1 },
  ],
  blockThresholdsWh: [],
};

/** Cheap nights, dear early evenings. */
const peakSaver: Tariff = {
  label: 'Peak Saver',
  standingCharge: 49_870,
  rates: [
    { label: 'NIGHT', prices: [16_940] },
    { label: 'DAY', prices: [26_110] },
    { label: 'PEAK', prices: [41_730] },
  ],
  switches: [
    { minuteOfDay: 0, rate: 0 },
    { minuteOfDay: 360, rate: 1 },
    { minuteOfDay: 960, rate: 2 },
    { minuteOfDay: 1140, rate: 1 },
    { minuteOfDay: 1380, rate: 0 },
  ],
  blockThresholdsWh: [],
};

/** With the share of homes that have it. The first is what most have and what tests and examples show. */
type Offer = readonly [share: number, tariff: Tariff];

export const electricityTariffs: readonly Offer[] = [
  [0.6, flat('Standard Variable', 27_350, 53_680)],
  [0.18, economySeven],
  [0.1, peakSaver],
  [0.12, blocks('No Standing Charge', 52_900, 26_450, 2_000)],
];

export const gasTariffs: readonly Offer[] = [
  [0.85, flat('Standard Variable', 6_300, 31_410)],
  [0.15, blocks('No Standing Charge', 12_400, 6_150, 5_000)],
];

function drawn(offers: readonly Offer[], home: number, purpose: number): Tariff {
  let draw = hash32(home, purpose, 0) / 2 ** 32;
  for (const [share, tariff] of offers) {
    draw -= share;
    if (draw < 0) return tariff;
  }
  return (offers[0] as Offer)[1];
}

export function electricityTariffOf(home: number): Tariff {
  return drawn(electricityTariffs, home, purposes.electricityTariff);
}

export function gasTariffOf(home: number): Tariff {
  return drawn(gasTariffs, home, purposes.gasTariff);
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

export interface RateSpan {
  /** Number of the rate from 0; its tier on the wire is one more. */
  readonly rate: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export function startOfDay(atMs: number): number {
  return Math.floor(atMs / dayMs) * dayMs;
}

/** The rate at a time and the span of the day that it lies in; spans end at midnight even where the rate goes on. */
export function rateSpan({ switches }: Tariff, atMs: number): RateSpan {
  const day = startOfDay(atMs);
  const minute = (atMs - day) / minuteMs;
  let index = 0;
  while (index + 1 < switches.length && (switches[index + 1] as RateSwitch).minuteOfDay <= minute) {
    index++;
  }
  const { rate, minuteOfDay } = switches[index] as RateSwitch;
  const end = switches[index + 1]?.minuteOfDay ?? dayMs / minuteMs;
  return { rate, fromMs: day + minuteOfDay * minuteMs, toMs: day + end * minuteMs };
}

export interface RateRun {
  readonly rate: number;
  readonly fromMs: number;
  /** Undefined where no other rate follows. */
  readonly toMs: number | undefined;
}

/** The rate at a time from its beginning to the next rate, across midnight where it goes on. */
export function rateRun(tariff: Tariff, atMs: number): RateRun {
  const here = rateSpan(tariff, atMs);
  const { rate } = here;
  if (tariff.switches.length < 2) return { rate, fromMs: startOfDay(atMs), toMs: undefined };
  let { fromMs, toMs } = here;
  // A tariff with several rates changes at least once a day.
  const before = rateSpan(tariff, fromMs - 1);
  if (before.rate === rate) fromMs = before.fromMs;
  const after = rateSpan(tariff, toMs);
  if (after.rate === rate) toMs = after.toMs;
  return { rate, fromMs, toMs };
}

/** A tariff in the units that a meter counts: Wh, or dm³ of gas of a typical quality. */
export interface MeteredTariff {
  readonly tariff: Tariff;
  /** kWh of one unit. */
  readonly kwhPerUnit: number;
  /** Micropence a unit, by rate and block. */
  readonly unitPrices: readonly (readonly number[])[];
  readonly blockThresholds: readonly number[];
}

function metered(tariff: Tariff, kwhPerUnit: number): MeteredTariff {
  return {
    tariff,
    kwhPerUnit,
    unitPrices: tariff.rates.map(({ prices }) =>
      prices.map((price) => Math.round(price * micropencePerMillipenny * kwhPerUnit)),
    ),
    blockThresholds: tariff.blockThresholdsWh.map((wh) => Math.round(wh / 1000 / kwhPerUnit)),
  };
}

/** One for each tariff, shared by all homes. */
const meteredElectricity = new Map(
  electricityTariffs.map(([, tariff]) => [tariff, metered(tariff, 1 / 1000)]),
);
const meteredGas = new Map(
  gasTariffs.map(([, tariff]) => [tariff, metered(tariff, gasEnergyKwh(1))]),
);

export function meteredInWattHours(tariff: Tariff): MeteredTariff {
  return meteredElectricity.get(tariff) ?? metered(tariff, 1 / 1000);
}

export function meteredInDm3(tariff: Tariff): MeteredTariff {
  return meteredGas.get(tariff) ?? metered(tariff, gasEnergyKwh(1));
}

/** Block (from 0) that a day's consumption has reached. */
export function blockReached({ blockThresholds }: MeteredTariff, units: number): number {
  let block = 0;
  while (block < blockThresholds.length && units >= (blockThresholds[block] as number)) block++;
  return block;
}

/** Micropence for `units` at one rate when the day's blocks hold `usedToday` already. */
export function priced(
  tariff: MeteredTariff,
  rate: number,
  usedToday: number,
  units: number,
): number {
  const prices = tariff.unitPrices[rate] as readonly number[];
  let micropence = 0;
  let from = usedToday;
  const to = usedToday + units;
  for (let block = blockReached(tariff, from); from < to; block++) {
    const end = Math.min(to, tariff.blockThresholds[block] ?? to);
    micropence += (end - from) * (prices[block] as number);
    from = end;
  }
  return micropence;
}
