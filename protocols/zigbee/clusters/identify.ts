import type { ClusterDefinition } from '../zcl/layout.js';

/** Identify: makes a device show which one it is. Times are seconds. */
export const identify: ClusterDefinition = {
  id: 0x0003,
  name: 'Identify',
  attributes: { 0: ['IdentifyTime', 'uint16'] },
  toServer: {
    0: { name: 'Identify', fields: { identifyTime: 'uint16' } },
    1: { name: 'IdentifyQuery', fields: {} },
    64: {
      name: 'TriggerEffect',
      fields: { effectIdentifier: 'enum8', effectVariant: 'enum8' },
    },
  },
  toClient: { 0: { name: 'IdentifyQueryResponse', fields: { timeout: 'uint16' } } },
};
