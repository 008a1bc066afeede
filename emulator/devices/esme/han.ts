import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import { currentPrice, type Tariff } from '../../functions/current-price.js';
import { supplyStatuses } from '../../functions/supply-state.js';
import { zclModel } from '../../functions/zcl-model.js';
import type { EsmeState } from './state.js';

/** What an electricity meter serves to displays: ZigBee Smart Energy clusters over the same registers. */

const metering = 0x0702;
const price = 0x0700;
const time = 0x000a;
const dataTypes = { uint24: 0x22, uint48: 0x25, int24: 0x2a, enum8: 0x30, map8: 0x18, utc: 0xe2 };
const unitOfMeasure = { kilowattHour: 0 } as const;
/** The register counts Wh, the display shows kWh. */
const wattHoursPerKilowattHour = 1000;

/** Typical single-rate import price; tariffs set by commands come with the tariff use cases. */
export const importTariff: Tariff = {
  rateLabel: 'STANDARD',
  unitOfMeasure: unitOfMeasure.kilowattHour,
  pricePerUnitPence: 27.35,
};

export const esmeZclModel = zclModel<EsmeState>(
  [
    [time, 0x0000, dataTypes.utc, ({ nowMs }) => secondsSince2000(nowMs)],
    [metering, 0x0000, dataTypes.uint48, ({ device, nowMs }) => device.activeImportWh(nowMs)],
    [metering, 0x0014, dataTypes.enum8, ({ device }) => supplyStatuses[device.supplyState]],
    [metering, 0x0300, dataTypes.enum8, () => unitOfMeasure.kilowattHour],
    [metering, 0x0301, dataTypes.uint24, () => 1],
    [metering, 0x0302, dataTypes.uint24, () => wattHoursPerKilowattHour],
    [metering, 0x0400, dataTypes.int24, ({ device, nowMs }) => device.activePowerW(nowMs)],
  ],
  [[price, 0x00, ({ nowMs }) => [currentPrice(importTariff, nowMs)]]],
);
