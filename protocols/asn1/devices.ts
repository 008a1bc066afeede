import { deviceLogEntry, deviceType, firmwareVersion, seqNumber } from './common-types.js';
import { entityIdentifier, integer, namedInteger, nullType, octetString } from './primitives.js';
import { choice, optional, sequence, sequenceOf, type ValueOf } from './schema.js';
import { generalizedTime } from './texts.js';
import { certificate } from './x509.js';

/** Joining, device logs, firmware and the clock of the GSME (asn1.md 4.4 to 4.8). */

export const joinCommand = sequence({
  joinMethodAndRole: namedInteger({
    methodAInitiator: 0,
    methodAResponder: 1,
    methodB: 2,
    methodC: 3,
  }),
  otherDeviceEntityIdentifier: entityIdentifier,
  otherDeviceType: deviceType,
  /** The key agreement certificate; method C only. */
  otherDeviceCertificate: optional(certificate),
});
export type JoinCommand = ValueOf<typeof joinCommand>;

export const joinResponse = namedInteger({
  success: 0,
  invalidMessageCodeForJoinMethodAndRole: 1,
  invalidJoinMethodAndRole: 2,
  incompatibleWithExistingEntry: 3,
  deviceLogFull: 4,
  writeFailure: 5,
  keyAgreementNoResources: 6,
  keyAgreementUnknownIssuer: 7,
  keyAgreementUnsupportedSuite: 8,
  keyAgreementBadMessage: 9,
  keyAgreementBadKeyConfirm: 10,
  invalidOrMissingCertificate: 11,
  noPartnerLinkKeyReceived: 12,
  noCBKEResponse: 13,
});

export const unjoinResponse = namedInteger({
  success: 0,
  otherDeviceNotInDeviceLog: 1,
  otherFailure: 2,
});

export const activateFirmwareCommand = sequence({
  manufacturerImageHash: octetString(32),
  originatorCounter: seqNumber,
  /** Absent: at once. `99991231235959Z`: cancel. */
  executionDateTime: optional(generalizedTime),
});
export type ActivateFirmwareCommand = ValueOf<typeof activateFirmwareCommand>;

const activationOutcome = sequence({
  responseCode: namedInteger({
    success: 0,
    noImageHeld: 1,
    hashMismatch: 2,
    activationFailure: 3,
  }),
  firmwareVersion,
});

/** `commandAccepted` answers a future-dated command or a cancellation. */
export const activateFirmwareResponse = choice({
  commandAccepted: nullType,
  executionOutcome: activationOutcome,
});
export type ActivateFirmwareResponse = ValueOf<typeof activateFirmwareResponse>;

export const activateFirmwareAlert = sequence({
  alertCode: integer,
  executionDateTime: generalizedTime,
  originatorCounter: seqNumber,
  executionOutcome: activationOutcome,
});
export type ActivateFirmwareAlert = ValueOf<typeof activateFirmwareAlert>;

const readResult = namedInteger({ success: 0, readFailure: 1 });
const deviceLogEntries = sequenceOf(deviceLogEntry);

export const readDeviceLogResponse = sequence({
  responseCode: readResult,
  deviceLogEntries: optional(deviceLogEntries),
});
export type ReadDeviceLogResponse = ValueOf<typeof readDeviceLogResponse>;

/** The version is 00000000 on failure. */
export const readFirmwareVersionResponse = sequence({
  firmwareVersion,
  responseCode: readResult,
});
export type ReadFirmwareVersionResponse = ValueOf<typeof readFirmwareVersionResponse>;

export const firmwareActivationAlert = sequence({
  alertCode: integer,
  timestamp: generalizedTime,
  firmwareVersion,
  activateImageResponseCode: namedInteger({ success: 0, failure: 1 }),
});
export type FirmwareActivationAlert = ValueOf<typeof firmwareActivationAlert>;

export const firmwareTransferAlert = sequence({
  alertCode: integer,
  timestamp: generalizedTime,
  entityId: entityIdentifier,
  firmwareVersion,
  responseCode: namedInteger({
    success: 0,
    imageDiscarded: 1,
    hardwareVersionMismatch: 2,
    fileTransferFailure: 3,
  }),
});
export type FirmwareTransferAlert = ValueOf<typeof firmwareTransferAlert>;

export const setClockCommand = sequence({
  validityIntervalStart: generalizedTime,
  validityIntervalEnd: generalizedTime,
});
export type SetClockCommand = ValueOf<typeof setClockCommand>;

export const setClockResponse = sequence({
  deviceTime: generalizedTime,
  deviceTimeStatus: namedInteger({ reliable: 0, invalid: 1, unreliable: 2 }),
});
export type SetClockResponse = ValueOf<typeof setClockResponse>;

export const restoreDeviceLogCommand = sequence({ deviceLogEntries });
export type RestoreDeviceLogCommand = ValueOf<typeof restoreDeviceLogCommand>;

export const restoreDeviceLogResponse = sequence({
  restoreOutcomes: sequenceOf(sequence({ deviceLogEntry, joinResponseCode: joinResponse })),
});
export type RestoreDeviceLogResponse = ValueOf<typeof restoreDeviceLogResponse>;

export const backUpDeviceLogAlert = sequence({
  alertCode: integer,
  backupDateTime: generalizedTime,
  deviceLogEntries,
});
export type BackUpDeviceLogAlert = ValueOf<typeof backUpDeviceLogAlert>;
