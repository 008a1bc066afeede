import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { data } from '../../../protocols/dlms/construct.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import { craFlags, type GroupingHeader } from '../../../protocols/gbcs/grouping-header.js';
import { type Alert, dlmsAlert } from '../../functions/alert-sender.js';
import { maskOfChannel, type SubGhzChannel } from '../../functions/sub-ghz-channels.js';
import {
  type SubGhzConfiguration,
  subGhzConfigurationData,
} from '../../functions/sub-ghz-configuration.js';

/**
 * Of what a hub tells the access control broker about its sub-GHz band, some has a message code of
 * its own. Under which code the rest travels is not known: the generic one of alerts with a MAC [mem].
 */
const generic = 0x1001;
const codes = {
  limitedActionTaken: [0x0110, 0x8f20],
  belowLimited: [generic, 0x8f21],
  criticalActionTaken: [generic, 0x8f22],
  belowCritical: [generic, 0x8f23],
  channelChanged: [0x0111, 0x8f26],
  scanInitiated: [generic, 0x8f27],
  scanAssessed: [0x0112, 0x8f28],
  lostMeterSearchesFailed: [generic, 0x8f29],
  configurationChanged: [0x0113, 0x8f2a],
  channelNotChanged: [generic, 0x8f2b],
  messageDiscarded: [0x0114, 0x8f2c],
  noMoreCapacity: [0x0115, 0x8f2d],
} as const satisfies Readonly<Record<string, readonly [messageCode: number, alertCode: number]>>;
type SubGhzAlertName = keyof typeof codes;

export const channelChangedCode = codes.channelChanged[1];

/** With what its use case adds to code and time. @see dlms.md 1 */
export function subGhzAlert(name: SubGhzAlertName, ...details: readonly DlmsData[]): Alert {
  const [messageCode, alertCode] = codes[name];
  return {
    messageCode,
    alertCode,
    to: 'accessControlBroker',
    payload: (stamp) => dlmsAlert(alertCode, stamp, ...details),
  };
}

/** DBCH06 and DBCH11: about one device. */
export function aboutDevice(name: 'limitedActionTaken' | 'noMoreCapacity', device: Eui64): Alert {
  return subGhzAlert(name, data.octets(device));
}

const reasonOctet = (number: number): DlmsData => data.octets(Uint8Array.of(number));

/** DBCH07. */
export function channelChangedAlert(channel: SubGhzChannel, reason: number): Alert {
  const mask = maskOfChannel(channel).toString(2).padStart(32, '0');
  return subGhzAlert('channelChanged', data.structure(data.bits(mask), reasonOctet(reason)));
}

/** DBCH08: whether a scan that was asked for is made, and why not. */
export function scanAssessedAlert(outcome: number, reason: number): Alert {
  return subGhzAlert('scanAssessed', data.structure(reasonOctet(outcome), reasonOctet(reason)));
}

/** DBCH09. */
export function configurationChangedAlert(configuration: SubGhzConfiguration): Alert {
  return subGhzAlert('configurationChanged', subGhzConfigurationData(configuration));
}

/** What makes a message unique. */
export type MessageName = Pick<
  GroupingHeader,
  'craFlag' | 'originator' | 'recipient' | 'originatorCounter'
>;

/** DBCH10: which message it was. */
export function messageDiscardedAlert(header: MessageName): Alert {
  const octets = new Uint8Array(25);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, BigInt(`0x${header.originator}`));
  view.setBigUint64(8, BigInt(`0x${header.recipient}`));
  view.setUint8(16, craFlags[header.craFlag]);
  view.setBigUint64(17, header.originatorCounter);
  return subGhzAlert('messageDiscarded', data.octets(octets));
}
