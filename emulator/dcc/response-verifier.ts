import { CodecError } from '../../protocols/codec/codec-error.js';
import { equalBytes } from '../../protocols/codec/hex.js';
import type { GroupingHeader, OtherInformation } from '../../protocols/gbcs/grouping-header.js';
import type { VerificationKeys } from '../../protocols/gbcs/key-ring.js';
import type { GbcsMessage } from '../../protocols/gbcs/message.js';
import { decodePayload, type Payload } from '../../protocols/gbcs/payload.js';
import {
  formatMessageCode,
  messageCodeOf,
  type ProtectionForm,
} from '../../protocols/gbcs/use-cases/use-case.js';
import {
  type CheckVerdict,
  checkMessageMac,
  checkSignature,
  type MessageChecks,
  ProtectedParts,
} from '../../protocols/gbcs/verify-message.js';
import { isSuccess, type ResponseValue } from './response-value.js';
import { responseValues } from './response-values.js';
import { type HeadEndKeys, verificationKeys } from './verification-keys.js';

/** What a response is judged by. */
export interface SentCommand {
  readonly header: GroupingHeader;
  /** undefined where its payload does not parse (testers send such). */
  readonly payload: Payload | undefined;
}

export interface VerifiedMessage {
  readonly checks: MessageChecks;
  /** The first thing that is wrong with the message, in words; undefined when all checks passed. */
  readonly problem: string | undefined;
  /** As it arrived: encrypted parts are open in `values` only. undefined when it does not parse. */
  readonly payload: Payload | undefined;
  readonly values: readonly ResponseValue[];
  /** The device did all that was asked of it. Says nothing where `problem` is set. */
  readonly succeeded: boolean;
}

/** Judges what comes back from devices: header, signature or MAC, encryption, payload. Verdicts are values. */
export class ResponseVerifier {
  private readonly keys: VerificationKeys;

  constructor(keys: HeadEndKeys) {
    this.keys = verificationKeys(keys);
  }

  /** @param sent The command; without it (an unexpected response) the header is not compared with anything. */
  verifyResponse(message: GbcsMessage, sent: SentCommand | undefined): VerifiedMessage {
    const wrong = sent === undefined ? undefined : headerProblem(sent.header, message.header);
    return this.verify(message, sent?.payload, wrong);
  }

  verifyAlert(message: GbcsMessage): VerifiedMessage {
    return this.verify(message, undefined, undefined);
  }

  private verify(
    message: GbcsMessage,
    request: Payload | undefined,
    headerProblem: string | undefined,
  ): VerifiedMessage {
    const signature = checkSignature(this.keys, message);
    const mac = checkMessageMac(this.keys, message);
    const parts = new ProtectedParts(this.keys, message);
    const { messageCode } = message.header.otherInformation;
    let payload: Payload | undefined;
    let values: readonly ResponseValue[] = [];
    let unreadable: string | undefined;
    try {
      payload = decodePayload(message.content, messageCode, message.header.craFlag);
      values = responseValues(request, payload, parts);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      unreadable = `payload: ${error.message}`;
    }
    const checks = { signature, mac, decryption: parts.verdict };
    const problem =
      headerProblem ??
      protectionProblem(message, checks) ??
      unreadable ??
      verdictProblem('an encrypted part', checks.decryption);
    return { checks, problem, payload, values, succeeded: values.every(isSuccess) };
  }
}

/** What a response must repeat of its command (gbcs-message.md 1.3). */
function headerProblem(sent: GroupingHeader, received: GroupingHeader): string | undefined {
  if (received.originatorCounter !== sent.originatorCounter) {
    return `counter ${received.originatorCounter}, sent ${sent.originatorCounter}`;
  }
  if (received.originator !== sent.recipient || received.recipient !== sent.originator) {
    return `from ${received.originator} to ${received.recipient}, not the command's titles swapped`;
  }
  return otherInformationProblem(sent.otherInformation, received.otherInformation);
}

/**
 * Repeated as it was; but a certificate in the command is replaced by the counter that the device took for the
 * encryption, or left out.
 */
function otherInformationProblem(
  sent: OtherInformation,
  received: OtherInformation,
): string | undefined {
  if (received.messageCode !== sent.messageCode) {
    const [found, want] = [received.messageCode, sent.messageCode].map(formatMessageCode);
    return `message code ${found}, sent ${want}`;
  }
  if (
    received.supplementaryRemotePartyId !== sent.supplementaryRemotePartyId ||
    received.supplementaryRemotePartyCounter !== sent.supplementaryRemotePartyCounter
  ) {
    return 'supplementary remote party or its counter is not the one of the command';
  }
  const certificate = sent.supplementaryRemotePartyKeyAgreementCertificate;
  const repeated = received.supplementaryRemotePartyKeyAgreementCertificate;
  if (repeated !== undefined && (certificate === undefined || !equalBytes(repeated, certificate))) {
    return 'a certificate that the command did not carry';
  }
  if (received.supplementaryOriginatorCounter !== undefined && certificate === undefined) {
    return 'a supplementary originator counter, although the command carried no certificate';
  }
  return undefined;
}

function formOf(message: GbcsMessage): ProtectionForm | undefined {
  const signed = message.signature instanceof Uint8Array;
  if (message.mac !== undefined) return signed ? 'signature+mac' : 'mac';
  return signed ? 'signature' : undefined;
}

/** The form must be one that the message code has, and what is there must be right. */
function protectionProblem(message: GbcsMessage, checks: MessageChecks): string | undefined {
  const { otherInformation, craFlag } = message.header;
  const allowed = messageCodeOf(otherInformation.messageCode)?.protection[craFlag];
  const form = formOf(message);
  if (form === undefined) return 'neither signature nor MAC';
  if (allowed !== undefined && !allowed.includes(form)) {
    return `protected by ${form}, where ${allowed.join(' or ')} is due`;
  }
  return verdictProblem('the signature', checks.signature) ?? verdictProblem('the MAC', checks.mac);
}

function verdictProblem(what: string, verdict: CheckVerdict): string | undefined {
  if (verdict === 'invalid') return `${what} is not valid`;
  return verdict === 'no-key' ? `no key here to check ${what} with` : undefined;
}
