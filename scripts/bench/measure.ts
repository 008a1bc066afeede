/** Small tools for measuring: rates over a fixed time, medians over rounds. */
export interface Rate {
  readonly perSecond: number;
  readonly rounds: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Calls of `body` per second, in one round of about `ms`. */
export function rateOf(body: () => void, ms: number): number {
  let count = 0;
  const start = performance.now();
  let elapsed = 0;
  while (elapsed < ms) {
    for (let i = 0; i < 16; i++) body();
    count += 16;
    elapsed = performance.now() - start;
  }
  return (count * 1000) / elapsed;
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
