import type { Asn1Payload } from '../../protocols/asn1/structures.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { secondsSince2000 } from '../../protocols/codec/utc.js';
import { data } from '../../protocols/dlms/construct.js';
import type { Payload } from '../../protocols/gbcs/payload.js';
import { executionOutcome } from './activate-firmware.js';
import { type Alert, dlmsAlert } from './alert-sender.js';
import type { ActivationOutcome, PlannedActivation } from './firmware.js';
import { generalizedTime } from './generalized-time.js';

/** Alert and event codes of firmware (alert-codes.json of the reference). */
export const firmwareCodes = {
  verificationFailedAtPowerOn: 0x8f1b,
  verificationFailed: 0x8f1c,
  versionChanged: 0x8f43,
  activationActioned: 0x8f66,
  activationNotActioned: 0x8f67,
  verificationSuccessful: 0x8f72,
  transferFailed: 0x8f89,
  transferred: 0x8f8a,
  versionRead: 0x8f8b,
} as const;

const messageCodes = {
  future: 0x00ca,
  receiptOfEsme: 0x00ce,
  receiptOfGsme: 0x00cf,
  transfer: 0x0128,
  activated: 0x012b,
  generic: 0x1000,
} as const;
const profileId = 0x0109;

type MeterType = 'esme' | 'gsme';

function gbzAlert(alertCode: number, nowMs: number, detail?: Readonly<Record<string, string>>) {
  return {
    kind: 'gbz-alert',
    profileId,
    alertCode,
    alert: '',
    timestamp: secondsSince2000(nowMs),
    ...(detail === undefined ? {} : { detail }),
  } satisfies Payload;
}

function asn1Alert(useCase: string, value: object): Payload {
  const structure = `${useCase} alert`;
  return { kind: 'asn1', structure, value: value as Asn1Payload['value'] };
}

/** A meter tells its supplier what became of an image that has arrived: verified or not, and its hash. */
export function receiptAlert(type: MeterType, isVerified: boolean, hash: Uint8Array): Alert {
  const { verificationSuccessful, verificationFailed } = firmwareCodes;
  const alertCode = isVerified ? verificationSuccessful : verificationFailed;
  const imageHash = toHex(hash);
  return {
    messageCode: type === 'esme' ? messageCodes.receiptOfEsme : messageCodes.receiptOfGsme,
    alertCode,
    to: 'supplier',
    payload: (stamp) =>
      type === 'esme'
        ? dlmsAlert(alertCode, stamp, data.octets(imageHash))
        : gbzAlert(alertCode, stamp.nowMs, { imageHash }),
  };
}

/** A meter's critical alert without particulars, for its supplier. */
export function criticalAlert(type: MeterType, alertCode: number): Alert {
  return {
    messageCode: messageCodes.generic,
    alertCode,
    to: 'supplier',
    payload: (stamp) =>
      type === 'esme' ? dlmsAlert(alertCode, stamp) : gbzAlert(alertCode, stamp.nowMs),
  };
}

/** A meter tells its supplier how a future-dated CS06 ended (asn1.md 4.5). */
export function plannedActivationAlert(
  { atMs, originatorCounter }: PlannedActivation,
  outcome: ActivationOutcome,
): Alert {
  const { activationActioned, activationNotActioned } = firmwareCodes;
  const alertCode = outcome.result === 'success' ? activationActioned : activationNotActioned;
  return {
    messageCode: messageCodes.future,
    alertCode,
    to: 'supplier',
    payload: () =>
      asn1Alert('CS06', {
        alertCode,
        executionDateTime: generalizedTime(atMs),
        originatorCounter: originatorCounter.toString(),
        executionOutcome: executionOutcome(outcome),
      }),
  };
}

/** CS09: a display or load switch tells that it has activated firmware, or tried to. */
export function activatedAlert(firmwareVersion: string, isSuccess: boolean): Alert {
  const alertCode = firmwareCodes.versionRead;
  return {
    messageCode: messageCodes.activated,
    alertCode,
    to: 'accessControlBroker',
    payload: ({ nowMs }) =>
      asn1Alert('CS09', {
        alertCode,
        timestamp: generalizedTime(nowMs),
        firmwareVersion,
        activateImageResponseCode: isSuccess ? 'success' : 'failure',
      }),
  };
}

export type TransferResult =
  | 'success'
  | 'imageDiscarded'
  | 'hardwareVersionMismatch'
  | 'fileTransferFailure';

/** CCS08: a hub tells how the transfer of an image to a display or load switch ended. */
export function transferAlert(
  entityId: Eui64,
  firmwareVersion: string,
  responseCode: TransferResult,
): Alert {
  const { transferred, transferFailed } = firmwareCodes;
  const alertCode = responseCode === 'success' ? transferred : transferFailed;
  return {
    messageCode: messageCodes.transfer,
    alertCode,
    to: 'accessControlBroker',
    payload: ({ nowMs }) =>
      asn1Alert('CCS08', {
        alertCode,
        timestamp: generalizedTime(nowMs),
        entityId,
        firmwareVersion,
        responseCode,
      }),
  };
}
