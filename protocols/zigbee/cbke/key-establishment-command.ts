import { keyEstablishment } from '../clusters/key-establishment.js';
import { zclFrameControlBits, zclFrameTypes } from '../zcl/frame.js';
import { encodeZclPayload } from '../zcl/payload.js';
import type { ZclFields } from '../zcl/value.js';
import type { KeyEstablishmentIdentity } from './certificate.js';
import { suites } from './suite.js';

/** Why a side gives up, as TerminateKeyEstablishment tells the other. */
export const terminateStatuses = {
  unknownIssuer: 1,
  badKeyConfirm: 2,
  badMessage: 3,
  noResources: 4,
  unsupportedSuite: 5,
  invalidCertificate: 6,
} as const;
export type TerminateStatus = keyof typeof terminateStatuses;

export type KeyEstablishmentRole = 'initiator' | 'responder';

/** The same in both directions. */
export const commandIds = {
  initiate: 0,
  ephemeralData: 1,
  confirmKeyData: 2,
  terminate: 3,
} as const;
export type CommandName = keyof typeof commandIds;

/** A cluster command, all but the sequence number of its ZCL frame. */
export interface KeyEstablishmentCommand {
  readonly frameControl: number;
  readonly commandId: number;
  readonly payload: Uint8Array;
}

/** The KeyEstablishmentSuite attribute of a device with these identities. */
export function supportedSuites(identities: readonly KeyEstablishmentIdentity[]): number {
  return identities.reduce((bits, { suite }) => bits | suites[suite].bit, 0);
}

/** A TerminateKeyEstablishment: also for who has no room for another exchange at all. */
export function terminateCommand(
  role: KeyEstablishmentRole,
  status: TerminateStatus,
  waitSeconds: number,
  supported: number,
): KeyEstablishmentCommand {
  return keyEstablishmentCommand(role, 'terminate', {
    statusCode: terminateStatuses[status],
    waitTime: waitSeconds,
    keyEstablishmentSuite: supported,
  });
}

/** Frame control of what `role` sends: the initiator is the client. */
export function frameControlOf(role: KeyEstablishmentRole): number {
  return zclFrameTypes.cluster | (role === 'initiator' ? 0 : zclFrameControlBits.serverToClient);
}

/** `fields` as the cluster's declaration names them. */
export function keyEstablishmentCommand(
  role: KeyEstablishmentRole,
  name: CommandName,
  fields: ZclFields,
): KeyEstablishmentCommand {
  const frameControl = frameControlOf(role);
  const commandId = commandIds[name];
  const payload = encodeZclPayload(keyEstablishment.id, frameControl, commandId, fields);
  return { frameControl, commandId, payload };
}
