import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { zclDataTypeId } from '../../../protocols/zigbee/zcl/types.js';
import { currentPrice, type Tariff } from '../../functions/current-price.js';
import {
  type GasMeteringName,
  gasMetering,
  gasMeteringNames,
  meteringCluster,
  unitsOfMeasure,
} from '../../functions/gas-metering.js';
import type { GbzUseCase } from '../../functions/gbz-processor.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { type ZclAttributeRow, type ZclCall, zclModel } from '../../functions/zcl-model.js';
import type { GpfState } from './state.js';

const price = 0x0700;
const time = 0x000a;

/** Typical single-rate price; tariffs set by commands come with the tariff use cases. */
export const gasTariff: Tariff = {
  rateLabel: 'STANDARD',
  unitOfMeasure: unitsOfMeasure.kilowattHour,
  pricePerUnitPence: 6.3,
};

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

/** What the proxy answers in the meter's place, to remote parties and displays alike. */
export const gpfZclModel = zclModel<GpfState>(
  [
    [time, 0x0000, zclDataTypeId('utc'), ({ nowMs }) => secondsSince2000(nowMs)],
    ...gasMeteringNames.map((name): ZclAttributeRow<GpfState> => {
      const { attributeId, dataType } = gasMetering[name];
      return [meteringCluster, attributeId, dataType, mirrored(name)];
    }),
  ],
  [[price, 0x00, ({ nowMs }) => [currentPrice(gasTariff, nowMs)]]],
);

/** GBZ use cases that the mirror answers, and how their responses look (gbz.md 1.1, 1.4). */
export const gpfGbzUseCases: ReadonlyMap<string, GbzUseCase> = new Map([
  ['GCS13a', { disableDefaultResponse: true, encryptedComponents: 'all' }],
  ['GCS33', {}],
  ['GCS38', {}],
]);
