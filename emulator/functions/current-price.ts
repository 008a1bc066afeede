import { secondsSince2000 } from '../../protocols/codec/utc.js';
import type { ZclAnswer } from './zcl-model.js';

/** A price as displays get it. */
export interface Tariff {
  readonly rateLabel: string;
  /** ZCL unit of measure: 0 kWh, 1 m³. */
  readonly unitOfMeasure: number;
  readonly pricePerUnitPence: number;
}

const publishPriceId = 0x00;
/** ISO 4217. */
const poundSterling = 826;
/** Prices are sent in 1/100,000 of a pound: five trailing digits, in the high nibble. */
export const priceTrailingDigits = 5;
const untilFurtherNotice = 0xffff;

/** PublishPrice in answer to GetCurrentPrice. */
export function currentPrice(tariff: Tariff, nowMs: number): ZclAnswer {
  const now = secondsSince2000(nowMs);
  return {
    commandId: publishPriceId,
    fields: {
      providerId: 0,
      rateLabel: tariff.rateLabel,
      issuerEventId: now,
      currentTime: now,
      unitOfMeasure: tariff.unitOfMeasure,
      currency: poundSterling,
      priceTrailingDigitAndPriceTier: (priceTrailingDigits << 4) | 1,
      numberOfPriceTiersAndRegisterTier: (1 << 4) | 1,
      startTime: now,
      durationMinutes: untilFurtherNotice,
      price: Math.round((tariff.pricePerUnitPence / 100) * 10 ** priceTrailingDigits),
    },
  };
}
