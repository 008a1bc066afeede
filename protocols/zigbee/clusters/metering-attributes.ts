import type { AttributeTable } from '../zcl/layout.js';
import { history, series, tiersOfBlocks } from './attribute-series.js';

const readings: AttributeTable = {
  0: ['CurrentSummationDelivered', 'uint48'],
  1: ['CurrentSummationReceived', 'uint48'],
  2: ['CurrentMaxDemandDelivered', 'uint48'],
  3: ['CurrentMaxDemandReceived', 'uint48'],
  4: ['DFTSummation', 'uint48'],
  5: ['DailyFreezeTime', 'uint16'],
  6: ['PowerFactor', 'int8'],
  7: ['ReadingSnapShotTime', 'utc'],
  8: ['CurrentMaxDemandDeliveredTime', 'utc'],
  9: ['CurrentMaxDemandReceivedTime', 'utc'],
  10: ['DefaultUpdatePeriod', 'uint8'],
  11: ['FastPollUpdatePeriod', 'uint8'],
  12: ['CurrentBlockPeriodConsumptionDelivered', 'uint48'],
  13: ['DailyConsumptionTarget', 'uint24'],
  14: ['CurrentBlock', 'enum8'],
  15: ['ProfileIntervalPeriod', 'enum8'],
  17: ['PresetReadingTime', 'uint16'],
  18: ['VolumePerReport', 'uint16'],
  19: ['FlowRestriction', 'uint8'],
  20: ['SupplyStatus', 'enum8'],
  21: ['CurrentInletEnergyCarrierSummation', 'uint48'],
  22: ['CurrentOutletEnergyCarrierSummation', 'uint48'],
  23: ['InletTemperature', 'int24'],
  24: ['OutletTemperature', 'int24'],
  25: ['ControlTemperature', 'int24'],
  26: ['CurrentInletEnergyCarrierDemand', 'int24'],
  27: ['CurrentOutletEnergyCarrierDemand', 'int24'],
  28: ['PreviousBlockPeriodConsumptionDelivered', 'uint48'],
  29: ['CurrentBlockPeriodConsumptionReceived', 'uint48'],
  30: ['CurrentBlockReceived', 'enum8'],
  31: ['DFTSummationReceived', 'uint48'],
  32: ['ActiveRegisterTierDelivered', 'enum8'],
  33: ['ActiveRegisterTierReceived', 'enum8'],
  34: ['LastBlockSwitchTime', 'utc'],
};

const status: AttributeTable = {
  512: ['Status', 'map8'],
  513: ['RemainingBatteryLife', 'uint8'],
  514: ['HoursInOperation', 'uint24'],
  515: ['HoursInFault', 'uint24'],
  516: ['ExtendedStatus', 'map64'],
  517: ['RemainingBatteryLifeInDays', 'uint16'],
  518: ['CurrentMeterID', 'octstr'],
  519: ['AmbientConsumptionIndicator', 'enum8'],
};

const formatting: AttributeTable = {
  768: ['UnitOfMeasure', 'enum8'],
  769: ['Multiplier', 'uint24'],
  770: ['Divisor', 'uint24'],
  771: ['SummationFormatting', 'map8'],
  772: ['DemandFormatting', 'map8'],
  773: ['HistoricalConsumptionFormatting', 'map8'],
  774: ['MeteringDeviceType', 'map8'],
  775: ['SiteID', 'octstr'],
  776: ['MeterSerialNumber', 'octstr'],
  777: ['EnergyCarrierUnitOfMeasure', 'enum8'],
  778: ['EnergyCarrierSummationFormatting', 'map8'],
  779: ['EnergyCarrierDemandFormatting', 'map8'],
  780: ['TemperatureUnitOfMeasure', 'enum8'],
  781: ['TemperatureFormatting', 'map8'],
  782: ['ModuleSerialNumber', 'octstr'],
  783: ['OperatingTariffLabelDelivered', 'octstr'],
  784: ['OperatingTariffLabelReceived', 'octstr'],
  785: ['CustomerIDNumber', 'octstr'],
  786: ['AlternativeUnitOfMeasure', 'enum8'],
  787: ['AlternativeDemandFormatting', 'map8'],
  788: ['AlternativeConsumptionFormatting', 'map8'],
};

