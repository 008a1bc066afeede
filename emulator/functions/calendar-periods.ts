import { msToUtc, utcToMs } from '../../protocols/codec/utc.js';
import { startOfDay } from './tariff.js';

/** Days, weeks from Monday and months of the UTC calendar, as meters count their history. */
export type Period = 'day' | 'week' | 'month';

const dayMs = 86_400_000;
const daysPerWeek = 7;

/** When the period that lies `back` periods before the one of `atMs` begins. */
export function periodStart(period: Period, atMs: number, back = 0): number {
  const day = startOfDay(atMs);
  switch (period) {
    case 'day':
      return day - back * dayMs;
    case 'week': {
      // 1 January 1970 was a Thursday.
      const dayOfWeek = (day / dayMs + 3) % daysPerWeek;
      return day - (dayOfWeek + back * daysPerWeek) * dayMs;
    }
    case 'month': {
      const { year, month } = msToUtc(day);
      const months = year * 12 + (month - 1) - back;
      return utcToMs({
        year: Math.floor(months / 12),
        month: (months % 12) + 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
      });
    }
  }
}
