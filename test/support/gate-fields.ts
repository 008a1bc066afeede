import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import type { ApsHeader } from '../../protocols/zigbee/aps.js';
import { capabilityFromOctet } from '../../protocols/zigbee/capability-information.js';
import { keyIdentifiers } from '../../protocols/zigbee/security/auxiliary-fields.js';
import type { LayerSecurity, OpenedFrame } from '../../protocols/zigbee/security/opened-frame.js';
import type { ZclFields, ZclValue } from '../../protocols/zigbee/zcl/value.js';

/** What our own decoding has for a field of tshark's, in the order of the frame; undefined: nothing to compare. */
type Reading = (frame: OpenedFrame) => readonly (number | string)[] | undefined;

const macTypes = { beacon: 0, data: 1, acknowledgment: 2, command: 3 } as const;
const macCommands = {
  'association-request': 1,
  'association-response': 2,
  'data-request': 4,
  'beacon-request': 7,
} as const;
const apsCommands = { 'transport-key': 5, 'request-key': 8 } as const;

const flag = (value: boolean): [number] => [value ? 1 : 0];

function mac<T>(read: (header: NonNullable<OpenedFrame['mac']>) => T) {
  return ({ mac: header }: OpenedFrame): T | undefined => header && read(header);
}

function nwk<T>(read: (header: NonNullable<OpenedFrame['nwk']>['header']) => T) {
  return ({ nwk: layer }: OpenedFrame): T | undefined => layer && read(layer.header);
}

function aps<T>(read: (header: NonNullable<OpenedFrame['aps']>['header']) => T | undefined) {
  return ({ aps: layer }: OpenedFrame): T | undefined => layer && read(layer.header);
}

/** The auxiliary headers of a frame, the network's first. */
function security(read: (fields: LayerSecurity) => number | Eui64 | undefined): Reading {
  return ({ nwk: outer, aps: inner }) => {
    const found = [outer?.security, inner?.security]
      .filter((fields) => fields !== undefined)
      .map(read)
      .filter((value) => value !== undefined);
    return found.length === 0 ? undefined : found;
  };
}

/** A short address, or an extended one. */
function shortOnly(value: number | string | undefined): [number] | undefined {
  return typeof value === 'number' ? [value] : undefined;
}
function extendedOnly(value: number | string | undefined): [string] | undefined {
  return typeof value === 'string' ? [value] : undefined;
}

/** Fields of a cluster's command. */
function zcl(cluster: string, command: string, ...path: readonly string[]): Reading {
  return ({ content }) => {
    if (content.kind !== 'zcl') return undefined;
    if (content.cluster !== cluster || content.command !== command) return undefined;
    let value: ZclValue | undefined = content.fields as ZclValue;
    for (const name of path) value = (value as ZclFields | undefined)?.[name];
    return typeof value === 'number' || typeof value === 'string' ? [value] : undefined;
  };
}

/** Values of one data type in a response to a read, or in a report. */
function attributes(...dataTypes: readonly number[]): Reading {
  return ({ content }) => {
    if (content.kind !== 'zcl') return undefined;
    if (!['ReadAttributesResponse', 'ReportAttributes'].includes(content.command)) return undefined;
    const all = (content.fields.attributes ?? []) as readonly ZclFields[];
    const found = all
      .filter(({ dataType }) => dataTypes.includes(dataType as number))
      .map(({ value }) => value)
      .filter((value) => typeof value === 'number' || typeof value === 'string');
    return found.length === 0 ? undefined : found;
  };
}

function zclFrame(read: (content: ZclContent) => number): Reading {
  return ({ content }) => (content.kind === 'zcl' ? [read(content)] : undefined);
}
type ZclContent = Extract<OpenedFrame['content'], { kind: 'zcl' }>;

function beacon(read: (beacon: BeaconContent['beacon']) => number | string): Reading {
  return ({ content }) => (content.kind === 'beacon' ? [read(content.beacon)] : undefined);
}
type BeaconContent = Extract<OpenedFrame['content'], { kind: 'beacon' }>;

