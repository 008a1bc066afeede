import { type Command, InvalidArgumentError } from 'commander';
import { zepPort } from '../../protocols/pcapng/zep.js';
import type { HomeKey } from '../fleet/control-protocol.js';
import { UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions, brokerText, openBus } from './broker-options.js';
import {
  Capture,
  type CapturedHomes,
  type CaptureTargets,
  checkTargets,
  keyFileOf,
} from './capture-outputs.js';
import { ControlClient, unlessInterrupted } from './control-client.js';
import { parseHomeName } from './device-name.js';
import { parseDuration, parseWhole } from './duration.js';
import { exitCodes } from './exit.js';
import { interruption, pause } from './io.js';
import type { KeySource } from './key-collector.js';
import { openHints } from './open-hints.js';
import { examples, type Session } from './session.js';
import { askKeysOf } from './traffic-reader.js';

interface CaptureOptions extends BrokerOptions {
  readonly output?: string;
  readonly jsonl?: string;
  /** False: none. */
  readonly keys?: string | false;
  readonly live?: number;
  readonly home?: readonly string[];
  readonly for?: number;
  readonly count?: number;
  readonly openHint?: boolean;
}

function parseLive(text: string): number {
  const port = text === 'udp' ? zepPort : Number(/^udp:(\d{1,5})$/.exec(text)?.[1] ?? Number.NaN);
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError(`Want udp (port ${zepPort}) or udp:<port>.`);
}

export function addCapture(program: Command, session: Session): void {
  const command = program
    .command('capture')
    .summary('record a running fleet for Wireshark')
    .description(
      'Records what goes over the bus of a running fleet as pcapng: the ZigBee frames of each home and band (interfaces ' +
        'home-1/2g4, …) and the GBCS messages of the WAN (interface wan). Beside the file it puts zigbee_pc_keys, with ' +
        'which Wireshark opens the encrypted frames (--open-hint says how). Times are those of the senders, in emulated ' +
        'UTC. Runs until Ctrl-C, or as told.\n' +
        'From the very first frame: hubfleet up --capture FILE.',
    )
    .option('-o, --output <file>', 'pcapng file to write; - is standard output')
    .option('--jsonl <file>', 'also, or only: the same packets decoded, one JSON object a line')
    .option(
      '--live <how>',
      `udp or udp:<port>: frames to Wireshark on this machine, as ZEP (default port: ${zepPort})`,
      parseLive,
    )
    .option(
      '--home <name...>',
      'only these homes',
      (text: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        parseHomeName(text),
      ],
    )
    .option('--keys <file>', 'where the keys of the homes go (default: zigbee_pc_keys beside -o)')
    .option('--no-keys', 'write no keys')
    .option('--for <duration>', 'end after so long, such as 15s, 2m, 1h', parseDuration)
    .option('--count <n>', 'end after so many packets', parseWhole(1, Number.MAX_SAFE_INTEGER))
    .option('--open-hint', 'only print the command lines that open FILE');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      `${examples(
        [
          'hubfleet capture -o home.pcapng --home home-1',
          'one home and its messages, until Ctrl-C',
        ],
        ['hubfleet capture -o fleet.pcapng --for 1m', 'all homes; --jsonl fleet.jsonl for a trace'],
        ['hubfleet capture -o - | wireshark -k -i -', 'watch it grow, WAN and all'],
        [
          'hubfleet capture --live udp --keys zigbee_pc_keys',
          'frames to a Wireshark that listens on the loopback',
        ],
        ['hubfleet capture -o home.pcapng --open-hint', 'how to open it'],
      )}\n\n${notes}`,
    )
    .action((options: CaptureOptions) => capture(session, options));
}

const notes =
  'The keys are those of the fleet asked for, network and link keys of each home: known ones at the start, and now and ' +
  'then, and at the end\nthose of devices that joined meanwhile. A file that is there already keeps its lines. With -o - ' +
  'there is none unless --keys names it.\nA trace (--jsonl) has every frame layer by layer, decrypted, down to the ' +
  'command and the message in a tunnel.\n' +
  'Exit codes: 0 captured, 1 fewer packets than --count or some left out, 2 wrong use, 3 no fleet or file not writable.';

