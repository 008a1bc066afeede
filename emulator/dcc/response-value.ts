export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** One thing that a device answered: what it is of, what it is, and whether it went well. For people, and for JSON. */
export interface ResponseValue {
  /** The standard's name of the object, attribute or command. */
  readonly name: string;
  readonly classId?: number;
  readonly instanceId?: string;
  readonly memberId?: number;
  readonly clusterId?: number;
  readonly cluster?: string;
  readonly attributeId?: number;
  /** null where there is none. */
  readonly value: JsonValue;
  /** `success`, or the standard's name of what went wrong; `not-decrypted` where an encrypted part does not open. */
  readonly result: string;
  /** It came encrypted for the reader. */
  readonly encrypted?: true;
}

export const notDecrypted = 'not-decrypted';

/** Results that are no failure: a clock's status, and an empty answer of a gas meter's log. */
const successes: ReadonlySet<string> = new Set(['success', 'reliable', 'notFound']);

export function isSuccess(value: ResponseValue): boolean {
  return successes.has(value.result);
}
