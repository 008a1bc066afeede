import type { RandomStream } from '../../emulator/ports/random.js';
import { SeededRandom } from '../../emulator/sim/seeded-random.js';
import { toHex } from '../../protocols/codec/hex.js';
import {
  decodeGbcsMessage,
  encodePreCommand,
  withMac,
  withSignature,
} from '../../protocols/gbcs/message.js';
import { CpuBudget } from './cpu-budget.js';
import { applyJsonEdit, drawJsonEdit, type JsonEdit } from './json-edits.js';
import type { BaseMessage } from './message-corpus.js';
import { judgeJson, judgeOctets, type Verdict } from './message-invariants.js';
import { applyOctetEdit, drawOctetEdit, type OctetEdit, pick } from './octet-edits.js';

/**
 * Seeded mutation of whole messages. Case `index` of a seed depends on these two and on the corpus alone, so that one
 * case can be run again without those before it.
 */
export interface FuzzOptions {
  readonly seed: string;
  readonly count: number;
  /** First case; 0 if left out. */
  readonly from?: number;
  readonly corpus: readonly BaseMessage[];
  /** Ends the run early; 5 if left out. */
  readonly failuresMax?: number;
}

export interface FuzzReport {
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly FuzzFailure[];
}

export interface FuzzFailure {
  readonly seed: string;
  readonly index: number;
  readonly base: string;
  /** What was changed: the octets of the message, of its content alone (lengths around it put right), or its JSON. */
  readonly target: Target;
  readonly promise: string;
  readonly detail: string;
  /** The shortest list of changes found that still fails. */
  readonly edits: readonly (OctetEdit | JsonEdit)[];
  /** The mutant that these make: hex or JSON. */
  readonly mutant: string;
}

type Target = 'message' | 'content' | 'json';

/** A base message with its changes; how they are drawn, applied and judged differs by target. */
interface Case<E> {
  readonly base: BaseMessage;
  readonly target: Target;
  readonly edits: readonly E[];
  readonly judge: (edits: readonly E[]) => Verdict;
  readonly show: (edits: readonly E[]) => string;
}

/** The content changed, and the lengths in front of it made to fit: such mutants get past the headers. */
function withContent(octets: Uint8Array, edits: readonly OctetEdit[]): Uint8Array {
  const { header, content, signature, mac } = decodeGbcsMessage(octets);
  const preCommand = encodePreCommand(header, edits.reduce(applyOctetEdit, content));
  if (signature === undefined) return preCommand;
  const inner = withSignature(preCommand, signature === 'none' ? undefined : signature);
  return mac === undefined ? inner : withMac(inner, mac);
}

function judgeInTime(octets: Uint8Array, budget: CpuBudget): Verdict {
  const [verdict, isSlow] = budget.watch(octets.length, () => judgeOctets(octets));
  if (!isSlow || verdict.kind === 'broken') return verdict;
  return { kind: 'broken', promise: 'takes time in proportion', detail: verdict.kind };
}

function octetCase(
  base: BaseMessage,
  target: 'message' | 'content',
  random: RandomStream,
  corpus: readonly BaseMessage[],
  budget: CpuBudget,
): Case<OctetEdit> {
  const partOf = ({ octets }: BaseMessage): Uint8Array =>
    target === 'message' ? octets : decodeGbcsMessage(octets).content;
  const donors = { donor: (chance: RandomStream) => partOf(pick(chance, corpus)) };
  const edits: OctetEdit[] = [];
  let part = partOf(base);
  for (let left = editCount(random); left > 0; left--) {
    const edit = drawOctetEdit(part, random, donors);
    edits.push(edit);
    part = applyOctetEdit(part, edit);
  }
  const make = (some: readonly OctetEdit[]): Uint8Array =>
    target === 'message'
      ? some.reduce(applyOctetEdit, base.octets)
      : withContent(base.octets, some);
  return {
    base,
    target,
    edits,
    judge: (some) => judgeInTime(make(some), budget),
    show: (some) => toHex(make(some)),
  };
}

