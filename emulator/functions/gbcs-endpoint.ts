import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { clockStatuses, headerDateTime } from '../../protocols/dlms/time.js';
import type { GroupingHeader, OtherInformation } from '../../protocols/gbcs/grouping-header.js';
import { encodePreCommand, withMac, withSignature } from '../../protocols/gbcs/message.js';
import { computeMac, encryptData } from '../../protocols/gbcs/protection.js';
import {
  type DeviceType,
  formatMessageCode,
  type MessageCode,
  type PayloadEncoding,
} from '../../protocols/gbcs/use-cases/use-case.js';
import type { EntityKeys } from '../ports/key-store.js';
import {
  type AcceptedCommand,
  CommandGate,
  type RefusedCommand,
  refusalEventCodes,
} from './command-gate.js';
import type { DeviceCounters } from './counters.js';
import type { PartnerDevice } from './partner-devices.js';
import type {
  CommandContext,
  PayloadProcessor,
  ProtectedData,
  ResponseContent,
} from './payload-processor.js';
import type { TrustAnchorCells } from './trust-anchor-cells.js';

export interface GbcsEndpointParts {
  readonly entity: Eui64;
  readonly type: DeviceType;
  readonly crypto: Crypto;
  readonly keys: EntityKeys;
  readonly counters: DeviceCounters;
  readonly trustAnchors: () => TrustAnchorCells;
  readonly partners?: readonly PartnerDevice[] | undefined;
  readonly processors: Readonly<Partial<Record<PayloadEncoding, PayloadProcessor>>>;
  /** The device's own time, which its clock functions may have set. */
  readonly nowMs: () => number;
  /** Key agreement public key of a DER certificate that a command carries for an unknown remote party. */
  readonly publicKeyOfCertificate: (der: Uint8Array) => Uint8Array;
}

/** What became of a received message; `response` goes back where the command came from. */
export type EndpointOutcome =
  | {
      readonly executed: true;
      readonly command: AcceptedCommand;
      readonly response: Uint8Array;
      readonly results: readonly string[];
    }
  | { readonly executed: false; readonly refusal: RefusedCommand };

/**
 * The GBCS end of a device: receives a protected command, checks it, has the payload executed, protects the response.
 * Sans-I/O: bytes in, outcome out.
 */
export class GbcsEndpoint {
  private readonly gate: CommandGate;

  constructor(private readonly parts: GbcsEndpointParts) {
    this.gate = new CommandGate({
      ...parts,
      supports: (code) => this.processorOf(code) !== undefined,
    });
  }

  private processorOf(code: MessageCode): PayloadProcessor | undefined {
    for (const encoding of code.encodings.command ?? []) {
      const processor = this.parts.processors[encoding];
      if (processor?.supports(code.useCase) === true) return processor;
    }
    return undefined;
  }

  receive(bytes: Uint8Array): EndpointOutcome {
    const checked = this.gate.check(bytes);
    if (!checked.accepted) return { executed: false, refusal: checked };
    const processor = this.processorOf(checked.code) as PayloadProcessor;
    try {
      const supplementary = this.supplementaryOfResponse(checked);
      const context: CommandContext = {
        command: checked,
        nowMs: this.parts.nowMs(),
        protect: (plaintext) => this.protectData(checked, supplementary, plaintext),
      };
      const answer = processor.execute(checked.message.content, context);
      const response = this.respond(checked, supplementary, answer);
      return { executed: true, command: checked, response, results: answer.results };
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      const refusal: RefusedCommand = {
        accepted: false,
        reason: 'payloadMalformed',
        detail: error.message,
        messageCode: checked.code.code,
        useCase: checked.code.useCase,
      };
      return { executed: false, refusal };
    }
  }

  /**
   * Other-information of the response: the command's, except that a party which sent its certificate gets the counter
   * that the device chose for the encryption key instead (26-byte form).
   */
  private supplementaryOfResponse(command: AcceptedCommand): OtherInformation {
    const given = command.message.header.otherInformation;
    if (given.supplementaryRemotePartyKeyAgreementCertificate === undefined) return given;
    return {
      messageCode: given.messageCode,
      supplementaryRemotePartyId: given.supplementaryRemotePartyId,
      supplementaryRemotePartyCounter: given.supplementaryRemotePartyCounter,
      supplementaryOriginatorCounter: this.parts.counters.nextOwn(),
    };
  }

  private protectData(
    command: AcceptedCommand,
    supplementary: OtherInformation,
    plaintext: Uint8Array,
  ): ProtectedData {
    const { header } = command.message;
    const dataRecipient = supplementary.supplementaryRemotePartyId ?? header.originator;
    const counter = supplementary.supplementaryOriginatorCounter ?? header.originatorCounter;
    const z = this.parts.keys.sharedSecret(this.agreementKeyOf(dataRecipient, command));
    const protection = { device: this.parts.entity, dataRecipient, counter };
    return {
      blob: encryptData(this.parts.crypto, z, protection, plaintext),
      originator: this.parts.entity,
      recipient: header.originator,
      counter: header.originatorCounter,
    };
  }

  /** Key agreement public key of a party: its own cell, its join, or the certificate that came with the command. */
  private agreementKeyOf(party: Eui64, command: AcceptedCommand): Uint8Array {
    if (command.partner?.entity === party) return command.partner.agreementPublicKey();
    const certificate =
      command.message.header.otherInformation.supplementaryRemotePartyKeyAgreementCertificate;
    if (certificate !== undefined && party !== command.message.header.originator) {
      return this.parts.publicKeyOfCertificate(certificate);
    }
    const anchors = this.parts.trustAnchors();
    const role = anchors.roleOf(party);
    const cell = role === undefined ? undefined : anchors.find(role, 'keyAgreement');
    if (cell === undefined) {
      throw new CodecError(
        'groupingHeader.otherInformation',
        0,
        `no key agreement key of ${party}`,
      );
    }
    return cell.publicKey;
  }

  private respond(
    command: AcceptedCommand,
    otherInformation: OtherInformation,
    answer: ResponseContent,
  ): Uint8Array {
    const { crypto, keys, entity, nowMs } = this.parts;
    const received = command.message.header;
    const { dateTimeMs = nowMs(), clockStatus = clockStatuses.notGiven } = answer;
    const header: GroupingHeader = {
      craFlag: 'response',
      originatorCounter: received.originatorCounter,
      originator: entity,
      recipient: received.originator,
      dateTime: command.code.dateTimeInResponse
        ? headerDateTime(dateTimeMs, clockStatus)
        : undefined,
      otherInformation,
    };
    const preCommand = encodePreCommand(header, answer.content);
    if (command.signResponse) {
      return withSignature(preCommand, keys.sign(preCommand.subarray(1)));
    }
    const inner = withSignature(preCommand);
    const z = keys.sharedSecret(this.agreementKeyOf(received.originator, command));
    return withMac(inner, computeMac(crypto, z, inner));
  }
}

/** Detail of a `command-refused` event. */
export function refusalEvent(refusal: RefusedCommand): Record<string, unknown> {
  const eventCode = refusalEventCodes[refusal.reason];
  return {
    reason: refusal.reason,
    detail: refusal.detail,
    ...(eventCode === undefined ? {} : { eventCode: formatMessageCode(eventCode) }),
    ...(refusal.useCase === undefined ? {} : { useCase: refusal.useCase }),
    ...(refusal.messageCode === undefined
      ? {}
      : { messageCode: formatMessageCode(refusal.messageCode) }),
  };
}
