import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { conformanceChecks } from '../../protocols/gbcs/judge-message.js';
import { packageDirectory } from '../adapters/package-directory.js';

const schema = z.strictObject({
  defects: z.array(
    z.strictObject({
      useCases: z.array(z.string()),
      checks: z.array(z.enum(conformanceChecks)),
      /** Part of the file's path. */
      file: z.string().optional(),
      result: z.enum(['failed', 'no-key']).optional(),
      reason: z.string(),
    }),
  ),
});

export type DataDefect = z.infer<typeof schema>['defects'][number];

/** What is known to be wrong with the official test data itself. */
export function dataDefects(): readonly DataDefect[] {
  const path = join(packageDirectory(), 'fixtures/conformance/rtds-defects.yaml');
  return schema.parse(parse(readFileSync(path, 'utf8'))).defects;
}
