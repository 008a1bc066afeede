import type { ConformanceReport, JudgedFile, Miss } from './conformance-report.js';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text in XML 1.0, which has no way at all to say most control characters. */
function escaped(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 && code !== 9 && code !== 10 && code !== 13) return '\ufffd';
    return escapes[character] ?? character;
  }).join('');
}

function testCase({ path, judgement }: JudgedFile, misses: readonly Miss[]): string {
  const suite = judgement.kind ?? 'undecodable';
  const start = `    <testcase classname="${escaped(suite)}" name="${escaped(path)}"`;
  if (misses.length === 0) return `${start}/>`;
  const real = misses.filter(({ defect }) => defect === undefined);
  const text = (list: readonly Miss[]): string =>
    escaped(list.map(({ check, detail, defect }) => `${check}: ${defect ?? detail}`).join('; '));
  const element =
    real.length > 0 ? `<failure message="${text(real)}"/>` : `<skipped message="${text(misses)}"/>`;
  return `${start}>${element}</testcase>`;
}

/** The report as JUnit XML: a suite a payload kind, a case a message; defects of the data count as skipped. */
export function junitXml(files: readonly JudgedFile[], report: ConformanceReport): string {
  const byFile = new Map<string, Miss[]>();
  for (const miss of report.misses) {
    byFile.set(miss.file, [...(byFile.get(miss.file) ?? []), miss]);
  }
  const suites = new Map<string, JudgedFile[]>();
  for (const file of files) {
    const kind = file.judgement.kind ?? 'undecodable';
    suites.set(kind, [...(suites.get(kind) ?? []), file]);
  }
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="hubfleet conformance">',
  ];
  for (const [kind, members] of suites) {
    const missed = members.map(({ path }) => byFile.get(path) ?? []);
    const failures = missed.filter((list) =>
      list.some(({ defect }) => defect === undefined),
    ).length;
    const skipped = missed.filter((list) => list.length > 0).length - failures;
    lines.push(
      `  <testsuite name="${kind}" tests="${members.length}" failures="${failures}" skipped="${skipped}" errors="0">`,
      ...members.map((file, index) => testCase(file, missed[index] as readonly Miss[])),
      '  </testsuite>',
    );
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}
