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
  originatorCounter: bigint,
  messageCode: number,
): string {
  return `${device}/${party}/${originatorCounter}/${messageCode}`;
}

const noChecks = { signature: 'absent', mac: 'absent', decryption: 'absent' } as const;

/** A command on its way. `outcome` is set once, when a response came or the time was up. */
export class PendingCommand implements SentCommand {
  readonly correlation: string;
  outcome: CommandOutcome | undefined = undefined;
  timer: Timer | undefined = undefined;

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
    this.correlation = correlationOf(recipient, originator, originatorCounter, messageCode);
  }

  answered(verified: VerifiedMessage, latencyMs: number): CommandOutcome {
    const { problem, payload, values, checks } = verified;
    return {
      ...this.identity(),
      verdict: problem === undefined ? 'answered' : 'failed',
      ...(problem === undefined ? {} : { reason: problem }),
      succeeded: problem === undefined && verified.succeeded,
      ...(payload === undefined ? {} : { response: payload }),
      values,
      checks,
      latencyMs,
    };
  }

  unanswered(verdict: 'timeout' | 'failed', reason: string, latencyMs: number): CommandOutcome {
    return {
      ...this.identity(),
      verdict,
      reason,
      succeeded: false,
      values: [],
      checks: noChecks,
      latencyMs,
    };
  }

  private identity() {
    const { recipient, originator, originatorCounter, otherInformation } = this.header;
    return {
      useCase: this.useCase,
      messageCode: formatMessageCode(otherInformation.messageCode),
      device: recipient,
      hub: this.hub,
      originator,
      originatorCounter: originatorCounter.toString(),
    };
  }
}
