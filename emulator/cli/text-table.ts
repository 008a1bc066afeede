/** Rows as lines, each column as wide as its widest cell; the last column is not padded. */
export function tableLines(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] as number)))
      .join(gap)
      .trimEnd(),
  );
}

/** At most so many characters, the last one an ellipsis where something is missing. */
export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

/** A record in one line: `supply enabled, clock reliable`; inner records in brackets. */
export function briefly(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${brief(value)}`)
    .join(', ');
}

/** A value in a line. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return value.map(brief).join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return `(${briefly(value as Record<string, unknown>)})`;
}
