import { msToIso } from '../../../protocols/codec/utc.js';
import type { KnownFacts } from './facts.js';

/** `£12.34`, `-£0.50`. */
export function pounds(pence: number): string {
  const rounded = Math.round(pence);
  return `${rounded < 0 ? '-' : ''}£${(Math.abs(rounded) / 100).toFixed(2)}`;
}

/** `14:30`, or with its date when it is on another day. */
export function timeOf(atMs: number, nowMs: number): string {
  const [at, now] = [msToIso(atMs), msToIso(nowMs)];
  const time = at.slice(11, 16);
  return at.slice(0, 10) === now.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`;
}

const dayMs = 86_400_000;

/** Days of the week so far, the running one included; weeks begin on Monday. */
export function daysOfWeek(nowMs: number): number {
  // 1 January 1970 was a Thursday.
  return ((Math.floor(nowMs / dayMs) + 3) % 7) + 1;
}

/** Days of the month so far, the running one included. */
export function daysOfMonth(nowMs: number): number {
  return Number(msToIso(nowMs).slice(8, 10));
}

function clockTime(minuteOfDay: number): string {
  const [hours, minutes] = [Math.floor(minuteOfDay / 60), minuteOfDay % 60];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}

/** Prices of a tariff with more than one: each with its hours, or with the kWh it is for. */
export function ratePeriods(facts: KnownFacts): readonly string[] {
  const prices = facts.value('ratePrices');
  if (prices === undefined || prices.pencePerKwh.length < 2) return [];
  return prices.by === 'tier'
    ? byTier(facts, prices.pencePerKwh)
    : byBlock(facts, prices.pencePerKwh);
}

function byTier(facts: KnownFacts, pencePerKwh: readonly number[]): readonly string[] {
  const labels = facts.value('rateLabels') ?? [];
  const switches = facts.value('rateSwitches') ?? [];
  return pencePerKwh.map((pence, index) => {
    const label = labels[index] ?? `Rate ${index + 1}`;
    const hours = switches.flatMap(({ minuteOfDay, tier }, at) => {
      const end = switches[at + 1]?.minuteOfDay ?? 0;
      return tier === index + 1 ? [`${clockTime(minuteOfDay)}-${clockTime(end)}`] : [];
    });
    return [label, `${pence.toFixed(2)}p`, hours.join(', ')]
      .filter((part) => part !== '')
      .join('  ');
  });
}

function byBlock(facts: KnownFacts, pencePerKwh: readonly number[]): readonly string[] {
  const thresholds = facts.value('blockThresholdsKwh') ?? [];
  return pencePerKwh.map((pence, index) => {
    const [from, to] = [thresholds[index - 1], thresholds[index]];
    const range = index === 0 ? `first ${to ?? '?'} kWh a day` : `after ${from ?? '?'} kWh`;
    return `${pence.toFixed(2)}p  ${range}`;
  });
}
