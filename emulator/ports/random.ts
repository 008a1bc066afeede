/**
 * Chance. Every consumer draws from its own labelled stream, so that adding a device or a draw elsewhere does not
 * change what another one gets: `random.stream('00db…a0', 'load-profile')`.
 */
export interface Random {
  stream(...labels: readonly string[]): RandomStream;
}

export interface RandomStream {
  /** Uniform integer from 0 to 2^32-1. */
  u32(): number;
  /** Uniform integer from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** Uniform in [0, 1). */
  fraction(): number;
  bytes(count: number): Uint8Array;
}
