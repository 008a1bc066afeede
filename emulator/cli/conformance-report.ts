import {
  type ConformanceCheck,
  conformanceChecks,
  type Judgement,
} from '../../protocols/gbcs/judge-message.js';
import type { DataDefect } from './data-defects.js';

/** A message file, judged. */
export interface JudgedFile {
  readonly path: string;
  readonly judgement: Judgement;
}

export interface Miss {
  readonly file: string;
  readonly kind: string;
  readonly useCase: string;
  readonly check: ConformanceCheck;
  readonly detail: string;
  /** Why the data is to blame; absent where it is not known to be. */
  readonly defect?: string;
}

/** Passed of those that had something to check. */
export interface Count {
  readonly passed: number;
  readonly of: number;
}

export interface ConformanceRow {
  readonly kind: string;
  readonly useCase: string;
  readonly messages: number;
  readonly checks: Readonly<Record<ConformanceCheck, Count>>;
}

export interface ConformanceReport {
  readonly passed: boolean;
  readonly messages: number;
  readonly totals: Readonly<Record<ConformanceCheck, Count>>;
  readonly rows: readonly ConformanceRow[];
  readonly misses: readonly Miss[];
}

const undecodable = 'undecodable';

export function conformanceReport(
  files: readonly JudgedFile[],
  defects: readonly DataDefect[],
): ConformanceReport {
  const groups = new Map<string, Judgement[]>();
  const misses: Miss[] = [];
  for (const file of files) {
    const { judgement } = file;
    const key = `${kindOf(judgement)}\n${useCaseOf(file)}`;
    groups.set(key, [...(groups.get(key) ?? []), judgement]);
    misses.push(...missesOf(file, defects));
  }
  const rows = [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(rowOf);
  return {
    passed: misses.every(({ defect }) => defect !== undefined),
    messages: files.length,
    totals: countsOf(files.map(({ judgement }) => judgement)),
    rows,
    misses,
  };
}

function kindOf({ kind }: Judgement): string {
  return kind ?? undecodable;
}

/** Of a file that does not decode, what its name says. */
function useCaseOf({ path, judgement }: JudgedFile): string {
  return judgement.useCase ?? path.split('/').at(-1)?.split('_')[0] ?? undecodable;
}

function rowOf([key, judgements]: readonly [string, readonly Judgement[]]): ConformanceRow {
  const [kind = '', useCase = ''] = key.split('\n');
  return { kind, useCase, messages: judgements.length, checks: countsOf(judgements) };
}

function countsOf(judgements: readonly Judgement[]): Readonly<Record<ConformanceCheck, Count>> {
  const counts = {} as Record<ConformanceCheck, Count>;
  for (const check of conformanceChecks) {
    const results = judgements.map(({ results }) => results[check]);
    const judged = results.filter((result) => result !== 'absent' && result !== 'unchecked');
    counts[check] = {
      passed: judged.filter((result) => result === 'passed').length,
      of: judged.length,
    };
  }
  return counts;
}

export function missesOf(file: JudgedFile, defects: readonly DataDefect[]): readonly Miss[] {
  const { path, judgement } = file;
  const useCase = useCaseOf(file);
  return conformanceChecks.flatMap((check) => {
    const result = judgement.results[check];
    if (result !== 'failed' && result !== 'no-key') return [];
    const detail = judgement.details[check] ?? (result === 'no-key' ? 'no key' : 'not valid');
    const defect = defects.find(
      (one) =>
        one.useCases.includes(useCase) &&
        one.checks.includes(check) &&
        (one.file === undefined || path.includes(one.file)) &&
        (one.result === undefined || one.result === result),
    );
    const miss = { file: path, kind: kindOf(judgement), useCase, check, detail };
    return [defect === undefined ? miss : { ...miss, defect: defect.reason }];
  });
}
