import { auxiliaryRequests } from './auxiliary-requests.js';
import { configurationRequests } from './configuration-requests.js';
import { esmeLogs } from './esme-logs.js';
import { esmeReads } from './esme-reads.js';
import { hubRequests } from './hub-requests.js';
import { prepaymentRequests } from './prepayment-requests.js';
import { tariffRequests } from './tariff-requests.js';
import { voltageRequests } from './voltage-requests.js';

/** Every command that is a DLMS access-request, by use case: to electricity meters, auxiliary controllers and hubs. */
export const dlmsRequests = {
  ...esmeReads,
  ...esmeLogs,
  ...tariffRequests,
  ...prepaymentRequests,
  ...voltageRequests,
  ...configurationRequests,
  ...auxiliaryRequests,
  ...hubRequests,
} as const;
