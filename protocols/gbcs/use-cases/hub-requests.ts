import { z } from 'zod';
import { deviceLogTypeNames, deviceLogTypes } from '../device-log-types.js';
import {
  action,
  array,
  bits,
  bool,
  enumeration,
  get,
  nullData,
  octetsOf,
  set,
  structure,
  u8,
  u16,
} from './dlms-template.js';
import { readLog } from './log-reads.js';
import { byDefault, flag, hex, integer, list, object, word } from './parameters.js';
import { request } from './request.js';
import { choice, forEach, place } from './template.js';

/** Commands to the communications hub function: its device log, its identity, its sub-GHz radio. */

const deviceLog = '0-0:30.3.0.255';
const historicDeviceLog = '0-0:30.3.1.255';
const methods = { register: 1, unregister: 2, backup: 4, restore: 5 } as const;
const activeDevices = get(104, deviceLog, 4);
/** Credentials are an install code. */
const installCode = 1;
const deviceType = choice(
  'deviceType',
  deviceLogTypeNames.map((name) => [name, deviceLogTypes[name]] as const),
);

const percent = (what: string) => integer(0, 10_000, `${what}, in hundredths of a percent`);
const channels = (page: number, low: number, high: number) =>
  byDefault(
    list(integer(low, high, `channel of page ${page}`), 0, 27, `channels of page ${page} to use`),
    [],
  );

const subGhzSettings = z.strictObject({
  page28: channels(28, 0, 26),
  page29: channels(29, 27, 34),
  page30: channels(30, 35, 61),
  page31: channels(31, 0, 26),
  limitedDutyCycleThreshold: percent('duty cycle from which the hub is limited'),
  criticalDutyCycleThreshold: percent('duty cycle from which the hub is critical'),
  channelChangesPerWeek: integer(0, 255, 'channel changes allowed in a week'),
  gsmeCurfew: integer(0, 0xffff, 'time for which a gas meter may be out of reach'),
  quieterThreshold: integer(0, 255, 'how much quieter a channel must be'),
  noisierThreshold: integer(0, 255, 'how much noisier a channel may become'),
  poorCommunications: percent('share of poor communications with devices other than gas meters'),
  poorCommunicationsPeriods: integer(0, 255, 'half hours over which that share is taken'),
  noisePeriod: integer(0, 0xffff, 'time over which local noise is measured'),
  failures: percent('share of failures that tells of local noise'),
  retries: percent('share of retries that tells of local noise'),
});

const subGhzData = structure(
  bits(place('page28', 'channelsOfPage28')),
  bits(place('page29', 'channelsOfPage29')),
  bits(place('page30', 'channelsOfPage30')),
  bits(place('page31', 'channelsOfPage31')),
  u16(place('limitedDutyCycleThreshold')),
  u16(place('criticalDutyCycleThreshold')),
  u8(place('channelChangesPerWeek')),
  u16(place('gsmeCurfew')),
  u8(place('quieterThreshold')),
  u8(place('noisierThreshold')),
  u16(place('poorCommunications')),
  u8(place('poorCommunicationsPeriods')),
  u16(place('noisePeriod')),
  u16(place('failures')),
  u16(place('retries')),
);

export const hubRequests = {
  CCS01: request(
    0x0001,
    {
      dlms: [
        action(
          104,
          deviceLog,
          methods.register,
          structure(
            octetsOf('device', 'same'),
            enumeration(installCode),
            octetsOf('installCode', 'same'),
            enumeration(deviceType),
          ),
        ),
        set(104, deviceLog, 3, u16(place('joiningSeconds'))),
        set(104, deviceLog, 2, bool(place('allowJoining'))),
      ],
    },
    z.strictObject({
      device: hex(8, 'entity identifier of the device to add'),
      installCode: hex(16, 'its install code, padded'),
      deviceType: byDefault(word(deviceLogTypeNames, 'what it is'), 'esme'),
      joiningSeconds: byDefault(integer(0, 0xffff, 'for how long it may join'), 3600),
      allowJoining: byDefault(flag('whether joining is allowed'), true),
    }),
  ),
  CCS02: request(
    0x0002,
    { dlms: [action(104, deviceLog, methods.unregister, octetsOf('device', 'same'))] },
    z.strictObject({ device: hex(8, 'entity identifier of the device to remove') }),
  ),
  CCS03: request(
    0x0003,
    {
      dlms: [
        action(
          104,
          deviceLog,
          methods.restore,
          structure(
            octetsOf('hanIdentifier', 'same'),
            array(
              forEach(
                'devices',
                structure(octetsOf('device', 'same'), octetsOf('linkKeyHash', 'same')),
              ),
            ),
          ),
        ),
      ],
    },
    z.strictObject({
      hanIdentifier: hex(8, 'extended PAN id of the home network'),
      devices: list(
        object(
          {
            device: hex(8, 'entity identifier'),
            linkKeyHash: hex(16, 'hash of its trust centre link key'),
          },
          'a device of the log',
        ),
        0,
        16,
        'devices of the log',
      ),
    }),
  ),
  CCS05CCS04: request(0x0004, { dlms: [activeDevices] }),
  CCS06: request(0x010f, { dlms: [activeDevices] }),
  CCS07: request(0x00fe, {
    dlms: [
      action(104, deviceLog, methods.backup, nullData),
      action(104, historicDeviceLog, methods.backup, nullData),
    ],
  }),
  DBCH01: request(0x010a, { dlms: [get(1, '0-0:94.44.10.2', 2)] }),
  DBCH02: readLog(0x010b, '0-0:94.44.10.3'),
  DBCH03: request(0x010c, { dlms: [get(1, '0-0:94.44.10.0', 2)] }),
  DBCH04: request(0x010d, { dlms: [set(1, '0-0:94.44.10.0', 2, subGhzData)] }, subGhzSettings),
  DBCH05: request(0x010e, { dlms: [set(1, '0-0:94.44.10.1', 2, u8(0))] }),
  ECS26i: request(0x0092, {
    dlms: [get(1, '0-0:96.1.1.255', 2), get(1, '0-0:96.1.4.255', 2), get(1, '0-0:96.1.6.255', 2)],
  }),
  ECS26n: request(0x00fa, { dlms: [get(1, '0-0:96.1.4.255', 2), get(1, '0-0:96.1.6.255', 2)] }),
  ECS35c: readLog(0x0093, '0-0:99.98.0.255'),
  ECS35d: readLog(0x0094, '0-0:99.98.1.255'),
} as const;
