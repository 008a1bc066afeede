import {
  type DeviceType,
  formatMessageCode,
  type PayloadEncoding,
} from '../../protocols/gbcs/use-cases/use-case.js';
import { type Alert, AlertSender } from '../functions/alert-sender.js';
import { publicKeyOfCertificate } from '../functions/certificate-keys.js';
import type { DeviceCounters } from '../functions/counters.js';
import type { DeviceClock } from '../functions/device-clock.js';
import { GbcsEndpoint, refusalEvent } from '../functions/gbcs-endpoint.js';
import { type BlockProblem, type BlockTotals, LargeMessages } from '../functions/large-messages.js';
import type { PayloadProcessor } from '../functions/payload-processor.js';
import type { TrustAnchorCells } from '../functions/trust-anchor-cells.js';
import type { DeviceHost } from './device.js';
import type { DeviceParts } from './device-parts.js';

export interface DeskTotals {
  readonly executed: number;
  readonly refused: number;
  /** Where there were any. */
  readonly blocks?: BlockTotals;
}

/** What of a device's state its GBCS end works with. */
export interface RemotePartyState {
  readonly clock: DeviceClock;
  readonly counters: DeviceCounters;
  readonly trustAnchors: TrustAnchorCells;
}

/**
 * Where a device takes in remote party messages: puts large ones together, has each executed or refused by the endpoint,
 * hands the response back and says what became of it.
 */
export class RemotePartyDesk {
  /** The last command, for tables. */
  last: { readonly useCase: string; readonly verdict: string } | undefined;
  private readonly counts = { executed: 0, refused: 0 };
  private readonly messages: LargeMessages;
  private readonly endpoint: GbcsEndpoint;
  private readonly alertSender: AlertSender;
  private readonly host: DeviceHost;

  constructor(
    parts: DeviceParts,
    type: DeviceType,
    state: RemotePartyState,
    processors: Readonly<Partial<Record<PayloadEncoding, PayloadProcessor>>>,
  ) {
    this.host = parts.host;
    const own = {
      entity: parts.entity,
      crypto: parts.crypto,
      keys: parts.keys,
      counters: state.counters,
      trustAnchors: () => state.trustAnchors,
      nowMs: () => state.clock.nowMs(),
    };
    const { partners } = parts;
    this.endpoint = new GbcsEndpoint({
      ...own,
      type,
      partners,
      processors,
      publicKeyOfCertificate,
    });
    this.alertSender = new AlertSender(own);
    this.messages = new LargeMessages({
      send: (bytes) => this.host.sendMessage(bytes),
      nowMs: () => this.host.nowMs(),
      refuse: ({ recipient }) => (recipient === parts.entity ? undefined : 'not for this device'),
      onProblem: (problem, detail) => this.refuseBlocks(problem, detail),
    });
  }

  /** Commands executed so far. */
  get executed(): number {
    return this.counts.executed;
  }

  get totals(): DeskTotals {
    return { ...this.counts, ...this.messages.describe() };
  }

  private refuseBlocks(reason: BlockProblem, detail: string): void {
    this.counts.refused++;
    this.host.event('command-refused', { reason, detail });
  }

  /** Sends an alert of this device; false, and an event that says why, where its recipient is not known here. */
  raise(alert: Alert): boolean {
    const outcome = this.alertSender.make(alert);
    const alertCode = formatMessageCode(alert.alertCode);
    if (!outcome.made) {
      this.host.event('message-undeliverable', { alertCode, reason: outcome.reason });
      return false;
    }
    this.messages.send(outcome.message);
    this.host.event('alert-sent', {
      messageCode: formatMessageCode(alert.messageCode),
      alertCode,
      recipient: outcome.recipient,
      originatorCounter: outcome.counter.toString(),
    });
    return true;
  }

  /**
   * Takes what the tunnel brought, a message or a block of one. `isOther` sees whole messages first, and says of each
   * whether it is no remote party's.
   */
  receive(bytes: Uint8Array, isOther?: (message: Uint8Array) => boolean): void {
    const message = this.messages.receive(bytes);
    if (message === undefined || isOther?.(message) === true) return;
    const outcome = this.endpoint.receive(message);
    if (!outcome.executed) {
      this.counts.refused++;
      this.last = {
        useCase: outcome.refusal.useCase ?? 'unknown',
        verdict: outcome.refusal.reason,
      };
      this.host.event('command-refused', refusalEvent(outcome.refusal));
      return;
    }
    const { command, response, results } = outcome;
    this.counts.executed++;
    const failed = results.find((result) => result !== 'success' && result !== 'answered');
    this.last = { useCase: command.code.useCase, verdict: failed ?? 'executed' };
    this.messages.send(response);
    this.host.event('command-executed', {
      useCase: command.code.useCase,
      messageCode: formatMessageCode(command.code.code),
      originator: command.message.header.originator,
      originatorCounter: command.message.header.originatorCounter.toString(),
      results,
    });
  }
}
