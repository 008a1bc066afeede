import { z } from 'zod';
import type { AccessRequestItem, AccessRequestKind } from '../../dlms/apdu-types.js';
import type { DlmsData } from '../../dlms/data.js';
import type { GbzFields } from '../gbz-types.js';
import { place, type Template } from './template.js';

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
  | { readonly dlms: readonly Template<AccessRequestItem>[] }
  | { readonly gbz: readonly GbzComponentTemplate[] }
  | { readonly asn1: Template<unknown> };

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

const nullData = { type: 'null-data' } as const;

function item(
  kind: AccessRequestKind,
  classId: number,
  instanceId: string,
  memberId: number,
  data: Template<DlmsData>,
): Template<AccessRequestItem> {
  return { request: kind, classId, instanceId, memberId, data } as Template<AccessRequestItem>;
}

export function get(classId: number, instanceId: string, memberId: number) {
  return item('get', classId, instanceId, memberId, nullData);
}

export function set(
  classId: number,
  instanceId: string,
  memberId: number,
  data: Template<DlmsData>,
) {
  return item('set', classId, instanceId, memberId, data);
}

export function action(
  classId: number,
  instanceId: string,
  memberId: number,
  data: Template<DlmsData>,
) {
  return item('action', classId, instanceId, memberId, data);
}

type Data = Template<DlmsData>;
const structure = (...value: Data[]): Data => ({ type: 'structure', value }) as Data;
const array = (...value: Data[]): Data => ({ type: 'array', value }) as Data;
const octets = (value: Template<string>): Data => ({ type: 'octet-string', value }) as Data;
const longUnsigned = (value: number): Data => ({ type: 'long-unsigned', value });
const enumeration = (value: number): Data => ({ type: 'enum', value });
const integer8 = (value: number): Data => ({ type: 'integer', value });

/** Log read: attribute 2 of a profile between two times given as parameters (dlms.md 4). */
export function getRange(
  classId: number,
  instanceId: string,
  memberId: number,
  from: string,
  to: string,
): Template<AccessRequestItem> {
  const seconds = (parameter: string): Data =>
    ({ type: 'double-long-unsigned', value: place(parameter, 'secondsSince2000') }) as Data;
  return {
    request: 'get-with-selection',
    classId,
    instanceId,
    memberId,
    selector: 1,
    selection: structure(
      structure(longUnsigned(1), octets('00005e2c64ff'), integer8(2), longUnsigned(0)),
      seconds(from),
      seconds(to),
      array(),
    ),
    data: nullData,
  } as Template<AccessRequestItem>;
}

export interface ProtectedObject {
  readonly classId: number;
  /** Hex of the OBIS code, as class 30 carries it. */
  readonly obis: string;
  readonly memberId: number;
}

/**
 * Read through a class 30 object: the device answers with the named attributes, encrypted for the reader
 * (gbcs-message.md 5.1).
 */
export function getProtected(
  instanceId: string,
  objects: readonly ProtectedObject[],
): Template<AccessRequestItem> {
  const unrestricted = structure(enumeration(0), nullData);
  const list = objects.map((object) =>
    structure(
      longUnsigned(object.classId),
      octets(object.obis),
      integer8(object.memberId),
      longUnsigned(0),
      unrestricted,
    ),
  );
  const staticStatic = structure(enumeration(2), structure(octets('02'), octets('')));
  const protection = structure(
    enumeration(2),
    structure(
      octets(place('$encryptionTransactionId')),
      octets(place('$originator')),
      octets(place('$recipient')),
      octets(''),
      staticStatic,
    ),
  );
  return action(30, instanceId, 1, structure(array(...list), array(protection)));
}
