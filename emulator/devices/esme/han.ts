import { secondsSince2000 } from '../../../protocols/codec/utc.js';
import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { metering } from '../../../protocols/zigbee/clusters/metering.js';
import { time } from '../../../protocols/zigbee/clusters/time.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';
import { basicServer, powerSources } from '../../functions/basic-server.js';
import { calendarServer } from '../../functions/calendar-server.js';
import { clusterRows, joinedRows } from '../../functions/cluster-rows.js';
import { type HistorySource, historyServer } from '../../functions/consumption-server.js';
import { eventLogRows } from '../../functions/device-event-log.js';
import { unitsOfMeasure } from '../../functions/gas-metering.js';
import { loadControlRows } from '../../functions/load-control.js';
import { messagingServer } from '../../functions/messaging-server.js';
import { topUpResults } from '../../functions/prepayment-codes.js';
import { type PaymentDesk, prepaymentServer } from '../../functions/prepayment-server.js';
import { priceServer } from '../../functions/price-server.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { ambientIndicator, supplierServer } from '../../functions/supplier-server.js';
import { supplyStatuses } from '../../functions/supply-state.js';
import type { ZclAnswer, ZclCall } from '../../functions/zcl-model.js';
import { zclModel } from '../../functions/zcl-model.js';
import type { EsmeState } from './state.js';

/** What an electricity meter serves to displays: ZigBee Smart Energy clusters over the same registers. */

type Call = ZclCall<EsmeState>;

/** The register counts Wh, the display shows kWh. */
const wattHoursPerKilowattHour = 1000;
/** MeteringDeviceType: electricity. */
const electricMetering = 0;
/** Digits of a reading: six before the point, three behind it, leading zeros dropped. */
const summationFormatting = 0xb3;

function tierRegister(rate: number): (call: Call) => number {
  return ({ device, nowMs }) => {
    const units = device.tiers.at(rate, device.activeImportWh(nowMs), nowMs);
    if (units === undefined) {
      throw new ProtocolError(zclStatuses.unsupportedAttribute, `there is no rate ${rate + 1}`);
    }
    return units;
  };
}

function usedToday({ device, nowMs }: Call): number {
  device.settle(nowMs);
  return device.parts.consumption.usedToday(nowMs);
}

/** A display's key turns an armed supply on; nothing else can be ordered on the home network (PECS03). */
function localChangeSupply({ device, nowMs }: Call, fields: GbzFields): readonly ZclAnswer[] {
  const { proposedSupplyStatus } = fields;
  if (proposedSupplyStatus !== supplyStatuses.enabled) {
    throw new ProtocolError(zclStatuses.invalidValue, 'only turning on is for consumers');
  }
  if (device.supplyStateAt(nowMs) !== 'enabled' && !device.enableByConsumer(nowMs)) {
    throw new ProtocolError(zclStatuses.failure, 'the supply is not armed');
  }
  return [];
}

const registers = clusterRows<EsmeState>(
  metering,
  {
    CurrentSummationDelivered: ({ device, nowMs }) => device.activeImportWh(nowMs),
    CurrentBlockPeriodConsumptionDelivered: usedToday,
    SupplyStatus: ({ device, nowMs }) => supplyStatuses[device.supplyStateAt(nowMs)],
    CurrentTier1SummationDelivered: tierRegister(0),
    CurrentTier2SummationDelivered: tierRegister(1),
    CurrentTier3SummationDelivered: tierRegister(2),
    AmbientConsumptionIndicator: ({ device, nowMs }) =>
      ambientIndicator(device.activePowerW(nowMs), device.powerBands),
    UnitOfMeasure: () => unitsOfMeasure.kilowattHour,
    Multiplier: () => 1,
    Divisor: () => wattHoursPerKilowattHour,
    SummationFormatting: () => summationFormatting,
    MeteringDeviceType: () => electricMetering,
    InstantaneousDemand: ({ device, nowMs }) => device.activePowerW(nowMs),
  },
  { LocalChangeSupply: localChangeSupply },
);

function historyOf(device: EsmeState): HistorySource {
  const { history } = device;
  const { tariff } = device.parts;
  return {
    units: (fromMs, toMs) => {
      device.settle(toMs);
      return history.units(fromMs, toMs);
    },
    micropence: (fromMs, toMs) => {
      device.settle(toMs);
      return history.micropence(fromMs, toMs);
    },
    kwhPerUnit: tariff.kwhPerUnit,
    standingCharge: tariff.tariff.standingCharge,
    unknown: () => {
      throw new ProtocolError(zclStatuses.notFound, 'nothing is kept of that');
    },
  };
}

function paymentDesk(device: EsmeState): PaymentDesk {
  return {
    account: (nowMs) => device.account(nowMs),
    activateEmergencyCredit: (nowMs) => device.activateEmergencyCredit(nowMs),
    topUp: (utrn, nowMs) =>
      device.topUp(utrn, nowMs) ?? { resultType: topUpResults.error, value: 0 },
  };
}

const served = joinedRows<EsmeState>(
  basicServer('Electricity meter', powerSources.mains, ({ firmware }) => firmware.version),
  clusterRows(time, { Time: ({ nowMs }) => secondsSince2000(nowMs) }),
  registers,
  historyServer(historyOf, 'electricity'),
  priceServer(({ parts: { tariff, consumption } }) => ({
    tariff: tariff.tariff,
    block: (nowMs) => consumption.block(nowMs),
    fuel: 'electricity',
  })),
  prepaymentServer(paymentDesk),
  calendarServer(({ parts }) => ({
    tariff: parts.tariff.tariff,
    isPrepayment: parts.account !== undefined,
  })),
  messagingServer((device) => device.messages),
  supplierServer((device) => ({
    siteId: device.parts.meterPointAdministrationNumber,
    ambient: device.powerBands,
  })),
  { attributes: [], commands: eventLogRows() },
  loadControlRows(),
);

export const esmeZclModel = zclModel<EsmeState>(served.attributes, served.commands);
