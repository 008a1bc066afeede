import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandUseCases } from '../../protocols/gbcs/use-cases/catalogue.js';
import { describeParameters } from '../../protocols/gbcs/use-cases/describe-parameters.js';
import { useCasesDoc, useCasesDocPath } from '../../scripts/generate/use-cases-doc.js';

it('docs/use-cases.md is what the catalogue says', () => {
  expect(readFileSync(useCasesDocPath, 'utf8')).toBe(useCasesDoc());
});

it('every parameter is described, and so is what stands for those not given', () => {
  for (const useCase of commandUseCases) {
    for (const { name, description } of describeParameters(useCase)) {
      expect(description, `${useCase.name} ${name}`).not.toBe('');
    }
  }
});
