/** What a hub's communications store keeps of the way to one device, all of it for CCS06. */
export interface LinkQuality {
  /** dBm, -128 to 127: highest, average, lowest. */
  readonly rssi: readonly [highest: number, average: number, lowest: number];
  /** 0 to 255. */
  readonly lqi: readonly [highest: number, average: number, lowest: number];
  readonly hops: number;
  readonly transmissionFailures: number;
  readonly transmissionSuccesses: number;
  readonly applicationVersion: number;
  readonly stackVersion: number;
}

/** Of a device that nothing has been measured of. */
export const unmeasuredLink: LinkQuality = {
  rssi: [0, 0, 0],
  lqi: [0, 0, 0],
  hops: 1,
  transmissionFailures: 0,
  transmissionSuccesses: 0,
  applicationVersion: 1,
  stackVersion: 1,
};
