/**
 * Device types as a hub's device log tells them apart: the last member of what CCS01 adds.
 * @see device-behaviour.md 2.1
 */
export const deviceLogTypes = {
  esme: 0,
  gsme: 1,
  hcalcs: 13,
  ihd: 128,
  cad: 130,
  ppmid: 132,
  gpf: 254,
} as const;
export type DeviceLogType = keyof typeof deviceLogTypes;

export const deviceLogTypeNames = Object.keys(deviceLogTypes) as [
  DeviceLogType,
  ...DeviceLogType[],
];

const byCode = new Map<number, DeviceLogType>(
  deviceLogTypeNames.map((name) => [deviceLogTypes[name], name]),
);

/** Undefined for a number that stands for no type. */
export function deviceLogTypeOf(code: number): DeviceLogType | undefined {
  return byCode.get(code);
}

export function isDeviceLogType(name: string): name is DeviceLogType {
  return Object.hasOwn(deviceLogTypes, name);
}
