import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DistributedFirmware, FirmwareSource } from '../fleet/firmware-desk.js';
import type { DeviceSummary } from '../fleet/fleet.js';
import { imageOctetsMax } from '../functions/firmware-image.js';
import { UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions } from './broker-options.js';
import { type ControlClient, withFleet } from './control-client.js';
import { findDevice } from './device-name.js';
import { parseDuration, parseWhole, showDuration } from './duration.js';
import { exitCodes } from './exit.js';
import { FirmwareProgress, type FirmwareTarget, type TargetState } from './firmware-progress.js';
import { readWhole } from './input-files.js';
import { pause } from './io.js';
import { examples, type Session } from './session.js';

interface FirmwareOptions extends BrokerOptions {
  readonly file?: string;
  readonly make?: string;
  readonly size?: number;
  readonly faulty?: boolean;
  readonly activate?: boolean;
  readonly wait: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

const defaultTimeoutMs = 120_000;
const lookEveryMs = 250;
/** Of a file in one message; well below an envelope's limit. */
const partOctets = 32_768;

function parseVersion(text: string): string {
  if (/^[0-9a-f]{8}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('Want the four octets of a version, such as 01000001.');
}

export function addFirmware(program: Command, session: Session): void {
  const command = program
    .command('firmware')
    .summary('upgrade the firmware of devices over the home network')
    .description(
      'Hands a firmware file to the hubs of a running fleet, which offer it to their devices by the OTA Upgrade cluster, and ' +
        'follows the transfer. A meter (esme, gsme) holds the image until CS06 activates it: --activate sends that. A ppmid ' +
        'and an hcalcs activate it by themselves. Exit code 1 when a device did not get it in time, or refused it.',
    )
    .argument('<target...>', 'home such as home-1, home and type such as home-1/esme, or EUI-64')
    .option('--file <path>', 'a file of OTA Upgrade: header and manufacturer image')
    .option('--make <version>', 'a valid test image of that version (8 hex digits)', parseVersion)
    .option('--size <octets>', 'of the test image', parseWhole(32, imageOctetsMax))
    .option('--faulty', 'a test image that can be held but fails to start')
    .option('--activate', 'send CS06 to each meter that holds the image')
    .option('--no-wait', 'do not wait for the devices to fetch it')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait')
        .argParser(parseDuration)
        .default(defaultTimeoutMs, showDuration(defaultTimeoutMs)),
    )
    .option('--json', 'one JSON object for each device');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet firmware home-1/esme --make 01000001', 'a test image for one meter'],
        ['hubfleet firmware home-1/esme --make 01000001 --activate', 'and run it'],
        ['hubfleet firmware home-1 --make 01000002 --timeout 40m', 'all devices of a home'],
        ['hubfleet firmware home-1 home-2 --file meter.ota', 'a file, for two homes'],
      ),
    )
    .action((targets: string[], options: FirmwareOptions) => firmware(session, targets, options));
}

async function firmware(
  session: Session,
  names: readonly string[],
  options: FirmwareOptions,
): Promise<void> {
  checkOptions(options);
  const file = options.file === undefined ? undefined : readWhole(options.file);
  const states = await withFleet(session, options, async (client) => {
    const targets = await Promise.all(names.map((name) => targetOf(client, name)));
    const source = await sourceOf(client, options, file);
    const images: DistributedFirmware[] = [];
    for (const target of targets) images.push(...(await distribute(client, target, source)));
    const all = images.flatMap(targetsOf);
    if (!options.wait) return all.map((target): TargetState => ({ target, state: 'announced' }));
    return follow(session, client, all, options);
  });
  report(session, states, options);
}

function checkOptions({ file, make, size, faulty, activate, wait }: FirmwareOptions): void {
  if ((file === undefined) === (make === undefined)) {
    throw new UsageError('want either --file or --make');
  }
  if (file !== undefined && (size !== undefined || faulty === true)) {
    throw new UsageError('--size and --faulty are for --make');
  }
  if (activate === true && !wait) throw new UsageError('--activate has to wait for the devices');
}

/** A home by its name; a device by its EUI-64. */
async function targetOf(client: ControlClient, name: string): Promise<string> {
  if (!name.includes('/') && !/^[0-9a-f:-]{16,}$/i.test(name)) return name;
  return findDevice(client, name);
}

