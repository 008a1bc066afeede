import { toHex } from '../../protocols/codec/hex.js';
import { msOfSecondsSince2000 } from '../../protocols/codec/utc.js';
import { type DecodedMessage, decodeMessage } from '../../protocols/gbcs/decoded-message.js';
import type { GbzComponent, GbzPayload } from '../../protocols/gbcs/gbz-types.js';
import { decodeGbcsMessage } from '../../protocols/gbcs/message.js';
import { exportedPdu, linkTypeExportedPdu } from './exported-pdu.js';
import { pcapOf } from './pcap.js';
import { dissect } from './tshark.js';

/**
 * What both tshark and we say of a GBCS message, in tshark's words: a row of field values by tshark's field name. Values of
 * a field that occurs in several components are joined by commas.
 */
export type GbcsRow = Readonly<Record<string, string>>;

const header = 'gbcs_message.grouping_header';

/** tshark's prefix for the fields of a cluster; Basic's commands come in no GBCS message. */
const clusterPrefixes: Readonly<Record<number, string>> = {
  0: 'zbee_zcl_general.basic',
  1792: 'zbee_zcl_se.price',
  1794: 'zbee_zcl_se.met',
  1795: 'zbee_zcl_se.msg',
  1797: 'zbee_zcl_se.pp',
  1799: 'zbee_zcl_se.calendar',
  1800: 'zbee_zcl_se.device_management',
  1801: 'zbee_zcl_se.events',
};
const clustersWithAttributes = [0x0000, 0x0700, 0x0702, 0x0705];
const clustersWithCommands = [0x0700, 0x0702, 0x0703, 0x0705, 0x0707, 0x0708, 0x0709];

const fields = [
  'gbcs_message.mac_header.security_control_byte',
  'gbcs_message.mac_header.invocation_counter',
  `${header}.general_signing`,
  `${header}.cra_flag`,
  `${header}.originator_counter`,
  `${header}.business_originator_id`,
  `${header}.business_target_id`,
  `${header}.date_time`,
  `${header}.message_code`,
  `${header}.supplementary_remote_party_id`,
  `${header}.supplementary_remote_party_counter`,
  `${header}.supplementary_remote_party_originator_counter`,
  `${header}.supplementary_remote_party_ka_certificate`,
  'gbcs_message.krp',
  'gbcs_message.mac',
  'gbcs_gbz.profile_id',
  'gbcs_gbz.components',
  'gbcs_gbz.extended_header_control',
  'gbcs_gbz.extended_header_cluster',
  'gbcs_gbz.from_date_time',
  'gbcs_gbz.frame_control',
  'gbcs_gbz.transaction',
  'gbcs_gbz.command_id',
  'gbcs_gbz.encrypted_payload',
  'gbcs_gbz.mac',
  'gbcs_gbz.alert_code',
  'gbcs_gbz.timestamp',
  'gbcs_gbz.message_code',
  'gbcs_gbz.originator_counter',
  'gbcs_gbz.integrity_issue_warning',
  'gbcs_gbz.firmware_hash',
  // What the nested ZCL dissectors saw.
  'zbee_zcl.cmd.tsn',
  'zbee_zcl.cmd.id',
  ...clustersWithAttributes.map((id) => `${clusterPrefixes[id]}.attr_id`),
  ...clustersWithCommands.flatMap((id) => [
    `${clusterPrefixes[id]}.cmd.srv_rx.id`,
    `${clusterPrefixes[id]}.cmd.srv_tx.id`,
  ]),
];
const remarks = ['_ws.malformed', '_ws.expert.message', '_ws.col.Info'] as const;

/** The fields that tshark compares by; those of a row that are not empty. */
export interface DissectedMessage {
  readonly row: GbcsRow;
  /** Of anything malformed and of experts; empty where all is well. */
  readonly objections: string;
  readonly info: string;
}

