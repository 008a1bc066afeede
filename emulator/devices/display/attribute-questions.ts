import { msOfSecondsSince2000 } from '../../../protocols/codec/utc.js';
import { basic } from '../../../protocols/zigbee/clusters/basic.js';
import { deviceManagement } from '../../../protocols/zigbee/clusters/device-management.js';
import { metering } from '../../../protocols/zigbee/clusters/metering.js';
import { prepayment } from '../../../protocols/zigbee/clusters/prepayment.js';
import { unitsOfMeasure, utcNotKnown } from '../../functions/gas-metering.js';
import {
  creditStatusBits,
  currencyScalingFactors,
  paymentControlBits,
} from '../../functions/prepayment-codes.js';
import { supplyStateOfStatus } from '../../functions/supply-state.js';
import { integerAt, stringOf, textAt, type Values } from './answers.js';
import type { Account, FactName, KnownFacts, Scale } from './facts.js';
import { type AttributeQuestion, attributeNumbers } from './question.js';

const readings = attributeNumbers(metering, {
  summation: 'CurrentSummationDelivered',
  supplyStatus: 'SupplyStatus',
});
const scales = attributeNumbers(metering, {
  unit: 'UnitOfMeasure',
  multiplier: 'Multiplier',
  divisor: 'Divisor',
});
const { snapShotTime } = attributeNumbers(metering, { snapShotTime: 'ReadingSnapShotTime' });
const instantaneousDemand = attributeNumbers(metering, { power: 'InstantaneousDemand' }).power;

function scaleOf(values: Values): Scale | undefined {
  const multiplier = integerAt(values, scales.multiplier);
  const divisor = integerAt(values, scales.divisor) ?? 0;
  if (multiplier === undefined || divisor === 0) return undefined;
  const unit = integerAt(values, scales.unit);
  if (unit === unitsOfMeasure.kilowattHour) return { unit: 'kWh', multiplier, divisor };
  if (unit === unitsOfMeasure.cubicMetre) return { unit: 'm³', multiplier, divisor };
  return undefined;
}

function takeRegisters(facts: KnownFacts, values: Values, nowMs: number): void {
  const stamp = integerAt(values, snapShotTime) ?? utcNotKnown;
  const atMs = stamp < utcNotKnown ? msOfSecondsSince2000(stamp) : nowMs;
  const scale = scaleOf(values);
  if (scale !== undefined) facts.put('scale', scale, atMs);
  const count = integerAt(values, readings.summation);
  if (count !== undefined) facts.put('count', count, atMs);
  const supply = supplyStateOfStatus(integerAt(values, readings.supplyStatus));
  if (supply !== undefined) facts.put('supply', supply, atMs);
  const power = integerAt(values, instantaneousDemand);
  if (power !== undefined) facts.put('powerW', power, atMs);
}

const meterQuestions: readonly AttributeQuestion[] = [
  {
    pace: 'hourly',
    first: 'atOnce',
    clusterId: metering.id,
    attributes: Object.values(scales),
    take: takeRegisters,
  },
  {
    pace: 'live',
    first: 'atOnce',
    clusterId: metering.id,
    attributes: [...Object.values(readings), instantaneousDemand],
    only: 'electricity',
    take: takeRegisters,
  },
  {
    pace: 'live',
    first: 'atOnce',
    clusterId: metering.id,
    attributes: [...Object.values(readings), snapShotTime],
    only: 'gas',
    take: takeRegisters,
  },
];

/** Counts of a consumption attribute are of the same scale as the register, in kWh. */
function putEnergy(
  facts: KnownFacts,
  name: FactName & `${string}Kwh`,
  count: number,
  nowMs: number,
) {
  const scale = facts.value('scale');
  if (scale === undefined) return;
  facts.put(name, (count * scale.multiplier) / scale.divisor, nowMs);
}

type EnergyFact = 'todayKwh' | 'yesterdayKwh' | 'weekKwh' | 'monthKwh';