function jsonCase(
  base: BaseMessage,
  random: RandomStream,
  corpus: readonly BaseMessage[],
): Case<JsonEdit> {
  const edits: JsonEdit[] = [];
  let value = base.decoded;
  for (let left = editCount(random); left > 0; left--) {
    const edit = drawJsonEdit(value, random, pick(random, corpus).decoded);
    edits.push(edit);
    value = applyJsonEdit(value, edit);
  }
  const make = (some: readonly JsonEdit[]) => some.reduce(applyJsonEdit, base.decoded);
  return {
    base,
    target: 'json',
    edits,
    judge: (some) => judgeJson(make(some)),
    show: (some) => JSON.stringify(make(some)),
  };
}

/** Mostly one or two: a mutant that is wrong in many places is refused at the first. */
function editCount(random: RandomStream): number {
  return pick(random, [1, 1, 1, 1, 2, 2, 3, 6]);
}

/** The shortest list still failing the same promise, by leaving out one change after the other. */
function shrink<E>({ edits, judge }: Case<E>, promise: string): readonly E[] {
  let kept = edits;
  for (let at = 0; at < kept.length; ) {
    const fewer = kept.filter((_, index) => index !== at);
    const verdict = judge(fewer);
    if (verdict.kind === 'broken' && verdict.promise === promise) {
      kept = fewer;
      at = 0;
    } else {
      at++;
    }
  }
  return kept;
}

function failureOf<E extends OctetEdit | JsonEdit>(
  one: Case<E>,
  seed: string,
  index: number,
): FuzzFailure | undefined {
  const first = one.judge(one.edits);
  if (first.kind !== 'broken') return undefined;
  const edits = shrink(one, first.promise);
  const last = one.judge(edits) as typeof first;
  const { base, target } = one;
  const { promise, detail } = last;
  return { seed, index, base: base.name, target, promise, detail, edits, mutant: one.show(edits) };
}

function run<E extends OctetEdit | JsonEdit>(
  { seed, count, from = 0, failuresMax = 5 }: FuzzOptions,
  label: string,
  make: (random: RandomStream) => Case<E>,
): FuzzReport {
  const random = new SeededRandom(seed);
  const report = { cases: 0, accepted: 0, refused: 0, failures: [] as FuzzFailure[] };
  for (let index = from; index < from + count; index++) {
    const one = make(random.stream(label, String(index)));
    const verdict = one.judge(one.edits);
    report.cases++;
    if (verdict.kind !== 'broken') {
      report[verdict.kind]++;
      continue;
    }
    const failure = failureOf(one, seed, index);
    if (failure !== undefined) report.failures.push(failure);
    if (report.failures.length >= failuresMax) break;
  }
  return report;
}

/** Mutants of the octets: each message in the corpus is as likely as the next. */
export function fuzzOctets(options: FuzzOptions): FuzzReport {
  const { corpus } = options;
  const budget = new CpuBudget(corpus, judgeOctets);
  return run(options, 'octets', (random) => {
    const target = pick(random, ['message', 'content', 'content'] as const);
    return octetCase(pick(random, corpus), target, random, corpus, budget);
  });
}

/** Mutants of the decoded JSON. */
export function fuzzJson(options: FuzzOptions): FuzzReport {
  const { corpus } = options;
  return run(options, 'json', (random) => jsonCase(pick(random, corpus), random, corpus));
}

/** A failure in words: what is needed to see it again and to keep it. */
export function describeFailure(failure: FuzzFailure): string {
  const { seed, index, target, base, promise, detail, edits, mutant } = failure;
  const what = target === 'json' ? 'json' : 'octets';
  return [
    `broken: ${promise}`,
    `  again: npm run fuzz -- --seed ${seed} --only ${what} --from ${index} --count 1`,
    `  ${target} of ${base}, changed by ${JSON.stringify(edits).slice(0, 2000)}`,
    `  ${mutant.length > 4000 ? `${mutant.slice(0, 4000)}…` : mutant}`,
    `  ${detail.slice(0, 2000)}`,
  ].join('\n');
}
