import { get, getAll, getProtected } from './dlms-template.js';
import { request } from './request.js';

/** Reads of an electricity meter's registers and settings that take no parameters. */

const tariffThresholds = [11, 12, 13, 14, 15, 16, 17, 18].map((c) =>
  get(21, `0-0:16.0.${c}.255`, 2),
);
const activeCalendar = [3, 4, 5];

export const esmeReads = {
  ECS17a: request(0x0026, {
    dlms: [...getAll(3, '1-0:2.8.0.255', 2, 3), ...getAll(3, '1-0:4.8.0.255', 2, 3)],
  }),
  ECS17b: request(0x0027, {
    dlms: [getProtected('0-0:43.2.8.255', { classId: 1, obis: '00005e2c220a' })],
  }),
  ECS17c: request(0x0028, { dlms: [get(1, '0-0:94.44.34.20', 2)] }),
  ECS17d: request(0x0029, {
    dlms: [getProtected('0-0:43.2.9.255', { classId: 1, obis: '00005e2c2201' })],
  }),
  ECS17e: request(0x002a, {
    dlms: [getProtected('0-0:43.2.10.255', { classId: 1, obis: '00005e2c2202' })],
  }),
  ECS18a: request(0x002b, {
    dlms: [get(1, '0-0:94.44.5.2', 2), ...getAll(4, '1-0:2.6.0.255', 2, 3, 5)],
  }),
  ECS18b: request(0x002c, {
    dlms: [
      get(1, '0-0:94.44.5.0', 2),
      get(1, '0-0:94.44.5.1', 2),
      ...getAll(4, '1-0:1.6.0.255', 2, 3, 5),
      ...getAll(4, '1-0:1.6.1.255', 2, 3, 5),
      get(10, '0-0:12.0.0.255', 2),
    ],
  }),
  ECS19: request(0x002d, {
    dlms: [getProtected('0-0:43.2.1.255', { classId: 1, obis: '00005e2c221e' })],
  }),
  ECS24: request(0x003a, {
    dlms: [
      ...getAll(3, '0-0:94.44.1.7', 2, 3),
      ...getAll(20, '0-0:13.0.0.255', ...activeCalendar),
      get(11, '0-0:11.0.0.255', 2),
      ...tariffThresholds,
      get(9000, '0-0:94.44.2.0', 2),
      get(113, '0-0:19.20.4.255', 5),
      get(113, '0-0:19.20.0.255', 5),
    ],
  }),
  ECS24b: request(0x00bd, {
    dlms: [
      get(113, '0-0:19.20.5.255', 5),
      ...getAll(3, '0-0:94.44.1.8', 2, 3),
      get(11, '0-0:11.0.1.255', 2),
      ...getAll(20, '0-0:13.0.1.255', ...activeCalendar),
    ],
  }),
  ECS26a: request(0x003b, {
    dlms: [
      get(113, '0-0:19.20.1.255', 5),
      get(11, '0-0:11.0.2.255', 2),
      // The rates of both debts are read twice: for their value and for their scale.
      ...getAll(113, '0-0:19.20.1.255', 8, 5),
      ...getAll(113, '0-0:19.20.2.255', 5, 8, 5),
      get(113, '0-0:19.20.3.255', 13),
      get(9000, '0-0:94.44.2.10', 2),
      get(21, '0-0:16.0.1.255', 2),
      get(9000, '0-0:94.44.2.20', 2),
      ...getAll(111, '0-0:19.0.0.255', 16, 18, 19),
      ...getAll(112, '0-0:19.10.1.255', 9, 10),
      get(10, '0-0:12.0.1.255', 2),
      get(111, '0-0:19.0.0.255', 11),
    ],
  }),
  ECS26c: request(0x003d, {
    dlms: [get(1, '0-0:94.44.0.0', 2), get(1, '0-0:94.44.0.2', 2), get(1, '0-0:94.44.0.1', 2)],
  }),
  ECS26d: request(0x003e, { dlms: [get(22, '0-0:15.0.0.255', 4)] }),
  ECS26e: request(0x003f, {
    dlms: [
      get(1, '0-0:96.1.1.255', 2),
      get(1, '0-0:96.1.2.255', 2),
      get(1, '0-0:96.1.4.255', 2),
      get(1, '0-0:96.1.6.255', 2),
      get(1, '0-0:94.44.0.4', 2),
    ],
  }),
  ECS26f: request(0x0040, { dlms: [get(21, '0-0:16.0.0.255', 2)] }),
  ECS26j: request(0x00be, { dlms: [get(111, '0-0:19.0.0.255', 2)] }),
  ECS26l: request(0x00d9, { dlms: [get(22, '0-0:15.0.0.255', 4)] }),
  ECS26m: request(0x00f9, {
    dlms: [
      get(1, '0-0:96.1.2.255', 2),
      get(1, '0-0:96.1.4.255', 2),
      get(1, '0-0:96.1.6.255', 2),
      get(1, '0-0:94.44.0.4', 2),
    ],
  }),
  ECS27: request(0x0042, {
    dlms: [
      get(9000, '0-0:94.44.0.3', 2),
      ...getAll(3, '0-0:94.44.42.255', 2, 3),
      ...getAll(71, '0-0:17.0.0.255', 4, 6, 7),
    ],
  }),
  ECS40: request(0x004e, { dlms: [get(1, '0-0:94.44.34.11', 2), get(1, '1-0:0.0.2.255', 2)] }),
  ECS45: request(0x0052, { dlms: [get(70, '0-0:96.3.10.255', 3)] }),
  ECS52: request(0x0059, { dlms: [get(1, '0-0:0.2.1.255', 2)] }),
  ECS82: request(0x0069, { dlms: [get(112, '0-0:19.10.0.255', 2)] }),
} as const;
