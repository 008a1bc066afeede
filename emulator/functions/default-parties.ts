import { type Eui64, eui64 } from '../../protocols/codec/eui64.js';
import type { RemotePartyRole } from '../../protocols/gbcs/roles.js';

/** What a key of an entity is for; a supplier has a second key agreement key, for top-up tokens only. */
export type KeyPurpose = 'digitalSignature' | 'keyAgreement' | 'prePaymentTopUp';

/** An organisation of the test PKI. */
export interface Party {
  readonly eui: Eui64;
  readonly role: RemotePartyRole;
  /** Common name in its certificates and what people call it in options and reports. */
  readonly name: string;
  /** The certificates it holds. */
  readonly holds: readonly KeyPurpose[];
}

const signs = ['digitalSignature'] as const;
const signsAndAgrees = ['digitalSignature', 'keyAgreement'] as const;
const supplies = ['digitalSignature', 'keyAgreement', 'prePaymentTopUp'] as const;

function party(
  eui: string,
  role: RemotePartyRole,
  name: string,
  holds: readonly KeyPurpose[],
): Party {
  return { eui: eui64(eui), role, name, holds };
}

/**
 * The parties of a fleet. Identifiers and roles are those of the published test material, so that whoever knows it
 * recognises them; the keys are our own (smki.md 5). The first of a role is the one that devices trust.
 */
export const defaultParties: readonly Party[] = [
  party('90b3d51f30000001', 'recovery', 'RECOVERY', signs),
  party('90b3d51f30000002', 'accessControlBroker', 'ACCESS-CONTROL-BROKER', signsAndAgrees),
  party('90b3d51f30000004', 'transitionalCoS', 'TRANSITIONAL-COS', signs),
  party('90b3d51f30000007', 'wanProvider', 'WAN-PROVIDER', signsAndAgrees),
  party('90b3d51f30010000', 'supplier', 'SUPPLIER-1', supplies),
  party('90b3d51f30030000', 'supplier', 'SUPPLIER-2', supplies),
  party('90b3d51f30020000', 'networkOperator', 'NETWORK-OPERATOR', signsAndAgrees),
  party('90b3d51f30010008', 'loadController', 'LOAD-CONTROLLER', signsAndAgrees),
  party('00db123456780004', 'other', 'OTHER-USER', signsAndAgrees),
];
