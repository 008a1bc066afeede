import { msToIso } from '../../../protocols/codec/utc.js';
import type { SupplyState } from '../../functions/supply-state.js';
import type { Fuel, MeterReading, Stamped } from './fuel.js';

export type AmbientBand = 'low' | 'medium' | 'high';

/** From which power on the ambient light shows the next band, in W. */
export interface AmbientThresholds {
  readonly mediumFromW: number;
  readonly highFromW: number;
}

export function ambientBand(powerW: number, thresholds: AmbientThresholds): AmbientBand {
  if (powerW >= thresholds.highFromW) return 'high';
  return powerW >= thresholds.mediumFromW ? 'medium' : 'low';
}

/** Age of a value from which on it shows as stale, by how often it is read. */
const staleAfterIntervals = 3;

export function isStale(value: Stamped<unknown>, nowMs: number, intervalMs: number): boolean {
  return nowMs - value.atMs > staleAfterIntervals * intervalMs;
}

export interface FuelView {
  readonly name: string;
  readonly fuel: Fuel;
  readonly intervalMs: number;
}

const labelWidth = 14;
const valueWidth = 14;

function line(label: string, text: string): string {
  return `${label.padEnd(labelWidth)}${text}`;
}

/** `14:30`, or with its date when it was another day. */
function timeOf(atMs: number, nowMs: number): string {
  const [at, now] = [msToIso(atMs), msToIso(nowMs)];
  const time = at.slice(11, 16);
  return at.slice(0, 10) === now.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`;
}

const lamps: Readonly<Record<AmbientBand, string>> = {
  low: '[#--] low',
  medium: '[##-] medium',
  high: '[###] high',
};

/** Power now, with the ambient light and what an hour of it costs. */
function powerLine(
  { name, fuel, intervalMs }: FuelView,
  powerW: Stamped<number>,
  thresholds: AmbientThresholds,
  nowMs: number,
): string {
  if (isStale(powerW, nowMs, intervalMs)) return line(name, '-');
  const kilowatts = powerW.value / 1000;
  const lamp = lamps[ambientBand(powerW.value, thresholds)];
  const cost =
    fuel.pencePerKwh === undefined
      ? ''
      : `  ${(kilowatts * fuel.pencePerKwh.value).toFixed(1)}p an hour`;
  return line(name, `${`${kilowatts.toFixed(2)} kW`.padStart(valueWidth)}  ${lamp}${cost}`);
}

const supplyTexts: Readonly<Record<SupplyState, string>> = {
  enabled: 'on',
  disabled: 'off',
  armed: 'off, press the button on the meter to turn it on',
};

const dayMs = 86_400_000;

function todayLine({ fuel, intervalMs }: FuelView, nowMs: number): string {
  const today = fuel.today(nowMs);
  if (today === undefined) return line('  today', '-');
  const pence = fuel.todayPence(nowMs);
  const energy = `${today.kwh.toFixed(2)} kWh`.padStart(valueWidth);
  const cost = pence === undefined ? '' : `  £${(pence / 100).toFixed(2)}`;
  // A day that was not watched from its start says so.
  const whole = today.sinceMs % dayMs <= intervalMs;
  const since = whole ? '' : `  since ${timeOf(today.sinceMs, nowMs)}`;
  return line('  today', energy + cost + since);
}

function meterLine({ amount, unit }: MeterReading, pencePerKwh: number | undefined): string {
  const decimals = unit === 'kWh' ? 1 : 3;
  const reading = `${amount.toFixed(decimals)} ${unit}`.padStart(valueWidth);
  const price = pencePerKwh === undefined ? '' : `  ${pencePerKwh.toFixed(2)}p/kWh`;
  return line('  meter', reading + price);
}

/** What a person sees of one fuel: power where it is known, today, the meter, the price, what is the matter. */
export function fuelLines(
  view: FuelView,
  thresholds: AmbientThresholds,
  nowMs: number,
): readonly string[] {
  const { fuel, intervalMs, name } = view;
  const { reading, powerW, pencePerKwh, supply } = fuel;
  if (reading === undefined) return [line(name, 'waiting for the meter')];
  const lines = [
    powerW === undefined ? name : powerLine(view, powerW, thresholds, nowMs),
    todayLine(view, nowMs),
    meterLine(reading.value, pencePerKwh?.value),
  ];
  if (supply !== undefined && supply.value !== 'enabled') {
    lines.push(line('  supply', supplyTexts[supply.value]));
  }
  if (isStale(reading, nowMs, intervalMs)) {
    lines.push(line('  !', `no reading since ${timeOf(reading.atMs, nowMs)}`));
  }
  return lines;
}
