import { CodecError } from '../../codec/codec-error.js';
import { encodePayload, type Payload } from '../payload.js';
import {
  type CommandUseCase,
  checkParameters,
  commandPayload,
  commandUseCases,
} from './catalogue.js';
import { matchTemplate } from './match-template.js';
import type { RequestDefinition } from './request.js';
import type { HeaderValues } from './template.js';

/** A command in an engineer's words. */
export interface NamedCommand {
  readonly useCase: CommandUseCase;
  /** As `checkParameters` gives them: making the command again from these takes nothing else. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const byMessageCode = new Map<number, CommandUseCase[]>();
for (const useCase of commandUseCases) {
  const { code } = useCase.code;
  byMessageCode.set(code, [...(byMessageCode.get(code) ?? []), useCase]);
}

/**
 * Which parameters make this payload, or undefined where it is not of a form that the catalogue can make: a use case that it
 * does not have, values out of range, other contents than the message code allows.
 */
export function commandParameters(messageCode: number, payload: Payload): NamedCommand | undefined {
  for (const useCase of byMessageCode.get(messageCode) ?? []) {
    const matched = matchPayload(useCase.request, payload);
    if (matched === undefined) continue;
    const check = checkParameters(useCase, matched);
    if (check.ok) return { useCase, parameters: check.parameters };
  }
  return undefined;
}

function matchPayload(
  { payload: template }: RequestDefinition,
  payload: Payload,
): Readonly<Record<string, unknown>> | undefined {
  if ('dlms' in template) {
    return payload.kind === 'access-request'
      ? matchTemplate(template.dlms, payload.items)
      : undefined;
  }
  if ('gbz' in template) {
    return payload.kind === 'gbz' ? matchTemplate(template.gbz, payload.components) : undefined;
  }
  return payload.kind === 'asn1' ? matchTemplate(template.asn1, payload.value) : undefined;
}

/** Whether a command says what its parameters say and nothing else: they make the same octets. */
export function isMadeBy(
  command: NamedCommand,
  content: Uint8Array,
  header: HeaderValues,
): boolean {
  const { useCase, parameters } = command;
  try {
    const payload = commandPayload(useCase, parameters, header);
    const made = encodePayload(payload, useCase.code.code, 'command');
    return made.length === content.length && made.every((octet, at) => octet === content[at]);
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