/** Electricity in the meter's own unit; gas in the alternative one, which is kWh. */
function consumptionQuestion(
  names: Readonly<Partial<Record<EnergyFact, string>>>,
  rest: Pick<AttributeQuestion, 'pace' | 'first' | 'only'>,
): AttributeQuestion {
  const numbers = attributeNumbers(metering, names as Record<EnergyFact, string>);
  return {
    ...rest,
    clusterId: metering.id,
    attributes: Object.values(numbers),
    take: (facts, values, nowMs) => {
      for (const [name, number] of Object.entries(numbers)) {
        const count = integerAt(values, number);
        if (count !== undefined) putEnergy(facts, name as EnergyFact, count, nowMs);
      }
    },
  };
}

const energyQuestions: readonly AttributeQuestion[] = [
  consumptionQuestion(
    { todayKwh: 'CurrentDayConsumptionDelivered' },
    { pace: 'everyMinute', first: 'atOnce', only: 'electricity' },
  ),
  consumptionQuestion(
    {
      yesterdayKwh: 'PreviousDayConsumptionDelivered',
      weekKwh: 'CurrentWeekConsumptionDelivered',
      monthKwh: 'CurrentMonthConsumptionDelivered',
    },
    { pace: 'hourly', first: 'later', only: 'electricity' },
  ),
  consumptionQuestion(
    { todayKwh: 'CurrentDayAlternativeConsumptionDelivered' },
    { pace: 'everyMinute', first: 'atOnce', only: 'gas' },
  ),
  consumptionQuestion(
    {
      yesterdayKwh: 'PreviousDayAlternativeConsumptionDelivered',
      weekKwh: 'CurrentWeekAlternativeConsumptionDelivered',
      monthKwh: 'CurrentMonthAlternativeConsumptionDelivered',
    },
    { pace: 'hourly', first: 'later', only: 'gas' },
  ),
];

const costs = attributeNumbers(prepayment, {
  todayPence: 'CurrentDayCostConsumptionDelivered',
  yesterdayPence: 'PreviousDayCostConsumptionDelivered',
  weekPence: 'CurrentWeekCostConsumptionDelivered',
  monthPence: 'CurrentMonthCostConsumptionDelivered',
});
const { scaling } = attributeNumbers(prepayment, { scaling: 'CurrencyScalingFactor' });

function costQuestion(
  names: readonly (keyof typeof costs)[],
  rest: Pick<AttributeQuestion, 'pace' | 'first'>,
): AttributeQuestion {
  return {
    ...rest,
    clusterId: prepayment.id,
    attributes: [scaling, ...names.map((name) => costs[name])],
    take: (facts, values, nowMs) => {
      const factor = integerAt(values, scaling) ?? currencyScalingFactors.hundredThousandths;
      for (const name of names) {
        const count = integerAt(values, costs[name]);
        if (count !== undefined) facts.put(name, count * 10 ** (factor - 6) * 100, nowMs);
      }
    },
  };
}

const { configuration } = attributeNumbers(prepayment, {
  configuration: 'PaymentControlConfiguration',
});
const accountNumbers = attributeNumbers(prepayment, {
  credit: 'CreditRemaining',
  emergencyCredit: 'EmergencyCreditRemaining',
  status: 'CreditStatus',
  accumulatedDebt: 'AccumulatedDebt',
  debt1: 'DebtAmount#1',
  debt2: 'DebtAmount#2',
  debt3: 'DebtAmount#3',
});

/** Amounts of the Prepayment cluster are 1/100,000 of a pound [mem]. */
const penceOf = (amount: number | undefined) => (amount ?? 0) / 1000;

function emergencyCreditOf(status: number): Account['emergencyCredit'] {
  if ((status & creditStatusBits.emergencyCreditInUse) !== 0) return 'in-use';
  if ((status & creditStatusBits.emergencyCreditSelected) !== 0) return 'selected';
  return (status & creditStatusBits.emergencyCreditAvailable) === 0 ? 'none' : 'offered';
}

