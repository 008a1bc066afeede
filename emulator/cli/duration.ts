import { InvalidArgumentError } from 'commander';

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** What a timer of Node can wait for. */
const durationMaxMs = 24 * unitsMs.d;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const whole = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Milliseconds of `15s`, `2m`, `1h30m`, `250ms`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(part)) {
    total += Number(amount) * unitsMs[unit as keyof typeof unitsMs];
  }
  return total;
}

/** For commander: the value of an option. */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Want a duration such as 15s, 2m or 1h.');
  if (ms <= 0 || ms > durationMaxMs) {
    throw new InvalidArgumentError('Want a duration above 0 and up to 24d.');
  }
  return Math.ceil(ms);
}

/** For commander: a whole number within limits. */
export function parseWhole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Want a whole number from ${low} to ${high}.`);
  };
}

/** For commander: a number above (or, with `low`, from) a limit. */
export function parseNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Want a number from ${low} to ${high}.`);
  };
}

/** `850 ms`, `15 s`, `2 min 5 s`, `3 h 20 min`: two units at most. */
export function showDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
