import type { ClusterDefinition } from '../zcl/layout.js';
import { basic } from './basic.js';
import { calendar } from './calendar.js';
import { deviceManagement } from './device-management.js';
import { events } from './events.js';
import { keyEstablishment } from './key-establishment.js';
import { messaging } from './messaging.js';
import { metering } from './metering.js';
import { prepayment } from './prepayment.js';
import { price } from './price.js';
import { time } from './time.js';
import { tunneling } from './tunneling.js';

/** Every cluster that has a declaration, by its number. */
export const clusters: ReadonlyMap<number, ClusterDefinition> = new Map(
  [
    basic,
    time,
    price,
    metering,
    messaging,
    tunneling,
    prepayment,
    calendar,
    deviceManagement,
    events,
    keyEstablishment,
  ].map((cluster) => [cluster.id, cluster]),
);

/** Name of a server attribute by its number, for display; `unknown` where there is none. */
export function attributeName(clusterId: number, attributeId: number): string {
  return clusters.get(clusterId)?.attributes[attributeId]?.[0] ?? 'unknown';
}

/** Number of a server attribute by its name, or undefined. */
export function attributeNamed(cluster: ClusterDefinition, name: string): number | undefined {
  const found = Object.entries(cluster.attributes).find(([, attribute]) => attribute[0] === name);
  return found === undefined ? undefined : Number(found[0]);
}
