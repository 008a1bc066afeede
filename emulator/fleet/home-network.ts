import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { HanReport } from '../han/han-report.js';
import type { Home } from './home.js';

/** The network of one home, in the answer to a `network` query. */
export interface HomeNetwork {
  readonly home: string;
  readonly hub: Eui64;
  readonly devices: number;
  /** How many of them are on the network. */
  readonly joined: number;
  readonly network: HanReport;
}

export function homeNetworkOf(home: Home): HomeNetwork {
  const { name, hub, devices, devicesJoined, han } = home;
  return {
    home: name,
    hub,
    devices: devices.size,
    joined: devicesJoined,
    network: han.describe(),
  };
}
