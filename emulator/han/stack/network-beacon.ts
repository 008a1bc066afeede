import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Beacon } from '../../../protocols/zigbee/beacon.js';

const zigbeePro = { protocolId: 0, stackProfile: 2, protocolVersion: 2 } as const;
const noSuperframe = 0x0fff;
const coordinatorBit = 0x4000;
const associationPermitBit = 0x8000;

/** How a hub describes its network to who looks for one. */
export function networkBeacon(extendedPanId: Eui64, permitsJoining: boolean): Beacon {
  const permit = permitsJoining ? associationPermitBit : 0;
  return {
    ...zigbeePro,
    superframe: noSuperframe | coordinatorBit | permit,
    routerCapacity: true,
    deviceDepth: 0,
    endDeviceCapacity: true,
    extendedPanId,
    transmitOffset: 0xffffff,
    updateId: 0,
  };
}
