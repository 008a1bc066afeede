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

/** The inverse of `supplyStatuses`; undefined for a status that GB smart metering does not use, or none. */
export function supplyStateOfStatus(status: number | undefined): SupplyState | undefined {
  return status === undefined ? undefined : statesByStatus.get(status);
}

const statesByStatus: ReadonlyMap<number, SupplyState> = new Map(
  Object.entries(supplyStatuses).map(([state, status]) => [status, state as SupplyState]),
);
