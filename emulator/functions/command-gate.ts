import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Crypto } from '../../protocols/crypto/crypto.js';
import { decodeGbcsMessage, type GbcsMessage } from '../../protocols/gbcs/message.js';
import { checkMac } from '../../protocols/gbcs/protection.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import {
  type DeviceType,
  formatMessageCode,
  type MessageCode,
  messageCodeOf,
} from '../../protocols/gbcs/use-cases/use-case.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { DeviceCounters } from './counters.js';
import { type PartnerDevice, partnerOf, partnerUseCases } from './partner-devices.js';
import type { TrustAnchorCells } from './trust-anchor-cells.js';

/**
 * The checks a device makes before it acts on a command, in the order of device-behaviour.md 1.2, each with a reason of
 * its own. A refused command is dropped: no response, nothing executed, no counter moved.
 */
export const refusalReasons = {
  malformed: 'the frame does not parse',
  notACommand: 'the CRA flag is not command',
  notForThisDevice: 'the recipient is another entity',
  unknownMessageCode: 'no use case has this message code',
  unsupportedMessageCode: 'this device type does not implement the use case',
  unknownOriginator: 'the originator is in no trust anchor cell and is no partner device',
  roleNotAllowed: 'the originator’s role may not use this message code',
  counterNotAbove: 'the originator counter is not above the last one executed',
  macMissing: 'the command carries no MAC',
  macInvalid: 'the MAC does not match',
  noKeyForMac: 'no key agreement cell for the access control broker',
  signatureMissing: 'a critical command carries no signature',
  signatureInvalid: 'the signature does not match',
  noKeyForSignature: 'no digital signature cell for the originator’s role',
  payloadMalformed: 'the payload does not parse or is of the wrong kind',
} as const;
export type RefusalReason = keyof typeof refusalReasons;

/** Event codes that the reference ties to a refusal ([mem] for several, hence one table). */
export const refusalEventCodes: Readonly<Partial<Record<RefusalReason, number>>> = {
  malformed: 0x8f1e,
  unknownMessageCode: 0x8f1e,
  payloadMalformed: 0x8f1e,
  unsupportedMessageCode: 0x8f85,
  unknownOriginator: 0x8f3e,
  roleNotAllowed: 0x8f30,
  counterNotAbove: 0x8f53,
  macInvalid: 0x8f3d,
  signatureInvalid: 0x8f3d,
};

export interface AcceptedCommand {
  readonly accepted: true;
  readonly message: GbcsMessage;
  readonly code: MessageCode;
  /** Undefined for a command of a partner device. */
  readonly role: RemotePartyRole | undefined;
  readonly partner?: PartnerDevice;
  /** The response is signed; otherwise it is MACed towards the originator. */
  readonly signResponse: boolean;
}

export interface RefusedCommand {
  readonly accepted: false;
  readonly reason: RefusalReason;
  readonly detail: string;
  readonly messageCode?: number;
  readonly useCase?: string;
}

export interface CommandGateParts {
  readonly entity: Eui64;
  readonly type: DeviceType;
  readonly crypto: Crypto;
  readonly keys: EntityKeys;
  readonly trustAnchors: () => TrustAnchorCells;
  readonly counters: DeviceCounters;
  /** Devices of the home that may order something of this one. */
  readonly partners?: readonly PartnerDevice[] | undefined;
  /** Whether this device has behaviour for the use case. */
  readonly supports: (code: MessageCode) => boolean;
}

/** Who must have protected a command, and how, where the table lists more than one form (gbcs-message.md 2.1). */
interface RequiredProtection {
  readonly mac: boolean;
  readonly signature: boolean;
}

function requiredProtection(code: MessageCode, message: GbcsMessage): RequiredProtection {
  const forms = code.protection.command ?? ['mac'];
  const has = message.mac !== undefined;
  // Variant use cases (CS02a, CS02f) come MACed or signed: the authorising cell in the payload decides, and the
  // form on the wire must be one of the two.
  const form =
    forms.length === 1 ? forms[0] : (forms.find((one) => one.includes('mac') === has) ?? forms[0]);
  return {
    mac: form !== 'signature',
    signature: form !== 'mac',
  };
}

/** Variant use cases answer in the form they were asked; all others as the table says. */
function signsResponse(code: MessageCode, required: RequiredProtection): boolean {
  const forms = code.protection.response ?? ['mac'];
  return forms.length === 1 ? forms[0] === 'signature' : required.signature;
}

