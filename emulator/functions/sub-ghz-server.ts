import type { Eui64 } from '../../protocols/codec/eui64.js';
import { subGhz } from '../../protocols/zigbee/clusters/sub-ghz.js';
import { answering, type ClusterRows, clusterRows, commandNumber } from './cluster-rows.js';
import type { SubGhzConfiguration } from './sub-ghz-configuration.js';
import type { ZclCall } from './zcl-model.js';

/** What the server side of the Sub-GHz cluster tells. */
export interface SubGhzSource {
  readonly configuration: SubGhzConfiguration;
  /** Where the hub is about to go; 0 while it stays. */
  readonly announcedChannel: number;
  /** Minutes for which a device has to be silent yet. */
  remainingMinutes(device: Eui64): number;
}

export const suspendCommandId = commandNumber(subGhz, 'client', 'SuspendZCLMessages');
const suspend = answering(subGhz, 'SuspendZCLMessages');

/** Where to go, which channels may be used, and how long to be silent. */
export function subGhzServer<S>(sourceOf: (device: S) => SubGhzSource): ClusterRows<S> {
  const mask =
    (page: 'page28' | 'page29' | 'page30' | 'page31') =>
    ({ device }: ZclCall<S>): number =>
      sourceOf(device).configuration[page];
  return clusterRows(
    subGhz,
    {
      ChannelChange: ({ device }) => sourceOf(device).announcedChannel,
      Page28ChannelMask: mask('page28'),
      Page29ChannelMask: mask('page29'),
      Page30ChannelMask: mask('page30'),
      Page31ChannelMask: mask('page31'),
    },
    {
      GetSuspendZCLMessagesStatus: ({ device, from }) => {
        const minutes = from === undefined ? 0 : sourceOf(device).remainingMinutes(from);
        return [suspend({ suspensionPeriodMinutes: minutes })];
      },
    },
  );
}
