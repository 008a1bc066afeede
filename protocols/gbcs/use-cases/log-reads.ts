import { z } from 'zod';
import { getProtected, getRange } from './dlms-template.js';
import { time } from './parameters.js';
import { type RequestDefinition, request } from './request.js';

/** Which entries of a log to read; both ends belong to the period. */
export const logPeriod = z.strictObject({
  from: time('start of the log entries to read'),
  to: time('end of the log entries to read'),
});

export function readLog(messageCode: number, instanceId: string): RequestDefinition {
  return request(messageCode, { dlms: [getRange(instanceId)] }, logPeriod);
}

/** Through a class 30 object, which names one profile or more by the hex of their OBIS codes. */
export function readProtectedLog(
  messageCode: number,
  instanceId: string,
  ...profiles: readonly string[]
): RequestDefinition {
  const objects = profiles.map((obis) => ({ classId: 7, obis }));
  return request(messageCode, { dlms: [getProtected(instanceId, ...objects)] }, logPeriod);
}
