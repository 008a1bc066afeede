import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { MacAddress } from '../../../protocols/zigbee/ieee802154.js';
import type { RadioChannel } from '../air/radio.js';

/** What a node is called and where it is at home; association changes it. */
export interface MacIdentity {
  readonly eui: Eui64;
  shortAddress: number;
  panId: number;
  channels: readonly RadioChannel[];
  coordinatorAddress: number;
  coordinatorEui: Eui64 | undefined;
}

/** The same, and what the node is in its PAN. */
export interface MacNode extends MacIdentity {
  readonly coordinator: boolean;
  readonly associationPermit: boolean;
}

/** No short address, or none yet. */
export const noShortAddress = 0xffff;

/** Associated, but to be addressed by EUI-64 only. */
const extendedOnlyAddress = 0xfffe;

/** What a node is called by in frames: its short address once it has one. */
export function addressOf({ eui, shortAddress }: MacIdentity): MacAddress {
  return shortAddress < extendedOnlyAddress ? shortAddress : eui;
}
