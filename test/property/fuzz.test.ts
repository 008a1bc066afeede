import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../protocols/codec/hex.js';
import { describeFailure, type FuzzReport, fuzzJson, fuzzOctets } from './fuzz-messages.js';
import { officialCorpus, ownCorpus } from './message-corpus.js';
import { judgeJson, judgeOctets } from './message-invariants.js';

/** Nightly: HUBFLEET_FUZZ=1000000, and HUBFLEET_FUZZ_SEED for other mutants than yesterday's. */
const count = Number(process.env.HUBFLEET_FUZZ ?? 50_000);
const seed = process.env.HUBFLEET_FUZZ_SEED ?? '20261122';
const corpus = [...ownCorpus(), ...officialCorpus()];

function expectKept(report: FuzzReport, cases: number): void {
  expect(report.failures.map(describeFailure).join('\n')).toBe('');
  expect(report.cases).toBe(cases);
  // Mutants that are all refused, or none, would try nothing.
  expect(report.accepted).toBeGreaterThan(cases / 25);
  expect(report.refused).toBeGreaterThan(cases / 4);
}

describe('mutated messages', () => {
  it('are decoded and come back byte for byte, or are refused, in proportionate time and memory', () => {
    expectKept(fuzzOctets({ seed, count, corpus }), count);
  }, 3_600_000);

  it('that were changed as JSON are encoded to what decodes, or are refused', () => {
    const some = Math.ceil(count / 5);
    expectKept(fuzzJson({ seed, count: some, corpus }), some);
  }, 3_600_000);

  it('that once broke a promise keep it', () => {
    const file = new URL('../../fixtures/seeds/messages.txt', import.meta.url);
    const lines = readFileSync(file, 'utf8').split('\n');
    const kept = lines.filter((line) => /^[0-9a-f{]/.test(line));
    for (const line of kept) {
      const [message = ''] = line.split(' # ');
      const verdict = message.startsWith('{')
        ? judgeJson(JSON.parse(message))
        : judgeOctets(fromHex(message));
      expect(verdict.kind, line).not.toBe('broken');
    }
    expect(kept.length).toBeGreaterThan(0);
  });
});
