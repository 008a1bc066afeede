import { secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { prepayment } from '../../protocols/zigbee/clusters/prepayment.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import {
  answering,
  type ClusterRows,
  joinedRows,
  type SourceAnswers,
  type SourceGetters,
  serverRows,
} from './cluster-rows.js';
import { octetsOfText } from './octet-text.js';
import type { PrepaymentAccount } from './prepayment-account.js';
import {
  creditStatusBits,
  debtRecoveryFrequencies,
  debtRecoveryMethods,
  paymentControlBits,
} from './prepayment-codes.js';
import { ProtocolError } from './protocol-error.js';

/** What the Prepayment cluster is served from. */
export interface PaymentSource {
  /** Brought up to date; undefined for a meter in credit mode. */
  account(nowMs: number): PrepaymentAccount | undefined;
}

/** Result of a top-up as ConsumerTopUpResponse has it. */
export interface TopUpOutcome {
  readonly resultType: number;
  /** Millipence; 0 for one that was not accepted. */
  readonly value: number;
}

/** A meter that takes orders of consumers, as the proxy of a gas meter does not. */
export interface PaymentDesk extends PaymentSource {
  /** Returns whether emergency credit is active now. */
  activateEmergencyCredit(nowMs: number): boolean;
  /** Twenty digits. */
  topUp(utrn: string, nowMs: number): TopUpOutcome;
}

/** PaymentControlConfiguration of a meter in credit mode. */
export const creditMode =
  paymentControlBits.disconnectionEnabled |
  paymentControlBits.creditManagementEnabled |
  paymentControlBits.contactorFitted |
  paymentControlBits.standingChargeConfiguration;

function prepaymentMode({ settings }: PrepaymentAccount): number {
  return (
    paymentControlBits.disconnectionEnabled |
    paymentControlBits.prepaymentEnabled |
    paymentControlBits.creditDisplayEnabled |
    paymentControlBits.contactorFitted |
    paymentControlBits.standingChargeConfiguration |
    paymentControlBits.debtConfiguration |
    (settings.suspendDebtEmergency
      ? 0
      : paymentControlBits.emergencyStandingChargeConfiguration |
        paymentControlBits.emergencyDebtConfiguration)
  );
}

function creditStatus(account: PrepaymentAccount): number {
  const { isLow, isExhausted, emergencyCredit, settings } = account;
  const bits = creditStatusBits;
  return (
    (isExhausted ? bits.creditExhausted : bits.creditOk) |
    (isLow ? bits.lowCredit : 0) |
    (settings.emergencyCreditLimit > 0 ? bits.emergencyCreditEnabled : 0) |
    (emergencyCredit === 'available' ? bits.emergencyCreditAvailable : 0) |
    (emergencyCredit === 'selected' ? bits.emergencyCreditSelected : 0) |
    (emergencyCredit === 'in-use' ? bits.emergencyCreditSelected | bits.emergencyCreditInUse : 0)
  );
}

type Getters = SourceGetters<PaymentSource>;

/** Attributes that a meter in credit mode does not have. */
function ofAccount(
  get: (account: PrepaymentAccount, nowMs: number) => number | string,
): Getters[string] {
  return (source, nowMs) => {
    const account = source.account(nowMs);
    if (account === undefined) {
      throw new ProtocolError(zclStatuses.unsupportedAttribute, 'this meter is in credit mode');
    }
    return get(account, nowMs);
  };
}

/** Two time debts and the payment debt, in the cluster's order. */
const timeDebtNumbers = [1, 2] as const;
const paymentDebtNumber = 3;

