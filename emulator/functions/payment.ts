import type { Consumption } from './consumption.js';
import { hash32 } from './hash32.js';
import { purposes } from './household-habits.js';
import { PrepaymentAccount } from './prepayment-account.js';
import type { AccountState, PrepaymentSettings } from './prepayment-types.js';
import { millipencePerPound } from './tariff.js';

export type PaymentMode = 'credit' | 'prepayment';

/** About one GB home in six pays in advance. */
const prepaymentShare = 1 / 6;

export function paymentModeOf(home: number): PaymentMode {
  const draw = hash32(home, purposes.paymentMode, 0) / 2 ** 32;
  return draw < prepaymentShare ? 'prepayment' : 'credit';
}

/** Amounts that suppliers commonly set. */
export const typicalPrepaymentSettings: PrepaymentSettings = {
  disablementThreshold: 0,
  lowCreditThreshold: 2 * millipencePerPound,
  emergencyCreditLimit: 10 * millipencePerPound,
  emergencyCreditThreshold: 1 * millipencePerPound,
  maximumCredit: 250 * millipencePerPound,
  maximumMeterBalance: 999 * millipencePerPound,
  debtRecoveryPerWeekMax: 20 * millipencePerPound,
  suspendDebtDisabled: false,
  suspendDebtEmergency: false,
};

/** Credit from nearly none to a month's; every third home still pays off a debt, by the day and by top-up. */
function seededState(
  { home, fuel, atMs }: AccountMaking,
  { emergencyCreditLimit }: PrepaymentSettings,
): AccountState {
  const draw = hash32(home, purposes.account, fuel === 'gas' ? 1 : 0);
  const pounds = 1 + (draw % 4000) / 100;
  const indebted = (draw >>> 12) % 3 === 0;
  return {
    balance: Math.round(pounds * millipencePerPound),
    emergencyCreditBalance: emergencyCreditLimit,
    emergencyCreditActive: false,
    accumulatedDebt: 0,
    timeDebts: indebted ? [{ amount: 120 * millipencePerPound, rate: 50_000, per: 'day' }] : [],
    paymentDebt: {
      amount: indebted ? 30 * millipencePerPound : 0,
      shareBasisPoints: 1000,
      weekMs: atMs,
      collectedInWeek: 0,
    },
  };
}

export interface AccountMaking {
  readonly home: number;
  readonly fuel: 'electricity' | 'gas';
  readonly consumption: Consumption;
  readonly standingCharge: number;
  readonly atMs: number;
  /** Instead of the seeded ones. */
  readonly settings?: Partial<PrepaymentSettings> | undefined;
  readonly state?: Partial<AccountState> | undefined;
}

/** The account of a home that pays in advance. */
export function prepaymentAccount(making: AccountMaking): PrepaymentAccount {
  const { consumption, standingCharge, atMs } = making;
  const settings = { ...typicalPrepaymentSettings, ...making.settings };
  const state = { ...seededState(making, settings), ...making.state };
  return new PrepaymentAccount({ settings, state, consumption, standingCharge, atMs });
}
