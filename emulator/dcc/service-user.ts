import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GroupingHeader } from '../../protocols/gbcs/grouping-header.js';
import { encodePreCommand, withSignature } from '../../protocols/gbcs/message.js';
import { encodePayload, type Payload } from '../../protocols/gbcs/payload.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import { type CommandUseCase, commandPayload } from '../../protocols/gbcs/use-cases/catalogue.js';
import type { EntityKeys } from '../ports/key-store.js';
import type { OriginatorCounter } from './originator-counter.js';

/** An organisation that speaks to devices: supplier, network operator, access control broker… */
export interface Party {
  readonly eui: Eui64;
  readonly role: RemotePartyRole;
  readonly name: string;
}

/** For whom the access control broker speaks, where it speaks for a party that the device may not know. */
export interface Supplementary {
  readonly party: Eui64;
  readonly counter: bigint;
  /** DER; sent where the response will carry data encrypted for that party. */
  readonly keyAgreementCertificate?: Uint8Array | undefined;
}

/** A command before it is bytes. */
export interface CommandPlan {
  readonly useCase: CommandUseCase;
  readonly device: Eui64;
  readonly originatorCounter: bigint;
  readonly supplementary?: Supplementary | undefined;
  /** As `checkParameters` returns them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

/** What the originator made: header and payload stay, because the response is judged by them. */
export interface PreCommand {
  readonly header: GroupingHeader;
  readonly payload: Payload;
  /** From the 0xDF tag to the end of the content. */
  readonly bytes: Uint8Array;
}

/** A party of the head end: its keys, its own counter, the commands it makes. */
export class ServiceUser {
  constructor(
    readonly party: Party,
    protected readonly keys: EntityKeys,
    readonly counter: OriginatorCounter,
  ) {}

  /**
   * Header and payload of a command in this party's name.
   * @throws CodecError when a parameter does not fit.
   */
  preCommand(plan: CommandPlan): PreCommand {
    const { useCase, device, originatorCounter, supplementary, nowMs } = plan;
    const messageCode = useCase.code.code;
    const header: GroupingHeader = {
      craFlag: 'command',
      originatorCounter,
      originator: this.party.eui,
      recipient: device,
      dateTime: undefined,
      otherInformation: {
        messageCode,
        supplementaryRemotePartyId: supplementary?.party,
        supplementaryRemotePartyCounter: supplementary?.counter,
        supplementaryRemotePartyKeyAgreementCertificate: supplementary?.keyAgreementCertificate,
      },
    };
    const payload = commandPayload(useCase, plan.parameters, {
      originator: supplementary?.party ?? header.originator,
      recipient: device,
      originatorCounter,
      nowMs,
    });
    const content = encodePayload(payload, messageCode, 'command');
    return { header, payload, bytes: encodePreCommand(header, content) };
  }

  /** The pre-command with this party's signature behind it. */
  signed(preCommand: Uint8Array): Uint8Array {
    return withSignature(preCommand, this.keys.sign(preCommand.subarray(1)));
  }
}
