import type { GbzValue } from '../../../protocols/gbcs/gbz-types.js';
import { keepAlive } from '../../../protocols/zigbee/clusters/keep-alive.js';
import { basicServer, powerSources } from '../../functions/basic-server.js';
import { joinedRows, serverRows } from '../../functions/cluster-rows.js';
import type { Overrides } from '../../functions/overrides.js';
import { type TimeSource, timeServer } from '../../functions/time-server.js';
import { zclModel } from '../../functions/zcl-model.js';
import { type OtaServed, otaRows } from './ota-server.js';

/** What devices of the home read from their hub. */
export interface HubHan extends OtaServed {
  readonly zcl: Overrides<GbzValue>;
  readonly time: TimeSource;
}

/** Minutes and seconds (device-behaviour.md 6.3). */
const keepAliveBase = 10;
const keepAliveJitter = 300;

const served = joinedRows<HubHan>(
  basicServer('Communications hub', powerSources.mains),
  timeServer(({ time }) => time),
  serverRows(keepAlive, (device: HubHan) => device, {
    TCKeepAliveBase: () => keepAliveBase,
    TCKeepAliveJitter: () => keepAliveJitter,
  }),
  otaRows(),
);

export const hubHanModel = zclModel<HubHan>(served.attributes, served.commands);
