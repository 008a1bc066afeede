import { type cellUsages, remotePartyRoles } from '../asn1/common-types.js';

// The numbers are those of the ASN.1 structures; the rest of GBCS knows them from here.
export { cellUsages, remotePartyRoles } from '../asn1/common-types.js';

export type RemotePartyRole = keyof typeof remotePartyRoles;
export type CellUsage = keyof typeof cellUsages;

const roleNames = new Map<number, RemotePartyRole>(
  Object.entries(remotePartyRoles).map(([name, number]) => [number, name as RemotePartyRole]),
);
export function remotePartyRoleName(number: number): RemotePartyRole | undefined {
  return roleNames.get(number);
}

export const keyUsages = ['digitalSignature', 'keyAgreement', 'keyCertSign'] as const;
export type KeyUsage = (typeof keyUsages)[number];
