import { z } from 'zod';
import { cellUsages, keyUsages, type RemotePartyRole } from '../roles.js';
import {
  byDefault,
  certificate,
  counter,
  flag,
  hex,
  list,
  object,
  optionally,
  optionalTime,
  role,
  word,
} from './parameters.js';
import { type RequestDefinition, request } from './request.js';
import { choice, forEach, optional, place } from './template.js';

/** CS02b and CS02g: other credentials for a remote party. One message code for each mode (asn1.md 4.2). */

type Mode = readonly [messageCode: number, mode: string, authorisedBy: RemotePartyRole | undefined];

/**
 * By what name hubfleet knows a mode; its number and who authorises it by signature. Where nobody is named the broker's
 * MAC or, in contingency, a symmetric key does. Modes 0 and 1 are in no official message: who authorises them follows
 * from their names.
 */
const modes = {
  CS02bRootBySupplier: [0x0100, 'rootBySupplier', 'supplier'],
  CS02bRootByWanProvider: [0x0101, 'rootByWanProvider', 'wanProvider'],
  CS02bSupplierBySupplier: [0x0102, 'supplierBySupplier', 'supplier'],
  CS02bNetworkOperatorByNetworkOperator: [
    0x0103,
    'networkOperatorByNetworkOperator',
    'networkOperator',
  ],
  CS02bAccessControlBrokerByACB: [0x0104, 'accessControlBrokerByACB', undefined],
  CS02bWanProviderByWanProvider: [0x0105, 'wanProviderByWanProvider', 'wanProvider'],
  CS02bTransCoSByTransCoS: [0x0106, 'transCoSByTransCoS', 'transitionalCoS'],
  CS02bSupplierByTransCoS: [0x0107, 'supplierByTransCoS', 'transitionalCoS'],
  CS02bAnyExceptAbnormalRootByRecovery: [0x0108, 'anyExceptAbnormalRootByRecovery', 'recovery'],
  CS02bAnyByContingency: [0x0109, 'anyByContingency', undefined],
  CS02gLoadControllerByLoadController: [0x0125, 'loadControllerByLoadController', 'loadController'],
  CS02gLoadControllerBySupplier: [0x0126, 'loadControllerBySupplier', 'supplier'],
} as const satisfies Readonly<Record<string, Mode>>;

function signingCell(trustAnchorCellRemotePartyRole: RemotePartyRole) {
  return { trustAnchorCellRemotePartyRole, trustAnchorCellKeyUsage: 'digitalSignature' };
}

/** A floor for top-up tokens, which have counters of their own. */
function topUpFloor(parameter: string) {
  const seqNumber = place(parameter);
  return optional(parameter, [{ seqNumberUsage: 'prepaymentTopUp', seqNumber }]);
}

function control(mode: string, authorisedBy: RemotePartyRole | undefined) {
  const authorisingCell =
    authorisedBy === undefined
      ? {}
      : { authorisingRemotePartyTACellIdentifier: signingCell(authorisedBy) };
  return {
    credentialsReplacementMode: mode,
    plaintextSymmetricKey: optional('plaintextSymmetricKey', place('plaintextSymmetricKey')),
    applyTimeBasedCPVChecks: choice('checkValidityPeriods', [
      [true, 'apply'],
      [false, 'disapply'],
    ]),
    ...authorisingCell,
    authorisingRemotePartySeqNumber: place('$originatorCounter'),
    newRemotePartyFloorSeqNumber: optional('floor', place('floor')),
    newRemotePartySpecialistFloorSeqNumber: topUpFloor('topUpFloor'),
    otherRemotePartySeqNumberChanges: optional('otherFloors', [
      forEach('otherFloors', {
        otherRemotePartyRole: place('role'),
        otherRemotePartyFloorSeqNumber: place('counter'),
        newRemotePartySpecialistFloorSeqNumber: topUpFloor('topUpCounter'),
      }),
    ]),
  };
}

/** Order matters on the wire: signature, key agreement, then the top-up's key agreement. */
const replacements = forEach('replacements', {
  replacementCertificate: place('certificate', 'certificate'),
  targetTrustAnchorCell: {
    trustAnchorCellRemotePartyRole: place('role'),
    trustAnchorCellKeyUsage: place('keyUsage'),
    trustAnchorCellUsage: place('cellUsage'),
  },
});

const cellUsageNames = Object.keys(cellUsages) as [keyof typeof cellUsages];
const certificatesMax = 16;

const parameters = z.strictObject({
  replacements: list(
    object(
      {
        certificate: certificate('certificate to put into the cell'),
        role: role('whose cell'),
        keyUsage: word(keyUsages, 'which of its keys'),
        cellUsage: byDefault(word(cellUsageNames, 'for what'), 'management'),
      },
      'a trust anchor cell and its new certificate',
    ),
    1,
    certificatesMax,
    'certificates to replace',
  ),
  certificationPath: list(
    certificate('certificate of an authority'),
    0,
    certificatesMax,
    'what the new certificates are verified with',
  ),
  floor: optionally(counter('lowest originator counter that the new party may use')),
  topUpFloor: optionally(counter('likewise for its top-ups')),
  otherFloors: optionally(
    list(
      object(
        {
          role: role('whose counter'),
          counter: counter('lowest originator counter'),
          topUpCounter: optionally(counter('likewise for top-ups')),
        },
        'a floor',
      ),
      1,
      certificatesMax,
      'floors of other parties than the one that authorises',
    ),
  ),
  checkValidityPeriods: byDefault(flag('the device checks dates of the certificates'), true),
  executionDateTime: optionally(optionalTime('when to replace them')),
});

const withSymmetricKey = parameters.extend({
  plaintextSymmetricKey: optionally(hex(16, 'key that authorises it; size unconfirmed')),
});

function replacement([messageCode, mode, authorisedBy]: Mode): RequestDefinition {
  return request(
    messageCode,
    {
      asn1: {
        authorisingRemotePartyControl: control(mode, authorisedBy),
        replacements: [replacements],
        certificationPathCertificates: [
          forEach('certificationPath', place('$value', 'certificate')),
        ],
        executionDateTime: optional(
          'executionDateTime',
          place('executionDateTime', 'generalizedTime'),
        ),
      },
    },
    mode === 'anyByContingency' ? withSymmetricKey : parameters,
  );
}

type Name = keyof typeof modes;

export const replaceCredentials = Object.fromEntries(
  Object.entries(modes).map(([name, mode]) => [name, replacement(mode)]),
) as Readonly<Record<Name, RequestDefinition>>;
