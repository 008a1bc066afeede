/** Edits (insert, delete, replace) from one text to the other. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}

const candidatesMax = 20_000;

/** The names most like `wanted`, whatever their case, best first; those that differ in most of their letters are left out. */
export function nearest(wanted: string, names: readonly string[], count = 3): string[] {
  const text = wanted.toLowerCase();
  return names
    .slice(0, candidatesMax)
    .map((name) => ({ name, distance: editDistance(text, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length / 2)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name);
}

/** `; nearest are a, b` for the end of an error message, or nothing. */
export function nearestHint(wanted: string, names: readonly string[]): string {
  const found = nearest(wanted, names);
  return found.length === 0 ? '' : `; nearest: ${found.join(', ')}`;
}
