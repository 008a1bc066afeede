import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { basic } from '../../../protocols/zigbee/clusters/basic.js';
import { time } from '../../../protocols/zigbee/clusters/time.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { basicServer, powerSources } from '../../functions/basic-server.js';
import { calendarServer } from '../../functions/calendar-server.js';
import { clusterRows, joinedRows } from '../../functions/cluster-rows.js';
import { type HistorySource, historyServer } from '../../functions/consumption-server.js';
import { eventLogRows } from '../../functions/device-event-log.js';
import {
  type AccountAttribute,
  gasAccountAttributes,
  prepaymentCluster,
} from '../../functions/gas-account.js';
import {
  type GasMeteringName,
  gasMetering,
  gasMeteringNames,
  meteringCluster,
} from '../../functions/gas-metering.js';
import { snapshotServer } from '../../functions/gas-snapshots.js';
import type { GbzUseCase } from '../../functions/gbz-processor.js';
import { messagingServer } from '../../functions/messaging-server.js';
import { mirrorCapacity } from '../../functions/mirroring.js';
import { creditMode } from '../../functions/prepayment-server.js';
import { priceServer } from '../../functions/price-server.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { supplierServer } from '../../functions/supplier-server.js';
import { type ZclAttributeRow, type ZclCall, zclModel } from '../../functions/zcl-model.js';
import { profileServer } from './profile-server.js';
import type { GpfState } from './state.js';

/**
 * A mirror without a report has nothing to answer with. Hardware failure is the status of every failure in the official
 * responses (gbz.md 1.3).
 */
function notReported(name: GasMeteringName): ProtocolError {
  return new ProtocolError(zclStatuses.hardwareFailure, `no ${name} has been reported`);
}

function mirrored(name: GasMeteringName): (call: ZclCall<GpfState>) => GbzValue {
  return ({ device: { mirror } }) => {
    const value =
      name === 'readingSnapShotTime'
        ? mirror.stamp && secondsSince2000(mirror.stamp.atMs)
        : mirror.valueOf(gasMetering[name]);
    if (value === undefined) throw notReported(name);
    return value;
  };
}

const mirroredAttributes = gasMeteringNames.map((name): ZclAttributeRow<GpfState> => {
  const { attributeId, dataType } = gasMetering[name];
  return [meteringCluster, attributeId, dataType, mirrored(name)];
});

const { attributeId: paymentConfiguration } = gasAccountAttributes[0] as AccountAttribute;

const mirroredAccount = gasAccountAttributes.map(
  ({ attributeId, dataType }): ZclAttributeRow<GpfState> => [
    prepaymentCluster,
    attributeId,
    dataType,
    ({ device: { account } }) => {
      const value = account.valueOf(attributeId);
      if (value !== undefined) return value;
      if (attributeId === paymentConfiguration) return creditMode;
      throw new ProtocolError(zclStatuses.unsupportedAttribute, 'the meter is in credit mode');
    },
  ],
);

function historyOf({ history, tariff }: GpfState): HistorySource {
  return {
    units: (fromMs, toMs) => history.units(fromMs, toMs),
    micropence: (fromMs, toMs) => history.micropence(fromMs, toMs),
    kwhPerUnit: tariff.kwhPerUnit,
    standingCharge: tariff.tariff.standingCharge,
    unknown: () => {
      throw notReported('currentSummationDelivered');
    },
  };
}

const served = joinedRows<GpfState>(
  basicServer('Gas proxy', powerSources.mains),
  clusterRows(basic, { PhysicalEnvironment: () => mirrorCapacity }),
  clusterRows(time, { Time: ({ nowMs }) => secondsSince2000(nowMs) }),
  { attributes: mirroredAttributes, commands: [] },
  historyServer(historyOf, 'gas'),
  priceServer(({ tariff, history }) => ({
    tariff: tariff.tariff,
    block: (nowMs) => history.block(nowMs),
    fuel: 'gas',
  })),
  { attributes: mirroredAccount, commands: [] },
  calendarServer(({ tariff, account }) => ({
    tariff: tariff.tariff,
    isPrepayment: account.isPrepayment,
  })),
  messagingServer((device) => device.messages),
  supplierServer(() => ({ siteId: undefined, ambient: undefined })),
  { attributes: [], commands: eventLogRows() },
  snapshotServer(({ logs }) => logs.snapshots),
  // Of two answers to a command the later counts: the profile log in place of what can be told from reports.
  profileServer((device) => device),
);

/** What the proxy answers in the meter's place, to remote parties and displays alike. */
export const gpfZclModel = zclModel<GpfState>(served.attributes, served.commands);

/** GBZ use cases that the mirror answers, and how their responses look (gbz.md 1.1, 1.4). */
export const gpfGbzUseCases: ReadonlyMap<string, GbzUseCase> = new Map([
  ['GCS13a', { disableDefaultResponse: true, encryptedComponents: 'all' }],
  ['GCS16a', { disableDefaultResponse: true, encryptedComponents: 'all' }],
  ['GCS17', { disableDefaultResponse: true, encryptedComponents: 'all' }],
  ['GCS33', {}],
  ['GCS38', {}],
]);
