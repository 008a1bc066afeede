import { namedBits } from './bit-strings.js';
import {
  entityIdentifier,
  enumerated,
  namedInteger,
  octetString,
  unsigned64,
} from './primitives.js';
import { optional, sequence, sequenceOf, withDefault } from './schema.js';

/** Types that several GBCS structures share (asn1.md 2). */

/** Remote party roles as numbered on the wire, in certificates and in ASN.1 alike (smki.md 5). */
export const remotePartyRoles = {
  root: 0,
  recovery: 1,
  supplier: 2,
  networkOperator: 3,
  accessControlBroker: 4,
  transitionalCoS: 5,
  wanProvider: 6,
  issuingAuthority: 7,
  loadController: 8,
  other: 127,
} as const;
export const remotePartyRole = namedInteger(remotePartyRoles);

export const keyUsage = namedBits({
  digitalSignature: 0,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
});

export const cellUsages = { management: 0, prePaymentTopUp: 1 } as const;
export const cellUsage = namedInteger(cellUsages);

export const deviceType = namedInteger({
  gSME: 0,
  eSME: 1,
  CHF: 2,
  GPF: 3,
  hCALCS: 4,
  pPMID: 5,
  type2: 6,
});

/** Not kept: the numbers 5 and 17 are never seen in official data; they come from RFC 5934. */
export const statusCode = enumerated({
  success: 0,
  badCertificate: 5,
  noTrustAnchor: 10,
  insufficientMemory: 17,
  trustAnchorNotFound: 25,
  resourcesBusy: 30,
  other: 127,
});

export const credentialsReplacementMode = namedInteger({
  rootBySupplier: 0,
  rootByWanProvider: 1,
  supplierBySupplier: 2,
  networkOperatorByNetworkOperator: 3,
  accessControlBrokerByACB: 4,
  wanProviderByWanProvider: 5,
  transCoSByTransCoS: 6,
  supplierByTransCoS: 7,
  anyExceptAbnormalRootByRecovery: 8,
  anyByContingency: 9,
  loadControllerByLoadController: 10,
  loadControllerBySupplier: 11,
});

/** Counters of 64 bits: decimal strings. */
export const seqNumber = unsigned64;

export const trustAnchorCellIdentifier = sequence({
  trustAnchorCellRemotePartyRole: remotePartyRole,
  trustAnchorCellKeyUsage: keyUsage,
  trustAnchorCellUsage: withDefault(cellUsage, 'management'),
});

export const specialistSeqNumber = sequence({
  seqNumberUsage: namedInteger({ prepaymentTopUp: 0 }),
  seqNumber,
});

export const remotePartySeqNumberChange = sequence({
  otherRemotePartyRole: remotePartyRole,
  otherRemotePartyFloorSeqNumber: seqNumber,
  newRemotePartySpecialistFloorSeqNumber: optional(sequenceOf(specialistSeqNumber)),
});

export const subjectKeyIdentifier = octetString(8);
export const firmwareVersion = octetString(4);

export const deviceLogEntry = sequence({ deviceId: entityIdentifier, deviceType });
