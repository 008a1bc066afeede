import { z } from 'zod';
import { remotePartyRoles } from '../../protocols/gbcs/roles.js';
import {
  type CommandUseCase,
  commandUseCase,
  commandUseCases,
} from '../../protocols/gbcs/use-cases/catalogue.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';
import { nearestHint } from './nearest.js';
import type { Colours } from './output.js';
import { tableLines } from './text-table.js';

/** @throws UsageError with the names most like it */
export function useCaseNamed(name: string): CommandUseCase {
  const found = commandUseCase(name);
  if (found !== undefined) return found;
  const hint = nearestHint(
    name,
    commandUseCases.map((one) => one.name),
  );
  throw new UsageError(`no use case '${name}'${hint} (\`hubfleet send --list\` has them all)`);
}

export interface ParameterHelp {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: JsonSchema;
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function typeText({ type, items }: JsonSchema): string {
  if (type === 'array')
    return `list of ${items?.enum === undefined ? (items?.type ?? 'any') : 'names'}`;
  if (type === 'integer' || type === 'number') return 'whole number';
  return type === 'string' ? 'text' : (type ?? 'any');
}

/** What a use case takes, out of the schema that checks it. */
export function parametersOf({ request }: CommandUseCase): ParameterHelp[] {
  const schema = z.toJSONSchema(request.parameters, {
    io: 'output',
    unrepresentable: 'any',
  }) as JsonSchema;
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeText(property),
    required: schema.required?.includes(name) ?? false,
    description: property.description ?? '',
  }));
}

/** All there is to know about sending it; JSON-safe. */
export function useCaseSummary(useCase: CommandUseCase) {
  const { name, code } = useCase;
  return {
    useCase: name,
    messageCode: formatMessageCode(code.code),
    title: code.title,
    devices: code.targets,
    originators: code.roles,
    critical: code.critical,
    protection: code.protection,
    parameters: parametersOf(useCase),
  };
}

export function useCaseList(colours: Colours): string[] {
  const rows = commandUseCases.map((useCase) => {
    const { name, code } = useCase;
    const parameters = parametersOf(useCase).map((one) => one.name);
    return [
      name,
      formatMessageCode(code.code),
      code.targets.join(','),
      code.critical ? 'critical' : '',
      parameters.join(','),
      code.title,
    ];
  });
  const head = ['USE CASE', 'CODE', 'DEVICES', '', 'PARAMETERS', 'TITLE'];
  const [first = '', ...lines] = tableLines([head, ...rows]);
  return [colours.bold(first), ...lines];
}

function protectionText(forms: Readonly<Partial<Record<string, readonly string[]>>>): string {
  const parts = Object.entries(forms).map(([flag, list = []]) => `${flag} ${list.join(' or ')}`);
  return parts.join(', ');
}

function parameterLines(useCase: CommandUseCase): string[] {
  const parameters = parametersOf(useCase);
  if (parameters.length === 0) return ['  parameters  none'];
  const rows = parameters.map(({ name, type, required, description }) => [
    `    ${name}`,
    `${type}${required ? '' : ', may be left out'}`,
    description,
  ]);
  return ['  parameters', ...tableLines(rows)];
}

export function useCaseDescription(useCase: CommandUseCase, colours: Colours): string[] {
  const { name, code } = useCase;
  const example = parametersOf(useCase).map((one) => ` --param ${one.name}=…`);
  return [
    `${colours.bold(name)} ${formatMessageCode(code.code)}  ${code.title}`,
    `  devices     ${code.targets.join(', ')}`,
    `  originators ${code.roles.join(', ')}`,
    `  kind        ${code.critical ? 'critical' : 'non-critical'}`,
    `  protection  ${protectionText(code.protection)}`,
    ...parameterLines(useCase),
    '',
    `  $ hubfleet send ${name} home-1/${code.targets[0] ?? 'esme'}${example.join('')}`,
  ];
}

/** Roles by which an originator may be named. */
export const roleNames = Object.keys(remotePartyRoles);