/**
 * Historical consumption, in the meter's unit (from 0x0400) or the alternative one (from 0x0C00).
 */
function historical(first: number, what: string): AttributeTable {
  const consumption = `${what}Consumption`;
  return {
    [first]: [`${what}InstantaneousDemand`, 'int24'],
    [first + 0x01]: [`CurrentDay${consumption}Delivered`, 'uint24'],
    [first + 0x02]: [`CurrentDay${consumption}Received`, 'uint24'],
    [first + 0x03]: [`PreviousDay${consumption}Delivered`, 'uint24'],
    [first + 0x04]: [`PreviousDay${consumption}Received`, 'uint24'],
    [first + 0x05]: [`Current${what}PartialProfileIntervalStartTimeDelivered`, 'utc'],
    [first + 0x06]: [`Current${what}PartialProfileIntervalStartTimeReceived`, 'utc'],
    [first + 0x07]: [`Current${what}PartialProfileIntervalValueDelivered`, 'uint24'],
    [first + 0x08]: [`Current${what}PartialProfileIntervalValueReceived`, 'uint24'],
    [first + 0x09]: [`CurrentDay${what}MaxPressure`, 'uint48'],
    [first + 0x0a]: [`CurrentDay${what}MinPressure`, 'uint48'],
    [first + 0x0b]: [`PreviousDay${what}MaxPressure`, 'uint48'],
    [first + 0x0c]: [`PreviousDay${what}MinPressure`, 'uint48'],
    [first + 0x0d]: [`CurrentDay${what}MaxDemand`, 'int24'],
    [first + 0x0e]: [`PreviousDay${what}MaxDemand`, 'int24'],
    [first + 0x0f]: [`CurrentMonth${what}MaxDemand`, 'int24'],
    [first + 0x10]: [`CurrentYear${what}MaxDemand`, 'int24'],
    ...history(first + 0x20, 'Day', 8, consumption, 'uint24'),
    [first + 0x30]: [`CurrentWeek${consumption}Delivered`, 'uint24'],
    [first + 0x31]: [`CurrentWeek${consumption}Received`, 'uint24'],
    [first + 0x32]: [`PreviousWeek${consumption}Delivered`, 'uint24'],
    [first + 0x33]: [`PreviousWeek${consumption}Received`, 'uint24'],
    ...history(first + 0x34, 'Week', 5, consumption, 'uint24'),
    [first + 0x40]: [`CurrentMonth${consumption}Delivered`, 'uint32'],
    [first + 0x41]: [`CurrentMonth${consumption}Received`, 'uint32'],
    [first + 0x42]: [`PreviousMonth${consumption}Delivered`, 'uint32'],
    [first + 0x43]: [`PreviousMonth${consumption}Received`, 'uint32'],
    ...history(first + 0x44, 'Month', 13, consumption, 'uint32'),
  };
}

const demandAndSupply: AttributeTable = {
  1041: ['CurrentDayMaxEnergyCarrierDemand', 'int24'],
  1042: ['PreviousDayMaxEnergyCarrierDemand', 'int24'],
  1043: ['CurrentMonthMaxEnergyCarrierDemand', 'int24'],
  1044: ['CurrentMonthMinEnergyCarrierDemand', 'int24'],
  1045: ['CurrentYearMaxEnergyCarrierDemand', 'int24'],
  1046: ['CurrentYearMinEnergyCarrierDemand', 'int24'],
  1116: ['HistoricalFreezeTime', 'uint16'],
  1280: ['MaxNumberOfPeriodsDelivered', 'uint8'],
  1536: ['CurrentDemandDelivered', 'uint24'],
  1537: ['DemandLimit', 'uint24'],
  1538: ['DemandIntegrationPeriod', 'uint8'],
  1539: ['NumberOfDemandSubintervals', 'uint8'],
  1540: ['DemandLimitArmDuration', 'uint16'],
  1541: ['LoadLimitSupplyState', 'enum8'],
  1542: ['LoadLimitCounter', 'uint8'],
  1543: ['SupplyTamperState', 'enum8'],
  1544: ['SupplyDepletionState', 'enum8'],
  1545: ['SupplyUncontrolledFlowState', 'enum8'],
};

