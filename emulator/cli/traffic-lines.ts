import { msToIso } from '../../protocols/codec/utc.js';
import type { ZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { payloadSummary, protectionOf } from './message-summary.js';
import type { Colours } from './output.js';
import { briefly, clipped } from './text-table.js';
import type { BadTraffic, EventTraffic, HanTraffic, Traffic, WanTraffic } from './traffic.js';

const detailLength = 100;

/** `01:29:06.123` of the sender's emulated time. */
function timeOf(ms: number): string {
  const thousandths = String(((ms % 1_000) + 1_000) % 1_000).padStart(3, '0');
  return `${msToIso(ms).slice(11, 19)}.${thousandths}`;
}

function place(home: string | undefined): string {
  return (home ?? '-').padEnd(8);
}

function wanLine(traffic: WanTraffic, colours: Colours): string {
  const { message, direction, home, type, device, timeMs } = traffic;
  const arrow = direction === 'down' ? colours.cyan('↓') : colours.green('↑');
  const name = (message.useCase ?? message.messageCode).padEnd(8);
  const parts = [
    timeOf(timeMs),
    arrow,
    place(home),
    (type ?? '').padEnd(4),
    device,
    colours.bold(name),
    message.craFlag.padEnd(8),
    `counter ${message.originatorCounter}`,
    protectionOf(message).padEnd(10),
    payloadSummary(message.payload),
  ];
  return parts.join(' ').trimEnd();
}

function address(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'number' ? value.toString(16).padStart(4, '0') : String(value);
}

function frameText(frame: ZigbeeFrame, zcl: HanTraffic['zcl']): string {
  const { mac, nwk, aps } = frame;
  const octets = String(frame.payload).length / 2;
  const hop = `${address(mac.source)}→${address(mac.destination)}`;
  if (nwk === undefined) return `${hop} MAC ${mac.type} ${mac.sequenceNumber}`;
  const route = `${hop} NWK ${address(nwk.source)}→${address(nwk.destination)}`;
  if (aps === undefined) return `${route} ${nwk.type}, ${octets} octets`;
  if (aps.type === 'acknowledgment') return `${route} APS ack ${aps.counter}`;
  if (aps.type === 'command') return `${route} APS command, ${octets} octets`;
  const endpoints = `${aps.sourceEndpoint}→${aps.destinationEndpoint}`;
  const { first, blockNumber } = aps.fragment ?? {};
  const block =
    blockNumber === undefined
      ? ''
      : first === true
        ? ` block 0 of ${blockNumber}`
        : ` block ${blockNumber}`;
  const cluster = `cluster ${aps.clusterId.toString(16).padStart(4, '0')}`;
  const content =
    zcl === undefined
      ? `${cluster}${block}`
      : `${zcl.cluster} ${zcl.command} ${briefly(fieldsOf(zcl))}`;
  return `${route} APS ${endpoints} ${content}, ${octets} octets`;
}

function fieldsOf({ fields }: NonNullable<HanTraffic['zcl']>): Record<string, unknown> {
  return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
}

function hanLine(traffic: HanTraffic, colours: Colours): string {
  const { timeMs, home, band, frame, zcl } = traffic;
  const text = clipped(frameText(frame as unknown as ZigbeeFrame, zcl), detailLength + 20);
  return `${timeOf(timeMs)} ${colours.magenta('~')} ${place(home)} ${band} ${text}`;
}

function eventLine(traffic: EventTraffic, colours: Colours): string {
  const { timeMs, home, type, source, stream, body } = traffic;
  const { event, detail, state, type: _type, home: _home, hub: _hub, ...others } = body;
  const name = String(event ?? state ?? stream);
  const mark = stream === 'refusal' ? colours.red('!') : colours.yellow('*');
  const shown = typeof detail === 'object' && detail !== null ? { ...others, ...detail } : others;
  const text = clipped(briefly(shown), detailLength);
  return [
    timeOf(timeMs),
    mark,
    place(home),
    (type ?? '').padEnd(4),
    source,
    colours.bold(name),
    text,
  ]
    .join(' ')
    .trimEnd();
}

function badLine({ topic, error }: BadTraffic, colours: Colours): string {
  const { path, offset, reason } = error;
  return `             ${colours.red('?')} ${topic}: ${path} @${offset}: ${reason}`;
}

/** One line for people. */
export function trafficLine(traffic: Traffic, colours: Colours): string {
  if ('error' in traffic) return badLine(traffic, colours);
  if (traffic.plane === 'wan') return wanLine(traffic, colours);
  return traffic.plane === 'han' ? hanLine(traffic, colours) : eventLine(traffic, colours);
}

/** All there is, for `--json`; emulated time as ISO 8601 with milliseconds. */
export function trafficJson(traffic: Traffic): object {
  if ('error' in traffic) return traffic;
  const { timeMs, ...rest } = traffic;
  return { time: new Date(timeMs).toISOString(), ...rest };
}
