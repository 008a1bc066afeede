import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageDirectory } from '../adapters/package-directory.js';

const schema = z.strictObject({
  version: z.literal(1),
  groups: z.array(
    z.strictObject({
      useCases: z.array(z.string()).min(1),
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
});

export type ExampleParameters = Readonly<Record<string, unknown>>;

let examples: ReadonlyMap<string, ExampleParameters> | undefined;

/** Parameters worth sending, by the use case's name; none where it takes none. */
export function exampleParameters(useCase: string): ExampleParameters {
  examples ??= load();
  return examples.get(useCase) ?? {};
}

/** Names of the use cases that have an example. */
export function useCasesWithExample(): readonly string[] {
  examples ??= load();
  return [...examples.keys()];
}

function load(): ReadonlyMap<string, ExampleParameters> {
  const path = join(packageDirectory(), 'fixtures/examples/use-case-parameters.yaml');
  const { groups } = schema.parse(parse(readFileSync(path, 'utf8')));
  return new Map(
    groups.flatMap(({ useCases, parameters }) => useCases.map((name) => [name, parameters])),
  );
}

/**
 * `--param NAME=VALUE …` for a shell: structures as JSON, lists of plain values separated by commas, quoted where the shell
 * would read them otherwise.
 */
export function parameterArguments(parameters: ExampleParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => ` --param ${shellWord(`${name}=${argumentText(value)}`)}`)
    .join('');
}

function argumentText(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' && !/[,[{]/.test(`${value}`);

function shellWord(text: string): string {
  if (/^[\w=:.,/+-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
