import { z } from 'zod';
import { digits, time } from './parameters.js';
import { action, get, getProtected, getRange, request, set } from './request.js';
import { place } from './template.js';

/** Commands to electricity meters (and the firmware version of a hub), in the order of their names. */

/** Scripts of the supply control table 0-0:10.0.106.255 (dlms.md 4). */
const supplyScripts = { enable: 51, disable: 52, arm: 54 } as const;

function supplyScript(messageCode: number, script: keyof typeof supplyScripts) {
  const data = { type: 'long-unsigned', value: supplyScripts[script] } as const;
  return request(messageCode, { dlms: [action(9, '0-0:10.0.106.255', 1, data)] });
}

const logPeriod = z.strictObject({
  from: time('start of the log entries to read'),
  to: time('end of the log entries to read'),
});

const clock = '0-0:1.0.0.255';
const never = { type: 'octet-string', value: 'ffffffffffffffffff8000ff' } as const;
const clockTime = (parameter: string) =>
  ({ type: 'octet-string', value: place(parameter, 'dlmsDateTime') }) as const;

export const esmeRequests = {
  ECS17b: request(0x0027, {
    dlms: [getProtected('0-0:43.2.8.255', [{ classId: 1, obis: '00005e2c220a', memberId: 2 }])],
  }),
  ECS17c: request(0x0028, { dlms: [get(1, '0-0:94.44.34.20', 2)] }),
  ECS23: request(
    0x0039,
    {
      dlms: [
        get(3, '1-0:32.32.0.4', 2),
        get(3, '1-0:32.32.0.4', 3),
        get(3, '1-0:32.36.0.4', 2),
        get(3, '1-0:32.36.0.4', 3),
        getRange(7, '1-0:32.24.0.255', 2, 'from', 'to'),
        get(7, '1-0:32.24.0.255', 4),
      ],
    },
    logPeriod,
  ),
  ECS26c: request(0x003d, {
    dlms: [get(1, '0-0:94.44.0.0', 2), get(1, '0-0:94.44.0.2', 2), get(1, '0-0:94.44.0.1', 2)],
  }),
  ECS40: request(0x004e, { dlms: [get(1, '0-0:94.44.34.11', 2), get(1, '1-0:0.0.2.255', 2)] }),
  ECS42: supplyScript(0x004f, 'enable'),
  ECS43: supplyScript(0x0050, 'disable'),
  ECS44: supplyScript(0x0051, 'arm'),
  ECS45: request(0x0052, { dlms: [get(70, '0-0:96.3.10.255', 3)] }),
  ECS50: request(
    0x0058,
    {
      dlms: [
        set(1, '0-3:96.13.1.255', 2, { type: 'octet-string', value: place('number', 'octets') }),
      ],
    },
    z.strictObject({ number: digits(4, 4, 'customer identification number to display') }),
  ),
  ECS52: request(0x0059, { dlms: [get(1, '0-0:0.2.1.255', 2)] }),
  ECS70: request(
    0x0062,
    {
      dlms: [
        // Clock base 5 and method 4: take the time from the hub, inside the window that method 5 presets.
        set(8, clock, 9, { type: 'enum', value: 5 }),
        action(8, clock, 5, {
          type: 'structure',
          value: [never, clockTime('from'), clockTime('to')],
        }),
        action(8, clock, 4, { type: 'integer', value: 0 }),
        get(8, clock, 2),
        get(8, clock, 4),
      ],
    },
    z.strictObject({
      from: time('start of the interval in which the hub’s time is accepted'),
      to: time('end of that interval'),
    }),
  ),
} as const;
