import { toHex } from '../../protocols/codec/hex.js';
import type { GbtBlock } from '../../protocols/gbcs/gbt.js';
import { formatMessageCode, messageCodeOf } from '../../protocols/gbcs/use-cases/use-case.js';
import { clusters } from '../../protocols/zigbee/clusters/clusters.js';
import type { MacAddress, MacHeader } from '../../protocols/zigbee/ieee802154.js';
import type {
  FrameContent,
  OpenedAps,
  OpenedZcl,
  Tunnelled,
} from '../../protocols/zigbee/security/opened-frame.js';
import { blockText, payloadSummary } from './message-summary.js';
import { brief, briefly } from './text-table.js';
import type { HanTraffic } from './traffic.js';

function shown(address: MacAddress | undefined): string {
  if (address === undefined) return '-';
  return typeof address === 'number' ? address.toString(16).padStart(4, '0') : address;
}

function hop({ source, destination }: Pick<MacHeader, 'source' | 'destination'>): string {
  return `${shown(source)}>${shown(destination)}`;
}

/** From whom to whom, and what: `3e4d>0000 Metering ReadAttributesResponse currentSummationDelivered=17`. */
export function frameText({ frame, message, block }: HanTraffic): string {
  const { mac, nwk } = frame;
  const text = message === undefined ? block && blockOfText(block) : messageText(message);
  const said = text === undefined ? '' : ` ${text}`;
  const content = `${contentText(frame)}${said}`;
  if (mac === undefined) return content;
  if (mac.type === 'acknowledgment') return `ack ${mac.sequenceNumber}`;
  if (nwk === undefined) return `${hop(mac)} ${content}`;
  const whole = hop(nwk.header);
  // Through the hub: the frame is on the air once for each hop.
  const relayed = whole === hop(mac) ? '' : ` (hop ${hop(mac)})`;
  return `${whole}${relayed} ${content}`;
}

function messageText(message: NonNullable<HanTraffic['message']>): string {
  const { useCase, messageCode, craFlag, payload } = message;
  return `${useCase ?? messageCode} ${craFlag} ${payloadSummary(payload)}`;
}

function blockOfText(block: GbtBlock): string {
  const { messageCode, craFlag } = block;
  const name = messageCodeOf(messageCode)?.useCase ?? formatMessageCode(messageCode);
  return `${name} ${craFlag} ${blockText(block)}`;
}

function contentText({ aps, content }: OpenedAps): string {
  switch (content.kind) {
    case 'mac-acknowledgment':
      return 'ack';
    case 'beacon':
      return `beacon ${briefly({ ...content.beacon })}`;
    case 'mac-command':
    case 'nwk-command': {
      const { command, ...fields } = content.command;
      return `${command} ${briefly(fields)}`.trimEnd();
    }
    case 'aps-command':
      return apsCommandText(content);
    case 'aps-acknowledgment':
      return `APS ack ${aps?.header.counter ?? ''}`;
    case 'zdo':
      return `${content.message.name} ${briefly({ ...content.message.fields })}`.trimEnd();
    case 'zcl':
      return zclText(content);
    case 'fragment': {
      const { index, count, octets } = content;
      return `${clusterText(aps)} fragment ${index + 1} of ${count ?? '?'}, ${octets.length} octets`;
    }
    case 'data':
      return `${clusterText(aps)} data, ${content.octets.length} octets`;
    case 'closed': {
      const { layer, reason, octets } = content;
      return `encrypted ${layer.toUpperCase()} (${reason}), ${octets.length} octets`;
    }
    case 'malformed':
      return `malformed ${content.error.path} @${content.error.offset}: ${content.error.reason}`;
  }
}

function apsCommandText(content: Extract<FrameContent, { kind: 'aps-command' }>): string {
  const { command, carried } = content;
  if (carried !== undefined) return `${command.command} ${contentText(carried)}`;
  const { command: name, ...fields } = command;
  const texts = Object.entries(fields).map(([field, value]) => [
    field,
    value instanceof Uint8Array ? toHex(value) : value,
  ]);
  return `${name} ${briefly(Object.fromEntries(texts))}`;
}

function clusterText(aps: OpenedAps['aps']): string {
  if (aps?.header.type !== 'data') return '';
  const { clusterId } = aps.header;
  return clusters.get(clusterId)?.name ?? `cluster ${clusterId.toString(16).padStart(4, '0')}`;
}

function zclText({ cluster, command, fields, tunnelled }: OpenedZcl): string {
  const what = `${cluster} ${command}`;
  if (tunnelled !== undefined) return `${what}${tunnelText(tunnelled)}`;
  const { attributes, ...others } = fields;
  const texts = [
    ...(Array.isArray(attributes) ? attributes.map(attributeText) : []),
    briefly(others),
  ];
  return [what, ...texts].join(' ').trimEnd();
}

function tunnelText(tunnelled: Tunnelled): string {
  switch (tunnelled.kind) {
    case 'message':
      return '';
    case 'get-response':
      return ` GET-RESPONSE, ${tunnelled.remaining} more`;
    default:
      return ` ${tunnelled.kind.toUpperCase()}`;
  }
}

/** `name`, `name=value`, or `name!86` with a status that says why there is none. */
function attributeText(attribute: Readonly<Record<string, unknown>>): string {
  const { attribute: name, attributeId, value, status } = attribute;
  const known = typeof name === 'string' && name !== 'unknown';
  const label = known ? name : `0x${Number(attributeId).toString(16).padStart(4, '0')}`;
  if (value !== undefined) return `${label}=${brief(value)}`;
  return typeof status === 'number' && status !== 0 ? `${label}!${status.toString(16)}` : label;
}
