/**
 * Endpoints on the radios of a home, our choice within what vendors' hubs do: numbers 1 and 2 for
 * the two faces of the GPF, 3 for the CHF, and one endpoint on every other device. The standard
 * leaves them to match-descriptor discovery.
 *
 * @see device-behaviour.md 3.1
 */
export const endpoints = {
  /** Gas Proxy Function towards displays: the gas Energy Services Interface. */
  gasSupplyInterface: 1,
  /** Gas Proxy Function towards the GSME: the mirror it reports to. */
  gasMirror: 2,
  commsHub: 3,
  device: 1,
} as const;
