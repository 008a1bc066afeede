/**
 * When a prepayment supply stays on though its credit is out: from 18:00 to 09:00 UTC and all weekend, when shops may be
 * shut. Not kept: bank holidays, and calendars set by a command.
 */
const startHour = 18;
const endHour = 9;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

export const nonDisablementSwitches: readonly {
  readonly minuteOfDay: number;
  readonly suspended: boolean;
}[] = [
  { minuteOfDay: 0, suspended: true },
  { minuteOfDay: endHour * 60, suspended: false },
  { minuteOfDay: startHour * 60, suspended: true },
];

export function isNonDisablement(atMs: number): boolean {
  const day = Math.floor(atMs / dayMs);
  // 1 January 1970 was a Thursday.
  if ((day + 3) % 7 >= 5) return true;
  const hour = (atMs - day * dayMs) / hourMs;
  return hour < endHour || hour >= startHour;
}

/** The next time after `atMs` at which it may begin or end. */
export function nextNonDisablementChange(atMs: number): number {
  const day = Math.floor(atMs / dayMs) * dayMs;
  const end = day + endHour * hourMs;
  if (atMs < end) return end;
  const start = day + startHour * hourMs;
  return atMs < start ? start : end + dayMs;
}
