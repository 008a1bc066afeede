import { type KoblitzCurve, sect163k1, sect283k1 } from './koblitz-curve.js';

export type CryptographicSuite = 1 | 2;

export interface SuiteParameters {
  readonly suite: CryptographicSuite;
  /** Its bit in the KeyEstablishmentSuite attribute and fields. */
  readonly bit: number;
  readonly curve: KoblitzCurve;
  readonly certificateOctets: number;
}

/** The cryptographic suites of Smart Energy; Great Britain uses the second. */
export const suites: Readonly<Record<CryptographicSuite, SuiteParameters>> = {
  1: { suite: 1, bit: 1, curve: sect163k1, certificateOctets: 48 },
  2: { suite: 2, bit: 2, curve: sect283k1, certificateOctets: 74 },
};
