import {
  cellUsage,
  credentialsReplacementMode,
  keyUsage,
  remotePartyRole,
  remotePartySeqNumberChange,
  seqNumber,
  specialistSeqNumber,
  statusCode,
  subjectKeyIdentifier,
  trustAnchorCellIdentifier,
} from './common-types.js';
import { entityIdentifier, integer, namedInteger, nullType, octetString } from './primitives.js';
import {
  choice,
  implicit,
  optional,
  sequence,
  sequenceOf,
  type ValueOf,
  withDefault,
} from './schema.js';
import { generalizedTime } from './texts.js';
import { certificate, certificationRequest } from './x509.js';

/**
 * Security credentials: CS02a and CS02f, CS02b and CS02g, CS02c, CS02d, CS02e (asn1.md 4.1 to 4.3).
 */

export const provideCredentialsCommand = sequence({
  authorisingRemotePartyTACellIdentifier: trustAnchorCellIdentifier,
  remotePartyRolesCredentialsRequired: sequenceOf(remotePartyRole),
});
export type ProvideCredentialsCommand = ValueOf<typeof provideCredentialsCommand>;

/** One element per requested role, in the order of the command. */
export const provideCredentialsResponse = sequenceOf(
  sequence({
    remotePartyRole,
    statusCode,
    currentSeqNumber: optional(seqNumber),
    trustAnchorCellsDetails: optional(
      sequenceOf(
        sequence({
          trustAnchorCellKeyUsage: keyUsage,
          trustAnchorCellUsage: withDefault(cellUsage, 'management'),
          existingSubjectUniqueID: entityIdentifier,
          existingSubjectKeyIdentifier: subjectKeyIdentifier,
        }),
      ),
    ),
  }),
);
export type ProvideCredentialsResponse = ValueOf<typeof provideCredentialsResponse>;

const seqNumberChanges = sequenceOf(remotePartySeqNumberChange);

export const updateCredentialsCommand = sequence({
  authorisingRemotePartyControl: sequence({
    credentialsReplacementMode,
    /** For `anyByContingency`; no official command carries it, so its size is not fixed here. */
    plaintextSymmetricKey: optional(implicit(0, octetString())),
    applyTimeBasedCPVChecks: withDefault(
      implicit(1, namedInteger({ apply: 0, disapply: 1 })),
      'apply',
    ),
    authorisingRemotePartyTACellIdentifier: optional(implicit(2, trustAnchorCellIdentifier)),
    authorisingRemotePartySeqNumber: implicit(3, seqNumber),
    newRemotePartyFloorSeqNumber: optional(implicit(4, seqNumber)),
    newRemotePartySpecialistFloorSeqNumber: optional(implicit(5, sequenceOf(specialistSeqNumber))),
    otherRemotePartySeqNumberChanges: optional(implicit(6, seqNumberChanges)),
  }),
  replacements: sequenceOf(
    sequence({
      replacementCertificate: certificate,
      targetTrustAnchorCell: trustAnchorCellIdentifier,
    }),
  ),
  certificationPathCertificates: sequenceOf(certificate),
  /** Absent: at once. `99991231235959Z`: cancel. */
  executionDateTime: optional(generalizedTime),
});
export type UpdateCredentialsCommand = ValueOf<typeof updateCredentialsCommand>;

const executionOutcome = sequence({
  authorisingRemotePartySeqNumber: seqNumber,
  credentialsReplacementMode,
  remotePartySeqNumberChanges: seqNumberChanges,
  replacementOutcomes: sequenceOf(
    sequence({
      affectedTrustAnchorCell: trustAnchorCellIdentifier,
      statusCode,
      existingSubjectUniqueID: entityIdentifier,
      existingSubjectKeyIdentifier: subjectKeyIdentifier,
      replacingSubjectUniqueID: entityIdentifier,
      replacingSubjectKeyIdentifier: subjectKeyIdentifier,
    }),
  ),
});

/** The outcome is there only if the command was for at once. */
export const updateCredentialsResponse = sequence({
  commandAccepted: nullType,
  executionOutcome: optional(executionOutcome),
});
export type UpdateCredentialsResponse = ValueOf<typeof updateCredentialsResponse>;

export const updateCredentialsAlert = sequence({
  alertCode: integer,
  executionDateTime: generalizedTime,
  executionOutcome,
});
export type UpdateCredentialsAlert = ValueOf<typeof updateCredentialsAlert>;

/** CS02c and CS02e ask for the device's own credentials by key usage. */
export const deviceCredentialsCommand = sequence({ keyUsage });
export type DeviceCredentialsCommand = ValueOf<typeof deviceCredentialsCommand>;

export const issueCredentialsResponse = choice({
  certificationRequest,
  responseCode: namedInteger({
    invalidKeyUsage: 1,
    keyPairGenerationFailed: 2,
    cRProductionFailed: 3,
  }),
});
export type IssueCredentialsResponse = ValueOf<typeof issueCredentialsResponse>;

export const updateDeviceCertificateResponse = namedInteger({
  success: 0,
  invalidCertificate: 1,
  wrongDeviceIdentity: 2,
  invalidKeyUsage: 3,
  noCorrespondingKeyPairGenerated: 4,
  wrongPublicKey: 5,
  certificateStorageFailed: 6,
  privateKeyChangeFailed: 7,
});

export const provideDeviceCertificateResponse = choice({
  certificate,
  responseCode: namedInteger({
    invalidKeyUsage: 1,
    noCertificateHeld: 2,
    certificateRetrievalFailure: 3,
  }),
});
export type ProvideDeviceCertificateResponse = ValueOf<typeof provideDeviceCertificateResponse>;
