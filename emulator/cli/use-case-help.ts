import { remotePartyRoles } from '../../protocols/gbcs/roles.js';
import {
  type CommandUseCase,
  commandUseCase,
  commandUseCases,
} from '../../protocols/gbcs/use-cases/catalogue.js';
import {
  describeParameters,
  type ParameterDescription,
} from '../../protocols/gbcs/use-cases/describe-parameters.js';
import { formatMessageCode } from '../../protocols/gbcs/use-cases/use-case.js';
import { UsageError } from '../ports/errors.js';
import { nearestHint } from './nearest.js';
import type { Colours } from './output.js';
import { clipped, tableLines } from './text-table.js';
import { exampleParameters, parameterArguments } from './use-case-examples.js';

/** Characters of a default; all of it is in the JSON form. */
const defaultLengthMax = 24;

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

export function parameterNames({ request }: CommandUseCase): string[] {
  return Object.keys(request.parameters.shape);
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
    parameters: describeParameters(useCase),
    example: exampleParameters(name),
  };
}

export function useCaseList(colours: Colours): string[] {
  const rows = commandUseCases.map((useCase) => {
    const { name, code } = useCase;
    const parameters = parameterNames(useCase);
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

/** More words than these are in the description. */
const wordsMax = 12;

/** One row each, members of structures below their structure. */
function parameterRows(parameters: readonly ParameterDescription[], indent: string): string[][] {
  return parameters.flatMap((parameter) => {
    const { name, type, members } = parameter;
    return [
      [`${indent}${name}`, type, presence(parameter), descriptionText(parameter)],
      ...parameterRows(members, `${indent}  `),
    ];
  });
}

function descriptionText({ description, words }: ParameterDescription): string {
  const said = words.length > wordsMax || words.every((word) => description.includes(word));
  return said ? description : `${description}: ${words.join(', ')}`;
}

function presence({ isRequired, byDefault }: ParameterDescription): string {
  if (byDefault === undefined) return isRequired ? 'required' : 'optional';
  const text = typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault);
  return `default ${clipped(text, defaultLengthMax)}`;
}

function parameterLines(useCase: CommandUseCase): string[] {
  const parameters = describeParameters(useCase);
  if (parameters.length === 0) return ['  parameters  none'];
  return ['  parameters', ...tableLines(parameterRows(parameters, '    '))];
}

export function useCaseDescription(useCase: CommandUseCase, colours: Colours): string[] {
  const { name, code } = useCase;
  // What no party may send goes out in the broker's name, unchecked.
  const anybody = code.roles.length === 0 ? ' --originator accessControlBroker --unchecked' : '';
  const example = `${parameterArguments(exampleParameters(name))}${anybody}`;
  return [
    `${colours.bold(name)} ${formatMessageCode(code.code)}  ${code.title}`,
    `  devices     ${code.targets.join(', ')}`,
    `  originators ${code.roles.join(', ') || 'none'}`,
    `  kind        ${code.critical ? 'critical' : 'non-critical'}`,
    `  protection  ${protectionText(code.protection)}`,
    ...parameterLines(useCase),
    '',
    `  $ hubfleet send ${name} home-1/${code.targets[0] ?? 'esme'}${example}`,
  ];
}

/** Roles by which an originator may be named. */
export const roleNames = Object.keys(remotePartyRoles);