function zdo(read: (message: ZdoContent['message']) => number | string | undefined): Reading {
  return ({ content }) => {
    const value = content.kind === 'zdo' ? read(content.message) : undefined;
    return value === undefined ? undefined : [value];
  };
}
type ZdoContent = Extract<OpenedFrame['content'], { kind: 'zdo' }>;

function addressing(header: Omit<ApsHeader, 'auxiliaryHeader'>) {
  if (header.type === 'data') return header as Extract<ApsHeader, { type: 'data' }>;
  if (header.type !== 'acknowledgment') return undefined;
  return (header as Extract<ApsHeader, { type: 'acknowledgment' }>).addressing;
}

const ke = 'KeyEstablishment';
const hexOf = (value: Uint8Array): string => toHex(value);

/** By tshark's name. A GBCS message in a tunnel has ZCL of its own: of the `zbee_zcl` fields the first counts. */
export const gateFields: Readonly<Record<string, Reading>> = {
  'wpan.frame_type': mac(({ type }) => [macTypes[type]]),
  'wpan.pending': mac(({ framePending }) => flag(framePending)),
  'wpan.ack_request': mac(({ acknowledgmentRequest }) => flag(acknowledgmentRequest)),
  'wpan.pan_id_compression': mac(({ panIdCompression }) => flag(panIdCompression)),
  'wpan.seq_no': mac(({ sequenceNumber }) => [sequenceNumber]),
  'wpan.dst_pan': mac(({ destinationPanId }) => shortOnly(destinationPanId)),
  'wpan.dst16': mac(({ destination }) => shortOnly(destination)),
  'wpan.dst64': mac(({ destination }) => extendedOnly(destination)),
  'wpan.cmd': ({ content }) =>
    content.kind === 'mac-command' ? [macCommands[content.command.command]] : undefined,
  'wpan.cinfo.idle_rx': ({ content }) =>
    content.kind === 'mac-command' && content.command.command === 'association-request'
      ? flag(capabilityFromOctet(content.command.capability).receiverOnWhenIdle)
      : undefined,
  'wpan.asoc.addr': ({ content }) =>
    content.kind === 'mac-command' && content.command.command === 'association-response'
      ? [content.command.shortAddress]
      : undefined,
  'wpan.assoc_permit': beacon(({ superframe }) => superframe >> 15),
  'zbee_beacon.profile': beacon(({ stackProfile }) => stackProfile),
  'zbee_beacon.ext_panid': beacon(({ extendedPanId }) => extendedPanId),
  'zbee_nwk.dst': nwk(({ destination }) => [destination]),
  'zbee_nwk.src': nwk(({ source }) => [source]),
  'zbee_nwk.radius': nwk(({ radius }) => [radius]),
  'zbee_nwk.seqno': nwk(({ sequenceNumber }) => [sequenceNumber]),
  'zbee_nwk.end_device_initiator': nwk(({ endDeviceInitiator }) => flag(endDeviceInitiator)),
  'zbee_nwk.security': ({ nwk: layer }) => layer && flag(layer.security !== undefined),
  'zbee.sec.key_id': security(({ keyIdentifier }) => keyIdentifiers.indexOf(keyIdentifier)),
  'zbee.sec.counter': security(({ frameCounter }) => frameCounter),
  'zbee.sec.key_seqno': security(({ keySequenceNumber }) => keySequenceNumber),
  'zbee_aps.type': aps(({ type }) => [['data', 'command', 'acknowledgment'].indexOf(type)]),
  'zbee_aps.ack_req': aps((header) =>
    header.type === 'data' ? flag(header.acknowledgmentRequest) : undefined,
  ),
  'zbee_aps.dst': aps((header) => shortOnly(addressing(header)?.destinationEndpoint)),
  'zbee_aps.src': aps((header) => shortOnly(addressing(header)?.sourceEndpoint)),
  'zbee_aps.profile': aps((header) => shortOnly(addressing(header)?.profileId)),
  'zbee_aps.cluster': aps((header) => {
    const at = addressing(header);
    return at === undefined || at.profileId === 0 ? undefined : [at.clusterId];
  }),
  'zbee_aps.zdp_cluster': aps((header) => {
    const at = addressing(header);
    return at?.profileId === 0 ? [at.clusterId] : undefined;
  }),
  'zbee_aps.counter': aps(({ counter }) => [counter]),
  'zbee_aps.cmd.id': ({ content }) => {
    if (content.kind !== 'aps-command') return undefined;
    const id = apsCommands[content.command.command as keyof typeof apsCommands];
    return id === undefined ? undefined : [id];
  },
  'zbee_aps.cmd.key': ({ content }) =>
    content.kind === 'aps-command' && content.command.command === 'transport-key'
      ? [hexOf(content.command.key)]
      : undefined,
  'zbee_zdp.seqno': zdo(({ transactionSequence }) => transactionSequence),
  'zbee_zdp.ext_addr': zdo((message) =>
    message.name === 'Device_annce' || message.name === 'NWK_addr_req'
      ? message.fields.ieeeAddress
      : undefined,
  ),
  'zbee_zcl.type': zclFrame(({ frameControl }) => frameControl & 3),
  'zbee_zcl.dir': zclFrame(({ direction }) => (direction === 'to-client' ? 1 : 0)),
  'zbee_zcl.cmd.tsn': zclFrame(({ sequenceNumber }) => sequenceNumber),
  'zbee_zcl.attr.uint24': attributes(0x22),
  'zbee_zcl.attr.uint32': attributes(0x23),
  'zbee_zcl.attr.uint48': attributes(0x25),
  'zbee_zcl.attr.int24': attributes(0x2a),
  'zbee_zcl.attr.int32': attributes(0x2b),
  'zbee_zcl_se.ke.init.ephemeral.time': ({ content }) =>
    content.kind === 'zcl' && content.command.startsWith('InitiateKeyEstablishment')
      ? [content.fields.ephemeralDataGenerateTime as number]
      : undefined,
  'zbee_zcl_se.ke.qeu': zcl(ke, 'EphemeralDataRequest', 'ephemeralData'),
  'zbee_zcl_se.ke.qev': zcl(ke, 'EphemeralDataResponse', 'ephemeralData'),
  'zbee_zcl_se.ke.macu': zcl(ke, 'ConfirmKeyDataRequest', 'secureMessageAuthenticationCode'),
  'zbee_zcl_se.ke.macv': zcl(ke, 'ConfirmKeyDataResponse', 'secureMessageAuthenticationCode'),
  'zbee_zcl_se.price.provider_id': zcl('Price', 'PublishPrice', 'providerId'),
  'zbee_zcl_se.calendar.issuer_calendar_id': zcl('Calendar', 'PublishCalendar', 'issuerCalendarId'),
  'zbee_zcl_se.calendar.number_of_seasons': zcl('Calendar', 'PublishCalendar', 'numberOfSeasons'),
  'zbee_zcl_se.drlc.issuer_id': zcl(
    'DemandResponseAndLoadControl',
    'LoadControlEvent',
    'issuerEventId',
  ),
  'zbee_zcl_se.drlc.duration_in_minutes': zcl(
    'DemandResponseAndLoadControl',
    'LoadControlEvent',
    'durationMinutes',
  ),
  'zbee_zcl_se.met.mirror_report_attribute_response.notification_scheme': zcl(
    'Metering',
    'MirrorReportAttributeResponse',
    'notificationScheme',
  ),
  'zbee_zcl_general.ota.file.offset': zcl('OTAUpgrade', 'ImageBlockRequest', 'fileOffset'),
  'zbee_zcl_general.ota.image.data': zcl('OTAUpgrade', 'ImageBlockResponse', 'imageData'),
};

/** A value as tshark prints it, as ours are: numbers, or hex without separators. */
export function plainValue(text: string, like: number | string): number | string {
  return typeof like === 'number' ? Number(text) : text.replaceAll(':', '').toLowerCase();
}
