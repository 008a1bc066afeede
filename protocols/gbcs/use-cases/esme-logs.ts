import { get, getRange, type ItemNode, invoke } from './dlms-template.js';
import { logPeriod, readLog, readProtectedLog } from './log-reads.js';
import { request } from './request.js';

/** Logs and profiles of an electricity meter: read between two times, plain or encrypted, and cleared. */

const boostControls: readonly ItemNode[] = [1, 2, 3, 4, 5].map((n) =>
  get(1, `0-0:94.44.6.${n}`, 2),
);

export const esmeLogs = {
  ECS15a: request(0x0024, { dlms: [invoke(7, '0-0:99.98.0.255', 1)] }),
  ECS15c: request(0x00c1, { dlms: [invoke(7, '0-17:99.98.2.255', 1)] }),
  ECS20a: readLog(0x002e, '0-0:98.1.4.255'),
  ECS20b: readProtectedLog(0x002f, '0-0:43.2.3.255', '0000620102ff'),
  ECS20c: readProtectedLog(0x0030, '0-0:43.2.2.255', '0000620100ff', '0000620101ff'),
  ECS20d: readLog(0x00c9, '0-0:98.1.5.255'),
  ECS21a: readProtectedLog(0x0033, '0-0:43.2.5.255', '0000620109ff'),
  ECS21b: readProtectedLog(0x0034, '0-0:43.2.6.255', '0000620108ff'),
  ECS21c: readLog(0x0035, '0-0:98.1.10.255'),
  ECS22a: readLog(0x0036, '0-0:99.1.1.255'),
  ECS22b: readProtectedLog(0x0037, '0-0:43.2.7.255', '0000630100ff'),
  ECS22c: readLog(0x0038, '0-0:99.1.2.255'),
  ECS35a: readLog(0x0048, '0-0:99.98.0.255'),
  ECS35b: readLog(0x0049, '0-0:99.98.1.255'),
  ECS35e: readLog(0x00b9, '0-0:99.98.4.255'),
  ECS35f: readLog(0x00ba, '0-17:99.98.2.255'),
  ECS35g: readLog(0x00fd, '0-17:99.98.2.255'),
  ECS61c: request(
    0x005e,
    { dlms: [get(1, '0-0:94.44.7.255', 2), getRange('0-0:99.98.20.255'), ...boostControls] },
    logPeriod,
  ),
  ECS66: readProtectedLog(0x0060, '0-0:43.2.4.255', '0000630103ff'),
} as const;