/** For keys: a fleet that is gone must not hold up the end of a capture. */
const keysTimeoutMs = 2_000;

async function capture(session: Session, options: CaptureOptions): Promise<void> {
  const { output: pcapng, jsonl, keys, live: zepOption } = options;
  const targets: CaptureTargets = { pcapng, jsonl, zepPort: zepOption, keys };
  if (options.openHint === true) {
    const file = pcapng ?? 'home.pcapng';
    const keyFile = keyFileOf({ ...targets, pcapng: file });
    for (const line of openHints(file, keyFile, zepOption ?? zepPort)) session.out.line(line);
    return;
  }
  if (pcapng === undefined && jsonl === undefined && zepOption === undefined) {
    throw new UsageError('want -o FILE, --jsonl FILE or --live udp (see: hubfleet capture --help)');
  }
  checkTargets(targets, session);
  const stop = interruption(session.io);
  const where = brokerText(options);
  try {
    const bus = await openBus(options, (state) => {
      if (!stop.signal.aborted)
        session.err.line(`connection to ${where} ${state === 'lost' ? 'lost' : 'is back'}`);
    });
    try {
      const client = new ControlClient(bus, options.name, where);
      const some = await unlessInterrupted(findHomes(client, options.home), stop.signal);
      const keyClient = new ControlClient(bus, options.name, where, keysTimeoutMs);
      await keyClient.open();
      const captured = await Capture.open(targets, options.name, session, askKeysOf(keyClient));
      const keysOf: KeySource = () => keysOfHomes(keyClient, options.home);
      await run(captured, session, options, { some, keysOf }, bus, stop.signal);
    } finally {
      await bus.close();
    }
  } finally {
    stop.release();
  }
}

/** Makes sure that the fleet is there, and the homes in it. */
async function findHomes(
  client: ControlClient,
  homes: readonly string[] | undefined,
): Promise<CapturedHomes | undefined> {
  await client.open();
  if (homes === undefined) {
    await client.ask({ query: 'stats' });
    return undefined;
  }
  const hubs = new Set<string>();
  for (const home of homes) for (const { hub } of await client.devices(home)) hubs.add(hub);
  return { homes: [...new Set(homes)], hubs };
}

async function keysOfHomes(
  client: ControlClient,
  homes: readonly string[] | undefined,
): Promise<HomeKey[]> {
  if (homes === undefined) return client.hanKeys();
  const keys: HomeKey[] = [];
  for (const home of new Set(homes)) keys.push(...(await client.hanKeys(home)));
  return keys;
}

interface Subject {
  /** Without it, all homes. */
  readonly some: CapturedHomes | undefined;
  readonly keysOf: KeySource;
}

async function run(
  captured: Capture,
  session: Session,
  options: CaptureOptions,
  { some, keysOf }: Subject,
  bus: Awaited<ReturnType<typeof openBus>>,
  stopped: AbortSignal,
): Promise<void> {
  const { out, err } = session;
  const enough = new AbortController();
  const { count = Number.POSITIVE_INFINITY } = options;
  try {
    await captured.useKeys(keysOf);
    await captured.listen(bus, options.name, {
      some,
      wants: () => !enough.signal.aborted,
      onPacket: () => {
        if (captured.recorder.packets >= count) enough.abort();
      },
    });
    const where = brokerText(options);
    err.line(`capturing fleet '${options.name}' on ${where}${options.for ? '' : '; Ctrl-C ends'}`);
    await pause(options.for, stopped, enough.signal, captured.failed, out.closed);
  } finally {
    enough.abort();
    await captured.close();
  }
  (captured.usesStandardOutput ? err : out).line(captured.summary());
  const missed = options.count !== undefined && captured.recorder.packets < options.count;
  const passed = (!missed || out.closed.aborted) && captured.leftOut === 0;
  session.exitCode = passed ? exitCodes.passed : exitCodes.failed;
}
