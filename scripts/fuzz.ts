/**
 * Mutates whole messages until something gives: `npm run fuzz -- --count 1000000 --seed nightly-7`. Prints the seed first;
 * every failure comes with the command that runs its case again. Exit 1 if there is any.
 */
import { parseArgs } from 'node:util';
import { describeFailure, fuzzJson, fuzzOctets } from '../test/property/fuzz-messages.js';
import { officialCorpus, ownCorpus } from '../test/property/message-corpus.js';
import { rounded } from './bench/measure.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    /** A new one every day unless given. */
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const count = Number(values.count);
const from = Number(values.from);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(from) || count < 1 || from < 0) {
  process.stderr.write('--count and --from take whole numbers\n');
  process.exit(2);
}
const kinds = { octets: fuzzOctets, json: fuzzJson };
const chosen = Object.entries(kinds).filter(([name]) => (values.only ?? name) === name);
if (chosen.length === 0) {
  process.stderr.write(`--only takes ${Object.keys(kinds).join(' or ')}\n`);
  process.exit(2);
}

const own = ownCorpus();
const official = officialCorpus();
process.stdout.write(
  `seed ${values.seed}: mutants of ${own.length} own and ${official.length} official messages\n`,
);
for (const [name, fuzz] of chosen) {
  const report = fuzz({ seed: values.seed, count, from, corpus: [...own, ...official] });
  for (const failure of report.failures) process.stdout.write(`${describeFailure(failure)}\n`);
  const { cases, accepted, refused, failures } = report;
  process.stdout.write(
    `${name}: ${rounded(cases)} mutants, ${rounded(accepted)} accepted, ${rounded(refused)} refused, ` +
      `${failures.length} broken\n`,
  );
  if (failures.length > 0) process.exitCode = 1;
}
