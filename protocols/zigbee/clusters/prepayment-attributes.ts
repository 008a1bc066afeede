import type { AttributeTable } from '../zcl/layout.js';
import { history, series } from './attribute-series.js';

const topUps: AttributeTable = {
  ...series(0x0100, 5, (n) => `TopUpDateTime#${n}`, 'utc', 0x10),
  ...series(0x0101, 5, (n) => `TopUpAmount#${n}`, 'int32', 0x10),
  ...series(0x0102, 5, (n) => `OriginatingDevice#${n}`, 'enum8', 0x10),
  ...series(0x0103, 5, (n) => `TopUpCode#${n}`, 'octstr', 0x10),
};

const debts: AttributeTable = {
  ...series(0x0210, 3, (n) => `DebtLabel#${n}`, 'octstr', 0x10),
  ...series(0x0211, 3, (n) => `DebtAmount#${n}`, 'uint32', 0x10),
  ...series(0x0212, 3, (n) => `DebtRecoveryMethod#${n}`, 'enum8', 0x10),
  ...series(0x0213, 3, (n) => `DebtRecoveryStartTime#${n}`, 'utc', 0x10),
  ...series(0x0214, 3, (n) => `DebtRecoveryCollectionTime#${n}`, 'uint16', 0x10),
  ...series(0x0216, 3, (n) => `DebtRecoveryFrequency#${n}`, 'enum8', 0x10),
  ...series(0x0217, 3, (n) => `DebtRecoveryAmount#${n}`, 'uint32', 0x10),
  ...series(0x0219, 3, (n) => `DebtRecoveryTopUpPercentage#${n}`, 'uint16', 0x10),
};

const costs: AttributeTable = {
  1280: ['HistoricalCostConsumptionFormatting', 'map8'],
  1281: ['ConsumptionUnitOfMeasurement', 'enum8'],
  1282: ['CurrencyScalingFactor', 'enum8'],
  1283: ['Currency', 'uint16'],
  1308: ['CurrentDayCostConsumptionDelivered', 'uint48'],
  1309: ['CurrentDayCostConsumptionReceived', 'uint48'],
  1310: ['PreviousDayCostConsumptionDelivered', 'uint48'],
  1311: ['PreviousDayCostConsumptionReceived', 'uint48'],
  ...history(0x0520, 'Day', 8, 'CostConsumption', 'uint48'),
  1328: ['CurrentWeekCostConsumptionDelivered', 'uint48'],
  1329: ['CurrentWeekCostConsumptionReceived', 'uint48'],
  1330: ['PreviousWeekCostConsumptionDelivered', 'uint48'],
  1331: ['PreviousWeekCostConsumptionReceived', 'uint48'],
  ...history(0x0534, 'Week', 5, 'CostConsumption', 'uint48'),
  1344: ['CurrentMonthCostConsumptionDelivered', 'uint48'],
  1345: ['CurrentMonthCostConsumptionReceived', 'uint48'],
  1346: ['PreviousMonthCostConsumptionDelivered', 'uint48'],
  1347: ['PreviousMonthCostConsumptionReceived', 'uint48'],
  ...history(0x0544, 'Month', 13, 'CostConsumption', 'uint48'),
  1372: ['HistoricalFreezeTime', 'uint16'],
};

export const prepaymentAttributes: AttributeTable = {
  0: ['PaymentControlConfiguration', 'map16'],
  1: ['CreditRemaining', 'int32'],
  2: ['EmergencyCreditRemaining', 'int32'],
  3: ['CreditStatus', 'map8'],
  4: ['CreditRemainingTimeStamp', 'utc'],
  5: ['AccumulatedDebt', 'int32'],
  6: ['OverallDebtCap', 'int32'],
  16: ['EmergencyCreditLimitAllowance', 'uint32'],
  17: ['EmergencyCreditThreshold', 'uint32'],
  32: ['TotalCreditAdded', 'uint48'],
  33: ['MaxCreditLimit', 'uint32'],
  34: ['MaxCreditPerTopUp', 'uint32'],
  48: ['FriendlyCreditWarning', 'uint8'],
  49: ['LowCreditWarningLevel', 'uint32'],
  50: ['IHDLowCreditWarning', 'uint32'],
  51: ['InterruptSuspendTime', 'uint8'],
  52: ['RemainingFriendlyCreditTime', 'uint16'],
  53: ['NextFriendlyCreditPeriod', 'utc'],
  64: ['CutOffValue', 'int32'],
  128: ['TokenCarrierID', 'octstr'],
  ...topUps,
  ...debts,
  1024: ['PrepaymentAlarmStatus', 'map16'],
  1025: ['PrepayGenericAlarmMask', 'map16'],
  1026: ['PrepaySwitchAlarmMask', 'map16'],
  1027: ['PrepayEventAlarmMask', 'map16'],
  ...costs,
};
