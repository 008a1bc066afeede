import { z } from 'zod';
import type { CommandUseCase } from './catalogue.js';

/** A parameter in words, for `--help` and for the documentation. */
export interface ParameterDescription {
  readonly name: string;
  readonly description: string;
  /** `whole number`, `list of texts`…; empty where it is of several kinds. */
  readonly type: string;
  /** The words that it takes, where it takes only some. */
  readonly words: readonly string[];
  readonly isRequired: boolean;
  /** What stands where it is not given. */
  readonly byDefault?: unknown;
  /** Of a structure, or of each element of a list. */
  readonly members: readonly ParameterDescription[];
}

/** What is used of JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** The parameters of a use case, in the order in which it declares them. */
export function describeParameters({ request }: CommandUseCase): readonly ParameterDescription[] {
  const { parameters } = request;
  return membersOf(z.toJSONSchema(parameters, { io: 'output', unrepresentable: 'any' }) as Schema);
}

/** One of them, and several. */
const typeNames: Readonly<Record<string, readonly [string, string]>> = {
  string: ['text', 'texts'],
  integer: ['whole number', 'whole numbers'],
  number: ['number', 'numbers'],
  boolean: ['true or false', 'true or false'],
  array: ['list', 'lists'],
  object: ['structure', 'structures'],
};

function typeText({ type = '', enum: words, items, properties }: Schema, several = 0): string {
  if (words !== undefined) return several ? 'words' : 'word';
  if (type === 'object' && properties === undefined) return several ? 'tables' : 'table';
  const name = typeNames[type]?.[several] ?? '';
  const element = items === undefined ? '' : typeText(items, 1);
  return element === '' ? name : `${name} of ${element}`;
}

function membersOf({ properties = {}, required = [] }: Schema): readonly ParameterDescription[] {
  return Object.entries(properties).map(([name, schema]) => {
    const inner = schema.items ?? schema;
    const description = {
      name,
      description: schema.description ?? '',
      type: typeText(schema),
      words: (inner.enum ?? []).map(String),
      isRequired: required.includes(name) && schema.default === undefined,
      members: membersOf(inner),
    };
    return schema.default === undefined
      ? description
      : { ...description, byDefault: schema.default };
  });
}
