import { smartEnergyProfileId } from '../../../protocols/zigbee/aps.js';
import type { SimpleDescriptor } from '../../../protocols/zigbee/zdo/descriptors.js';
import { endpoints } from './endpoints.js';

/** Kinds of entity that have a place on a home network. */
export type EntityType = 'chf' | 'gpf' | 'esme' | 'gsme' | 'ihd' | 'ppmid' | 'hcalcs';

/** Device identifiers of the Smart Energy profile [mem]. */
export const smartEnergyDevices = {
  energyServicesInterface: 0x0500,
  meteringDevice: 0x0501,
  inHomeDisplay: 0x0502,
  loadControlDevice: 0x0504,
  prepaymentTerminal: 0x0506,
  remoteCommunicationsDevice: 0x0508,
} as const;

const ids = {
  basic: 0x0000,
  time: 0x000a,
  otaUpgrade: 0x0019,
  keepAlive: 0x0025,
  price: 0x0700,
  demandResponse: 0x0701,
  metering: 0x0702,
  messaging: 0x0703,
  tunneling: 0x0704,
  prepayment: 0x0705,
  calendar: 0x0707,
  deviceManagement: 0x0708,
  events: 0x0709,
  subGhz: 0x070b,
  keyEstablishment: 0x0800,
} as const;
type ClusterName = keyof typeof ids;

function describe(
  endpoint: number,
  deviceId: number,
  servers: readonly ClusterName[],
  clients: readonly ClusterName[],
): SimpleDescriptor {
  return {
    endpoint,
    profileId: smartEnergyProfileId,
    deviceId,
    deviceVersion: 0,
    inputClusters: servers.map((name) => ids[name]),
    outputClusters: clients.map((name) => ids[name]),
  };
}

/** What every device of the home uses of the hub. */
const upkeep: readonly ClusterName[] = ['time', 'otaUpgrade', 'keepAlive', 'keyEstablishment'];
/** What meters tell displays. */
const supply: readonly ClusterName[] = [
  'price',
  'metering',
  'messaging',
  'prepayment',
  'calendar',
  'deviceManagement',
  'events',
];

/**
 * What the endpoints of each kind of entity offer (input clusters: servers) and use (output
 * clusters: clients). A meter that offers prices is an energy services interface, whatever else it
 * does.
 *
 * @see device-behaviour.md 6.1
 */
export const endpointDescriptions: Readonly<Record<EntityType, readonly SimpleDescriptor[]>> = {
  gpf: [
    describe(
      endpoints.gasSupplyInterface,
      smartEnergyDevices.energyServicesInterface,
      ['basic', ...supply, 'keyEstablishment'],
      ['keyEstablishment'],
    ),
    describe(
      endpoints.gasMirror,
      smartEnergyDevices.meteringDevice,
      ['basic', 'metering', 'prepayment', 'events'],
      ['metering', 'prepayment', 'deviceManagement', 'events'],
    ),
  ],
  chf: [
    describe(
      endpoints.commsHub,
      smartEnergyDevices.remoteCommunicationsDevice,
      ['basic', 'time', 'otaUpgrade', 'keepAlive', 'tunneling', 'subGhz'],
      ['tunneling'],
    ),
  ],
  esme: [
    describe(
      endpoints.device,
      smartEnergyDevices.energyServicesInterface,
      ['basic', ...supply, 'demandResponse', 'tunneling', 'keyEstablishment'],
      upkeep,
    ),
  ],
  gsme: [
    describe(
      endpoints.device,
      smartEnergyDevices.meteringDevice,
      ['basic', 'metering', 'prepayment', 'deviceManagement', 'events', 'keyEstablishment'],
      [...upkeep, 'metering', 'tunneling', 'subGhz'],
    ),
  ],
  ihd: [
    describe(
      endpoints.device,
      smartEnergyDevices.inHomeDisplay,
      ['basic', 'keyEstablishment'],
      [...upkeep, ...supply],
    ),
  ],
  ppmid: [
    describe(
      endpoints.device,
      smartEnergyDevices.prepaymentTerminal,
      ['basic', 'tunneling', 'keyEstablishment'],
      [...upkeep, ...supply],
    ),
  ],
  hcalcs: [
    describe(
      endpoints.device,
      smartEnergyDevices.loadControlDevice,
      ['basic', 'tunneling', 'keyEstablishment'],
      [...upkeep, 'demandResponse'],
    ),
  ],
};
