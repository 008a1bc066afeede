import { CodecError } from '../../protocols/codec/codec-error.js';
import type { GbzComponent, GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { commandUseCase } from '../../protocols/gbcs/use-cases/catalogue.js';
import type { GbzComponentTemplate } from '../../protocols/gbcs/use-cases/request.js';

/**
 * A message code grants what its use case contains and nothing else. Without this check a valve could be closed by a
 * command that needs no signature, and a register read without encryption, under the code of a harmless read.
 */
export function requireGbzShape(useCase: string, components: readonly GbzComponent[]): void {
  const payload = commandUseCase(useCase)?.request.payload;
  if (payload === undefined || !('gbz' in payload)) return;
  const { gbz } = payload;
  if (components.length !== gbz.length) {
    throw new CodecError('components', 0, `${useCase} has ${gbz.length}, not ${components.length}`);
  }
  gbz.forEach((wanted, index) => {
    if (isSame(wanted, components[index] as GbzComponent)) return;
    throw new CodecError(`components[${index}]`, 0, `is no part of ${useCase}`);
  });
}

function isSame(wanted: GbzComponentTemplate, given: GbzComponent): boolean {
  return (
    given.clusterId === wanted.clusterId &&
    given.frameControl === wanted.frameControl &&
    given.commandId === wanted.commandId &&
    given.fields !== undefined &&
    readAttributeIds(given.fields) === readAttributeIds(wanted.fields as GbzFields)
  );
}

/** The attributes that a read names, as text to compare; '' for all other commands. */
function readAttributeIds({ attributes }: GbzFields): string {
  if (!Array.isArray(attributes)) return '';
  return (attributes as readonly GbzFields[]).map(({ attributeId }) => attributeId).join(' ');
}
