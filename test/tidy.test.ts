import { expect, it } from 'vitest';
import { tidy } from '../scripts/tidy.js';

it('keeps import directions, file sizes and no left-overs', () => {
  expect(tidy().map(({ file, line, what }) => `${file}:${line}: ${what}`)).toEqual([]);
});
