import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import type { MessageChecks } from '../../protocols/gbcs/verify-message.js';
import type { BlockTotals } from '../functions/large-messages.js';
import type { LatencySummary } from './latency-digest.js';
import type { ResponseValue } from './response-value.js';

export interface CommandRequest {
  /** `ECS17b`, in any case. */
  readonly useCase: string;
  readonly device: string;
  /**
   * A role, or a party's entity identifier; default is the first party that may, suppliers preferred. One whom devices
   * do not know is spoken for by the access control broker.
   */
  readonly originator?: RemotePartyRole | Eui64;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** In emulated time. */
  readonly timeoutMs?: number;
  /** In place of the originator's next counter. */
  readonly originatorCounter?: bigint;
  /** Sends what the access control broker would refuse, in the very name that was asked for: for testers. */
  readonly unchecked?: boolean;
}

/** What became of a command; JSON-safe. */
export interface CommandOutcome {
  readonly useCase: string;
  /** `0x0027`. */
  readonly messageCode: string;
  readonly device: Eui64;
  readonly hub: Eui64;
  readonly originator: Eui64;
  /** Decimal. */
  readonly originatorCounter: string;
  /** `answered`: a response came and every check passed. `failed`: one came and a check did not. */
  readonly verdict: 'answered' | 'timeout' | 'failed';
  /** Why it is not `answered`; undefined where it is. */
  readonly reason: string | undefined;
  /** It is `answered`, and the device did all that was asked of it. */
  readonly succeeded: boolean;
  /** The decoded payload as it arrived; encrypted parts are open in `values`. undefined where there is none. */
  readonly response: Payload | undefined;
  readonly values: readonly ResponseValue[];
  readonly checks: MessageChecks;
  /** Real milliseconds from sending to verdict (emulated ones under a virtual clock). */
  readonly latencyMs: number;
}

/** A verified message that answers no command: an alert, or a response that nothing waits for. */
export interface UnsolicitedMessage {
  readonly kind: 'alert' | 'unexpected-response';
  readonly hub: Eui64;
  readonly device: Eui64;
  readonly recipient: Eui64;
  readonly messageCode: string;
  readonly originatorCounter: string;
  /** `0x8f30`, in alerts. */
  readonly alertCode?: string;
  /** What is wrong with it; absent when all checks passed. */
  readonly problem?: string;
  readonly payload?: Payload;
  readonly values: readonly ResponseValue[];
  readonly checks: MessageChecks;
}

export interface HeadEndTotals {
  /** Sent, raw ones included. */
  readonly commands: number;
  /** Commands waiting for a response now. */
  readonly pending: number;
  /** Of these, commands to devices that are asleep: they wait at the hub for the next wake-up. */
  readonly asleep: number;
  /** To a command that waited, whatever the checks said. */
  readonly responses: number;
  readonly alerts: number;
  readonly signaturesVerified: number;
  readonly macsVerified: number;
  readonly decrypted: number;
  /** Requests that never became a command: unknown names, parameters, the broker's refusals, a full table. */
  readonly refused: number;
  /** Messages that failed a check or did not parse. */
  readonly errors: number;
  readonly timeouts: number;
  /** Responses that no command waited for, and messages that a head end does not get at all. */
  readonly unexpected: number;
  /** Of large messages, which travel in blocks; each message counts once above. */
  readonly blocks: Readonly<BlockTotals>;
  readonly latencyMs: LatencySummary;
}
