import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';
import type { ClusterDefinition } from '../../protocols/zigbee/zcl/layout.js';
import { type ZclDataTypeName, zclDataTypeId } from '../../protocols/zigbee/zcl/types.js';
import { InvariantError } from '../ports/errors.js';
import type {
  ZclAnswer,
  ZclAttributeRow,
  ZclCall,
  ZclCommandBehaviour,
  ZclCommandRow,
} from './zcl-model.js';

/**
 * Rows of a `zclModel` by the names of the cluster declarations, where numbers and types stand once. For use while a
 * module loads: names are searched for.
 */
export interface ClusterRows<S> {
  readonly attributes: readonly ZclAttributeRow<S>[];
  readonly commands: readonly ZclCommandRow<S>[];
}

type Getters<S> = Readonly<Record<string, (call: ZclCall<S>) => GbzValue>>;
type Behaviours<S> = Readonly<Record<string, ZclCommandBehaviour<S>>>;

/** @throws InvariantError for a name that the cluster does not declare. */
export function attributeNumber(cluster: ClusterDefinition, name: string): number {
  const found = Object.entries(cluster.attributes).find(([, [attribute]]) => attribute === name);
  if (found === undefined) throw new InvariantError(`${cluster.name} has no attribute ${name}`);
  return Number(found[0]);
}

/** @throws InvariantError for a name that the cluster does not declare in that direction. */
export function commandNumber(
  cluster: ClusterDefinition,
  to: 'server' | 'client',
  name: string,
): number {
  const table = to === 'server' ? cluster.toServer : cluster.toClient;
  const found = Object.entries(table).find(([, command]) => command.name === name);
  if (found === undefined) throw new InvariantError(`${cluster.name} has no command ${name}`);
  return Number(found[0]);
}

export function clusterRows<S>(
  cluster: ClusterDefinition,
  getters: Getters<S>,
  behaviours: Behaviours<S> = {},
): ClusterRows<S> {
  return {
    attributes: Object.entries(getters).map(([name, get]): ZclAttributeRow<S> => {
      const number = attributeNumber(cluster, name);
      const [, type] = cluster.attributes[number] as readonly [string, ZclDataTypeName];
      return [cluster.id, number, zclDataTypeId(type), get];
    }),
    commands: Object.entries(behaviours).map(([name, behaviour]): ZclCommandRow<S> => {
      return [cluster.id, commandNumber(cluster, 'server', name), behaviour];
    }),
  };
}

/** Attributes of a cluster from some source that more than one device type has. */
export type SourceGetters<T> = Readonly<Record<string, (source: T, nowMs: number) => GbzValue>>;
export type SourceAnswers<T> = Readonly<
  Record<string, (source: T, fields: GbzFields, nowMs: number) => readonly ZclAnswer[]>
>;

/** The server side of a cluster over what `sourceOf` finds in a device. */
export function serverRows<S, T>(
  cluster: ClusterDefinition,
  sourceOf: (device: S) => T,
  getters: SourceGetters<T>,
  answers: SourceAnswers<T> = {},
): ClusterRows<S> {
  const attributes = Object.entries(getters).map(([name, get]) => {
    return [name, (call: ZclCall<S>) => get(sourceOf(call.device), call.nowMs)] as const;
  });
  const commands = Object.entries(answers).map(([name, answer]) => {
    const behaviour: ZclCommandBehaviour<S> = ({ device, nowMs }, fields) =>
      answer(sourceOf(device), fields, nowMs);
    return [name, behaviour] as const;
  });
  return clusterRows(cluster, Object.fromEntries(attributes), Object.fromEntries(commands));
}

/** Rows of several clusters as those of one. */
export function joinedRows<S>(...rows: readonly ClusterRows<S>[]): ClusterRows<S> {
  return {
    attributes: rows.flatMap(({ attributes }) => attributes),
    commands: rows.flatMap(({ commands }) => commands),
  };
}

/** Maker of answers with a command of the cluster's server side. */
export function answering(
  cluster: ClusterDefinition,
  name: string,
): (fields: GbzFields) => ZclAnswer {
  const commandId = commandNumber(cluster, 'client', name);
  return (fields) => ({ commandId, fields });
}
