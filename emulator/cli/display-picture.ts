import type { Colours } from './output.js';
import { clipped } from './text-table.js';

/** A display drawn as a box with its lines in colour. */

const contentWidthMin = 44;

/** Which words of a display are in which colour; the first rule that matches colours what it matches. */
const rules: readonly (readonly [RegExp, 'green' | 'yellow' | 'red' | 'bold'])[] = [
  [/\[#--\] low/, 'green'],
  [/\[##-\] medium/, 'yellow'],
  [/\[###\] high/, 'red'],
  [/^.*\b(?:low credit|credit is low|no credit|credit (?:is )?used up|supply is off)\b.*$/i, 'red'],
  [/^ *!.*$/, 'yellow'],
];

/** One line with what matters in colour; the visible text stays. */
export function colouredLine(line: string, colours: Colours): string {
  for (const [pattern, colour] of rules) {
    if (pattern.test(line)) return line.replace(pattern, (text) => colours[colour](text));
  }
  return line;
}

/** The box, as wide as its content but no wider than the screen. */
export function picture(
  title: string,
  lines: readonly string[],
  columns: number,
  colours: Colours,
): string[] {
  const widest = lines.reduce((width, line) => Math.max(width, line.length), contentWidthMin);
  const width = Math.max(1, Math.min(widest, columns - 4));
  const head = clipped(` ${title} `, width + 1);
  return [
    `┌─${colours.bold(head)}${'─'.repeat(Math.max(0, width + 1 - head.length))}┐`,
    ...lines.map((line) => {
      const shown = clipped(line, width);
      return `│ ${colouredLine(shown, colours)}${' '.repeat(width - shown.length)} │`;
    }),
    `└${'─'.repeat(width + 2)}┘`,
  ];
}
