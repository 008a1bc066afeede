import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { GbzFields, GbzValue } from '../../protocols/gbcs/gbz-types.js';

/** What the interpreters of GBZ components and of HAN frames give an attribute or command to work with. */
export interface ZclCall<S> {
  readonly device: S;
  readonly nowMs: number;
  /** Who asks, on the home network. */
  readonly from?: Eui64 | undefined;
}

export interface ZclAttribute<S> {
  /** ZCL data type id. */
  readonly dataType: number;
  /** A value that cannot be had throws ProtocolError with a ZCL status. */
  readonly get: (call: ZclCall<S>) => GbzValue;
}

/** One command that answers another; direction and type follow from the request. */
export interface ZclAnswer {
  readonly commandId: number;
  readonly fields: GbzFields;
}

/**
 * Behaviour of a cluster command: its answers (none means a default response of success). What cannot be done throws
 * ProtocolError with a ZCL status.
 */
export type ZclCommandBehaviour<S> = (call: ZclCall<S>, fields: GbzFields) => readonly ZclAnswer[];

export type ZclAttributeRow<S> = readonly [
  clusterId: number,
  attributeId: number,
  dataType: number,
  get: (call: ZclCall<S>) => GbzValue,
];
export type ZclCommandRow<S> = readonly [
  clusterId: number,
  commandId: number,
  behaviour: ZclCommandBehaviour<S>,
];

/**
 * The server side of a device type's clusters, shared by all its devices. Its commands are those from client to server.
 */
export interface ZclModel<S> {
  readonly attributes: ReadonlyMap<string, ZclAttribute<S>>;
  readonly commands: ReadonlyMap<string, ZclCommandBehaviour<S>>;
}

/** Key of an attribute (in `Overrides` too) or of a command, in hex: `0702/0000`. */
export function zclKey(clusterId: number, id: number): string {
  return `${clusterId.toString(16).padStart(4, '0')}/${id.toString(16).padStart(4, '0')}`;
}

export function zclModel<S>(
  attributes: readonly ZclAttributeRow<S>[],
  commands: readonly ZclCommandRow<S>[] = [],
): ZclModel<S> {
  return {
    attributes: new Map(
      attributes.map(([clusterId, id, dataType, get]) => [
        zclKey(clusterId, id),
        { dataType, get },
      ]),
    ),
    commands: new Map(
      commands.map(([clusterId, id, behaviour]) => [zclKey(clusterId, id), behaviour]),
    ),
  };
}
