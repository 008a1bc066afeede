import { toHex } from '../../protocols/codec/hex.js';
import { msToIso } from '../../protocols/codec/utc.js';
import type { DecodedMessage } from '../../protocols/gbcs/decoded-message.js';
import { formatMessageCode, messageCodeOf } from '../../protocols/gbcs/use-cases/use-case.js';
import { frameText } from './frame-text.js';
import { blockText, payloadSummary, protectionOf } from './message-summary.js';
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
  const { message, block, direction, home, type, device, timeMs } = traffic;
  const arrow = direction === 'down' ? colours.cyan('↓') : colours.green('↑');
  const { useCase, messageCode, craFlag, originatorCounter } = nameOf(traffic);
  const parts = [
    timeOf(timeMs),
    arrow,
    place(home),
    (type ?? '').padEnd(4),
    device,
    colours.bold((useCase ?? messageCode).padEnd(8)),
    craFlag.padEnd(8),
    `counter ${originatorCounter}`,
    ...(block === undefined ? [] : [blockText(block)]),
    ...(message === undefined
      ? []
      : [protectionOf(message).padEnd(10), payloadSummary(message.payload)]),
  ];
  return parts.join(' ').trimEnd();
}

/** What a message is called, or the one that a block is of. */
function nameOf({ message, block }: WanTraffic) {
  if (block === undefined) return message as DecodedMessage;
  const { messageCode, craFlag, originatorCounter } = block;
  const useCase = messageCodeOf(messageCode)?.useCase;
  return { useCase, messageCode: formatMessageCode(messageCode), craFlag, originatorCounter };
}

function hanLine(traffic: HanTraffic, colours: Colours): string {
  const { timeMs, home, band } = traffic;
  const text = clipped(frameText(traffic), detailLength + 20);
  return `${timeOf(timeMs)} ${colours.magenta('~')} ${`${home}/${band}`.padEnd(12)} ${text}`;
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

/** All there is, for `--json`; emulated time as ISO 8601 with milliseconds, octets in hex. */
export function trafficJson(traffic: Traffic): object {
  if ('error' in traffic) return traffic;
  const { timeMs, ...rest } = traffic;
  const time = new Date(timeMs).toISOString();
  if (traffic.plane === 'events') return { time, ...rest };
  const block = traffic.block === undefined ? {} : { block: plain(traffic.block) };
  if (traffic.plane === 'wan') return { time, ...rest, ...block };
  return { time, ...rest, ...block, frame: plain(traffic.frame) };
}

/** JSON-safe: octets as hex, counters as decimal text. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
