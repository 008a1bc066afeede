/** Remote party roles, key usages and cell usages as numbered on the wire (asn1.md 2; smki.md 5). */
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
export type RemotePartyRole = keyof typeof remotePartyRoles;

const roleNames = new Map<number, RemotePartyRole>(
  Object.entries(remotePartyRoles).map(([name, number]) => [number, name as RemotePartyRole]),
);
export function remotePartyRoleName(number: number): RemotePartyRole | undefined {
  return roleNames.get(number);
}

export const keyUsages = ['digitalSignature', 'keyAgreement', 'keyCertSign'] as const;
export type KeyUsage = (typeof keyUsages)[number];

export const cellUsages = { management: 0, prePaymentTopUp: 1 } as const;
export type CellUsage = keyof typeof cellUsages;
