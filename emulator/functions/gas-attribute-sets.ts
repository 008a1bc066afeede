import { basic } from '../../protocols/zigbee/clusters/basic.js';
import { metering } from '../../protocols/zigbee/clusters/metering.js';
import { prepayment } from '../../protocols/zigbee/clusters/prepayment.js';
import type { ClusterDefinition } from '../../protocols/zigbee/zcl/layout.js';
import { attributeNumber } from './cluster-rows.js';
import { gasAccountAttributes, prepaymentCluster } from './gas-account.js';

/** Attributes of one cluster that a gas meter pushes to its mirror together. */
export interface GasAttributeSet {
  readonly clusterId: number;
  readonly attributeIds: readonly number[];
}

function set(cluster: ClusterDefinition, ...names: readonly string[]): GasAttributeSet {
  const attributeIds = names.map((name) => attributeNumber(cluster, name));
  return { clusterId: cluster.id, attributeIds };
}

/** Whole days, weeks and months; the running ones too, so that a mirror may begin with them. */
function history(period: 'Day' | 'Week' | 'Month') {
  return {
    metering: set(
      metering,
      ...[`Current${period}`, `Previous${period}`].flatMap((when) => [
        `${when}ConsumptionDelivered`,
        `${when}AlternativeConsumptionDelivered`,
      ]),
    ),
    prepayment: set(
      prepayment,
      `Current${period}CostConsumptionDelivered`,
      `Previous${period}CostConsumptionDelivered`,
    ),
  };
}

/**
 * What a gas meter tells its mirror, and when. The choice of attributes follows what displays and remote parties read at
 * the proxy; that the flags have sets of this kind is known, what exactly belongs to each is [mem].
 *
 * @see device-behaviour.md 3.2, 3.4
 */
export const gasAttributeSets = {
  /**
   * At every wake. The register and the part of it that belongs to the half hour under way give the register at the
   * half hour's beginning: the mirror makes the profile of the differences.
   */
  readings: set(
    metering,
    'CurrentSummationDelivered',
    'ReadingSnapShotTime',
    'SupplyStatus',
    'RemainingBatteryLifeInDays',
    'CurrentPartialProfileIntervalStartTimeDelivered',
    'CurrentPartialProfileIntervalValueDelivered',
    'CurrentDayAlternativeConsumptionDelivered',
  ),
  /** At every wake of a meter in prepayment mode. */
  account: {
    clusterId: prepaymentCluster,
    attributeIds: gasAccountAttributes.map(({ attributeId }) => attributeId),
  },
  /** The rest when the mirror's flags ask for it. */
  staticBasic: set(basic, 'ZCLVersion', 'ManufacturerName', 'ModelIdentifier', 'PowerSource'),
  staticMetering: set(
    metering,
    'UnitOfMeasure',
    'Multiplier',
    'Divisor',
    'CurrentMeterID',
    'AlternativeUnitOfMeasure',
  ),
  staticPrepayment: set(
    prepayment,
    'OverallDebtCap',
    'MaxCreditLimit',
    'MaxCreditPerTopUp',
    'CurrencyScalingFactor',
    'Currency',
  ),
} as const;

/** By the number that the flags for history carry [mem]: 0 asks for none. */
export const gasHistorySets = [
  undefined,
  history('Day'),
  history('Week'),
  history('Month'),
] as const;

/** Metering attributes of the half hour under way: when it began, and how much has flowed since. */
export const halfHourUnderWay = {
  start: attributeNumber(metering, 'CurrentPartialProfileIntervalStartTimeDelivered'),
  value: attributeNumber(metering, 'CurrentPartialProfileIntervalValueDelivered'),
} as const;
