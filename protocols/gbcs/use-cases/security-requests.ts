import { z } from 'zod';
import { roles } from './parameters.js';
import { request } from './request.js';
import { place } from './template.js';

/** Commands about credentials and joins, to any device that holds a trust anchor store. */
export const securityRequests = {
  /** MACed form: the access control broker's key agreement cell authorises it (asn1.md 4.1). */
  CS02a: request(
    0x0008,
    {
      asn1: {
        authorisingRemotePartyTACellIdentifier: {
          trustAnchorCellRemotePartyRole: 'accessControlBroker',
          trustAnchorCellKeyUsage: 'keyAgreement',
        },
        remotePartyRolesCredentialsRequired: place('roles'),
      },
    },
    z.strictObject({ roles: roles('whose trust anchor cells to describe') }),
  ),
} as const;
