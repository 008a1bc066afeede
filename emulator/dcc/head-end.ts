import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import {
  decodeGbcsMessage,
  type GbcsMessage,
  messageLengthMax,
} from '../../protocols/gbcs/message.js';
import { decodePayload, type Payload } from '../../protocols/gbcs/payload.js';
import { formatMessageCode, messageCodeOf } from '../../protocols/gbcs/use-cases/use-case.js';
import type { BlockProblem } from '../functions/large-messages.js';
import type { Clock } from '../ports/clock.js';
import { UsageError } from '../ports/errors.js';
import type { KeyStore } from '../ports/key-store.js';
import type { Log } from '../ports/log.js';
import type { Store } from '../ports/store.js';
import type { PublicKeyOf } from './access-control-broker.js';
import { CommandMaker } from './command-maker.js';
import type {
  CommandOutcome,
  CommandRequest,
  HeadEndTotals,
  UnsolicitedMessage,
} from './command-outcome.js';
import { HeadEndCounts } from './head-end-counts.js';
import { HubBlocks } from './hub-blocks.js';
import type { Inventory } from './inventory.js';
import { makeParties } from './parties.js';
import { correlationOf, PendingCommand } from './pending-command.js';
import { ResponseVerifier } from './response-verifier.js';
import type { Party } from './service-user.js';
import { describeUnsolicited } from './unsolicited.js';
import type { WanPort } from './wan-port.js';

export interface HeadEndParts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  /** Must have the keys of all `parties`. */
  readonly keys: KeyStore;
  /** Public keys of devices, current ones. */
  readonly publicKeyOf: PublicKeyOf;
  /** Key agreement certificates (DER) of parties. */
  readonly certificateOf?: (party: Eui64) => Uint8Array | undefined;
  readonly store: Store;
  readonly wan: WanPort;
  /** Exactly one is the access control broker. */
  readonly parties: readonly Party[];
  readonly inventory: Inventory;
  readonly log?: Log;
  /** First originator counter of a party that the store knows nothing of; default is from the time. */
  readonly counterFloorOf?: (party: Party) => bigint;
  readonly limits?: Partial<HeadEndLimits>;
  /** Must not throw. */
  readonly onUnsolicited?: (message: UnsolicitedMessage) => void;
}

export interface HeadEndLimits {
  /** Commands that wait for a response; one more is refused. */
  readonly pendingMax: number;
  /** Where a request does not say; emulated time. */
  readonly timeoutMs: number;
  /** Longer for a gas meter, which wakes now and then only; emulated time. */
  readonly sleepyExtraMs: number;
  readonly timeoutMaxMs: number;
}

const defaultLimits: HeadEndLimits = {
  pendingMax: 100_000,
  timeoutMs: 30_000,
  sleepyExtraMs: 1_860_000,
  timeoutMaxMs: 7 * 86_400_000,
};

/**
 * The head end: service users and the access control broker. Makes commands, sends them to hubs, and judges what comes
 * back. Synchronous at its core: `issue` and `onMessage` do all their work before they return.
 */
export class HeadEnd {
  readonly inventory: Inventory;
  private readonly maker: CommandMaker;
  private readonly verifier: ResponseVerifier;
  private readonly pending = new Map<string, PendingCommand>();
  private readonly counts = new HeadEndCounts();
  private readonly blocks: HubBlocks;
  private readonly limits: HeadEndLimits;
  private closed = false;

  constructor(private readonly parts: HeadEndParts) {
    this.inventory = parts.inventory;
    this.limits = { ...defaultLimits, ...parts.limits };
    const { originators, broker, keysOf } = makeParties(parts);
    const { inventory, certificateOf, wan } = parts;
    this.blocks = new HubBlocks({
      wan,
      inventory,
      nowMs: () => parts.clock.nowMs(),
      onProblem: (hub, problem, detail) => this.onBlockProblem(hub, problem, detail),
    });
    this.maker = new CommandMaker({ inventory, originators, broker, certificateOf });
    this.verifier = new ResponseVerifier({
      crypto: parts.crypto,
      keysOf,
      // Only devices of the inventory: whoever writes another name on a message must not cost a key derivation.
      publicKeyOf: (device, usage) =>
        inventory.find(device) === undefined ? undefined : parts.publicKeyOf(device, usage),
    });
  }

