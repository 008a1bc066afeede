/**
 * What waits for a sleepy meter. Its mirror answers each report with these flags, so that the meter
 * knows what to fetch before its radio sleeps again. Each constant is the mask of one bit, or of
 * three where a number says which set is meant; the tables go by the number of the attribute, on
 * the client side of Metering.
 *
 * @see device-behaviour.md 3.4
 */
export const functionalNotificationFlags = {
  newOtaFirmware: 1 << 0,
  cbkeUpdateRequest: 1 << 1,
  timeSync: 1 << 2,
  stayAwakeRequestHan: 1 << 4,
  stayAwakeRequestWan: 1 << 5,
  pushHistoricalMeteringDataAttributeSet: 7 << 6,
  pushHistoricalPrepaymentDataAttributeSet: 7 << 9,
  pushAllStaticDataBasicCluster: 1 << 12,
  pushAllStaticDataMeteringCluster: 1 << 13,
  pushAllStaticDataPrepaymentCluster: 1 << 14,
  networkKeyActive: 1 << 15,
  displayMessage: 1 << 16,
  cancelAllMessages: 1 << 17,
  changeSupply: 1 << 18,
  localChangeSupply: 1 << 19,
  setUncontrolledFlowThreshold: 1 << 20,
  tunnelMessagePending: 1 << 21,
  getSnapshot: 1 << 22,
  getSampledData: 1 << 23,
  newSubGhzChannelMasksAvailable: 1 << 24,
  energyScanPending: 1 << 25,
  channelChangePending: 1 << 26,
} as const;

/** Commands of Price. */
const notificationFlags2 = {
  publishPrice: 1 << 0,
  publishBlockPeriod: 1 << 1,
  publishTariffInformation: 1 << 2,
  publishConversionFactor: 1 << 3,
  publishCalorificValue: 1 << 4,
  publishCo2Value: 1 << 5,
  publishBillingPeriod: 1 << 6,
  publishConsolidatedBill: 1 << 7,
  publishPriceMatrix: 1 << 8,
  publishBlockThresholds: 1 << 9,
  publishCurrencyConversion: 1 << 10,
  publishCreditPaymentInfo: 1 << 12,
  publishCppEvent: 1 << 13,
  publishTierLabels: 1 << 14,
  cancelTariff: 1 << 15,
} as const;

/** Commands of Calendar. */
const notificationFlags3 = {
  publishCalendar: 1 << 0,
  publishSpecialDays: 1 << 1,
  publishSeasons: 1 << 2,
  publishWeek: 1 << 3,
  publishDay: 1 << 4,
  cancelCalendar: 1 << 5,
} as const;

/** Commands of Prepayment. */
export const notificationFlags4 = {
  selectAvailableEmergencyCredit: 1 << 0,
  changeDebt: 1 << 1,
  emergencyCreditSetup: 1 << 2,
  consumerTopUp: 1 << 3,
  creditAdjustment: 1 << 4,
  changePaymentMode: 1 << 5,
  getPrepaySnapshot: 1 << 6,
  getTopUpLog: 1 << 7,
  setLowCreditWarningLevel: 1 << 8,
  getDebtRepaymentLog: 1 << 9,
  setMaximumCreditLimit: 1 << 10,
  setOverallDebtCap: 1 << 11,
} as const;

/** Commands of Device Management. */
const notificationFlags5 = {
  publishChangeOfTenancy: 1 << 0,
  publishChangeOfSupplier: 1 << 1,
  requestNewPassword1Response: 1 << 2,
  requestNewPassword2Response: 1 << 3,
  requestNewPassword3Response: 1 << 4,
  requestNewPassword4Response: 1 << 5,
  updateSiteId: 1 << 6,
  resetBatteryCounter: 1 << 7,
  updateCin: 1 << 8,
} as const;

/** Each table under the number of its attribute. */
export const notificationFlagTables = [
  functionalNotificationFlags,
  notificationFlags2,
  notificationFlags3,
  notificationFlags4,
  notificationFlags5,
] as const;

/**
 * Which flag attributes a mirror sends, in this order [mem]; GB smart metering uses scheme B.
 */
export const notificationSchemes = {
  /** No flags. */
  none: { number: 0, attributeIds: [] },
  predefinedA: { number: 1, attributeIds: [0] },
  predefinedB: { number: 2, attributeIds: [0, 1, 2, 3, 4] },
} as const;

/** The names of the flags that are set in the attribute `attributeId`, lowest bit first. */
export function notificationFlagNames(attributeId: number, flags: number): readonly string[] {
  const table = Object.entries(notificationFlagTables[attributeId] ?? {});
  return table.filter(([, mask]) => (flags & mask) !== 0).map(([name]) => name);
}
