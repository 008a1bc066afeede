import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  eventStreams,
  eventsFilter,
  hanFilter,
  isTopicName,
  wanFilter,
} from '../../protocols/bus/topics.js';
import type { Bus } from '../ports/bus.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions, brokerText, openBus } from './broker-options.js';
import { ControlClient } from './control-client.js';
import { entityIn, parseHomeName } from './device-name.js';
import { parseDuration, parseWhole } from './duration.js';
import { exitCodes } from './exit.js';
import { interruption, pause } from './io.js';
import { examples, type Session } from './session.js';
import { type Traffic, TrafficDecoder } from './traffic.js';
import { trafficJson, trafficLine } from './traffic-lines.js';
import { askKeysOf, TrafficReader } from './traffic-reader.js';

const planes = ['wan', 'han', 'events'] as const;
type WatchedPlane = (typeof planes)[number];

interface WatchOptions extends BrokerOptions {
  readonly plane: readonly WatchedPlane[];
  readonly home?: string;
  readonly device?: string;
  readonly count?: number;
  readonly for?: number;
  readonly json?: boolean;
  readonly raw?: boolean;
}

function planesIn(text: string): WatchedPlane[] {
  return text.split(',').map((name) => {
    const plane = planes.find((known) => known === name.trim());
    if (plane === undefined) throw new InvalidArgumentError(`Want some of ${planes.join(',')}.`);
    return plane;
  });
}

function deviceName(text: string): string {
  const [home = '', type = ''] = text.split('/');
  if (entityIn(text) !== undefined || (isTopicName(home) && type !== '')) return text;
  throw new InvalidArgumentError('Want an EUI-64, or home and type such as home-1/esme.');
}

export function addWatch(program: Command, session: Session): void {
  const command = program
    .command('watch')
    .summary('show what goes over the bus, decoded')
    .description(
      'Shows live what goes over the bus of a fleet: GBCS messages between head end and hubs (wan), frames of the home ' +
        'networks (han), opened with the keys of the fleet, lifecycle, alerts and refusals (events). Times are those of the ' +
        'senders.',
    )
    .addOption(
      new Option('--plane <list>', 'some of wan,han,events')
        .argParser(planesIn)
        .default(['wan', 'events'], 'wan,events'),
    )
    .option('--home <name>', 'only what concerns one home', parseHomeName)
    .option('--device <device>', 'only one device: EUI-64, or such as home-1/esme', deviceName)
    .option('--count <n>', 'end after so many', parseWhole(1, Number.MAX_SAFE_INTEGER))
    .option('--for <duration>', 'end after so long', parseDuration)
    .option('--raw', 'frames as they are on the air: encrypted')
    .option('--json', 'one JSON object a line, messages decoded to their leaves');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet watch', 'messages and events, a line each'],
        ['hubfleet watch --plane han --home home-1', 'the air of one home'],
        ['hubfleet watch --device home-2/gsme --json', 'all that one device says and hears'],
        ['hubfleet watch --count 100 --for 1m', 'exit code 1 if there are fewer'],
      ),
    )
    .action((options: WatchOptions) => watch(session, options));
}

/** A fleet that runs answers within milliseconds; without one there are no keys to wait for. */
const keysTimeoutMs = 1_000;

async function watch(session: Session, options: WatchOptions): Promise<void> {
  const { out, err, io } = session;
  const stop = interruption(io);
  const enough = new AbortController();
  let shown = 0;
  const show = (traffic: Traffic): void => {
    if (enough.signal.aborted || !wanted(traffic, options)) return;
    if (options.json === true) out.json(trafficJson(traffic));
    else out.line(trafficLine(traffic, out.colours));
    shown++;
    if (shown === options.count) enough.abort();
  };
  const where = brokerText(options);
  const bus = await openBus(options, (state) => {
    if (!stop.signal.aborted)
      err.line(`connection to ${where} ${state === 'lost' ? 'lost' : 'is back'}`);
  });
  try {
    const reader = await readerFor(session, options, bus, where);
    const hear: Hear = (topic, payload, retained) => reader.read(topic, payload, retained, show);
    await subscribe(bus, options, hear);
    err.line(`watching fleet '${options.name}' on ${where}${options.for ? '' : '; Ctrl-C ends'}`);
    await pause(options.for, stop.signal, enough.signal, out.closed);
    reader.release();
  } finally {
    stop.release();
    await bus.close();
  }
  const missed = options.count !== undefined && shown < options.count && !out.closed.aborted;
  session.exitCode = missed ? exitCodes.failed : exitCodes.passed;
}

/** What is on the air is opened with the keys that the fleet has, if one runs. */
async function readerFor(
  { err }: Session,
  { plane, raw, name, home }: WatchOptions,
  bus: Bus,
  where: string,
): Promise<TrafficReader> {
  const decoder = new TrafficDecoder();
  if (raw === true || !plane.includes('han')) return new TrafficReader(decoder);
  const client = new ControlClient(bus, name, where, keysTimeoutMs);
  await client.open();
  try {
    decoder.addKeys(await client.hanKeys(home));
  } catch (error) {
    if (!(error instanceof EnvironmentError || error instanceof UsageError)) throw error;
    err.line(`no keys, frames stay encrypted: ${error.message}`);
  }
  return new TrafficReader(decoder, askKeysOf(client));
}

type Hear = (topic: string, payload: Uint8Array, retained: boolean) => void;

async function subscribe(bus: Bus, options: WatchOptions, hear: Hear): Promise<void> {
  const { name, home, plane } = options;
  // Presence first, whatever is watched: it tells which device lives where.
  await bus.subscribe(eventsFilter(name, 'presence'), hear);
  if (plane.includes('events')) {
    for (const stream of eventStreams) {
      if (stream !== 'presence') await bus.subscribe(eventsFilter(name, stream), hear);
    }
  }
  if (plane.includes('wan')) await bus.subscribe(wanFilter(name), hear);
  if (plane.includes('han')) await bus.subscribe(hanFilter(name, home ?? '+'), hear);
}

function wanted(traffic: Traffic, { plane, home, device }: WatchOptions): boolean {
  // What was there before is known, not news.
  if (traffic.plane === 'events' && 'retained' in traffic && traffic.retained) return false;
  if (!plane.some((one) => one === traffic.plane)) return false;
  if ('error' in traffic) return home === undefined && device === undefined;
  if (home !== undefined && traffic.home !== home) return false;
  return device === undefined || concerns(traffic, device);
}

function concerns(traffic: Exclude<Traffic, { error: unknown }>, device: string): boolean {
  const entity = entityIn(device);
  if (entity !== undefined) return entityOf(traffic) === entity;
  const [home, type] = device.split('/');
  return traffic.home === home && traffic.type === type;
}

function entityOf(traffic: Exclude<Traffic, { error: unknown }>): string | undefined {
  if (traffic.plane === 'wan') return traffic.device;
  return traffic.plane === 'han' ? traffic.sender : traffic.source;
}
