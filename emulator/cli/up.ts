import { type Command, InvalidArgumentError, Option } from 'commander';
import { isoToMs } from '../../protocols/codec/utc.js';
import { type LogLevel, logLevels, pinoLog } from '../adapters/pino-log.js';
import { type Beginning, beginnings, type HanKind, hanKinds } from '../fleet/home.js';
import { homeKeysOf } from '../fleet/home-keys.js';
import {
  defaultPort,
  defaultSeed,
  type FleetOptions,
  homesMax,
  type RunningFleet,
  startFleet,
} from '../fleet/start-fleet.js';
import { type EnvironmentName, environments } from '../han/air/radio-environments.js';
import type { Bus } from '../ports/bus.js';
import { EnvironmentError, UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions, brokerText } from './broker-options.js';
import { Capture, checkTargets, openHintOf } from './capture-outputs.js';
import { ControlClient } from './control-client.js';
import { parseDuration, parseNumber, parseWhole } from './duration.js';
import { exitCodes } from './exit.js';
import { interruption, pause } from './io.js';
import { examples, type Session } from './session.js';
import { progressOf } from './up-progress.js';
import { summaryOf, totalsLines } from './up-summary.js';

interface UpOptions extends BrokerOptions {
  readonly homes: number;
  readonly seed: string;
  readonly template?: string;
  readonly port?: number;
  readonly host?: string;
  readonly for?: number;
  readonly speed: number;
  readonly start?: number;
  readonly commandsPerSecond?: number;
  readonly capture?: string;
  readonly han?: HanKind;
  readonly from?: Beginning;
  readonly gasWakeInterval?: number;
  readonly radio?: EnvironmentName;
  readonly logLevel?: LogLevel;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Beyond these the frames of all displays and meters take a good part of a core. */
const manyHomes = 200;

/** A fleet that runs answers within milliseconds; without one a start waits so long. */
const twinTimeoutMs = 500;

/** How long Ctrl-C lets commands in flight finish. */
const graceMs = 1_000;

function startTime(text: string): number {
  const ms = isoToMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Want a UTC time: 2026-11-22T00:00:00Z.');
  return ms;
}

export function addUp(program: Command, session: Session): void {
  const command = program
    .command('up')
    .summary('bring up a fleet of homes and keep them busy')
    .description(
      'Brings up a fleet of homes, their head end and (unless --broker names one) an MQTT broker on this machine, and ' +
        'keeps them busy with commands. Runs until Ctrl-C, or for the time given.\n' +
        'Exit code 0 when every command was answered and every check passed, else 1.',
    )
    .option('--homes <n>', 'number of homes', parseWhole(1, homesMax), 10)
    .option('--seed <text>', 'everything random and all keys follow from it', defaultSeed)
    .option(
      '--template <name|file>',
      'the devices of a home: dual-fuel-home, full-home (prepayment display and load control, too) or a file ' +
        '(default: dual-fuel-home)',
    )
    .option(
      '--port <n>',
      `port of the own broker, 0 for any (default: ${defaultPort})`,
      parseWhole(0, 65_535),
    )
    .option('--host <address>', 'where the own broker listens (default: 127.0.0.1)')
    .option('--for <duration>', 'stop after so long, such as 15s, 2m, 1h', parseDuration)
    .option('--clock, --speed <x>', 'emulated seconds per second', parseNumber(0.001, 1_000_000), 1)
    .option('--start <time>', 'emulated UTC at the start (default: now)', startTime)
    .option(
      '--commands-per-second <n>',
      'of the whole fleet (default: one per home)',
      parseNumber(0, 1_000_000),
    )
    .addOption(
      new Option(
        '--from <state>',
        'how homes begin: power-on has every device join (--speed up to 120)',
      )
        .choices(beginnings)
        .default('joined'),
    )
    .addOption(
      new Option(
        '--han <how>',
        'frames: every ZigBee frame on the air, secured; messages: none, for big fleets',
      )
        .choices(hanKinds)
        .default('frames'),
    )
    .option(
      '--gas-wake-interval <duration>',
      'how often gas meters wake, in emulated time (default: 30m)',
      parseDuration,
    )
    .addOption(
      new Option('--radio <environment>', 'how radio fares in the homes')
        .choices(Object.keys(environments))
        .default('ideal'),
    )
    .option(
      '--capture <file>',
      'pcapng file of all frames and messages, from the first one, and zigbee_pc_keys beside it',
    )
    .option('--json', 'one JSON object at the end, nothing else on standard output')
    .option('--quiet', 'no table and no progress, only the summary at the end')
    .addOption(
      new Option('--log-level <level>', 'of the log on standard error').choices(logLevels),
    );
  addBrokerOptions(command, 'of a broker to join (default: an own one)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet up', 'ten homes on an own broker, with a live table'],
        ['hubfleet up --homes 1000 --seed mine', 'a street of them'],
        ['hubfleet up --for 15s --json', 'as a test: one JSON object, exit code 0 or 1'],
        ['hubfleet up --homes 1 --for 30s --capture home.pcapng', 'to open in Wireshark'],
        [
          'hubfleet up --homes 1 --from power-on --capture home.pcapng',
          'from the very first frame',
        ],
        ['hubfleet up --homes 5000 --han messages', 'a big fleet, nothing on the air'],
        ['hubfleet up --broker mqtts://broker:8883 --ca ca.pem', 'on a broker of your own'],
      ),
    )
    .addHelpText('after', radioHelp())
    .action((options: UpOptions) => up(session, options));
}

