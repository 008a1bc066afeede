import type { ClusterDefinition } from '../zcl/layout.js';

/**
 * Sub-GHz: which channels a home below 1 GHz may use, and who has to be silent so that the band's
 * duty cycle is kept. In each mask the upper 5 bits are the page (28 to 31), the lower 27 the
 * channels.
 */
export const subGhz: ClusterDefinition = {
  id: 0x070b,
  name: 'SubGHz',
  attributes: {
    /** One bit set: the page and channel that the hub is about to move to. */
    0: ['ChannelChange', 'map32'],
    1: ['Page28ChannelMask', 'map32'],
    2: ['Page29ChannelMask', 'map32'],
    3: ['Page30ChannelMask', 'map32'],
    4: ['Page31ChannelMask', 'map32'],
  },
  toServer: { 0: { name: 'GetSuspendZCLMessagesStatus', fields: {} } },
  toClient: {
    /** 0 ends the suspension. */
    0: { name: 'SuspendZCLMessages', fields: { suspensionPeriodMinutes: 'uint8' } },
  },
};
