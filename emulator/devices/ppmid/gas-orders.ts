import { CodecError } from '../../../protocols/codec/codec-error.js';
import { decodeGbz } from '../../../protocols/gbcs/gbz.js';
import type { GbzComponent } from '../../../protocols/gbcs/gbz-types.js';
import type { GroupingHeader } from '../../../protocols/gbcs/grouping-header.js';
import {
  decodeGbcsMessage,
  encodePreCommand,
  type GbcsMessage,
  withMac,
  withSignature,
} from '../../../protocols/gbcs/message.js';
import { encodePayload } from '../../../protocols/gbcs/payload.js';
import { checkMac, computeMac } from '../../../protocols/gbcs/protection.js';
import {
  type CommandUseCase,
  commandPayload,
  commandUseCase,
} from '../../../protocols/gbcs/use-cases/catalogue.js';
import type { PartnerDevice } from '../../functions/partner-devices.js';
import { InvariantError } from '../../ports/errors.js';
import type { DeviceParts } from '../device-parts.js';

export type GasUseCase = 'PCS01' | 'PCS02';

/** The only component of an answer, from the gas meter that was asked. */
export type GasAnswer = Pick<GbzComponent, 'commandId' | 'fields'>;

interface Pending {
  readonly useCase: CommandUseCase;
  readonly take: (answer: GasAnswer) => void;
}

/** More than a person asks for while the meter sleeps; the oldest is forgotten. */
const pendingMax = 16;

function declared(name: GasUseCase): CommandUseCase {
  const useCase = commandUseCase(name);
  if (useCase === undefined) throw new InvariantError(`the catalogue has no ${name}`);
  return useCase;
}

/**
 * What a prepayment display orders of a gas meter: messages of the kind SME.C.PPMID-GSME, MACed with the keys of the two
 * devices, which the hub hands on when the meter wakes (device-behaviour.md 3.5).
 */
export class GasOrders {
  /** Responses that were not asked for, or whose MAC does not match. */
  dropped = 0;
  private readonly pending = new Map<bigint, Pending>();

  constructor(
    private readonly parts: Pick<DeviceParts, 'entity' | 'host' | 'crypto' | 'keys'>,
    private readonly gsme: PartnerDevice,
    private readonly nextCounter: () => bigint,
  ) {}

  get waiting(): number {
    return this.pending.size;
  }

  /** Sends an order; `take` gets the meter's answer, whenever that is, or never. */
  send(
    name: GasUseCase,
    parameters: Readonly<Record<string, unknown>>,
    take: (answer: GasAnswer) => void,
  ): void {
    const useCase = declared(name);
    const originatorCounter = this.nextCounter();
    const [oldest] = this.pending.keys();
    if (this.pending.size >= pendingMax && oldest !== undefined) this.pending.delete(oldest);
    this.pending.set(originatorCounter, { useCase, take });
    this.parts.host.sendMessage(this.message(useCase, parameters, originatorCounter));
  }

  private message(
    useCase: CommandUseCase,
    parameters: Readonly<Record<string, unknown>>,
    originatorCounter: bigint,
  ): Uint8Array {
    const { entity: originator, host, crypto } = this.parts;
    const messageCode = useCase.code.code;
    const header: GroupingHeader = {
      craFlag: 'command',
      originatorCounter,
      originator,
      recipient: this.gsme.entity,
      dateTime: undefined,
      otherInformation: { messageCode },
    };
    const { recipient } = header;
    const values = { originator, recipient, originatorCounter, nowMs: host.nowMs() };
    const payload = commandPayload(useCase, parameters, values);
    const content = encodePayload(payload, messageCode, 'command');
    const inner = withSignature(encodePreCommand(header, content));
    return withMac(inner, computeMac(crypto, this.sharedSecret(), inner));
  }

  private sharedSecret(): Uint8Array {
    return this.parts.keys.sharedSecret(this.gsme.agreementPublicKey());
  }

  /** Takes a response of the gas meter; returns whether it was one. Never throws for any bytes. */
  receive(bytes: Uint8Array): boolean {
    try {
      const message = decodeGbcsMessage(bytes);
      const { craFlag, originator } = message.header;
      if (craFlag !== 'response' || originator !== this.gsme.entity) return false;
      this.takeResponse(message);
      return true;
    } catch (error) {
      // What does not parse is the desk's to refuse.
      if (!(error instanceof CodecError)) throw error;
      return false;
    }
  }

  private takeResponse(message: GbcsMessage): void {
    const { recipient, originatorCounter, otherInformation } = message.header;
    const pending = this.pending.get(originatorCounter);
    const isAnswer =
      recipient === this.parts.entity &&
      otherInformation.messageCode === pending?.useCase.code.code;
    const reason =
      pending === undefined || !isAnswer
        ? 'a response that nothing waits for'
        : this.isAuthentic(message)
          ? undefined
          : 'the MAC of a response does not match';
    if (pending === undefined || reason !== undefined) {
      this.drop(reason ?? '');
      return;
    }
    const { code } = pending.useCase.code;
    try {
      const payload = decodeGbz(message.content, code, 'response');
      const component = payload.kind === 'gbz' ? payload.components[0] : undefined;
      if (component === undefined) throw new CodecError('components', 0, 'no answer in it');
      this.pending.delete(originatorCounter);
      pending.take(component);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.drop(error.message);
    }
  }

  private isAuthentic({ inner, mac }: GbcsMessage): boolean {
    return mac !== undefined && checkMac(this.parts.crypto, this.sharedSecret(), inner, mac);
  }

  private drop(reason: string): void {
    this.dropped++;
    this.parts.host.event('command-refused', { reason: 'unexpectedResponse', detail: reason });
  }
}
