import { CodecError } from '../codec/codec-error.js';
import { type Eui64, isEui64 } from '../codec/eui64.js';

/** The first two levels of every topic of the project; the second is the version of the grammar. */
export const topicRoot = 'hubfleet/1';

/** Bytes; the grammar is ASCII. The longest topic it can form is shorter. */
export const topicLengthMax = 256;

/** The two airs of a home: 2.4 GHz (`2g4`) and sub-GHz around 868 MHz (`868`). */
export const bands = ['2g4', '868'] as const;
export type Band = (typeof bands)[number];

export const wanDirections = ['down', 'up'] as const;
/** `down` is towards the hub, `up` towards the head end. */
export type WanDirection = (typeof wanDirections)[number];

/** `presence` is retained; the others are not. */
export const eventStreams = ['presence', 'lifecycle', 'alert', 'refusal'] as const;
export type EventStream = (typeof eventStreams)[number];

export interface WanTopic {
  readonly plane: 'wan';
  readonly fleet: string;
  readonly hub: Eui64;
  readonly direction: WanDirection;
}

export interface HanTopic {
  readonly plane: 'han';
  readonly fleet: string;
  readonly home: string;
  readonly band: Band;
}

export interface DeviceEventTopic {
  readonly plane: 'events';
  readonly fleet: string;
  readonly source: 'device';
  readonly device: Eui64;
  readonly stream: EventStream;
}

export interface ProcessEventTopic {
  readonly plane: 'events';
  readonly fleet: string;
  readonly source: 'process';
  readonly process: string;
  readonly stream: EventStream;
}

export interface RequestTopic {
  readonly plane: 'control';
  readonly fleet: string;
  readonly role: 'request';
  /** `fleetTarget`, an EUI-64, or the name of a home or process. */
  readonly target: string;
}

export interface ReplyTopic {
  readonly plane: 'control';
  readonly fleet: string;
  readonly role: 'reply';
  readonly asker: string;
}

export type Topic =
  | WanTopic
  | HanTopic
  | DeviceEventTopic
  | ProcessEventTopic
  | RequestTopic
  | ReplyTopic;

/** The request target that whoever runs the fleet answers to. */
export const fleetTarget = 'fleet';

const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of fleets, homes, processes, targets and askers: 1 to 63 of a-z, 0-9 and inner hyphens. */
export function isTopicName(text: unknown): text is string {
  return typeof text === 'string' && namePattern.test(text);
}

function named(what: string, text: string): string {
  if (isTopicName(text)) return text;
  throw new CodecError(
    what,
    0,
    `'${String(text)}' is not a name of 1 to 63 of a-z, 0-9 and inner hyphens`,
  );
}

function identified(what: string, text: string): string {
  if (isEui64(text)) return text;
  throw new CodecError(what, 0, `'${String(text)}' is not an EUI-64 of 16 lower-case hex digits`);
}

function oneOf(what: string, all: readonly string[], text: string): string {
  if (all.includes(text)) return text;
  throw new CodecError(what, 0, `'${String(text)}' is none of ${all.join(', ')}`);
}

/** Builds the topic; throws CodecError for a name that the grammar does not allow. */
export function formatTopic(topic: Topic): string {
  const start = `${topicRoot}/${named('fleet', topic.fleet)}/${topic.plane}`;
  switch (topic.plane) {
    case 'wan':
      return `${start}/${identified('hub', topic.hub)}/${oneOf('direction', wanDirections, topic.direction)}`;
    case 'han':
      return `${start}/${named('home', topic.home)}/${oneOf('band', bands, topic.band)}`;
    case 'events': {
      const stream = oneOf('stream', eventStreams, topic.stream);
      return topic.source === 'device'
        ? `${start}/device/${identified('device', topic.device)}/${stream}`
        : `${start}/process/${named('process', topic.process)}/${stream}`;
    }
    case 'control':
      return topic.role === 'request'
        ? `${start}/request/${named('target', topic.target)}`
        : `${start}/reply/${named('asker', topic.asker)}`;
  }
}

