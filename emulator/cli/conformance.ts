import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CodecError } from '../../protocols/codec/codec-error.js';
import {
  type ConformanceCheck,
  conformanceChecks,
  type Judgement,
  judgeMessage,
} from '../../protocols/gbcs/judge-message.js';
import type { VerificationKeys } from '../../protocols/gbcs/key-ring.js';
import { readMessageDirectory } from '../adapters/message-directory.js';
import { EnvironmentError } from '../ports/errors.js';
import {
  type ConformanceReport,
  type Count,
  conformanceReport,
  type JudgedFile,
  type Miss,
} from './conformance-report.js';
import { dataDefects } from './data-defects.js';
import { exitCodes } from './exit.js';
import { junitXml } from './junit.js';
import { bytesOfText } from './message-text.js';
import { examples, type Session } from './session.js';
import { tableLines } from './text-table.js';
import { keysHelp, verificationKeysOf } from './verify.js';

interface ConformanceOptions {
  readonly rtds: string;
  readonly keys?: string;
  readonly json?: boolean;
  readonly junit?: string;
}

export function addConformance(program: Command, session: Session): void {
  program
    .command('conformance')
    .summary('judge a directory of official messages')
    .description(
      'Judges every *.HEX message below a directory laid out like the Reference Test Data Set: it decodes, what is ' +
        'printed of it encodes to the same bytes, every value is there and named, signature, MAC and encryption are ' +
        'right. Counts are by payload kind and use case; every miss is named.\n' +
        `Without --keys, keys.json in the directory or above it. ${keysHelp}\n` +
        'Exit code 1 on any miss that is not a documented defect of the data.',
    )
    .requiredOption('--rtds <dir>', 'directory of messages, or the one above it')
    .option('--keys <path>', 'key file or directory')
    .option('--json', 'the report as one JSON object')
    .option('--junit <file>', 'also write the report as JUnit XML')
    .addHelpText(
      'after',
      examples(
        ['hubfleet conformance --rtds rtds', 'rtds/messages/**/*.HEX and rtds/keys.json'],
        ['hubfleet conformance --rtds messages --keys keys.json --junit report.xml', 'for CI'],
      ),
    )
    .action((options: ConformanceOptions) => {
      const { files, keys: ownKeys } = readMessageDirectory(options.rtds);
      const path = options.keys ?? ownKeys;
      const keys = path === undefined ? undefined : verificationKeysOf(session, path);
      if (keys === undefined) session.err.line('note: no keys, so protection is not checked');
      const judged = files.map((file) => ({ path: file.path, judgement: judge(file.text, keys) }));
      const report = conformanceReport(judged, dataDefects());
      if (options.junit !== undefined) writeJunit(options.junit, judged, report);
      if (options.json === true) session.out.json(report);
      else print(session, report);
      session.exitCode = report.passed ? exitCodes.passed : exitCodes.failed;
    });
}

function judge(text: string, keys: VerificationKeys | undefined): Judgement {
  let bytes: Uint8Array = new Uint8Array(0);
  let problem: string | undefined;
  try {
    bytes = bytesOfText(text);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    problem = error.message;
  }
  const judgement = judgeMessage(bytes, keys);
  return problem === undefined ? judgement : { ...judgement, details: { decoded: problem } };
}

function writeJunit(path: string, files: readonly JudgedFile[], report: ConformanceReport): void {
  try {
    writeFileSync(path, junitXml(files, report));
  } catch (error) {
    throw new EnvironmentError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

function countText({ passed, of }: Count): string {
  return of === 0 ? '-' : `${passed}/${of}`;
}

function counts(checks: Readonly<Record<ConformanceCheck, Count>>): string[] {
  return conformanceChecks.map((check) => countText(checks[check]));
}

function missLine({ file, check, detail, defect }: Miss): string {
  return defect === undefined
    ? `MISS ${file}: ${check}: ${detail}`
    : `data defect ${file}: ${check}: ${defect}`;
}

function print({ out }: Session, report: ConformanceReport): void {
  const heading = ['kind', 'use case', 'messages', ...conformanceChecks];
  const rows = report.rows.map(({ kind, useCase, messages, checks }) => [
    kind,
    useCase,
    `${messages}`,
    ...counts(checks),
  ]);
  const total = ['total', '', `${report.messages}`, ...counts(report.totals)];
  for (const line of tableLines([heading, ...rows, total])) out.line(line);
  for (const miss of report.misses) out.line(missLine(miss));
  const excused = report.misses.filter(({ defect }) => defect !== undefined).length;
  const real = report.misses.length - excused;
  out.line(
    `${report.passed ? 'passed' : 'FAILED'}: ${report.messages} messages, ${real} misses, ` +
      `${excused} documented defects of the data`,
  );
}
