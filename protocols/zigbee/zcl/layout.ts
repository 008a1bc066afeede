import type { ZclTypeName } from './types.js';

/**
 * Command layouts as data. A layout names the fields of a command in wire order; the interpreter
 * turns it into a decoder and an encoder.
 */
export type Layout = { readonly [name: string]: Field };
export type Field = ZclTypeName | (Shape & Condition);

export type Shape =
  | { readonly type: ZclTypeName }
  /** The number of an attribute, which also shows its name (as `attribute`). */
  | { readonly attributeOf: AttributeSide }
  /** As the ZCL data type whose number is in the earlier field `typedBy`. */
  | { readonly typedBy: string; readonly analogueOnly?: true }
  /** A nested record. */
  | { readonly record: Layout }
  /** As often as the earlier field `countedBy` says (masked), or to the end of the payload. */
  | { readonly list: ZclTypeName | Layout; readonly countedBy?: string; readonly mask?: number }
  /** As many octets as the earlier field `octetsCountedBy` says, as hex. */
  | { readonly octetsCountedBy: string }
  /**
   * What follows depends on an earlier field; a value without a case leaves the rest `unparsed`.
   */
  | { readonly chosenBy: string; readonly cases: { readonly [value: number]: Field } };

export interface Condition {
  /** Present only if these earlier fields have these values. */
  readonly when?: { readonly [field: string]: number };
  /** Present only if these earlier fields have all these bits set. */
  readonly whenSet?: { readonly [field: string]: number };
  /** Present only if these earlier fields are this or more. */
  readonly whenAtLeast?: { readonly [field: string]: number };
  /** Absent if this earlier field has this value. */
  readonly unless?: { readonly [field: string]: number };
  /** May be left off at the end, with all after it. */
  readonly optional?: true;
}

/**
 * Whose attributes a general command speaks of: those of who gets the command, or of who sends it.
 */
export type AttributeSide = 'receiver' | 'sender';

export interface CommandDefinition {
  readonly name: string;
  readonly fields: Layout;
}

export type AttributeTable = { readonly [id: number]: readonly [name: string, type: ZclTypeName] };
export type CommandTable = { readonly [id: number]: CommandDefinition };

/** One cluster of the ZigBee Cluster Library or of ZigBee Smart Energy 1.4. */
export interface ClusterDefinition {
  readonly id: number;
  readonly name: string;
  /** Attributes of the server side. */
  readonly attributes: AttributeTable;
  /** Attributes of the client side, which few clusters have. */
  readonly clientAttributes?: AttributeTable;
  /** Commands from client to server. */
  readonly toServer: CommandTable;
  /** Commands from server to client. */
  readonly toClient: CommandTable;
}
