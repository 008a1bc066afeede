import type { CraFlag } from '../grouping-header.js';
import { type RemotePartyRole, remotePartyRoles } from '../roles.js';
import { type MessageCodeRow, messageCodeRows } from './message-codes.js';

export const deviceTypes = [
  'chf',
  'gpf',
  'esme',
  'gsme',
  'ihd',
  'ppmid',
  'hcalcs',
  'sapc',
] as const;
export type DeviceType = (typeof deviceTypes)[number];

export type PayloadEncoding = 'dlms' | 'gbz' | 'asn1';
/** How a message of one direction is protected; `variant` codes list more than one form. */
export type ProtectionForm = 'mac' | 'signature' | 'signature+mac';

/** What GBCS says of one message code (use-cases.json of the reference; GBCS 4.x table). */
export interface MessageCode {
  readonly code: number;
  /** `ECS17b`; one use case may own several codes (CS02b) . */
  readonly useCase: string;
  readonly title: string;
  readonly targets: readonly DeviceType[];
  readonly encodings: Readonly<Partial<Record<CraFlag, readonly PayloadEncoding[]>>>;
  readonly protection: Readonly<Partial<Record<CraFlag, readonly ProtectionForm[]>>>;
  /** Roles whose commands a device accepts under this code. */
  readonly roles: readonly RemotePartyRole[];
  /** Signed by its originator as well as MACed; its response is signed. */
  readonly critical: boolean;
  readonly read: boolean;
  /** The originator counter must rise: all critical commands, and the others that the table names. */
  readonly replayProtected: boolean;
  readonly futureDateable: boolean;
  /** Its response carries data encrypted for the remote party. */
  readonly encrypted: boolean;
  /** Its response carries a date-time in the grouping header. */
  readonly dateTimeInResponse: boolean;
  /** Lives on the home network only: the code appears in event logs, never in a message. */
  readonly hanOnly: boolean;
  /** Service reference variants of DUIS, such as `4.1.1`. */
  readonly services: readonly string[];
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** `command:mac response:signature|mac` as a record of lists. */
function byCraFlag<T extends string>(text: string): Partial<Record<CraFlag, readonly T[]>> {
  const record: Partial<Record<CraFlag, readonly T[]>> = {};
  for (const part of words(text)) {
    const [flag, forms = ''] = part.split(':');
    record[flag as CraFlag] = forms.split('|') as T[];
  }
  return record;
}

function parseRow(row: MessageCodeRow): MessageCode {
  const [code, useCase, title, targets, encodings, protections, roles, properties, services] = row;
  const has = new Set(words(properties));
  for (const role of words(roles)) {
    if (!(role in remotePartyRoles)) throw new Error(`message code table: unknown role '${role}'`);
  }
  return {
    code,
    useCase,
    title,
    targets: words(targets) as DeviceType[],
    encodings: byCraFlag<PayloadEncoding>(encodings),
    protection: byCraFlag<ProtectionForm>(protections),
    roles: words(roles) as RemotePartyRole[],
    critical: has.has('critical'),
    read: has.has('read'),
    replayProtected: has.has('replayProtected') || has.has('critical'),
    futureDateable: has.has('futureDateable'),
    encrypted: has.has('encrypted'),
    dateTimeInResponse: has.has('dateTimeInResponse'),
    hanOnly: has.has('hanOnly'),
    services: words(services),
  };
}

export const messageCodes: readonly MessageCode[] = messageCodeRows.map(parseRow);

const byCode = new Map(messageCodes.map((entry) => [entry.code, entry]));
const byUseCase = new Map<string, MessageCode[]>();
for (const entry of messageCodes) {
  const key = entry.useCase.toLowerCase();
  byUseCase.set(key, [...(byUseCase.get(key) ?? []), entry]);
}

export function messageCodeOf(code: number): MessageCode | undefined {
  return byCode.get(code);
}

/** All codes of a use case; the name's case does not matter. */
export function messageCodesOfUseCase(useCase: string): readonly MessageCode[] {
  return byUseCase.get(useCase.toLowerCase()) ?? [];
}

/** `0x0027`, as in every output of hubfleet. */
export function formatMessageCode(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}
