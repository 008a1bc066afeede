import type { BlockTotals } from '../functions/large-messages.js';
import { UsageError } from '../ports/errors.js';
import type { HeadEndTotals } from './command-outcome.js';
import { LatencyDigest } from './latency-digest.js';
import type { VerifiedMessage } from './response-verifier.js';

/** What a head end counts; see `HeadEndTotals` for what each number is of. */
export class HeadEndCounts {
  commands = 0;
  responses = 0;
  alerts = 0;
  refused = 0;
  errors = 0;
  timeouts = 0;
  unexpected = 0;
  readonly latency = new LatencyDigest();
  private signaturesVerified = 0;
  private macsVerified = 0;
  private decrypted = 0;

  /** Runs `body`; a UsageError out of it counts as a refusal. */
  refusing<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof UsageError) this.refused++;
      throw error;
    }
  }

  verified({ checks, problem }: VerifiedMessage): void {
    if (checks.signature === 'valid') this.signaturesVerified++;
    if (checks.mac === 'valid') this.macsVerified++;
    if (checks.decryption === 'valid') this.decrypted++;
    if (problem !== undefined) this.errors++;
  }

  totals(pending: number, asleep: number, blocks: BlockTotals): HeadEndTotals {
    return {
      commands: this.commands,
      pending,
      asleep,
      responses: this.responses,
      alerts: this.alerts,
      signaturesVerified: this.signaturesVerified,
      macsVerified: this.macsVerified,
      decrypted: this.decrypted,
      refused: this.refused,
      errors: this.errors,
      timeouts: this.timeouts,
      unexpected: this.unexpected,
      blocks,
      latencyMs: this.latency.summary(),
    };
  }
}
