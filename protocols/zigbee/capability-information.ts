import { type Decoded, decodeWith, encodeWith } from '../codec/codec.js';
import { bits } from './fields.js';

/**
 * What a device says of itself when it joins: in the association request, the rejoin request, the
 * device announcement and the node descriptor. A mains-powered router that wants an address is
 * 8E, a sleepy end device 80.
 *
 * @see zigbee.md 2
 */
export const CapabilityInformation = bits(1, {
  alternatePanCoordinator: 0,
  /** Router or coordinator (a full function device); otherwise an end device. */
  fullFunctionDevice: 1,
  mainsPowered: 2,
  receiverOnWhenIdle: 3,
  securityCapability: 6,
  allocateAddress: 7,
});

export type CapabilityInformation = Decoded<typeof CapabilityInformation>;

/** For the association request, which carries the octet as it is. Throws only CodecError. */
export function capabilityFromOctet(octet: number): CapabilityInformation {
  return decodeWith(CapabilityInformation, Uint8Array.of(octet), 'capability');
}

export function capabilityToOctet(capability: CapabilityInformation): number {
  return encodeWith(CapabilityInformation, capability, 'capability')[0] as number;
}
