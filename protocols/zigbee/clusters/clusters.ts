import type { AttributeTable, ClusterDefinition } from '../zcl/layout.js';
import { basic } from './basic.js';
import { calendar } from './calendar.js';
import { demandResponse } from './demand-response.js';
import { deviceManagement } from './device-management.js';
import { events } from './events.js';
import { identify } from './identify.js';
import { keepAlive } from './keep-alive.js';
import { keyEstablishment } from './key-establishment.js';
import { messaging } from './messaging.js';
import { metering } from './metering.js';
import { otaUpgrade } from './ota-upgrade.js';
import { prepayment } from './prepayment.js';
import { price } from './price.js';
import { subGhz } from './sub-ghz.js';
import { time } from './time.js';
import { tunneling } from './tunneling.js';

/** Every cluster that has a declaration, by its number. */
export const clusters: ReadonlyMap<number, ClusterDefinition> = new Map(
  [
    basic,
    identify,
    time,
    otaUpgrade,
    keepAlive,
    price,
    demandResponse,
    metering,
    messaging,
    tunneling,
    prepayment,
    calendar,
    deviceManagement,
    events,
    subGhz,
    keyEstablishment,
  ].map((cluster) => [cluster.id, cluster]),
);

export type ClusterSide = 'server' | 'client';

function attributesOf(cluster: ClusterDefinition, side: ClusterSide): AttributeTable {
  return side === 'server' ? cluster.attributes : (cluster.clientAttributes ?? {});
}

/** Name of an attribute by its number, for display; `unknown` where there is none. */
export function attributeName(
  clusterId: number,
  attributeId: number,
  side: ClusterSide = 'server',
): string {
  const cluster = clusters.get(clusterId);
  return cluster === undefined
    ? 'unknown'
    : (attributesOf(cluster, side)[attributeId]?.[0] ?? 'unknown');
}

/** Number of an attribute by its name, or undefined. */
export function attributeNamed(
  cluster: ClusterDefinition,
  name: string,
  side: ClusterSide = 'server',
): number | undefined {
  const rows = Object.entries(attributesOf(cluster, side));
  const found = rows.find(([, attribute]) => attribute[0] === name);
  return found === undefined ? undefined : Number(found[0]);
}
