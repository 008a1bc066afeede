import { gasLogs } from './gas-logs.js';
import { gasPrepayment } from './gas-prepayment.js';
import { gasReads } from './gas-reads.js';
import { gasSettings } from './gas-settings.js';
import { gasTariff } from './gas-tariff.js';

/** Commands to gas meters and the gas proxy function. */
export const gasRequests = {
  ...gasTariff,
  ...gasPrepayment,
  ...gasReads,
  ...gasLogs,
  ...gasSettings,
} as const;
