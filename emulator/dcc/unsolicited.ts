import type { Eui64 } from '../../protocols/codec/eui64.js';
import { alertTitle } from '../../protocols/gbcs/alert-titles.js';
import type { GbcsMessage } from '../../protocols/gbcs/message.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import type { UnsolicitedMessage } from './command-outcome.js';
import type { VerifiedMessage } from './response-verifier.js';

/** The alert code, which all three encodings put first (gbcs-message.md 9). */
export function alertCodeOf(payload: Payload): number | undefined {
  switch (payload.kind) {
    case 'gbz-alert':
      return payload.alertCode;
    case 'data-notification': {
      const first = payload.body.type === 'structure' ? payload.body.value[0] : undefined;
      return first?.type === 'long-unsigned' ? first.value : undefined;
    }
    case 'asn1': {
      const { value } = payload;
      if (typeof value !== 'object' || value === null || !('alertCode' in value)) return undefined;
      return typeof value.alertCode === 'number' ? value.alertCode : undefined;
    }
    default:
      return undefined;
  }
}

/** A verified message that answers nothing, as it is handed on. */
export function describeUnsolicited(
  kind: UnsolicitedMessage['kind'],
  hub: Eui64,
  { header }: GbcsMessage,
  { checks, problem, payload, values }: VerifiedMessage,
): UnsolicitedMessage {
  const alertCode = payload === undefined ? undefined : alertCodeOf(payload);
  return {
    kind,
    hub,
    device: header.originator,
    recipient: header.recipient,
    messageCode: formatMessageCode(header.otherInformation.messageCode),
    originatorCounter: header.originatorCounter.toString(),
    ...(alertCode === undefined ? {} : { alertCode: formatMessageCode(alertCode) }),
    ...(problem === undefined ? {} : { problem }),
    ...(payload === undefined ? {} : { payload }),
    values,
    checks,
  };
}

/**
 * What the alert stream of the device says of it, JSON-safe: the verdict is the head end's, and the event that of whoever
 * runs it. Payloads stay on the WAN plane.
 */
export function alertEvent(message: UnsolicitedMessage): Readonly<Record<string, unknown>> {
  const { messageCode, originatorCounter, recipient, alertCode, problem } = message;
  return {
    messageCode,
    ...(alertCode === undefined ? {} : { alertCode, title: alertTitle(Number(alertCode)) }),
    originatorCounter,
    recipient,
    verified: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}
