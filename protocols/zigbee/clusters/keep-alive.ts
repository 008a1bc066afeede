import type { ClusterDefinition } from '../zcl/layout.js';

/**
 * Keep-Alive: a device reads these from the trust centre to learn that it is still there; it reads
 * again after the base (minutes) and a random part of the jitter (seconds).
 */
export const keepAlive: ClusterDefinition = {
  id: 0x0025,
  name: 'KeepAlive',
  attributes: {
    0: ['TCKeepAliveBase', 'uint8'],
    1: ['TCKeepAliveJitter', 'uint16'],
  },
  toServer: {},
  toClient: {},
};
