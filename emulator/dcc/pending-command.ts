import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GroupingHeader } from '../../protocols/gbcs/grouping-header.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import type { Timer } from '../ports/clock.js';
import type { CommandOutcome } from './command-outcome.js';
import type { SentCommand, VerifiedMessage } from './response-verifier.js';

/**
 * What a response finds its command by: the two parties, the counter and the message code. The titles of a response are
 * the command's swapped.
 */
export function correlationOf(
  device: Eui64,
  party: Eui64,
  originatorCounter: string,
  messageCode: number,
): string {
  return `${device}/${party}/${originatorCounter}/${messageCode}`;
}

/** Stands for the response where there is none. */
const nothing: VerifiedMessage = {
  checks: { signature: 'absent', mac: 'absent', decryption: 'absent' },
  problem: undefined,
  payload: undefined,
  values: [],
  succeeded: false,
};

/** A command on its way. `outcome` is set once, when a response came or the time was up. */
export class PendingCommand implements SentCommand {
  readonly correlation: string;
  outcome: CommandOutcome | undefined = undefined;
  timer: Timer | undefined = undefined;
  private readonly counterText: string;

  constructor(
    readonly useCase: string,
    readonly header: GroupingHeader,
    readonly payload: Payload | undefined,
    readonly hub: Eui64,
    /** The message as it was sent. */
    readonly bytes: Uint8Array,
    readonly timeoutMs: number,
    readonly sentAtMs: number,
    readonly onSettled: ((outcome: CommandOutcome) => void) | undefined,
  ) {
    const { recipient, originator, originatorCounter, otherInformation } = header;
    const { messageCode } = otherInformation;
    this.counterText = originatorCounter.toString();
    this.correlation = correlationOf(recipient, originator, this.counterText, messageCode);
  }

  answered(verified: VerifiedMessage, latencyMs: number): CommandOutcome {
    const verdict = verified.problem === undefined ? 'answered' : 'failed';
    return this.outcomeOf(verdict, verified.problem, verified, latencyMs);
  }

  unanswered(verdict: 'timeout' | 'failed', reason: string, latencyMs: number): CommandOutcome {
    return this.outcomeOf(verdict, reason, nothing, latencyMs);
  }

  private outcomeOf(
    verdict: CommandOutcome['verdict'],
    reason: string | undefined,
    verified: VerifiedMessage,
    latencyMs: number,
  ): CommandOutcome {
    const { header } = this;
    return {
      useCase: this.useCase,
      messageCode: formatMessageCode(header.otherInformation.messageCode),
      device: header.recipient,
      hub: this.hub,
      originator: header.originator,
      originatorCounter: this.counterText,
      verdict,
      reason,
      succeeded: reason === undefined && verified.succeeded,
      response: verified.payload,
      values: verified.values,
      checks: verified.checks,
      latencyMs,
    };
  }
}
