import type { CapabilityInformation } from '../../../protocols/zigbee/capability-information.js';
import type { NodeRole } from '../stack/network-layer.js';

/** What a device says of itself when it joins: a router on the mains 8E, a sleepy end device 80. */
export function capabilityOf(role: NodeRole): CapabilityInformation {
  const router = role !== 'end-device';
  return {
    alternatePanCoordinator: false,
    fullFunctionDevice: router,
    mainsPowered: router,
    receiverOnWhenIdle: router,
    securityCapability: false,
    allocateAddress: true,
  };
}
