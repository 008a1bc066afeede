import { CodecError } from '../../protocols/codec/codec-error.js';
import type { GbzComponent } from '../../protocols/gbcs/gbz-types.js';
import { commandUseCase } from '../../protocols/gbcs/use-cases/catalogue.js';
import { matchTemplate } from '../../protocols/gbcs/use-cases/match-template.js';

/**
 * A message code grants what its use case contains and nothing else. Without this check a valve could be closed by a
 * command that needs no signature, and a register read without encryption, under the code of a harmless read.
 */
export function requireGbzShape(useCase: string, components: readonly GbzComponent[]): void {
  const payload = commandUseCase(useCase)?.request.payload;
  if (payload === undefined || !('gbz' in payload)) return;
  if (matchTemplate(payload.gbz, components) !== undefined) return;
  throw new CodecError('components', 0, `are not those of ${useCase}`);
}