function parseEvents(fleet: string, parts: readonly string[]): Topic | undefined {
  const [, , , , source, id, text] = parts;
  const stream = eventStreams.find((known) => known === text);
  if (parts.length !== 7 || stream === undefined) return undefined;
  if (source === 'device' && isEui64(id)) {
    return { plane: 'events', fleet, source, device: id, stream };
  }
  if (source === 'process' && isTopicName(id)) {
    return { plane: 'events', fleet, source, process: id, stream };
  }
  return undefined;
}

function parseControl(fleet: string, role: string, id: string): Topic | undefined {
  if (!isTopicName(id)) return undefined;
  if (role === 'request') return { plane: 'control', fleet, role, target: id };
  if (role === 'reply') return { plane: 'control', fleet, role, asker: id };
  return undefined;
}

/** What a topic stands for; undefined for any text that is not exactly a topic of the grammar. */
export function parseTopic(topic: string): Topic | undefined {
  if (topic.length > topicLengthMax || !topic.startsWith(`${topicRoot}/`)) return undefined;
  const parts = topic.split('/');
  const [, , fleet, plane, first, second] = parts;
  if (!isTopicName(fleet)) return undefined;
  if (plane === 'events') return parseEvents(fleet, parts);
  if (parts.length !== 6 || first === undefined || second === undefined) return undefined;
  if (plane === 'control') return parseControl(fleet, first, second);
  if (plane === 'wan') {
    const direction = wanDirections.find((known) => known === second);
    return isEui64(first) && direction ? { plane, fleet, hub: first, direction } : undefined;
  }
  if (plane === 'han') {
    const band = bands.find((known) => known === second);
    return isTopicName(first) && band ? { plane, fleet, home: first, band } : undefined;
  }
  return undefined;
}

export function wanTopic(fleet: string, hub: Eui64, direction: WanDirection): string {
  return formatTopic({ plane: 'wan', fleet, hub, direction });
}

export function hanTopic(fleet: string, home: string, band: Band): string {
  return formatTopic({ plane: 'han', fleet, home, band });
}

export function deviceEventTopic(fleet: string, device: Eui64, stream: EventStream): string {
  return formatTopic({ plane: 'events', fleet, source: 'device', device, stream });
}

export function processEventTopic(fleet: string, process: string, stream: EventStream): string {
  return formatTopic({ plane: 'events', fleet, source: 'process', process, stream });
}

export function requestTopic(fleet: string, target: string): string {
  return formatTopic({ plane: 'control', fleet, role: 'request', target });
}

export function replyTopic(fleet: string, asker: string): string {
  return formatTopic({ plane: 'control', fleet, role: 'reply', asker });
}

/** All of one fleet. */
export function fleetFilter(fleet: string): string {
  return `${topicRoot}/${named('fleet', fleet)}/#`;
}

/** All hubs, one direction (`down` for the process that runs the hubs, `up` for the head end) or both. */
export function wanFilter(fleet: string, direction: WanDirection | '+' = '+'): string {
  return `${topicRoot}/${named('fleet', fleet)}/wan/+/${oneOf('direction', [...wanDirections, '+'], direction)}`;
}

/** One home's air, or with '+' that of all homes; one band or all. */
export function hanFilter(fleet: string, home: string | '+' = '+', band: Band | '+' = '+'): string {
  const place = home === '+' ? home : named('home', home);
  return `${topicRoot}/${named('fleet', fleet)}/han/${place}/${oneOf('band', [...bands, '+'], band)}`;
}

/** Events of all devices, all processes or ('+') both; one stream or all. */
export function eventsFilter(
  fleet: string,
  stream: EventStream | '+' = '+',
  source: 'device' | 'process' | '+' = '+',
): string {
  const from = oneOf('source', ['device', 'process', '+'], source);
  return `${topicRoot}/${named('fleet', fleet)}/events/${from}/+/${oneOf('stream', [...eventStreams, '+'], stream)}`;
}

/** The requests to every target: for the one process that runs the whole fleet. */
export function requestFilter(fleet: string): string {
  return `${topicRoot}/${named('fleet', fleet)}/control/request/+`;
}
