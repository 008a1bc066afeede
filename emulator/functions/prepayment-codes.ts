/**
 * Numbers of the Prepayment cluster as ZigBee Smart Energy 1.4 gives them, from memory of that standard [mem]: neither
 * the official examples nor a dissector confirm the single bits.
 */

/** Bits of PaymentControlConfiguration. */
export const paymentControlBits = {
  disconnectionEnabled: 0x0001,
  prepaymentEnabled: 0x0002,
  creditManagementEnabled: 0x0004,
  creditDisplayEnabled: 0x0010,
  contactorFitted: 0x0080,
  standingChargeConfiguration: 0x0100,
  emergencyStandingChargeConfiguration: 0x0200,
  debtConfiguration: 0x0400,
  emergencyDebtConfiguration: 0x0800,
} as const;

/** Bits of CreditStatus. */
export const creditStatusBits = {
  creditOk: 0x01,
  lowCredit: 0x02,
  emergencyCreditEnabled: 0x04,
  emergencyCreditAvailable: 0x08,
  emergencyCreditSelected: 0x10,
  emergencyCreditInUse: 0x20,
  creditExhausted: 0x40,
} as const;

/** ResultType of ConsumerTopUpResponse. */
export const topUpResults = {
  accepted: 0x00,
  invalidTopUp: 0x01,
  duplicateTopUp: 0x02,
  error: 0x03,
  maxCreditReached: 0x04,
  keypadLocked: 0x05,
  topUpValueTooLarge: 0x06,
  acceptedSupplyEnabled: 0x10,
  acceptedSupplyDisabled: 0x11,
  acceptedSupplyArmed: 0x12,
} as const;

/** CurrencyScalingFactor: 0 stands for a millionth, each next one is ten times that. */
export const currencyScalingFactors = { hundredThousandths: 1 } as const;

/** DebtRecoveryMethod and DebtRecoveryFrequency. */
export const debtRecoveryMethods = { timeBased: 0x00, percentageBased: 0x01 } as const;
export const debtRecoveryFrequencies = { perHour: 0x00, perDay: 0x01 } as const;
