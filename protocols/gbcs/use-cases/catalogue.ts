import type { z } from 'zod';
import { asn1StructureOf } from '../../asn1/structures.js';
import { CodecError } from '../../codec/codec-error.js';
import type { AccessRequestItem } from '../../dlms/apdu-types.js';
import type { GbzFields } from '../gbz-types.js';
import type { Payload } from '../payload.js';
import { dlmsRequests } from './dlms-requests.js';
import { gasRequests } from './gas-requests.js';
import type { GbzComponentTemplate, RequestDefinition } from './request.js';
import { securityRequests } from './security-requests.js';
import { fillTemplate, type HeaderValues } from './template.js';
import { type MessageCode, messageCodeOf } from './use-case.js';

/** A use case whose commands hubfleet can make: what GBCS says of it, and how its request is built. */
export interface CommandUseCase {
  readonly name: string;
  readonly code: MessageCode;
  readonly request: RequestDefinition;
}

const definitions: Readonly<Record<string, RequestDefinition>> = {
  ...dlmsRequests,
  ...gasRequests,
  ...securityRequests,
};

const byName = new Map<string, CommandUseCase>();
for (const [name, request] of Object.entries(definitions)) {
  const code = messageCodeOf(request.messageCode);
  if (code === undefined) throw new Error(`${name}: message code ${request.messageCode} unknown`);
  byName.set(name.toLowerCase(), { name, code, request });
}

export const commandUseCases: readonly CommandUseCase[] = [...byName.values()];

/** The name's case does not matter: `ecs17b` finds ECS17b. */
export function commandUseCase(name: string): CommandUseCase | undefined {
  return byName.get(name.toLowerCase());
}

export type ParameterCheck =
  | { readonly ok: true; readonly parameters: Readonly<Record<string, unknown>> }
  /** One line per problem, each naming its parameter. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Validates and converts what a user gave, text from a command line included. */
export function checkParameters(
  useCase: CommandUseCase,
  given: Readonly<Record<string, unknown>>,
): ParameterCheck {
  const result = useCase.request.parameters.safeParse(given);
  if (result.success) return { ok: true, parameters: result.data };
  return { ok: false, problems: result.error.issues.map(problemText) };
}

function problemText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown parameter ${issue.keys.join(', ')}`;
  const name = issue.path.join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return missing ? `parameter ${name} is missing` : `parameter ${name}: ${issue.message}`;
}

/**
 * The payload of a command.
 * @throws CodecError when a parameter does not convert (they should have passed `checkParameters`).
 */
export function commandPayload(
  useCase: CommandUseCase,
  parameters: Readonly<Record<string, unknown>>,
  header: HeaderValues,
): Payload {
  const template = useCase.request.payload;
  if ('dlms' in template) {
    return {
      kind: 'access-request',
      longInvokeIdAndPriority: longInvokeIdAndPriority(header.originatorCounter),
      dateTime: '',
      items: fillTemplate(template.dlms, parameters, header) as AccessRequestItem[],
    };
  }
  if ('gbz' in template) {
    const filled = fillTemplate(template.gbz, parameters, header) as GbzComponentTemplate[];
    const components = filled.map((component, index) => ({
      ...component,
      cluster: '',
      command: '',
      sequenceNumber: index,
      fields: component.fields as GbzFields,
    }));
    return { kind: 'gbz', profileId: 0x0109, components } as Payload;
  }
  if ('asn1' in template) {
    const value = fillTemplate(template.asn1, parameters, header);
    const structure = asn1StructureOf(useCase.code.code, 'command')?.name ?? '';
    return { kind: 'asn1', structure, value } as Payload;
  }
  throw new CodecError('', 0, 'payload template of no known encoding');
}

/** Break-on-error, no priority, and the low 24 bits of the counter (dlms.md 1). */
export function longInvokeIdAndPriority(originatorCounter: bigint): number {
  return (0x20000000 | Number(originatorCounter & 0xffffffn)) >>> 0;
}
