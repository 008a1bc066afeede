import { data } from '../../../protocols/dlms/construct.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import { resultCodes } from '../../../protocols/dlms/result-codes.js';
import { type CosemCall, type CosemRow, computed } from '../../functions/cosem-model.js';
import type { DeviceEventLog } from '../../functions/device-event-log.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { maskOfChannel } from '../../functions/sub-ghz-channels.js';
import {
  parseSubGhzConfiguration,
  subGhzConfigurationData,
} from '../../functions/sub-ghz-configuration.js';
import type { ChfState } from './state.js';
import type { ChfSubGhz } from './sub-ghz.js';

type Call = CosemCall<ChfState>;

function bandOf({ device: { subGhz } }: Call): ChfSubGhz {
  if (subGhz !== undefined) return subGhz;
  throw new ProtocolError(resultCodes['object-undefined'], 'the hub has no sub-GHz network');
}

function operatingChannel(call: Call): DlmsData {
  const { channel } = bandOf(call);
  if (channel === undefined) {
    throw new ProtocolError(resultCodes['object-unavailable'], 'the network is not formed yet');
  }
  const mask = maskOfChannel(channel);
  return data.bits(mask.toString(2).padStart(32, '0'));
}

function configure(call: Call, value: DlmsData): void {
  const band = bandOf(call);
  const configuration = parseSubGhzConfiguration(value);
  if (typeof configuration === 'string') {
    throw new ProtocolError(resultCodes['other-reason'], configuration);
  }
  band.configure(configuration);
}

/** What DBCH01 to DBCH05 read and write; `readLog` reads entries of any log of the hub. */
export function subGhzRows(
  readLog: (log: DeviceEventLog, selection: DlmsData | undefined) => DlmsData,
): readonly CosemRow<ChfState>[] {
  const configuration = {
    get: (call: Call) => subGhzConfigurationData(bandOf(call).configuration),
    set: configure,
  };
  const scan = { set: (call: Call) => bandOf(call).requestScan() };
  const log = {
    get: (call: Call, selection?: DlmsData) => readLog(bandOf(call).channelLog, selection),
  };
  return [
    [1, '0-0:94.44.10.0', 'a2', configuration],
    [1, '0-0:94.44.10.1', 'a2', scan],
    [1, '0-0:94.44.10.2', 'a2', computed(operatingChannel)],
    [7, '0-0:94.44.10.3', 'a2', log],
  ];
}

export const subGhzDlmsUseCases = ['DBCH01', 'DBCH02', 'DBCH03', 'DBCH04', 'DBCH05'] as const;