/** One run of tshark over one capture of all these messages. */
export function dissectMessages(messages: readonly Uint8Array[]): DissectedMessage[] {
  const frames = messages.map((bytes) => exportedPdu('gbcs_message', bytes));
  return dissect(pcapOf(frames, linkTypeExportedPdu), [...fields, ...remarks]).map((values) => {
    const [malformed = '', expert = '', info = ''] = values.slice(fields.length);
    const row: Record<string, string> = {};
    for (const [at, name] of fields.entries()) {
      const value = values[at] ?? '';
      if (value !== '') row[name] = times.has(name) ? utcTimes(value) : value;
    }
    return { row, objections: `${malformed}${expert}`, info };
  });
}

const times = new Set([`${header}.date_time`, 'gbcs_gbz.from_date_time', 'gbcs_gbz.timestamp']);

/** tshark writes `Jan 15, 2030 09:00:00.000000000 UTC`, and a comma between two. */
function utcTimes(text: string): string {
  const all = text.match(/\w{3} [ \d]\d, \d{4} \d\d:\d\d:\d\d\.\d+ UTC/g) ?? [text];
  return all.map((one) => isoTime(Date.parse(one.replace(/\.\d+/, '')))).join(',');
}

function isoTime(ms: number): string {
  return Number.isNaN(ms) ? 'no time' : new Date(ms).toISOString().replace('.000', '');
}

