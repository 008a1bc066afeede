import { z } from 'zod';
import type { GbzFields } from '../gbz-types.js';
import type { ItemNode } from './dlms-template.js';
import type { ForEach, Template, When } from './template.js';

/**
 * How a command is made: its message code, the parameters its user gives, and its payload as a template. The response
 * needs no declaration: its shape follows from the request.
 */
export interface RequestDefinition {
  readonly messageCode: number;
  readonly parameters: z.ZodObject;
  readonly payload: PayloadTemplate;
}

export type PayloadTemplate =
  | { readonly dlms: readonly ItemNode[] }
  | { readonly gbz: readonly GbzNode[] }
  | { readonly asn1: Template<unknown> };

export type GbzNode = GbzComponentTemplate | ForEach | When;

/** A component of a GBZ command; sequence number and last-component bit follow from its position. */
export interface GbzComponentTemplate {
  readonly clusterId: number;
  readonly frameControl: number;
  readonly commandId: number;
  readonly fromDateTime?: Template<number>;
  readonly fields: Template<GbzFields>;
}

const none = z.strictObject({});

export function request(
  messageCode: number,
  payload: PayloadTemplate,
  parameters: z.ZodObject = none,
): RequestDefinition {
  return { messageCode, parameters, payload };
}
