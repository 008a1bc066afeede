import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { longInvokeIdAndPriority } from '../../protocols/dlms/apdu-header.js';
import { data } from '../../protocols/dlms/construct.js';
import type { DlmsData } from '../../protocols/dlms/data.js';
import type { GroupingHeader, OtherInformation } from '../../protocols/gbcs/grouping-header.js';
import { encodePreCommand, withMac, withSignature } from '../../protocols/gbcs/message.js';
import { encodePayload, type Payload } from '../../protocols/gbcs/payload.js';
import { computeMac } from '../../protocols/gbcs/protection.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import { formatMessageCode, messageCodeOf } from '../../protocols/gbcs/use-cases/use-case.js';
import { InvariantError } from '../ports/errors.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { DeviceCounters } from './counters.js';
import type { TrustAnchorCell, TrustAnchorCells } from './trust-anchor-cells.js';

export interface AlertSenderParts {
  readonly entity: Eui64;
  readonly crypto: Crypto;
  readonly keys: EntityKeys;
  readonly counters: DeviceCounters;
  readonly trustAnchors: () => TrustAnchorCells;
  readonly nowMs: () => number;
}

/** Counter and time of an alert that is being made: its payload carries both. */
export interface AlertStamp {
  readonly counter: bigint;
  readonly nowMs: number;
}

export interface Alert {
  readonly messageCode: number;
  readonly alertCode: number;
  /** Whoever holds the cells of this role gets it. */
  readonly to: RemotePartyRole;
  /** For whom the access control broker gets it, where that is another. */
  readonly supplementary?: Omit<OtherInformation, 'messageCode'>;
  /** The content, whichever encoding the message code has. */
  readonly payload: (stamp: AlertStamp) => Payload;
}

/** What became of an alert; without a key of its recipient it cannot be sent. */
export type AlertOutcome =
  | {
      readonly made: true;
      readonly message: Uint8Array;
      readonly recipient: Eui64;
      readonly counter: bigint;
    }
  | { readonly made: false; readonly reason: string };

/**
 * Makes the alerts of a device: takes the next of its own originator counters, which the store keeps and which never
 * goes back, and protects with MAC or signature as the table of message codes says. Sans-I/O: the bytes are returned.
 */
export class AlertSender {
  constructor(private readonly parts: AlertSenderParts) {}

  make(alert: Alert): AlertOutcome {
    const code = messageCodeOf(alert.messageCode);
    const form = code?.protection.alert?.[0];
    if (form === undefined) {
      throw new InvariantError(`${formatMessageCode(alert.messageCode)} is no code of an alert`);
    }
    const { entity, keys, counters, nowMs } = this.parts;
    const cell = this.cellOf(alert.to, form === 'mac');
    if (cell === undefined) return { made: false, reason: `no cell of the ${alert.to}` };
    const stamp = { counter: counters.nextOwn(), nowMs: nowMs() };
    const header: GroupingHeader = {
      craFlag: 'alert',
      originatorCounter: stamp.counter,
      originator: entity,
      recipient: cell.entity,
      dateTime: undefined,
      otherInformation: { messageCode: alert.messageCode, ...alert.supplementary },
    };
    const content = encodePayload(alert.payload(stamp), alert.messageCode, 'alert');
    const preCommand = encodePreCommand(header, content);
    const message =
      form === 'mac'
        ? this.maced(preCommand, cell)
        : withSignature(preCommand, keys.sign(preCommand.subarray(1)));
    return { made: true, message, recipient: cell.entity, counter: stamp.counter };
  }

  /** The recipient's key agreement cell, by which its MAC is made; a signed alert only needs to know whom to address. */
  private cellOf(role: RemotePartyRole, maced: boolean): TrustAnchorCell | undefined {
    const anchors = this.parts.trustAnchors();
    return maced ? anchors.find(role, 'keyAgreement') : anchors.ofRole(role)[0];
  }

  private maced(preCommand: Uint8Array, { publicKey }: TrustAnchorCell): Uint8Array {
    const inner = withSignature(preCommand);
    const { crypto, keys } = this.parts;
    return withMac(inner, computeMac(crypto, keys.sharedSecret(publicKey), inner));
  }
}

/**
 * The content of a DLMS alert: code, time, and what the use case adds.
 * @see dlms.md 1
 */
export function dlmsAlert(
  alertCode: number,
  { counter, nowMs }: AlertStamp,
  ...details: readonly DlmsData[]
): Payload {
  return {
    kind: 'data-notification',
    longInvokeIdAndPriority: longInvokeIdAndPriority(counter),
    dateTime: '',
    body: data.structure(data.u16(alertCode), data.dateTime(nowMs), ...details),
  };
}