async function sourceOf(
  client: ControlClient,
  { make, size, faulty }: FirmwareOptions,
  file: Uint8Array | undefined,
): Promise<FirmwareSource> {
  if (file === undefined) {
    const wish = { version: make ?? '', ...(faulty === true ? { faulty } : {}) };
    return { make: size === undefined ? wish : { ...wish, octets: size } };
  }
  const upload = client.name;
  for (let offset = 0; offset === 0 || offset < file.length; offset += partOctets) {
    const octets = new Uint8Array(file.subarray(offset, offset + partOctets));
    await client.ask({ query: 'firmware-part', upload, offset, octets });
  }
  return { upload };
}

async function distribute(
  client: ControlClient,
  target: string,
  source: FirmwareSource,
): Promise<readonly DistributedFirmware[]> {
  const answer = await client.ask({ query: 'firmware', target, source });
  const { images } = answer as unknown as { readonly images: readonly DistributedFirmware[] };
  return images;
}

function targetsOf({ home, type, version, imageHash, devices }: DistributedFirmware) {
  return devices.map((device): FirmwareTarget => ({ home, type, device, version, imageHash }));
}

/** Looks again and again until every device has the image, or has refused it, or the time is up. */
async function follow(
  session: Session,
  client: ControlClient,
  targets: readonly FirmwareTarget[],
  { timeout, activate }: FirmwareOptions,
): Promise<readonly TargetState[]> {
  const progress = new FirmwareProgress(targets, session.err);
  const homes = [...new Set(targets.map(({ home }) => home))];
  const endMs = session.io.nowMs() + timeout;
  const activated = new Set<Eui64>();
  for (;;) {
    const devices: DeviceSummary[] = [];
    for (const home of homes) devices.push(...(await client.devices(home)));
    const states = progress.look(devices);
    const held = states.filter(
      ({ state, target }) => state === 'held' && !activated.has(target.device),
    );
    for (const { target } of activate === true ? held : []) {
      activated.add(target.device);
      progress.activated(target, await activateIn(client, target));
    }
    const open = progress.open(activate === true);
    if (open.length === 0 || session.io.nowMs() >= endMs) {
      progress.end();
      return progress.look(devices);
    }
    await pause(lookEveryMs, new AbortController().signal);
  }
}

/** CS06; the reason why it did not run, if it did not. */
async function activateIn(
  client: ControlClient,
  { device, imageHash }: FirmwareTarget,
): Promise<string | undefined> {
  const parameters = { imageHash };
  const outcome = await client.send({ query: 'send', useCase: 'CS06', device, parameters });
  if (outcome.succeeded) return undefined;
  return outcome.reason ?? `CS06 was ${outcome.verdict}, and not done`;
}

const passed: ReadonlySet<TargetState['state']> = new Set(['announced', 'held', 'running']);

function report(
  session: Session,
  states: readonly TargetState[],
  { json, timeout, activate }: FirmwareOptions,
): void {
  const { out } = session;
  const failed = states.filter(({ state }) => !passed.has(state));
  const isMissing = states.length === 0;
  for (const { target, state, reason } of states) {
    const { home, type, device, version, imageHash } = target;
    if (json === true) {
      out.json({ home, type, device, version, imageHash, state, ...(reason ? { reason } : {}) });
      continue;
    }
    const { green, red } = out.colours;
    const shown = passed.has(state) ? green(state) : red(state);
    out.line(`${home}/${type} ${device}: ${version} ${shown}${reason ? `, ${reason}` : ''}`);
    if (state === 'held') out.line(`  hash ${imageHash}`);
  }
  const holding = states.find(({ state }) => state === 'held');
  if (holding !== undefined && json !== true && activate !== true && session.err.isTerminal) {
    const { home, type, imageHash } = holding.target;
    session.err.line(
      `activate it: hubfleet send CS06 ${home}/${type} --param imageHash=${imageHash}`,
    );
  }
  const waiting = failed.some(({ state }) => state === 'waiting' || state === 'downloading');
  if (waiting && json !== true) {
    session.err.line(`not all after ${showDuration(timeout)}; a gas meter fetches at its wakes`);
  }
  if (isMissing) session.err.line('no device of that type in the hub’s log');
  const isDone = failed.length === 0 && !isMissing;
  session.exitCode = isDone ? exitCodes.passed : exitCodes.failed;
}
