import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields, GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { metering } from '../../../protocols/zigbee/clusters/metering.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { basicServer, powerSources } from '../../functions/basic-server.js';
import { clusterRows, joinedRows } from '../../functions/cluster-rows.js';
import { historyServer } from '../../functions/consumption-server.js';
import { halfHourMs } from '../../functions/demand.js';
import { eventLogRows } from '../../functions/device-event-log.js';
import {
  type GasMeteringName,
  gasMetering,
  gasMeteringNames,
  meteringCluster,
  unitsOfMeasure,
} from '../../functions/gas-metering.js';
import { snapshotServer } from '../../functions/gas-snapshots.js';
import type { GbzUseCase } from '../../functions/gbz-processor.js';
import { prepaymentServer } from '../../functions/prepayment-server.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { supplyStatuses } from '../../functions/supply-state.js';
import {
  type ZclAnswer,
  type ZclAttributeRow,
  type ZclCall,
  zclModel,
} from '../../functions/zcl-model.js';
import type { GsmeState } from './state.js';

type Call = ZclCall<GsmeState>;

/** The register counts dm³, the unit is m³. */
const dm3PerCubicMetre = 1000;

const values: Readonly<Record<GasMeteringName, (call: Call) => GbzValue>> = {
  currentSummationDelivered: ({ device, nowMs }) => device.consumptionDm3(nowMs),
  readingSnapShotTime: ({ nowMs }) => secondsSince2000(nowMs),
  supplyStatus: ({ device }) => supplyStatuses[device.supplyState],
  remainingBatteryLifeInDays: ({ device, nowMs }) => device.remainingBatteryDays(nowMs),
  currentMeterId: ({ device }) => device.firmware.version,
  unitOfMeasure: () => unitsOfMeasure.cubicMetre,
  multiplier: () => 1,
  divisor: () => dm3PerCubicMetre,
};

const attributes = gasMeteringNames.map((name): ZclAttributeRow<GsmeState> => {
  const { attributeId, dataType } = gasMetering[name];
  return [meteringCluster, attributeId, dataType, values[name]];
});

const commandIds = { changeSupply: 0x0b, supplyStatusResponse: 0x0c } as const;
const acknowledgementRequired = 0x01;

/**
 * ChangeSupply from a remote party closes the valve or arms it. It never opens one: that takes a consumer on site
 * (device-behaviour.md 4.4).
 */
function changeSupply({ device, nowMs }: Call, fields: GbzFields): readonly ZclAnswer[] {
  const { providerId, issuerEventId, implementationDateTime, proposedSupplyStatus } = fields;
  // No use case dates a change of supply; doing at once what was meant for later would be worse than not doing it.
  if (implementationDateTime !== 0) {
    throw new ProtocolError(zclStatuses.invalidField, 'a change of supply is at once');
  }
  if (proposedSupplyStatus === supplyStatuses.disabled) {
    device.setSupply('disabled', nowMs);
  } else if (proposedSupplyStatus === supplyStatuses.armed) {
    // Arming concerns a valve that is shut; one that is open stays open.
    if (device.supplyState === 'disabled') device.setSupply('armed', nowMs);
  } else {
    throw new ProtocolError(zclStatuses.invalidValue, 'a valve can be shut or armed from afar');
  }
  if (((fields.supplyControlBits as number) & acknowledgementRequired) === 0) return [];
  return [
    {
      commandId: commandIds.supplyStatusResponse,
      fields: {
        providerId: providerId as number,
        issuerEventId: issuerEventId as number,
        implementationDateTime: 0,
        supplyStatus: supplyStatuses[device.supplyState],
      },
    },
  ];
}

const payment = prepaymentServer<GsmeState>((device) => device);

/** What remote parties, and the prepayment display in its messages, may ask and order. */
export const gsmeGbzModel = zclModel<GsmeState>(
  [...attributes, ...payment.attributes],
  [
    [meteringCluster, commandIds.changeSupply, changeSupply],
    ...payment.commands,
    ...eventLogRows<GsmeState>(),
  ],
);

/** The half hour under way: with the register it gives the register at the half hour's beginning. */
const halfHourUnderWay = clusterRows<GsmeState>(metering, {
  CurrentPartialProfileIntervalStartTimeDelivered: ({ nowMs }) =>
    secondsSince2000(startOfHalfHour(nowMs)),
  CurrentPartialProfileIntervalValueDelivered: ({ device, nowMs }) =>
    device.consumptionDm3(nowMs) - device.totalDm3At(startOfHalfHour(nowMs), nowMs),
});

function startOfHalfHour(atMs: number): number {
  return Math.floor(atMs / halfHourMs) * halfHourMs;
}

const home = joinedRows<GsmeState>(
  { attributes, commands: [] },
  halfHourUnderWay,
  basicServer('Gas meter', powerSources.battery, ({ firmware }) => firmware.version),
  historyServer((device) => device.history, 'gas'),
  snapshotServer((device) => device.snapshots),
);

/** What devices of the home may ask: nobody on the home network moves the valve. */
export const gsmeHanModel = zclModel<GsmeState>(home.attributes, home.commands);

/** What the meter pushes to its mirror: all that, and its account. */
export const gsmeMirrorModel = zclModel<GsmeState>([...home.attributes, ...payment.attributes]);

/** GBZ use cases of this meter and how their responses look (gbz.md 1.1, 1.4). */
export const gsmeGbzUseCases: ReadonlyMap<string, GbzUseCase> = new Map([
  ['CS01b', {}],
  ['CS10a', { disableDefaultResponse: true }],
  ['CS10b', { disableDefaultResponse: true }],
  ['GCS06', {}],
  ['GCS13a', { disableDefaultResponse: true, encryptedComponents: 'all' }],
  ['GCS32', {}],
  ['GCS33', {}],
  ['GCS38', {}],
  ['GCS39', {}],
  ['PCS01', {}],
  ['PCS02', {}],
]);
