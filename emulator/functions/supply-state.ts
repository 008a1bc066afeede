/** Load switch or valve of a meter (device-behaviour.md 4.4). */
export type SupplyState = 'enabled' | 'disabled' | 'armed';

/** DLMS control_state of a disconnect control (class 70), which the load switch is read as. */
export const controlStates: Readonly<Record<SupplyState, number>> = {
  disabled: 0,
  enabled: 1,
  armed: 2,
};

/** ZCL SupplyStatus of the metering cluster. */
export const supplyStatuses: Readonly<Record<SupplyState, number>> = {
  disabled: 0,
  armed: 1,
  enabled: 2,
};
