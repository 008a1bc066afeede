/** Small tools for measuring: rates over a fixed time, medians over rounds. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * Milliseconds of CPU this process has used. Rates are taken per CPU second: on a machine that others use too, the wall
 * clock measures them as well. Idle waiting does not count, so a rate is what one core could do.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls of `body` per CPU second, in one round of about `ms`; the clock is read every `batch` calls. */
export function rateOf(body: () => void, ms: number, batch = 16): number {
  let count = 0;
  const start = cpuMs();
  let elapsed = 0;
  while (elapsed < ms) {
    for (let i = 0; i < batch; i++) body();
    count += batch;
    elapsed = cpuMs() - start;
  }
  return (count * 1000) / elapsed;
}

const contestRounds = 9;
const contestRoundMs = 300;

/** One pass over everything that is measured. */
export type Contestant = () => void;

/**
 * Items per CPU second of each, where a pass has so many; rounds are taken in turns so that what else the machine does
 * hits all alike.
 */
export function contest(items: number, contestants: readonly Contestant[]): number[] {
  const rates = contestants.map(() => [] as number[]);
  for (let round = 0; round < contestRounds; round++) {
    contestants.forEach((pass, at) => {
      rates[at]?.push(items * rateOf(pass, contestRoundMs, 1));
    });
  }
  return rates.map(median);
}

export function rounded(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

export interface Row {
  readonly what: string;
  readonly value: string;
}

export function printTable(title: string, rows: readonly Row[]): void {
  const width = Math.max(...rows.map((row) => row.what.length));
  process.stdout.write(`\n${title}\n`);
  for (const { what, value } of rows) {
    process.stdout.write(`  ${what.padEnd(width)}  ${value}\n`);
  }
}
