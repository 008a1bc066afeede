import type { ClusterDefinition } from '../zcl/layout.js';

/** Time: the home's clock, served by the communications hub. */
export const time: ClusterDefinition = {
  id: 0x000a,
  name: 'Time',
  attributes: {
    0: ['Time', 'utc'],
    1: ['TimeStatus', 'map8'],
    2: ['TimeZone', 'int32'],
    3: ['DstStart', 'uint32'],
    4: ['DstEnd', 'uint32'],
    5: ['DstShift', 'int32'],
    6: ['StandardTime', 'uint32'],
    7: ['LocalTime', 'uint32'],
    8: ['LastSetTime', 'utc'],
    9: ['ValidUntilTime', 'utc'],
  },
  toServer: {},
  toClient: {},
};
