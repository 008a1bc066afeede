/**
 * Writes docs/use-cases.md from the catalogue. Run: npx tsx scripts/generate/use-cases-doc.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import {
  describeParameters,
  type ParameterDescription,
} from '../../protocols/gbcs/use-cases/describe-parameters.js';
import {
  formatMessageCode,
  type MessageCode,
  messageCodes,
} from '../../protocols/gbcs/use-cases/use-case.js';

export const useCasesDocPath = fileURLToPath(new URL('../../docs/use-cases.md', import.meta.url));

const introduction = `# Use cases

All message codes of GBCS, and the parameters of the commands that hubfleet makes.
Generated from the catalogue by \`npx tsx scripts/generate/use-cases-doc.ts\`; a test compares.

Send one with \`hubfleet send USE-CASE DEVICE --param NAME=VALUE …\`. Structured values are JSON, \`touPrices=[2121,3127]\`;
lists of plain values may be separated by commas, \`roles=supplier,networkOperator\`.
Times are UTC, \`2026-11-22T00:00:00Z\`. Parts of a date may be left open: \`*-12-25\` is every 25 December,
\`*-*-01\` the first of every month, \`*-*-* Mon\` every Monday.
`;

const columns = [
  'code',
  'use case',
  'title',
  'service requests',
  'targets',
  'roles',
  'protection',
  'properties',
  'encodings',
];

function cell(text: string): string {
  return text === '' ? '–' : text.replaceAll('|', '\\|');
}

function byFlag(record: Readonly<Record<string, readonly string[] | undefined>>): string {
  return Object.entries(record)
    .map(([flag, forms]) => `${flag} ${(forms ?? []).join(' or ')}`)
    .join('; ');
}

function properties(code: MessageCode): string {
  const words: readonly (readonly [boolean, string])[] = [
    [code.critical, 'critical'],
    [code.replayProtected, 'replay protected'],
    [code.futureDateable, 'future-dateable'],
    [code.encrypted, 'encrypted response'],
    [code.dateTimeInResponse, 'time in response'],
    [code.hanOnly, 'home network only'],
  ];
  return words.flatMap(([holds, word]) => (holds ? [word] : [])).join(', ');
}

function row(code: MessageCode): string {
  const cells = [
    formatMessageCode(code.code),
    code.useCase,
    code.title,
    code.services.join(', '),
    code.targets.join(', '),
    code.roles.join(', '),
    byFlag(code.protection),
    properties(code),
    byFlag(code.encodings),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Longer lists of words are in the description. */
const wordsMax = 8;

function parameter(described: ParameterDescription, indent = ''): string {
  const { name, description, words, isRequired, byDefault, members } = described;
  const choice = words.length > 1 && words.length <= wordsMax ? `: ${words.join(', ')}` : '';
  const given = byDefault === undefined ? '' : `; by default \`${JSON.stringify(byDefault)}\``;
  const optional = isRequired || byDefault !== undefined ? '' : '; optional';
  const line = `${indent}- \`${name}\`: ${description}${choice}${given}${optional}`;
  return [line, ...members.map((member) => parameter(member, `${indent}  `))].join('\n');
}

function commandSections(): string[] {
  const described = commandUseCases
    .map((useCase) => ({ useCase, parameters: describeParameters(useCase) }))
    .sort((a, b) => (a.useCase.name < b.useCase.name ? -1 : 1));
  const without = described.filter(({ parameters }) => parameters.length === 0);
  return [
    `## Commands without parameters\n\n${without.map(({ useCase }) => useCase.name).join(', ')}.\n`,
    '## Parameters\n',
    ...described
      .filter(({ parameters }) => parameters.length > 0)
      .map(
        ({ useCase, parameters }) =>
          `### ${useCase.name}: ${useCase.code.title}\n\n${parameters.map((one) => parameter(one)).join('\n')}\n`,
      ),
  ];
}

export function useCasesDoc(): string {
  const head = `| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`;
  const table = `## Message codes\n\n${head}\n${messageCodes.map(row).join('\n')}\n`;
  return [introduction, table, ...commandSections()].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(useCasesDocPath, useCasesDoc());
  process.stdout.write(`${commandUseCases.length} commands written to ${useCasesDocPath}\n`);
}
