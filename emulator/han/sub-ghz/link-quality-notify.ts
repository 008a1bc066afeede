import type { ZdoMessage } from '../../../protocols/zigbee/zdo/zdo.js';
import type { TransmissionCounts } from '../../functions/sub-ghz-radio.js';

/** What a device on the sub-GHz band tells unasked of its transmissions; undefined for other messages. */
export function linkQualityOf(message: ZdoMessage): TransmissionCounts | undefined {
  if (message.name !== 'Mgmt_NWK_Unsolicited_Enhanced_Update_notify') return undefined;
  const { totalTransmissions, transmissionFailures, transmissionRetries } = message.fields;
  return {
    transmissions: totalTransmissions,
    failures: transmissionFailures,
    retries: transmissionRetries,
  };
}
