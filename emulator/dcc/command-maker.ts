import { CodecError } from '../../protocols/codec/codec-error.js';
import { type Eui64, eui64, isEui64 } from '../../protocols/codec/eui64.js';
import {
  type CommandUseCase,
  checkParameters,
  commandUseCase,
  commandUseCases,
} from '../../protocols/gbcs/use-cases/catalogue.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';
import type { AccessControlBroker } from './access-control-broker.js';
import type { CommandRequest } from './command-outcome.js';
import type { DeviceRecord, Inventory } from './inventory.js';
import { originatorCounterMax } from './originator-counter.js';
import type { ChosenOriginator, Originators } from './originators.js';
import type { PreCommand, ServiceUser, Supplementary } from './service-user.js';

export interface CommandMakerParts {
  readonly inventory: Inventory;
  readonly originators: Originators;
  readonly broker: AccessControlBroker;
  /** Key agreement certificate (DER) of a party, for commands whose response is encrypted for it. */
  readonly certificateOf?: ((party: Eui64) => Uint8Array | undefined) | undefined;
}

/** A protected command, ready to go. */
export interface MadeCommand {
  readonly useCase: CommandUseCase;
  readonly device: DeviceRecord;
  readonly preCommand: PreCommand;
  readonly bytes: Uint8Array;
}

/** From a request in words to the bytes of a command: who, to whom, with which counter, protected how. */
export class CommandMaker {
  constructor(private readonly parts: CommandMakerParts) {}

  /** @throws UsageError naming what is wrong with the request. No counter is used up then, unless a value does not fit. */
  make(request: CommandRequest, nowMs: number): MadeCommand {
    const { inventory, broker } = this.parts;
    const useCase = useCaseOf(request.useCase);
    const device = inventory.get(entityOf(request.device));
    const chosen = this.choose(request, useCase, device.type);
    const { speaker } = chosen;
    if (request.unchecked !== true) {
      const refusal = broker.refusalOf(useCase.code, speaker.party.role, device.type);
      if (refusal !== undefined) throw new UsageError(refusal);
    }
    const parameters = parametersOf(request, useCase);
    try {
      const preCommand = speaker.preCommand({
        useCase,
        device: device.device,
        originatorCounter: counterOf(request, speaker),
        supplementary: this.supplementaryOf(useCase, chosen),
        parameters,
        nowMs,
      });
      const bytes = broker.protect(useCase.code, speaker, preCommand);
      return { useCase, device, preCommand, bytes };
    } catch (error) {
      if (error instanceof CodecError) throw new UsageError(`${useCase.name}: ${error.message}`);
      throw error;
    }
  }

  private choose(
    request: CommandRequest,
    useCase: CommandUseCase,
    target: DeviceType,
  ): ChosenOriginator {
    const { originators, broker } = this.parts;
    const { originator, unchecked } = request;
    const wanted =
      unchecked === true && originator !== undefined ? originators.find(originator) : undefined;
    if (wanted === undefined || wanted === broker) {
      return originators.choose(useCase.code, target, originator);
    }
    return { speaker: wanted, onBehalfOf: undefined };
  }

  private supplementaryOf(
    useCase: CommandUseCase,
    { onBehalfOf }: ChosenOriginator,
  ): Supplementary | undefined {
    if (onBehalfOf === undefined) return undefined;
    const party = onBehalfOf.party.eui;
    return {
      party,
      counter: onBehalfOf.counter.next(),
      keyAgreementCertificate: useCase.code.encrypted
        ? this.parts.certificateOf?.(party)
        : undefined,
    };
  }
}

function useCaseOf(name: string): CommandUseCase {
  const useCase = commandUseCase(name);
  if (useCase !== undefined) return useCase;
  const known = commandUseCases.map((one) => one.name).join(', ');
  throw new UsageError(`no use case '${name}' that can be sent; known are ${known}`);
}

function entityOf(text: string): Eui64 {
  if (isEui64(text)) return text;
  try {
    return eui64(text);
  } catch (error) {
    if (error instanceof CodecError) throw new UsageError(error.reason);
    throw error;
  }
}

function parametersOf(
  request: CommandRequest,
  useCase: CommandUseCase,
): Readonly<Record<string, unknown>> {
  const given = request.parameters ?? {};
  const check = checkParameters(useCase, given);
  if (check.ok) return check.parameters;
  if (request.unchecked === true) return given;
  throw new UsageError(`${useCase.name}: ${check.problems.join('; ')}`);
}

function counterOf(
  { originatorCounter, unchecked }: CommandRequest,
  { counter, party }: ServiceUser,
): bigint {
  if (originatorCounter === undefined) return counter.next();
  if (originatorCounter < counter.peek() && unchecked !== true) {
    throw new UsageError(
      `counter ${originatorCounter} of ${party.name} is used; the next one is ${counter.peek()}`,
    );
  }
  if (originatorCounter < originatorCounterMax) counter.skipPast(originatorCounter);
  return originatorCounter;
}
