import { attributeNamed } from '../../zigbee/clusters/clusters.js';
import type { ClusterDefinition, CommandTable } from '../../zigbee/zcl/layout.js';
import type { GbzComponentTemplate } from './request.js';
import { type Place, place } from './template.js';

/** Templates of GBZ components by the standard's names, in few words. */

/** ZCL frame control of commands, all of which want a default response (gbz.md 1.1). */
const frameControls = { general: 0x00, toServer: 0x01, toClient: 0x09 } as const;
const readAttributesId = 0x00;

type FieldTemplates = Readonly<Record<string, unknown>>;

/** Where ZCL wants a provider, GBCS has none. */
export const providerId = 0;
/** When the command was made; GBCS also takes it for the identifiers of what the command brings. */
export const issuerEventId = place('$issuerEventId');
export const issued: FieldTemplates = { providerId, issuerEventId };
/** The whole in one command; there is never a second part. */
export const wholeInOne: FieldTemplates = { commandIndex: 0, totalNumberOfCommands: 1 };
export const immediately = 0;

function commandIdOf(table: CommandTable, name: string): number | undefined {
  const found = Object.entries(table).find(([, command]) => command.name === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** A cluster command; who plays the server follows from the command. */
export function command(
  cluster: ClusterDefinition,
  name: string,
  fields: FieldTemplates,
): GbzComponentTemplate {
  const toServer = commandIdOf(cluster.toServer, name);
  const commandId = toServer ?? commandIdOf(cluster.toClient, name);
  if (commandId === undefined) throw new Error(`${cluster.name} has no command ${name}`);
  return {
    clusterId: cluster.id,
    frameControl: toServer === undefined ? frameControls.toClient : frameControls.toServer,
    commandId,
    fields,
  } as GbzComponentTemplate;
}

/** A component with a time of its own in front of the ZCL header. */
export function timed(fromDateTime: Place, component: GbzComponentTemplate): GbzComponentTemplate {
  return { ...component, fromDateTime };
}

export function read(cluster: ClusterDefinition, ...names: string[]): GbzComponentTemplate {
  const attributes = names.map((name) => {
    const attributeId = attributeNamed(cluster, name);
    if (attributeId === undefined) throw new Error(`${cluster.name} has no attribute ${name}`);
    return { attributeId };
  });
  return {
    clusterId: cluster.id,
    frameControl: frameControls.general,
    commandId: readAttributesId,
    fields: { attributes },
  } as GbzComponentTemplate;
}