  /** Rejects with UsageError when no command comes of the request; whatever happens to the command is an outcome. */
  send(request: CommandRequest): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.issue(request, resolve);
    });
  }

  /**
   * Sends a command. `onSettled` is called once, possibly before this returns; the outcome is on the result, too.
   * @throws UsageError when no command comes of the request.
   */
  issue(request: CommandRequest, onSettled?: (outcome: CommandOutcome) => void): PendingCommand {
    return this.counts.refusing(() => {
      this.checkRoom();
      const made = this.maker.make(request, this.parts.clock.nowMs());
      const { header, payload } = made.preCommand;
      const timeoutMs = this.checkedTimeout(request.timeoutMs, header.recipient);
      return this.dispatch(
        new PendingCommand(
          made.useCase.name,
          header,
          payload,
          made.device.hub,
          made.bytes,
          timeoutMs,
          this.parts.clock.stopwatchMs(),
          onSettled,
        ),
      );
    });
  }

  /**
   * Sends the bytes of a whole command, whoever made it, and waits for the response like `issue`.
   * @throws UsageError when they are no command.
   */
  issueRaw(
    hub: Eui64,
    bytes: Uint8Array,
    onSettled?: (outcome: CommandOutcome) => void,
    timeoutMs?: number,
  ): PendingCommand {
    return this.counts.refusing(() => {
      this.checkRoom();
      const { header, payload } = rawCommand(bytes);
      const checkedMs = this.checkedTimeout(timeoutMs, header.recipient);
      const { messageCode } = header.otherInformation;
      const useCase = messageCodeOf(messageCode)?.useCase ?? formatMessageCode(messageCode);
      const sentAtMs = this.parts.clock.stopwatchMs();
      return this.dispatch(
        new PendingCommand(useCase, header, payload, hub, bytes, checkedMs, sentAtMs, onSettled),
      );
    });
  }

  /** Sends any bytes as they are, and waits for nothing: for testers. What comes back is unsolicited. */
  sendRaw(hub: Eui64, bytes: Uint8Array): void {
    this.counts.refusing(() => checkLength(bytes));
    this.counts.commands++;
    this.parts.wan.send(hub, bytes);
  }

  /** What a hub sent: a message, or a block of one. Never throws for any bytes. */
  onMessage(hub: Eui64, bytes: Uint8Array): void {
    const whole = this.blocks.receive(hub, bytes);
    if (whole !== undefined) this.onWhole(hub, whole);
  }

  private onBlockProblem(hub: Eui64, problem: BlockProblem, detail: string): void {
    this.counts.errors++;
    this.parts.log?.warn({ hub, problem, detail }, 'block of a message from hub');
  }

  private onWhole(hub: Eui64, bytes: Uint8Array): void {
    let message: GbcsMessage;
    try {
      message = decodeGbcsMessage(bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.counts.errors++;
      this.parts.log?.warn({ hub, error: error.toJSON() }, 'message from hub does not parse');
      return;
    }
    const { craFlag } = message.header;
    if (craFlag === 'response') this.onResponse(hub, message);
    else if (craFlag === 'alert') this.onAlert(hub, message);
    else {
      this.counts.unexpected++;
      this.parts.log?.warn({ hub, originator: message.header.originator }, 'a hub sent a command');
    }
  }

  totals(): HeadEndTotals {
    let asleep = 0;
    for (const { header } of this.pending.values()) if (this.isSleepy(header.recipient)) asleep++;
    return this.counts.totals(this.pending.size, asleep, this.blocks.totals());
  }

  /** Settles all that waits as failed, and at once whatever is issued from now on; leaves no timer. */
  close(): void {
    this.closed = true;
    for (const pending of [...this.pending.values()]) {
      const latencyMs = this.parts.clock.stopwatchMs() - pending.sentAtMs;
      this.settle(pending, pending.unanswered('failed', 'the head end was closed', latencyMs));
    }
  }

  private isSleepy(device: Eui64): boolean {
    return this.inventory.find(device)?.type === 'gsme';
  }

  private checkedTimeout(given: number | undefined, device: Eui64): number {
    const extraMs = this.isSleepy(device) ? this.limits.sleepyExtraMs : 0;
    const timeoutMs = given ?? this.limits.timeoutMs + extraMs;
    if (timeoutMs > 0 && timeoutMs <= this.limits.timeoutMaxMs) return timeoutMs;
    throw new UsageError(
      `timeout ${timeoutMs} ms is not above 0 and up to ${this.limits.timeoutMaxMs}`,
    );
  }

  private checkRoom(): void {
    if (this.pending.size < this.limits.pendingMax) return;
    throw new UsageError(
      `${this.pending.size} commands wait for a response: let some of them finish`,
    );
  }

  private dispatch(pending: PendingCommand): PendingCommand {
    checkLength(pending.bytes);
    const { correlation } = pending;
    if (this.pending.has(correlation)) {
      throw new UsageError(`the same counter to the same device is waiting: ${correlation}`);
    }
    const { clock } = this.parts;
    this.pending.set(correlation, pending);
    pending.timer = clock.at(clock.nowMs() + pending.timeoutMs, () => this.onTimeout(pending));
    this.counts.commands++;
    if (this.closed) this.close();
    else this.blocks.send(pending.hub, pending.bytes);
    return pending;
  }

  private onResponse(hub: Eui64, message: GbcsMessage): void {
    const { originator, recipient, originatorCounter, otherInformation } = message.header;
    const counter = originatorCounter.toString();
    const pending = this.pending.get(
      correlationOf(originator, recipient, counter, otherInformation.messageCode),
    );
    const verified = this.verifier.verifyResponse(message, pending);
    this.counts.verified(verified);
    if (pending === undefined) {
      this.counts.unexpected++;
      this.report(describeUnsolicited('unexpected-response', hub, message, verified));
      return;
    }
    const latencyMs = this.parts.clock.stopwatchMs() - pending.sentAtMs;
    this.counts.responses++;
    // How long a meter sleeps says nothing of how quick anything is.
    if (!this.isSleepy(pending.header.recipient)) this.counts.latency.add(latencyMs);
    this.settle(pending, pending.answered(verified, latencyMs));
  }

  private onAlert(hub: Eui64, message: GbcsMessage): void {
    const verified = this.verifier.verifyAlert(message);
    this.counts.verified(verified);
    this.counts.alerts++;
    this.report(describeUnsolicited('alert', hub, message, verified));
  }

  private report(message: UnsolicitedMessage): void {
    const { kind, hub, device, messageCode, alertCode, originatorCounter, problem } = message;
    const detail = { hub, device, messageCode, alertCode, originatorCounter };
    if (kind === 'unexpected-response' || problem !== undefined) {
      this.parts.log?.warn({ ...detail, problem }, kind);
    } else {
      this.parts.log?.info(detail, kind);
    }
    this.parts.onUnsolicited?.(message);
  }

  private onTimeout(pending: PendingCommand): void {
    this.counts.timeouts++;
    const state = this.parts.wan.hubState?.(pending.hub) ?? 'unknown';
    const hub =
      state === 'unknown'
        ? `the state of hub ${pending.hub} is unknown`
        : `hub ${pending.hub} is ${state}`;
    const reason = `no response within ${pending.timeoutMs / 1000} s: ${hub}`;
    const latencyMs = this.parts.clock.stopwatchMs() - pending.sentAtMs;
    this.settle(pending, pending.unanswered('timeout', reason, latencyMs));
  }

  private settle(pending: PendingCommand, outcome: CommandOutcome): void {
    this.pending.delete(pending.correlation);
    pending.timer?.cancel();
    pending.timer = undefined;
    pending.outcome = outcome;
    pending.onSettled?.(outcome);
  }
}

function checkLength(bytes: Uint8Array): void {
  if (bytes.length <= messageLengthMax) return;
  throw new UsageError(`a message has up to ${messageLengthMax} bytes, not ${bytes.length}`);
}

function rawCommand(bytes: Uint8Array): Pick<GbcsMessage, 'header'> & { payload?: Payload } {
  try {
    const { header, content } = decodeGbcsMessage(bytes);
    if (header.craFlag !== 'command') {
      throw new CodecError('groupingHeader.craFlag', 0, `is ${header.craFlag}, not command`);
    }
    const { messageCode } = header.otherInformation;
    return { header, payload: decodePayload(content, messageCode, header.craFlag) };
  } catch (error) {
    if (error instanceof CodecError) throw new UsageError(`not a command: ${error.message}`);
    throw error;
  }
}