function refuse(reason: RefusalReason, messageCode?: number, detail?: string): RefusedCommand {
  const text = detail ?? refusalReasons[reason];
  if (messageCode === undefined) return { accepted: false, reason, detail: text };
  const useCase = messageCodeOf(messageCode)?.useCase;
  const refusal = { accepted: false, reason, detail: text, messageCode } as const;
  return useCase === undefined ? refusal : { ...refusal, useCase };
}

export class CommandGate {
  constructor(private readonly parts: CommandGateParts) {}

  /** Never throws for any bytes. The counter moves only when everything was right. */
  check(bytes: Uint8Array): AcceptedCommand | RefusedCommand {
    let message: GbcsMessage;
    try {
      message = decodeGbcsMessage(bytes);
    } catch (error) {
      if (error instanceof CodecError) return refuse('malformed', undefined, error.message);
      throw error;
    }
    const { header } = message;
    const number = header.otherInformation.messageCode;
    if (header.craFlag !== 'command') return refuse('notACommand', number);
    if (header.recipient !== this.parts.entity) return refuse('notForThisDevice', number);
    const code = messageCodeOf(number);
    if (code === undefined || code.encodings.command === undefined) {
      return refuse(
        'unknownMessageCode',
        number,
        `no use case has code ${formatMessageCode(number)}`,
      );
    }
    if (!code.targets.includes(this.parts.type) || !this.parts.supports(code)) {
      return refuse('unsupportedMessageCode', number);
    }
    const role = this.parts.trustAnchors().roleOf(header.originator);
    if (role === undefined) return this.checkPartner(message, code);
    if (!code.roles.includes(role)) {
      return refuse('roleNotAllowed', number, `${role} may not use ${code.useCase}`);
    }
    return this.checkCounter(message, code, role) ?? this.authenticate(message, code, role);
  }

  /**
   * A command of another device of the home. No broker stands between the two: the MAC is made with their own keys. The
   * table asks for no replay protection; a top-up token has its own.
   */
  private checkPartner(message: GbcsMessage, code: MessageCode): AcceptedCommand | RefusedCommand {
    const partner = partnerOf(this.parts.partners, message.header.originator);
    if (partner === undefined) return refuse('unknownOriginator', code.code);
    if (partnerUseCases[partner.type]?.includes(code.useCase) !== true) {
      return refuse('roleNotAllowed', code.code, `a ${partner.type} may not use ${code.useCase}`);
    }
    const failed = this.macFailure(message, partner.agreementPublicKey());
    if (failed !== undefined) return refuse(failed, code.code);
    return { accepted: true, message, code, role: undefined, partner, signResponse: false };
  }

  private checkCounter(
    message: GbcsMessage,
    code: MessageCode,
    role: RemotePartyRole,
  ): RefusedCommand | undefined {
    if (!code.replayProtected) return undefined;
    const last = this.parts.counters.executed(role, code.code);
    const counter = message.header.originatorCounter;
    if (last === undefined || counter > last) return undefined;
    return refuse('counterNotAbove', code.code, `counter ${counter}, last executed ${last}`);
  }

  private authenticate(
    message: GbcsMessage,
    code: MessageCode,
    role: RemotePartyRole,
  ): AcceptedCommand | RefusedCommand {
    const required = requiredProtection(code, message);
    const failed =
      (required.mac ? this.macFailure(message, this.brokerKey()) : undefined) ??
      (required.signature ? this.signatureFailure(message, role) : undefined);
    if (failed !== undefined) return refuse(failed, code.code);
    if (code.replayProtected) {
      this.parts.counters.setExecuted(role, code.code, message.header.originatorCounter);
    }
    return { accepted: true, message, code, role, signResponse: signsResponse(code, required) };
  }

  private brokerKey(): Uint8Array | undefined {
    return this.parts.trustAnchors().find('accessControlBroker', 'keyAgreement')?.publicKey;
  }

  private macFailure(
    message: GbcsMessage,
    peerPublicKey: Uint8Array | undefined,
  ): RefusalReason | undefined {
    const { crypto, keys } = this.parts;
    if (message.mac === undefined) return 'macMissing';
    if (peerPublicKey === undefined) return 'noKeyForMac';
    const z = keys.sharedSecret(peerPublicKey);
    return checkMac(crypto, z, message.inner, message.mac) ? undefined : 'macInvalid';
  }

  private signatureFailure(message: GbcsMessage, role: RemotePartyRole): RefusalReason | undefined {
    if (!(message.signature instanceof Uint8Array)) return 'signatureMissing';
    const cell = this.parts.trustAnchors().find(role, 'digitalSignature');
    if (cell === undefined) return 'noKeyForSignature';
    const valid = this.parts.crypto.verify(cell.publicKey, message.signedBytes, message.signature);
    return valid ? undefined : 'signatureInvalid';
  }
}
