import { deviceManagement } from '../../protocols/zigbee/clusters/device-management.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import {
  answering,
  type ClusterRows,
  type SourceAnswers,
  type SourceGetters,
  serverRows,
} from './cluster-rows.js';
import { octetsOfText } from './octet-text.js';
import { ProtocolError } from './protocol-error.js';

/** What the Device Management cluster is served from. */
export interface SupplySource {
  /** MPAN or MPRN; undefined where it is not known. */
  readonly siteId: string | undefined;
  /** Power bands of the ambient light; undefined for gas. */
  readonly ambient: PowerBands | undefined;
}

/** From which power on the ambient light shows the next band, in W (ECS34 sets them). */
export interface PowerBands {
  readonly lowMediumW: number;
  readonly mediumHighW: number;
}

/** A home at rest stays below the first; a kettle or a shower goes beyond the second. */
export const typicalPowerBands: PowerBands = { lowMediumW: 500, mediumHighW: 2000 };

/** AmbientConsumptionIndicator of the Metering cluster: low, medium or high. */
export function ambientIndicator(powerW: number, bands: PowerBands): number {
  if (powerW >= bands.mediumHighW) return 2;
  return powerW >= bands.lowMediumW ? 1 : 0;
}

/** The name is made up; the number is one of those that Ofcom keeps for stories. */
const supplier = { name: 'Example Energy', contact: '0808 157 0100' } as const;

function absent(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.unsupportedAttribute, `there is no ${what}`);
}

function notFound(what: string): ProtocolError {
  return new ProtocolError(zclStatuses.notFound, `there is no ${what}`);
}

function bandsOf({ ambient }: SupplySource): PowerBands {
  if (ambient === undefined) throw absent('power');
  return ambient;
}

/** ProviderID is 0 in all of GB smart metering (gbz.md 3). */
const attributes: SourceGetters<SupplySource> = {
  ProviderID: () => 0,
  ProviderName: () => octetsOfText(supplier.name),
  ProviderContactDetails: () => octetsOfText(supplier.contact),
  LowMediumThreshold: (source) => bandsOf(source).lowMediumW,
  MediumHighThreshold: (source) => bandsOf(source).mediumHighW,
};

const updateSiteId = answering(deviceManagement, 'UpdateSiteId');

const commands: SourceAnswers<SupplySource> = {
  GetChangeOfTenancy: () => {
    throw notFound('change of tenancy');
  },
  GetChangeOfSupplier: () => {
    throw notFound('change of supplier');
  },
  GetSiteId: ({ siteId }) => {
    if (siteId === undefined) throw notFound('site identifier');
    return [updateSiteId({ issuerEventId: 0, siteIdTime: 0, providerId: 0, siteId })];
  },
  GetCIN: () => {
    throw notFound('customer identification number');
  },
};

/** Device Management cluster over what `sourceOf` finds in a device. */
export function supplierServer<S>(sourceOf: (device: S) => SupplySource): ClusterRows<S> {
  return serverRows(deviceManagement, sourceOf, attributes, commands);
}
