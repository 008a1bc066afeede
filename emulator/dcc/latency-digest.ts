/** Lowest latency told apart, and the ratio of a bucket's upper to its lower edge: 2 % is the digest's precision. */
const lowestMs = 0.01;
const ratio = 1.02;
const logRatio = Math.log(ratio);
/** Up to about 24 h. */
const bucketCount = 1 + Math.ceil(Math.log(86_400_000 / lowestMs) / logRatio);

export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Percentiles of any number of latencies in 10 KiB: logarithmic buckets, each 2 % wide. */
export class LatencyDigest {
  private readonly buckets = new Float64Array(bucketCount);
  private count = 0;
  private maxMs = 0;

  add(latencyMs: number): void {
    const ms = Math.max(latencyMs, 0);
    const bucket = ms <= lowestMs ? 0 : Math.ceil(Math.log(ms / lowestMs) / logRatio);
    const at = Math.min(bucket, bucketCount - 1);
    this.buckets[at] = (this.buckets[at] as number) + 1;
    this.count++;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** The latency that `fraction` (0 to 1) of all stay at or below, within 1 %; 0 when there is none. */
  percentile(fraction: number): number {
    const wanted = Math.max(1, Math.ceil(this.count * fraction));
    let seen = 0;
    for (let at = 0; at < bucketCount; at++) {
      seen += this.buckets[at] as number;
      if (seen >= wanted) return at === 0 ? Math.min(lowestMs, this.maxMs) : this.middle(at);
    }
    return 0;
  }

  /** Milliseconds, rounded to a microsecond. */
  summary(): LatencySummary {
    const round = (ms: number): number => Math.round(ms * 1000) / 1000;
    return {
      count: this.count,
      p50: round(this.percentile(0.5)),
      p95: round(this.percentile(0.95)),
      max: round(this.maxMs),
    };
  }

  private middle(bucket: number): number {
    return Math.min(this.maxMs, lowestMs * ratio ** (bucket - 0.5));
  }
}
