/** What a supplier sets on a prepayment meter. Amounts are millipence. */
export interface PrepaymentSettings {
  /** At or below this combined credit the supply is disabled. */
  readonly disablementThreshold: number;
  readonly lowCreditThreshold: number;
  readonly emergencyCreditLimit: number;
  /** Emergency credit is on offer at or below this balance. */
  readonly emergencyCreditThreshold: number;
  /** Of one top-up. */
  readonly maximumCredit: number;
  readonly maximumMeterBalance: number;
  /** Cap of what top-ups pay towards the payment debt in a week. */
  readonly debtRecoveryPerWeekMax: number;
  /** Standing charges and time debts rest while the supply is off. */
  readonly suspendDebtDisabled: boolean;
  /** They rest while emergency credit is in use. */
  readonly suspendDebtEmergency: boolean;
}

export interface TimeDebt {
  amount: number;
  readonly rate: number;
  readonly per: 'hour' | 'day';
}

export interface PaymentDebt {
  amount: number;
  /** Of each top-up, in hundredths of a percent. */
  readonly shareBasisPoints: number;
  /** Start of the week that `collectedInWeek` is of. */
  weekMs: number;
  collectedInWeek: number;
}

/** What must survive a restart. */
export interface AccountState {
  balance: number;
  emergencyCreditBalance: number;
  emergencyCreditActive: boolean;
  accumulatedDebt: number;
  readonly timeDebts: readonly TimeDebt[];
  readonly paymentDebt: PaymentDebt;
}

/** Event codes of what happens to an account (alert titles of the same numbers). */
export const accountEventCodes = {
  'low-credit': 0x810d,
  'credit-added': 0x810e,
  'emergency-credit-available': 0x8119,
  'armed-by-emergency-credit': 0x8168,
  'emergency-credit-activated': 0x81ab,
  'credit-out': 0x8f0f,
  armed: 0x8f32,
  'disablement-suspended': 0x8f83,
} as const;
export type AccountEventName = keyof typeof accountEventCodes;

export interface AccountEvent {
  readonly name: AccountEventName;
  /** Device time. */
  readonly atMs: number;
}
