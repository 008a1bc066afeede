/** A value of unknown origin in an error message: never throws, never long. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return String(value);
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  }
}
