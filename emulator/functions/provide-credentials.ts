import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';
import type { Asn1UseCase, Asn1Value } from './asn1-processor.js';
import type { DeviceCounters } from './counters.js';
import type { TrustAnchorCells } from './trust-anchor-cells.js';

/** What CS02a needs of a device. */
export interface CredentialsHolder {
  readonly trustAnchors: TrustAnchorCells;
  readonly counters: DeviceCounters;
}

interface ProvideCredentialsCommand {
  readonly remotePartyRolesCredentialsRequired: readonly RemotePartyRole[];
}

/**
 * CS02a: for each role asked, the highest counter executed and the cells held, or status 25 where there are none
 * (asn1.md 4.1).
 */
export const provideCredentials: Asn1UseCase<CredentialsHolder> = {
  execute: (device, command) => {
    const { remotePartyRolesCredentialsRequired: roles } =
      command as unknown as ProvideCredentialsCommand;
    return roles.map((role) => describeRole(device, role)) as unknown as Asn1Value;
  },
  lengths: 'two-octet',
};

function describeRole(device: CredentialsHolder, remotePartyRole: RemotePartyRole) {
  const cells = device.trustAnchors.ofRole(remotePartyRole);
  if (cells.length === 0) return { remotePartyRole, statusCode: 'trustAnchorNotFound' };
  return {
    remotePartyRole,
    statusCode: 'success',
    currentSeqNumber: device.counters.highestExecuted(remotePartyRole).toString(),
    trustAnchorCellsDetails: cells.map((cell) => ({
      trustAnchorCellKeyUsage: cell.keyUsage,
      ...(cell.cellUsage === 'management' ? {} : { trustAnchorCellUsage: cell.cellUsage }),
      existingSubjectUniqueID: cell.entity,
      existingSubjectKeyIdentifier: cell.subjectKeyIdentifier,
    })),
  };
}
