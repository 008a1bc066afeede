import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { type GbcsEndpoint, refusalEvent } from '../functions/gbcs-endpoint.js';
import type { DeviceHost } from './device.js';

export interface DeskTotals {
  executed: number;
  refused: number;
}

/**
 * Where a device takes in remote party messages: has each executed or refused by the endpoint, hands the response back
 * and says what became of it.
 */
export class RemotePartyDesk {
  readonly totals: DeskTotals = { executed: 0, refused: 0 };
  /** The last command, for tables. */
  last: { readonly useCase: string; readonly verdict: string } | undefined;

  constructor(
    private readonly endpoint: GbcsEndpoint,
    private readonly host: DeviceHost,
  ) {}

  receive(message: Uint8Array): void {
    const outcome = this.endpoint.receive(message);
    if (!outcome.executed) {
      this.totals.refused++;
      this.last = {
        useCase: outcome.refusal.useCase ?? 'unknown',
        verdict: outcome.refusal.reason,
      };
      this.host.event('command-refused', refusalEvent(outcome.refusal));
      return;
    }
    const { command, response, results } = outcome;
    this.totals.executed++;
    const failed = results.find((result) => result !== 'success' && result !== 'answered');
    this.last = { useCase: command.code.useCase, verdict: failed ?? 'executed' };
    this.host.sendMessage(response);
    this.host.event('command-executed', {
      useCase: command.code.useCase,
      messageCode: formatMessageCode(command.code.code),
      originator: command.message.header.originator,
      originatorCounter: command.message.header.originatorCounter.toString(),
      results,
    });
  }
}