/** What the choices of --radio stand for. */
function radioHelp(): string {
  const lines = Object.values(environments).map(
    ({ name, title }) => `  ${name.padEnd('thick-walls'.length)}  ${title}`,
  );
  return ['', 'Radio environments:', ...lines].join('\n');
}

function fleetOptions(options: UpOptions, live: boolean): FleetOptions {
  const { broker, ca, port, host, start, commandsPerSecond } = options;
  if (broker !== undefined && (port !== undefined || host !== undefined)) {
    throw new UsageError(
      '--port and --host are for the own broker: leave them out with --broker or HUBFLEET_BROKER',
    );
  }
  if (options.capture === '-') {
    throw new UsageError('--capture wants a file: up itself writes to standard output');
  }
  const entries = Object.entries({
    homes: options.homes,
    seed: options.seed,
    name: options.name,
    template: options.template,
    broker,
    username: options.username,
    password: options.password,
    caFile: ca,
    port,
    host,
    speed: options.speed,
    startTimeMs: start,
    commandsPerSecond,
    han: options.han,
    from: options.from,
    gasWakeIntervalMs: options.gasWakeInterval,
    radio: options.radio,
    // Log lines would tear the table.
    log: pinoLog({ level: options.logLevel ?? (live ? 'silent' : 'warn') }),
    routine: commandsPerSecond === 0 ? 'none' : 'mixed',
  } as const satisfies { [K in keyof FleetOptions]: FleetOptions[K] | undefined });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as FleetOptions;
}

async function up(session: Session, options: UpOptions): Promise<void> {
  const { out, err, io } = session;
  const live = out.isTerminal && options.json !== true && options.quiet !== true;
  const settings = fleetOptions(options, live);
  const targets = { pcapng: options.capture };
  checkTargets(targets, session);
  const stop = interruption(io);
  if (err.isTerminal && options.quiet !== true) err.line(`starting ${options.homes} homes…`);
  if (options.homes > manyHomes && options.han !== 'messages') {
    err.line(
      `${options.homes} homes with every ZigBee frame on the air are much for one process: --han messages leaves the air out`,
    );
  }
  let capture: Capture | undefined;
  const beforeStart = async (bus: Bus): Promise<void> => {
    if (options.broker !== undefined) await refuseTwin(bus, options);
    if (options.capture === undefined) return;
    capture = await Capture.open(targets, options.name, session);
    await capture.listen(bus, options.name);
  };
  const running = await startFleet({ ...settings, beforeStart }).catch(async (error: unknown) => {
    stop.release();
    await capture?.close();
    throw error;
  });
  const startedAtMs = performance.now();
  try {
    await capture?.useKeys(async () => running.fleet.homes.flatMap(homeKeysOf));
    const progress = progressOf(session, running, {
      live,
      silent: options.quiet === true,
      lines: options.json !== true,
      hint: hint(running, options),
    });
    await pause(options.for, stop.signal, out.closed);
    await settle(running, stop.signal);
    progress.close();
    report(session, running, options, {
      durationMs: performance.now() - startedAtMs,
      cutShort: options.for !== undefined && stop.signal.aborted,
      live,
    });
  } finally {
    await running.stop();
    stop.release();
    await capture?.close();
  }
  if (capture === undefined || options.json === true) return;
  out.line(capture.summary());
  const opening = openHintOf(targets);
  if (opening !== undefined) out.line(opening);
}

/** Two fleets of one name would answer each other's commands. @throws EnvironmentError */
async function refuseTwin(bus: Bus, options: UpOptions): Promise<void> {
  const where = brokerText(options);
  const client = new ControlClient(bus, options.name, where, twinTimeoutMs);
  await client.open();
  if (await client.isThere()) {
    throw new EnvironmentError(
      `a fleet '${options.name}' runs on ${where} already: choose another --name`,
    );
  }
}

/** Commands in flight get their time, but after Ctrl-C not much of it. */
async function settle(running: RunningFleet, interrupted: AbortSignal): Promise<void> {
  const drained = new AbortController();
  const draining = running.drain().then(() => drained.abort());
  await pause(undefined, interrupted, drained.signal);
  if (interrupted.aborted) await pause(graceMs, drained.signal);
  else await draining;
}

function report(
  session: Session,
  running: RunningFleet,
  options: UpOptions,
  run: { readonly durationMs: number; readonly cutShort: boolean; readonly live: boolean },
): void {
  const { out, err } = session;
  const stats = running.stats();
  const summary = summaryOf(stats, running.routineTotals(), {
    name: running.name,
    seed: running.seed,
    broker: brokerText({ broker: running.brokerUrl, name: running.name }),
    startupMs: running.startupMs,
    durationMs: run.durationMs,
    commanding: options.commandsPerSecond !== 0,
    cutShort: run.cutShort,
  });
  if (options.json === true) out.json(summary);
  else {
    // The table ends with them.
    if (!run.live) for (const line of totalsLines(stats)) out.line(line);
    const { green, red } = out.colours;
    out.line(summary.passed ? green('passed') : red(`failed: ${summary.problems.join(', ')}`));
  }
  if (options.json === true && !summary.passed) err.line(`failed: ${summary.problems.join(', ')}`);
  session.exitCode = summary.passed ? exitCodes.passed : exitCodes.failed;
}

/** What to try next, with the options that reach this fleet. */
function hint(running: RunningFleet, { name }: UpOptions): string {
  const url = brokerText({ broker: running.brokerUrl, name });
  const own = url === `mqtt://127.0.0.1:${defaultPort}` ? '' : ` --broker ${url}`;
  const named = name === 'default' ? '' : ` --name ${name}`;
  return `try: hubfleet devices${own}${named} (also: watch, send ECS17b home-1/esme)`;
}
