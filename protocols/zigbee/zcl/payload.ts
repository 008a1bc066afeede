import { under } from '../../codec/codec-error.js';
import { Reader } from '../../codec/reader.js';
import type { Trace } from '../../codec/trace.js';
import { type Writer, written } from '../../codec/writer.js';
import { clusters } from '../clusters/clusters.js';
import { generalCommands } from './foundation.js';
import { isServerToClient } from './frame.js';
import { type AttributeNames, type CompiledLayout, compileLayout } from './interpreter.js';
import type { AttributeTable, ClusterDefinition, CommandTable } from './layout.js';
import { remainder, writeHex } from './strings.js';
import { recordOf, type ZclFields } from './value.js';

/** A command as its cluster, frame control and number name it, with its codec. */
export interface ZclCommand {
  readonly cluster: string;
  readonly name: string;
  /**
   * Decodes the payload up to the reader's end; strict, except that unknown commands stay
   * `unparsed`.
   */
  read(reader: Reader): ZclFields;
  write(writer: Writer, fields: unknown): void;
}

/**
 * Frame type, manufacturer bit and direction: what of the frame control decides which command it
 * is.
 */
const tableBits = 0x0f;

type CommandsByFrameControl = readonly (readonly (ZclCommand | undefined)[] | undefined)[];
interface CompiledCluster {
  readonly commands: CommandsByFrameControl;
  readonly unknown: ZclCommand;
}

function unknownCommand(cluster: string): ZclCommand {
  return {
    cluster,
    name: 'unknown',
    read(reader) {
      return reader.offset === reader.end ? {} : { unparsed: remainder.read(reader, 0) };
    },
    write(writer, fields) {
      const record = recordOf(writer, fields);
      if (record.unparsed !== undefined) writeHex(writer, record.unparsed);
    },
  };
}

function bind(cluster: string, name: string, layout: CompiledLayout, names: AttributeNames) {
  return {
    cluster,
    name,
    read(reader: Reader): ZclFields {
      const fields = layout.read(reader, names);
      reader.done();
      return fields;
    },
    write: (writer: Writer, fields: unknown) => layout.write(writer, fields, names),
  };
}

function compileTable(cluster: string, table: CommandTable, names: AttributeNames) {
  const commands: ZclCommand[] = [];
  for (const [id, { name, fields }] of Object.entries(table)) {
    commands[Number(id)] = bind(cluster, name, compileLayout(fields), names);
  }
  return commands;
}

const globalAttributes: AttributeTable = {
  65533: ['ClusterRevision', 'uint16'],
  65534: ['AttributeReportingStatus', 'enum8'],
};

function namesOf(attributes: AttributeTable): ReadonlyMap<number, string> {
  const rows = Object.entries({ ...attributes, ...globalAttributes });
  return new Map(rows.map(([id, [name]]) => [Number(id), name]));
}

const general = Object.entries(generalCommands).map(
  ([id, { name, fields }]) => [Number(id), name, compileLayout(fields)] as const,
);

function bindGeneral(cluster: string, names: AttributeNames): ZclCommand[] {
  const commands: ZclCommand[] = [];
  for (const [id, name, layout] of general) commands[id] = bind(cluster, name, layout, names);
  return commands;
}

function compileCluster(cluster: Omit<ClusterDefinition, 'id'>): CompiledCluster {
  const server = namesOf(cluster.attributes);
  const client = namesOf(cluster.clientAttributes ?? {});
  const toServer: AttributeNames = { receiver: server, sender: client };
  const toClient: AttributeNames = { receiver: client, sender: server };
  const commands: (ZclCommand[] | undefined)[] = new Array(tableBits + 1).fill(undefined);
  commands[0x00] = bindGeneral(cluster.name, toServer);
  commands[0x01] = compileTable(cluster.name, cluster.toServer, toServer);
  commands[0x08] = bindGeneral(cluster.name, toClient);
  commands[0x09] = compileTable(cluster.name, cluster.toClient, toClient);
  return { commands, unknown: unknownCommand(cluster.name) };
}

const compiled = new Map(
  [...clusters.values()].map((cluster) => [cluster.id, compileCluster(cluster)]),
);
const undeclared = compileCluster({ name: 'unknown', attributes: {}, toServer: {}, toClient: {} });

/** Never fails: what is not declared is a command `unknown`, whose payload stays `unparsed`. */
export function zclCommand(clusterId: number, frameControl: number, commandId: number): ZclCommand {
  const cluster = compiled.get(clusterId) ?? undeclared;
  return cluster.commands[frameControl & tableBits]?.[commandId] ?? cluster.unknown;
}

/** The fields of a ZCL payload, down to its last octet. Throws only CodecError. */
export function decodeZclPayload(
  clusterId: number,
  frameControl: number,
  commandId: number,
  payload: Uint8Array,
  trace?: Trace,
): ZclFields {
  const command = zclCommand(clusterId, frameControl, commandId);
  const reader = new Reader(payload);
  reader.trace = trace;
  try {
    return command.read(reader);
  } catch (error) {
    throw under(command.name, error);
  }
}

/** The inverse of `decodeZclPayload`; takes any value and throws only CodecError. */
export function encodeZclPayload(
  clusterId: number,
  frameControl: number,
  commandId: number,
  fields: unknown,
): Uint8Array {
  const command = zclCommand(clusterId, frameControl, commandId);
  try {
    return written((writer) => command.write(writer, fields));
  } catch (error) {
    throw under(command.name, error);
  }
}

/**
 * Number of a command by its name, towards the server or the client; undefined where there is none.
 */
export function commandNamed(
  cluster: ClusterDefinition,
  frameControl: number,
  name: string,
): number | undefined {
  const table = isServerToClient(frameControl) ? cluster.toClient : cluster.toServer;
  const found = Object.entries(table).find(([, command]) => command.name === name);
  return found === undefined ? undefined : Number(found[0]);
}
