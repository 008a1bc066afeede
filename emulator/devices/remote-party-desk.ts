import {
  type DeviceType,
  formatMessageCode,
  type PayloadEncoding,
} from '../../protocols/gbcs/use-cases/use-case.js';
import { publicKeyOfCertificate } from '../functions/certificate-keys.js';
import type { DeviceCounters } from '../functions/counters.js';
import type { DeviceClock } from '../functions/device-clock.js';
import { GbcsEndpoint, refusalEvent } from '../functions/gbcs-endpoint.js';
import type { PayloadProcessor } from '../functions/payload-processor.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import type { DeviceHost } from './device.js';
import type { DeviceParts } from './device-parts.js';

export interface DeskTotals {
  executed: number;
  refused: number;
}

/** What of a device's state its GBCS end works with. */
export interface RemotePartyState {
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
}

/**
 * Where a device takes in remote party messages: has each executed or refused by the endpoint, hands the response back
 * and says what became of it.
 */
export class RemotePartyDesk {
  readonly totals: DeskTotals = { executed: 0, refused: 0 };
  /** The last command, for tables. */
  last: { readonly useCase: string; readonly verdict: string } | undefined;
  private readonly endpoint: GbcsEndpoint;
  private readonly host: DeviceHost;

  constructor(
    parts: DeviceParts,
    type: DeviceType,
    state: RemotePartyState,
    processors: Readonly<Partial<Record<PayloadEncoding, PayloadProcessor>>>,
  ) {
    this.host = parts.host;
    this.endpoint = new GbcsEndpoint({
      entity: parts.entity,
      type,
      crypto: parts.crypto,
      keys: parts.keys,
      counters: state.counters,
      trustAnchors: () => state.trustAnchors,
      processors,
      nowMs: () => state.clock.nowMs(),
      publicKeyOfCertificate,
    });
  }

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