const alarmMasks: AttributeTable = {
  2048: ['GenericAlarmMask', 'map16'],
  2049: ['ElectricityAlarmMask', 'map32'],
  2050: ['GenericFlowPressureAlarmMask', 'map16'],
  2051: ['WaterSpecificAlarmMask', 'map16'],
  2052: ['HeatAndCoolingSpecificAlarmMask', 'map16'],
  2053: ['GasSpecificAlarmMask', 'map16'],
  2054: ['ExtendedGenericAlarmMask', 'map48'],
  2055: ['ManufacturerAlarmMask', 'map16'],
};

function blocks(first: number, flow: 'Delivered' | 'Received'): AttributeTable {
  const name = (tier: number, block: number) => `CurrentTier${tier}Block${block}Summation${flow}`;
  return {
    ...series(first, 16, (n) => `CurrentNoTierBlock${n}Summation${flow}`, 'uint48'),
    ...tiersOfBlocks(first + 0x10, 16, name, 'uint48'),
  };
}

function bill(first: number, flow: 'Delivered' | 'Received'): AttributeTable {
  return {
    [first]: [`BillToDate${flow}`, 'uint32'],
    [first + 1]: [`BillToDateTimeStamp${flow}`, 'utc'],
    [first + 2]: [`ProjectedBill${flow}`, 'uint32'],
    [first + 3]: [`ProjectedBillTimeStamp${flow}`, 'utc'],
    [first + 4]: [`Bill${flow}TrailingDigit`, 'map8'],
  };
}

const supplyControl: AttributeTable = {
  2816: ['ProposedChangeSupplyImplementationTime', 'utc'],
  2817: ['ProposedChangeSupplyStatus', 'enum8'],
  2832: ['UncontrolledFlowThreshold', 'uint16'],
  2833: ['UncontrolledFlowThresholdUnitOfMeasure', 'enum8'],
  2834: ['UncontrolledFlowMultiplier', 'uint16'],
  2835: ['UncontrolledFlowDivisor', 'uint16'],
  2836: ['FlowStabilisationPeriod', 'uint8'],
  2837: ['FlowMeasurementPeriod', 'uint16'],
};

export const meteringAttributes: AttributeTable = {
  ...readings,
  ...series(0x0100, 48, (n) => `CurrentTier${n}SummationDelivered`, 'uint48', 2),
  ...series(0x0101, 48, (n) => `CurrentTier${n}SummationReceived`, 'uint48', 2),
  508: ['CPP1SummationDelivered', 'uint48'],
  510: ['CPP2SummationDelivered', 'uint48'],
  ...status,
  ...formatting,
  ...historical(0x0400, ''),
  ...demandAndSupply,
  ...blocks(0x0700, 'Delivered'),
  ...alarmMasks,
  ...blocks(0x0900, 'Received'),
  ...bill(0x0a00, 'Delivered'),
  ...bill(0x0a10, 'Received'),
  ...supplyControl,
  ...historical(0x0c00, 'Alternative'),
};

export const meteringClientAttributes: AttributeTable = {
  0: ['FunctionalNotificationFlags', 'map32'],
  ...series(0x0001, 7, (n) => `NotificationFlags${n + 1}`, 'map32'),
};