function takeAccount(facts: KnownFacts, values: Values, nowMs: number): void {
  const status = integerAt(values, accountNumbers.status);
  if (status === undefined) return;
  const amount = (name: keyof typeof accountNumbers) =>
    penceOf(integerAt(values, accountNumbers[name]));
  const account: Account = {
    balancePence: amount('credit'),
    lowCredit: (status & creditStatusBits.lowCredit) !== 0,
    exhausted: (status & creditStatusBits.creditExhausted) !== 0,
    emergencyCredit: emergencyCreditOf(status),
    emergencyCreditPence: amount('emergencyCredit'),
    debtPence: amount('debt1') + amount('debt2') + amount('debt3'),
    accumulatedDebtPence: amount('accumulatedDebt'),
  };
  facts.put('account', account, nowMs);
}

const accountQuestions: readonly AttributeQuestion[] = [
  {
    pace: 'hourly',
    first: 'atOnce',
    clusterId: prepayment.id,
    attributes: [configuration],
    take: (facts, values, nowMs) => {
      const bits = integerAt(values, configuration);
      if (bits === undefined) return;
      const isPrepayment = (bits & paymentControlBits.prepaymentEnabled) !== 0;
      facts.put('paymentMode', isPrepayment ? 'prepayment' : 'credit', nowMs);
    },
  },
  {
    pace: 'everyMinute',
    first: 'atOnce',
    clusterId: prepayment.id,
    attributes: Object.values(accountNumbers),
    when: (facts) => facts.value('paymentMode') === 'prepayment',
    take: takeAccount,
  },
];

const bill = attributeNumbers(metering, {
  toDate: 'BillToDateDelivered',
  trailingDigit: 'BillDeliveredTrailingDigit',
});

const supplier = attributeNumbers(deviceManagement, {
  name: 'ProviderName',
  contact: 'ProviderContactDetails',
  lowMedium: 'LowMediumThreshold',
  mediumHigh: 'MediumHighThreshold',
});

function takeSupplier(facts: KnownFacts, values: Values, nowMs: number): void {
  const name = textAt(values, supplier.name);
  if (name !== undefined) facts.put('supplierName', name, nowMs);
  const contact = textAt(values, supplier.contact);
  if (contact !== undefined) facts.put('supplierContact', contact, nowMs);
  const mediumFromW = integerAt(values, supplier.lowMedium);
  const highFromW = integerAt(values, supplier.mediumHigh);
  if (mediumFromW === undefined || highFromW === undefined) return;
  facts.put('ambientThresholds', { mediumFromW, highFromW }, nowMs);
}

const model = attributeNumbers(basic, { maker: 'ManufacturerName', name: 'ModelIdentifier' });

export const attributeQuestions: readonly AttributeQuestion[] = [
  ...meterQuestions,
  ...accountQuestions,
  ...energyQuestions,
  costQuestion(['todayPence'], { pace: 'everyMinute', first: 'atOnce' }),
  costQuestion(['yesterdayPence', 'weekPence', 'monthPence'], { pace: 'hourly', first: 'later' }),
  {
    pace: 'everyFiveMinutes',
    first: 'later',
    clusterId: metering.id,
    attributes: Object.values(bill),
    when: (facts) => facts.value('paymentMode') === 'credit',
    take: (facts, values, nowMs) => {
      const amount = integerAt(values, bill.toDate);
      const digits = (integerAt(values, bill.trailingDigit) ?? 0x50) >> 4;
      if (amount !== undefined) facts.put('billPence', (amount / 10 ** digits) * 100, nowMs);
    },
  },
  {
    pace: 'hourly',
    first: 'soon',
    clusterId: deviceManagement.id,
    attributes: Object.values(supplier),
    take: takeSupplier,
  },
  {
    pace: 'hourly',
    first: 'later',
    clusterId: basic.id,
    attributes: Object.values(model),
    take: (facts, values, nowMs) => {
      const parts = [stringOf(values.get(model.maker)), stringOf(values.get(model.name))];
      const text = parts.filter((part) => part !== undefined).join(' ');
      if (text !== '') facts.put('meterModel', text, nowMs);
    },
  },
];
