import { z } from 'zod';
import type { CommandUseCase } from './catalogue.js';

/** A parameter in words, for `--help` and for the documentation. */
export interface ParameterDescription {
  readonly name: string;
  readonly description: string;
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

function membersOf({ properties = {}, required = [] }: Schema): readonly ParameterDescription[] {
  return Object.entries(properties).map(([name, schema]) => {
    const inner = schema.items ?? schema;
    const description = {
      name,
      description: schema.description ?? '',
      words: (inner.enum ?? []).map(String),
      isRequired: required.includes(name) && schema.default === undefined,
      members: membersOf(inner),
    };
    return schema.default === undefined
      ? description
      : { ...description, byDefault: schema.default };
  });
}