function debtGetters(): Record<string, Getters[string]> {
  const getters: Record<string, Getters[string]> = {};
  for (const number of timeDebtNumbers) {
    const debt = (account: PrepaymentAccount) => account.timeDebts[number - 1];
    getters[`DebtLabel#${number}`] = ofAccount(() => octetsOfText(`Time debt ${number}`));
    getters[`DebtAmount#${number}`] = ofAccount((account) => debt(account)?.amount ?? 0);
    getters[`DebtRecoveryMethod#${number}`] = ofAccount(() => debtRecoveryMethods.timeBased);
    getters[`DebtRecoveryFrequency#${number}`] = ofAccount((account) =>
      debt(account)?.per === 'hour'
        ? debtRecoveryFrequencies.perHour
        : debtRecoveryFrequencies.perDay,
    );
    getters[`DebtRecoveryAmount#${number}`] = ofAccount((account) => debt(account)?.rate ?? 0);
  }
  const number = paymentDebtNumber;
  getters[`DebtLabel#${number}`] = ofAccount(() => octetsOfText('Payment debt'));
  getters[`DebtAmount#${number}`] = ofAccount(({ paymentDebt }) => paymentDebt.amount);
  getters[`DebtRecoveryMethod#${number}`] = ofAccount(() => debtRecoveryMethods.percentageBased);
  getters[`DebtRecoveryTopUpPercentage#${number}`] = ofAccount(
    ({ paymentDebt }) => paymentDebt.shareBasisPoints,
  );
  return getters;
}

const attributes: Getters = {
  PaymentControlConfiguration: (source, nowMs) => {
    const account = source.account(nowMs);
    return account === undefined ? creditMode : prepaymentMode(account);
  },
  CreditRemaining: ofAccount(({ balance }) => balance),
  EmergencyCreditRemaining: ofAccount(({ emergencyCreditBalance }) => emergencyCreditBalance),
  CreditStatus: ofAccount(creditStatus),
  CreditRemainingTimeStamp: ofAccount((_account, nowMs) => secondsSince2000(nowMs)),
  AccumulatedDebt: ofAccount(({ accumulatedDebt }) => accumulatedDebt),
  OverallDebtCap: ofAccount(({ settings }) => settings.debtRecoveryPerWeekMax),
  EmergencyCreditLimitAllowance: ofAccount(({ settings }) => settings.emergencyCreditLimit),
  EmergencyCreditThreshold: ofAccount(({ settings }) => settings.emergencyCreditThreshold),
  MaxCreditLimit: ofAccount(({ settings }) => settings.maximumMeterBalance),
  MaxCreditPerTopUp: ofAccount(({ settings }) => settings.maximumCredit),
  LowCreditWarningLevel: ofAccount(({ settings }) => settings.lowCreditThreshold),
  CutOffValue: ofAccount(({ settings }) => settings.disablementThreshold),
  ...debtGetters(),
};

/** Prepayment attributes over what `sourceOf` finds in a device; amounts are 1/100,000 of a pound [mem]. */
function accountServer<S>(sourceOf: (device: S) => PaymentSource): ClusterRows<S> {
  return serverRows(prepayment, sourceOf, attributes);
}

const consumerTopUpResponse = answering(prepayment, 'ConsumerTopUpResponse');

const commands: SourceAnswers<PaymentDesk> = {
  SelectAvailableEmergencyCredit: (desk, _fields, nowMs) => {
    if (desk.activateEmergencyCredit(nowMs)) return [];
    throw new ProtocolError(zclStatuses.failure, 'emergency credit is not on offer');
  },
  ConsumerTopUp: (desk, fields: GbzFields, nowMs) => {
    const { topUpCode, originatingDevice } = fields;
    const digits = typeof topUpCode === 'string' ? topUpCode : '';
    const { resultType, value } = desk.topUp(digits, nowMs);
    const creditRemaining = desk.account(nowMs)?.balance ?? 0;
    const sourceOfTopUp = originatingDevice as number;
    return [
      consumerTopUpResponse({ resultType, topUpValue: value, sourceOfTopUp, creditRemaining }),
    ];
  },
};

/** The same with what consumers may order through a display. */
export function prepaymentServer<S>(deskOf: (device: S) => PaymentDesk): ClusterRows<S> {
  return joinedRows(accountServer(deskOf), serverRows(prepayment, deskOf, {}, commands));
}