const number = (value: number, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;
const octet = (value: number): string => number(value, 2);
const word = (value: number): string => number(value, 4);
const eui = (value: string): string => value.replaceAll(/..(?!$)/g, '$&:');
const secondsTime = (seconds: number): string => isoTime(msOfSecondsSince2000(seconds));

/** What we say: the same row, out of our own decoding. */
export function decodedRow(bytes: Uint8Array): GbcsRow {
  const message = decodeMessage(bytes);
  const { otherInformation } = decodeGbcsMessage(bytes).header;
  const row: Record<string, string | undefined> = {
    ...headerRow(message),
    ...certificateRow(otherInformation.supplementaryRemotePartyKeyAgreementCertificate),
    ...(message.payload.kind === 'gbz' || message.payload.kind === 'gbz-alert'
      ? gbzRow(message.payload)
      : {}),
  };
  const given = Object.entries(row).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as GbcsRow;
}

function headerRow(message: DecodedMessage): Record<string, string | undefined> {
  const { dateTime, mac, signature, supplementaryRemotePartyId: party } = message;
  return {
    'gbcs_message.mac_header.security_control_byte': mac === undefined ? undefined : '0x11',
    'gbcs_message.mac_header.invocation_counter': mac === undefined ? undefined : '0x00000000',
    [`${header}.general_signing`]: '0xdf',
    [`${header}.cra_flag`]: octet({ command: 1, response: 2, alert: 3 }[message.craFlag]),
    [`${header}.originator_counter`]: message.originatorCounter,
    [`${header}.business_originator_id`]: eui(message.originator),
    [`${header}.business_target_id`]: eui(message.recipient),
    [`${header}.date_time`]: typeof dateTime === 'object' ? dateTime.utc : undefined,
    [`${header}.message_code`]: message.messageCode,
    [`${header}.supplementary_remote_party_id`]: party === undefined ? undefined : eui(party),
    [`${header}.supplementary_remote_party_counter`]: message.supplementaryRemotePartyCounter,
    [`${header}.supplementary_remote_party_originator_counter`]:
      message.supplementaryOriginatorCounter,
    'gbcs_message.krp': signature ?? undefined,
    'gbcs_message.mac': mac,
  };
}

/** tshark takes the first eight octets of a certificate for an originator counter as well: of official messages, too. */
function certificateRow(certificate: Uint8Array | undefined): Record<string, string> {
  if (certificate === undefined) return {};
  return {
    [`${header}.supplementary_remote_party_originator_counter`]: String(
      new DataView(certificate.buffer, certificate.byteOffset).getBigUint64(0),
    ),
    [`${header}.supplementary_remote_party_ka_certificate`]: toHex(certificate.subarray(8)),
  };
}

function gbzRow(payload: GbzPayload): Record<string, string | undefined> {
  const components = payload.components ?? [];
  const alert = payload.kind === 'gbz-alert' ? alertRow(payload) : {};
  const of = (value: (component: GbzComponent) => string | undefined): string =>
    components.flatMap((component) => value(component) ?? []).join(',');
  return {
    'gbcs_gbz.profile_id': word(payload.profileId),
    'gbcs_gbz.components': String(components.length),
    'gbcs_gbz.extended_header_control': components
      .map((component, at) => octet(controlOf(component, at === components.length - 1)))
      .join(','),
    'gbcs_gbz.extended_header_cluster': of(({ clusterId }) => word(clusterId)),
    'gbcs_gbz.from_date_time': of(({ fromDateTime }) =>
      fromDateTime === undefined ? undefined : secondsTime(fromDateTime),
    ),
    'gbcs_gbz.frame_control': of(({ frameControl }) => octet(frameControl)),
    'gbcs_gbz.transaction': of(({ sequenceNumber }) => String(sequenceNumber)),
    'gbcs_gbz.command_id': of(({ commandId }) => octet(commandId)),
    'gbcs_gbz.encrypted_payload': of(({ encrypted }) => encrypted?.ciphertext),
    'gbcs_gbz.mac': of(({ encrypted }) => encrypted?.tag),
    ...zclRow(components.filter(({ encrypted }) => encrypted === undefined)),
    ...alert,
  };
}

function controlOf({ encrypted, fromDateTime }: GbzComponent, isLast: boolean): number {
  return (
    (isLast ? 0x01 : 0) |
    (encrypted === undefined ? 0 : 0x02) |
    (fromDateTime === undefined ? 0 : 0x10)
  );
}

const isClusterCommand = ({ frameControl }: GbzComponent): boolean => (frameControl & 0x03) === 1;
const isFromServer = ({ frameControl }: GbzComponent): boolean => (frameControl & 0x08) !== 0;

/** What lies open: ZCL frames by cluster and direction. */
function zclRow(components: readonly GbzComponent[]): Record<string, string> {
  const commands = (of: readonly GbzComponent[]): string =>
    of.map(({ commandId }) => octet(commandId)).join(',');
  const row: Record<string, string> = {
    'zbee_zcl.cmd.tsn': components.map(({ sequenceNumber }) => String(sequenceNumber)).join(','),
    'zbee_zcl.cmd.id': commands(components.filter((one) => !isClusterCommand(one))),
  };
  for (const [id, prefix] of Object.entries(clusterPrefixes)) {
    const own = components.filter(({ clusterId }) => clusterId === Number(id));
    const specific = own.filter(isClusterCommand);
    row[`${prefix}.cmd.srv_rx.id`] = commands(specific.filter((one) => !isFromServer(one)));
    row[`${prefix}.cmd.srv_tx.id`] = commands(specific.filter(isFromServer));
    row[`${prefix}.attr_id`] = own.flatMap(attributeIds).join(',');
  }
  return row;
}

function attributeIds(component: GbzComponent): string[] {
  if (isClusterCommand(component)) return [];
  const { attributes } = (component.fields ?? {}) as {
    attributes?: readonly { attributeId: number }[];
  };
  return (attributes ?? []).map(({ attributeId }) => word(attributeId));
}

type Alert = Extract<GbzPayload, { kind: 'gbz-alert' }>;

function alertRow({ alertCode, timestamp, detail, components }: Alert): Record<string, string> {
  const row: Record<string, string> = {
    'gbcs_gbz.alert_code': word(alertCode),
    'gbcs_gbz.timestamp': secondsTime(timestamp),
    'gbcs_gbz.components': String(detail === undefined ? (components?.length ?? 0) : 1),
  };
  const quoted = detail as Readonly<Record<string, number | string>> | undefined;
  if (quoted?.reason !== undefined) {
    row['gbcs_gbz.integrity_issue_warning'] = word(quoted.reason as number);
  } else if (quoted?.imageHash !== undefined) {
    row['gbcs_gbz.firmware_hash'] = String(quoted.imageHash);
  } else if (quoted?.messageCode !== undefined) {
    row['gbcs_gbz.message_code'] = word(quoted.messageCode as number);
    row['gbcs_gbz.originator_counter'] = String(quoted.originatorCounter);
    row['gbcs_gbz.extended_header_cluster'] = word(quoted.clusterId as number);
    row['gbcs_gbz.frame_control'] = octet(quoted.frameControl as number);
    row['gbcs_gbz.command_id'] = octet(quoted.commandId as number);
  }
  return row;
}
