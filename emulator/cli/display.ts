import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceKey, Fuel } from '../devices/device.js';
import type { DisplayAnswer } from '../fleet/control-protocol.js';
import { UsageError } from '../ports/errors.js';
import { addBrokerOptions, type BrokerOptions, brokerText, openBus } from './broker-options.js';
import { ControlClient, unlessInterrupted } from './control-client.js';
import { entityIn, findDevice } from './device-name.js';
import { showLive } from './display-live.js';
import { colouredLine } from './display-picture.js';
import { exitCodes } from './exit.js';
import { interruption, pause } from './io.js';
import { examples, type Session } from './session.js';

const keyNames = ['emergency-credit', 'enable-supply', 'acknowledge'] as const;
type KeyName = (typeof keyNames)[number];

interface DisplayOptions extends BrokerOptions {
  readonly key?: KeyName;
  readonly topUp?: string;
  readonly fuel: Fuel;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Displays, in the order in which a home's name alone means one. */
const displayTypes = ['ppmid', 'ihd'] as const;
/** How long a script waits for the meter's answer to a key; a gas meter sleeps far longer. */
const answerWithinMs = 3_000;
const lookEveryMs = 100;

function parseUtrn(text: string): string {
  const digits = text.replace(/[\s-]/g, '');
  if (/^\d{20}$/.test(digits)) return digits;
  throw new InvalidArgumentError('Want the 20 digits of a top-up; `hubfleet utrn` makes some.');
}

export function addDisplay(program: Command, session: Session): void {
  const command = program
    .command('display')
    .summary('show the display of a device as a person in the home sees it')
    .description(
      'Shows what an in-home display (ihd) or a prepayment display (ppmid) shows: live in a terminal, once where there is ' +
        'none. Keys of a ppmid: e emergency credit, t top up, s supply on, a acknowledge the message, g gas or ' +
        'electricity, q quit. Exit code 1 when a key of --key or --top-up did not do what it should.',
    )
    .argument('<device>', 'home such as home-1, home and type such as home-1/ppmid, or EUI-64')
    .addOption(
      new Option('--key <key>', 'press a key and print what comes of it').choices(keyNames),
    )
    .option('--top-up <utrn>', 'type in the 20 digits of a top-up', parseUtrn)
    .addOption(
      new Option('--fuel <fuel>', 'whose meter the key is for')
        .choices(['electricity', 'gas'])
        .default('electricity'),
    )
    .option('--once', 'print it once, in a terminal, too')
    .option('--json', 'once, as one JSON object');
  addBrokerOptions(command, '(default: the one of `hubfleet up` on this machine)')
    .addHelpText(
      'after',
      examples(
        ['hubfleet up --template full-home', 'homes with a prepayment display'],
        ['hubfleet display home-1', 'its display, live'],
        ['hubfleet display home-1/ihd --once', 'one picture, for a file or a pipe'],
        [
          'hubfleet display home-1 --top-up "$(hubfleet utrn home-1/esme --pounds 10)"',
          'buy £10 and type it in',
        ],
        ['hubfleet display home-1 --key emergency-credit --json', 'for scripts'],
      ),
    )
    .action((device: string, options: DisplayOptions) => display(session, device, options));
}

async function display(session: Session, name: string, options: DisplayOptions): Promise<void> {
  const { io, out } = session;
  if (options.key !== undefined && options.topUp !== undefined) {
    throw new UsageError('--key and --top-up are two keys: press one after the other');
  }
  const key = keyOf(options);
  const bus = await openBus(options);
  const client = new ControlClient(bus, options.name, brokerText(options));
  const stop = interruption(io);
  const whole = <T>(work: Promise<T>): Promise<T> => unlessInterrupted(work, stop.signal);
  try {
    await whole(client.open());
    const device = await whole(displayNamed(client, name));
    if (key !== undefined) {
      await whole(pressOnce(session, client, device, key, options));
      return;
    }
    const first = await whole(client.display(device));
    const live = out.isTerminal && options.once !== true && options.json !== true;
    const title = name.includes('/') ? name : `${name}/${first.type}`;
    if (live) await showLive(session, { client, device, title, first }, stop);
    else printOnce(session, first, options);
  } finally {
    stop.release();
    await bus.close();
  }
}

function keyOf({ key, topUp, fuel }: DisplayOptions): DeviceKey | undefined {
  if (topUp !== undefined) return { key: 'top-up', utrn: topUp, fuel };
  if (key === 'emergency-credit') return { key, fuel };
  return key === undefined ? undefined : { key };
}

/** A home's name alone means its prepayment display or, without one, its in-home display. */
async function displayNamed(client: ControlClient, name: string): Promise<Eui64> {
  if (name.includes('/') || entityIn(name) !== undefined) return findDevice(client, name);
  const devices = await client.devices(name);
  for (const type of displayTypes) {
    const found = devices.find((device) => device.type === type);
    if (found !== undefined) return found.device;
  }
  const types = devices.map(({ type }) => type).join(', ');
  throw new UsageError(`${name} has no display, only ${types}`);
}

function printOnce({ out }: Session, answer: DisplayAnswer, { json }: DisplayOptions): void {
  if (json === true) {
    const { device, type, lines, state } = answer;
    out.json({ device, type, lines, state });
    return;
  }
  for (const line of answer.lines) out.line(colouredLine(line, out.colours));
}

/** What a ppmid says of the last key in its state. */
interface LastKey {
  readonly state: 'waiting' | 'done' | 'refused';
  readonly text: string;
}

async function pressOnce(
  session: Session,
  client: ControlClient,
  device: Eui64,
  key: DeviceKey,
  { json }: DisplayOptions,
): Promise<void> {
  const { out } = session;
  const outcome = await client.press(device, key);
  const last = outcome.accepted
    ? await settled(client, device, { state: 'waiting', text: outcome.text })
    : ({ state: 'refused', text: outcome.text } as const);
  if (json === true) out.json({ device, ...key, ...last });
  else out.line(last.text);
  session.exitCode = last.state === 'refused' ? exitCodes.failed : exitCodes.passed;
}

/** The meter's word on the key, or what there is of it when the time is up. */
async function settled(client: ControlClient, device: Eui64, pressed: LastKey): Promise<LastKey> {
  let last = pressed;
  for (let waitedMs = 0; waitedMs < answerWithinMs; waitedMs += lookEveryMs) {
    const { state } = await client.display(device);
    last = (state.lastKey as LastKey | undefined) ?? { ...pressed, state: 'done' };
    if (last.state !== 'waiting') break;
    await pause(lookEveryMs, new AbortController().signal);
  }
  return last;
}
