import { basic } from '../../protocols/zigbee/clusters/basic.js';
import { type ClusterRows, type SourceGetters, serverRows } from './cluster-rows.js';

/** PowerSource. */
export const powerSources = { mains: 0x01, battery: 0x03 } as const;

/** The same for every device here: one maker, one library, one year. */
const versions = { zcl: 3, application: 1, stack: 2, hardware: 1 } as const;
const dateCode = '20260101';
/** PhysicalEnvironment; in Smart Energy a hub with room for a mirror says so here. */
const unspecifiedEnvironment = 0x00;

/** Basic cluster: what a device is, and which firmware runs where that can change. */
export function basicServer<S>(
  modelIdentifier: string,
  powerSource: number,
  /** Four octets, hex. */
  firmwareVersion?: (device: S) => string,
): ClusterRows<S> {
  const build: SourceGetters<S> = firmwareVersion ? { SWBuildID: firmwareVersion } : {};
  return serverRows(basic, (device: S) => device, {
    ZCLVersion: () => versions.zcl,
    ApplicationVersion: () => versions.application,
    StackVersion: () => versions.stack,
    HWVersion: () => versions.hardware,
    ManufacturerName: () => 'hubfleet',
    ModelIdentifier: () => modelIdentifier,
    DateCode: () => dateCode,
    PowerSource: () => powerSource,
    PhysicalEnvironment: () => unspecifiedEnvironment,
    ...build,
  });
}
